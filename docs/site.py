"""The documentation as a site: pip install "merbench[docs]" && python docs/site.py, with every warning an error.

It is read without a network: search and all are files. The pages are those of the repository, in their places, and
a reference made from the code: command line, experiment files, records, the Python interface, entries.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stdout
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import Any

import merbench

ROOT = Path(__file__).parents[1]
ADDRESS = "https://example.invalid/merbench/"
#: What entries of your own meet, beside the public names.
MODULES = (
    "merbench.errors", "merbench.metrics", "merbench.selection", "merbench.testing", "merbench.training",
    "merbench.analysis.interval_plot",
    "merbench.experiments.events", "merbench.experiments.observers.tracker",
)  # fmt: skip
GUIDES: dict[str, list[tuple[str, str]]] = {
    "Tutorials": [
        ("Your first run", "docs/first_run.md"),
        ("Your data: licensed, or your own clips", "docs/guide/your_data.md"),
        ("A method of your own", "methods/README.md"),
        ("Tune without seeing the test subject", "docs/guide/tune.md"),
        ("Compare, and publish to a board", "docs/guide/compare.md"),
    ],
    "How to": [
        ("Run, resume, repeat", "docs/guide/runs.md"),
        ("Align faces, correct annotations", "docs/guide/align_and_correct.md"),
        ("Several GPUs and machines", "docs/guide/machines.md"),
        ("Reproduce a printed result", "docs/guide/reproduce.md"),
        ("Explain, predict, enter a challenge", "docs/guide/explain_predict.md"),
        ("Add predictions made elsewhere", "docs/guide/external.md"),
        ("Track runs", "docs/guide/track.md"),
        ("Share weights, and start from them", "docs/guide/share.md"),
        ("Start from pretrained weights", "docs/guide/pretrained.md"),
        ("Measure sensitivity", "docs/guide/sensitivity.md"),
        ("Shift key frames", "docs/guide/keyframe_noise.md"),
        ("Train faster", "docs/guide/speed.md"),
        ("Add a dataset", "datasets/README.md"),
        ("Add a protocol", "protocols/README.md"),
    ],
    "Explanation": [
        ("Protocols, rules and metrics", "docs/guide/protocols.md"),
        ("Which epoch is scored: optimism", "docs/guide/selection.md"),
        ("Class sets", "docs/guide/class_sets.md"),
        ("Action units", "docs/guide/action_units.md"),
        ("How equal bits are kept", "docs/guide/bits.md"),
        ("Statistics", "docs/statistics.md"),
        ("The synthetic faces", "docs/guide/synthetic.md"),
        ("Tuning reports", "docs/tuning/README.md"),
        ("How the library is built", "docs/architecture.md"),
    ],
}


def main() -> None:
    """Write the site."""
    parser = argparse.ArgumentParser(description="Build the documentation.")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "site")
    out: Path = parser.parse_args().out.absolute()
    if find_spec("mkdocs") is None:
        raise SystemExit('The generator of the site is not installed: python -m pip install -e ".[docs]"')
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder), out)
    sys.stdout.write(f"{out / 'index.html'}: {len(list(out.rglob('*.html')))} pages\n")


def build(work: Path, out: Path) -> None:
    """Collect the pages in `work`, and render them to `out`."""
    pages = work / "pages"
    copy_pages(pages)
    (pages / "docs" / "first_run.md").write_text(notebook_page(ROOT / "docs" / "first_run.ipynb"), "utf-8")
    for name, text in references():
        path = pages / "reference" / f"{name}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    (work / "mkdocs.json").write_text(json.dumps(configuration(pages, out)), "utf-8")
    # JSON is YAML
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-f", str(work / "mkdocs.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=work)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    stay_offline(out)


def stay_offline(out: Path) -> None:
    """Put the script by which search works in a file in place of the one that pages would fetch.

    Raises:
        SystemExit: if a page fetches anything else.
    """
    shutil.copyfile(ROOT / "docs" / "file_worker.js", out / "assets" / "javascripts" / "file_worker.js")
    for page in out.rglob("*.html"):
        own = "../" * (len(page.relative_to(out).parts) - 1) + "assets/javascripts/file_worker.js"
        text = page.read_text("utf-8").replace("https://unpkg.com/iframe-worker/shim", own)
        page.write_text(text, "utf-8")
        if fetched := re.findall(r"""<(?:script|img|link rel="stylesheet")[^>]*(?:src|href)="(https?:[^"]*)""", text):
            raise SystemExit(f"{page} fetches {fetched[0]}; the site must be complete without a network.")


def copy_pages(pages: Path) -> None:
    """Copy the pages with their places, and the files that they link to."""
    patterns = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/*.md", "docs/*/*.md", "docs/tuning/*/*.md",
                "methods/README.md", "methods/*/*.md", "datasets/README.md", "datasets/*/*.md", "protocols/README.md",
                "leaderboard/*.md")  # fmt: skip
    for source in sorted({path for pattern in patterns for path in ROOT.glob(pattern)}):
        if source.is_relative_to(ROOT / "docs" / "site"):
            continue
        text = source.read_text("utf-8")
        for link in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text):
            linked = (source.parent / link).resolve()
            if linked.is_file() and linked.suffix != ".md":
                _copied(linked, pages)
            elif linked.is_dir() and (linked / "README.md").is_file():
                text = text.replace(f"]({link})", f"]({link.rstrip('/')}/README.md)")
        target = pages / source.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")


def _copied(source: Path, pages: Path) -> None:
    target = pages / source.relative_to(ROOT)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def notebook_page(path: Path) -> str:
    """A notebook as a page; its pictures are not in the repository, and not here."""
    parts = [f"<!-- from {path.name}, which runs as it is -->\n"]
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        source = "".join(cell["source"])
        parts.append(source if cell["cell_type"] == "markdown" else f"```python\n{source}\n```")
    return "\n\n".join(parts) + "\n"


def references() -> Iterator[tuple[str, str]]:
    """The pages that are made from the code, by name."""
    yield "command_line", command_line()
    yield "experiment_file", experiment_file()
    yield "record", record()
    yield "python", "# Python\n\n" + "\n\n".join(f"::: merbench.{name}" for name in merbench.__all__) + "\n"
    yield "modules", "# For entries of your own\n\n" + "\n\n".join(f"::: {name}" for name in MODULES) + "\n"
    yield "datasets", entries("datasets", "Datasets")
    yield "protocols", entries("protocols", "Protocols")


def command_line() -> str:
    """What `--help` prints of every command."""
    from typer.main import get_command

    from merbench.cli.app import build as app

    def pages(command: Any, words: list[str], parent: Any) -> Iterator[str]:
        context = command.context_class(command, info_name=words[-1], parent=parent, terminal_width=90)
        yield f"## {' '.join(words)}\n\n```text\n{command.get_help(context)}\n```\n"
        for name in command.list_commands(context) if hasattr(command, "list_commands") else ():
            yield from pages(command.get_command(context, name), [*words, name], context)

    return "# Command line\n\n" + "\n".join(pages(get_command(app()), ["merbench"], None))


def experiment_file() -> str:
    """The keys of an experiment file with their defaults."""
    import dataclasses

    from merbench.spec import ComputeOptions, RunSpec

    lines = [
        "# Experiment files",
        "",
        "`merbench run FILE.toml`; [how to write one](../docs/guide/runs.md#experiment-files).",
        "",
    ]
    for heading, kind in (("Keys", RunSpec), ("Keys of the table compute", ComputeOptions)):
        lines += [f"## {heading}", "", "| key | default | values |", "|:--|:--|:--|"]
        for field in dataclasses.fields(kind):
            default = "" if field.default is dataclasses.MISSING else f"`{field.default!r}`"
            lines.append(f"| `{field.name}` | {default} | {_cell(_values(kind, field.name))} |")
        lines.append("")
    return "\n".join(lines)


def _values(kind: type, name: str) -> str:
    from typing import Literal, get_args, get_origin, get_type_hints

    hint = get_type_hints(kind)[name]
    if get_origin(hint) is Literal:
        return ", ".join(map(str, get_args(hint)))
    return str(hint).replace("typing.", "").replace("<class '", "").replace("'>", "")


def _cell(text: str) -> str:
    return text.replace("|", "or").replace("<", "&lt;")


def record() -> str:
    """The keys of a run's record."""
    from merbench.results.record import RunRecord

    properties = RunRecord.model_json_schema(by_alias=True)["properties"]
    rows = [f"| `{name}` | {_cell(str(each.get('description', '')))} |" for name, each in properties.items()]
    head = "# The record of a run\n\n`record.json` in a run's folder, and each file of a leaderboard; "
    schema = "the whole is a [JSON schema](../docs/record.schema.json).\n\n| key | what it holds |\n|:--|:--|\n"
    return head + schema + "\n".join(rows) + "\n"


