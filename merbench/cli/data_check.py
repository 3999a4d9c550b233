"""`merbench data check`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from merbench.cli.completion import complete_datasets
from merbench.cli.options import Plugins, build_dataset, load_plugins
from merbench.plural import plural
from merbench.spec import Corrections

if TYPE_CHECKING:
    from merbench.data.verification import Finding, Report

#: Clips or cells that are printed of those that a finding is about, unless all are asked for.
_SHOWN = 5


def check(
    name: Annotated[str, typer.Argument(help="A dataset.", autocompletion=complete_datasets)],
    root: Annotated[Path | None, typer.Argument(help="Its folder; if not given, as configured.")] = None,
    frames: Annotated[bool, typer.Option("--frames", help="Decode every frame from onset to offset.")] = False,
    corrections: Annotated[Corrections, typer.Option(help="Apply these corrections first.")] = "none",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    verbose: Annotated[bool, typer.Option("--all", help="Name every clip, not the first few.")] = False,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="dataset.NAME=VALUE", help="A parameter of the dataset.")
    ] = None,
    plugin: Plugins = None,
) -> None:
    """Check a dataset against what is known of it. Exit code 1 if anything differs; nothing is changed."""
    from merbench.cli.tables import print_wrapped
    from merbench.data.locations import configured
    from merbench.data.source import Source
    from merbench.data.verification import check as look
    from merbench.registry import datasets

    load_plugins(plugin)
    dataset = build_dataset(name, set_)
    known = None if root is not None or dataset.synthetic else configured(dataset.name, datasets.canonical)
    source = Source(dataset=dataset, root=root if known is None else known.path, corrections=corrections)
    others = [kind() for kind in datasets.entries()]
    report = look(source, read_frames=frames, progress=_say if frames else lambda done, total: None, others=others)
    if as_json:
        typer.echo(json.dumps(report.as_dict(), indent=2, ensure_ascii=False))
    else:
        for line in _lines(report, None if verbose else _SHOWN):
            print_wrapped(line, " " * (len(line) - len(line.lstrip()) + 2))
    raise typer.Exit(1 if report.differs else 0)


def _lines(report: Report, most: int | None) -> Iterator[str]:
    synthetic = ", synthetic faces" if report.synthetic else ""
    yield (
        f"{report.dataset}: {plural(report.clips, 'clip')}, {plural(report.subjects, 'subject')}, labels "
        f"{report.state}{synthetic}"
    )
    for note in (*report.notes, *report.corrected):
        yield f"  {note}"
    for finding in report.findings:
        yield from _finding_lines(finding, most)
    mock = ", as a mock tree does that was drawn without --full" if report.synthetic else ""
    yield f"differs from what is known{mock}" if report.differs else "nothing differs from what is known"


def _finding_lines(finding: Finding, most: int | None) -> Iterator[str]:
    mark = {"as known": "=", "differs": "!", "to know": "-"}[finding.verdict]
    yield f"{mark} {finding.what}: {finding.detail}"
    for line in finding.about[:most]:
        yield f"    {line}"
    if most is not None and len(finding.about) > most:
        yield f"    and {len(finding.about) - most} more (--all)"


def _say(done: int, total: int) -> None:
    if sys.stderr.isatty():
        typer.echo(f"\r{done} of {plural(total, 'clip')} read", nl=done == total, err=True)
    elif done == total or done % 50 == 0:
        typer.echo(f"{done} of {plural(total, 'clip')} read", err=True)