def entries(kind: str, title: str) -> str:
    """What `merbench info` prints of each entry of a kind."""
    from merbench.cli.list_info import info
    from merbench.registry import EVERY

    [registry] = [each for each in EVERY if each.kind == kind]
    parts = [f"# {title}\n"]
    for name in registry.names():
        printed = StringIO()
        with redirect_stdout(printed):
            info(name)
        text = re.sub(r"(?m)^defined in: .*\n", "", printed.getvalue())
        parts.append(f"## {name}\n\n```text\n{text}```\n")
    return "\n".join(parts)


def configuration(pages: Path, out: Path) -> dict[str, Any]:
    """The configuration of MkDocs."""
    (pages / "docs" / "record.schema.json").write_bytes((ROOT / "docs" / "record.schema.json").read_bytes())
    cards = {kind: sorted((pages / kind).glob("*/*.md")) for kind in ("methods", "datasets")}
    nav: list[Any] = [{"Home": "README.md"}]
    nav += [{heading: [{title: page} for title, page in guide]} for heading, guide in GUIDES.items()]
    reference: list[Any] = [
        {"Command line": "reference/command_line.md"},
        {"Experiment files": "reference/experiment_file.md"},
        {"Records": "reference/record.md"},
        {"Python": "reference/python.md"},
        {"For entries of your own": "reference/modules.md"},
        {"Datasets": ["reference/datasets.md", *_named(cards["datasets"], pages)]},
        {"Methods": _named(cards["methods"], pages)},
        {"Protocols": "reference/protocols.md"},
    ]
    nav += [{"Reference": reference}, {"Leaderboard": ["leaderboard/README.md", "leaderboard/published.md"]}]
    nav += [{"Changes": ["CHANGELOG.md", *(["CONTRIBUTING.md"] if (pages / "CONTRIBUTING.md").is_file() else [])]}]
    return {
        "site_name": "merbench",
        "site_url": ADDRESS,
        "docs_dir": str(pages),
        "site_dir": str(out),
        "use_directory_urls": False,
        "theme": {"name": "material", "font": False, "features": ["navigation.sections", "content.code.copy"]},
        "nav": nav,
        "not_in_nav": "docs/tuning/*/*.md",
        "validation": {"links": {"anchors": "warn", "unrecognized_links": "warn", "absolute_links": "warn"}},
        "markdown_extensions": ["admonition", "tables", "attr_list", "pymdownx.highlight", "pymdownx.superfences"],
        "plugins": [
            {"search": {"lang": "en"}},
            "offline",
            {
                "mkdocstrings": {
                    "handlers": {
                        "python": {
                            "paths": [str(ROOT)],
                            "options": {
                                "docstring_style": "google",
                                "show_source": False,
                                "show_root_heading": True,
                                "show_symbol_type_heading": True,
                                "inherited_members": False,
                                "filters": ["!^_"],
                            },
                        }
                    }
                }
            },
        ],
    }


def _named(paths: list[Path], pages: Path) -> list[dict[str, str]]:
    return [{path.parent.name: path.relative_to(pages).as_posix()} for path in paths]


if __name__ == "__main__":
    main()
