"""Write the tables of `README.md` beside this file from all `results/*.json`: ``python tests/benchmarks/table.py``.

The figures of a full scale, on a CPU and on a GPU, go to `docs/guide/speed.md`.

With ``--check``, nothing is written, and the exit code is 1 if the tables are not those of the results.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from merbench.analysis.markdown_block import placed

HERE = Path(__file__).resolve().parent
FRONT = HERE.parent.parent / "docs" / "guide" / "speed.md"
#: What comes after this line of the README is made here.
MARK = "<!-- made by table.py -->\n"


def page(text: str, results: dict[str, dict[str, Any]]) -> str:
    """The README with its tables made anew: a section for each result, by name."""
    kept, _, _ = text.partition(MARK)
    return kept + MARK + "".join(section(name, results[name]) for name in sorted(results))


def section(name: str, result: dict[str, Any]) -> str:
    """The heading, the command, what it ran on, and a table for each group of benchmarks."""
    if "rows" in result:  # of merbench bench
        lines = [
            f"| {row['name']} | {row['note'] or '–'} | {value(row)} | {row['target'] or '–'} |"
            for row in result["rows"]
        ]
        head = "| figure | of | value | aim |\n| :-- | :-- | --: | --: |\n"
        return f"\n## {name}\n\n`{result['command']}`\n\n{result['device']}\n\n{head}" + "\n".join(lines) + "\n"
    machine = result["machine_info"]
    packages = ", ".join(f"{package} {number}" for package, number in machine.get("packages", {}).items())
    where = f"{machine['cpu']}, {machine['cores']} cores; Python {machine['python']}; {packages}"
    groups = dict.fromkeys(each["group"] for each in result["benchmarks"])
    tables = [table([each for each in result["benchmarks"] if each["group"] == group]) for group in groups]
    return "\n" + "\n\n".join([f"## {name}", f"`{result['command']}`", where, *tables]) + "\n"


def value(row: dict[str, Any] | None) -> str:
    """A figure with its unit; a dash where there is none."""
    return "–" if row is None or row["value"] is None else f"{row['value']:.4g} {row['unit']}".strip()


def figures(results: dict[str, dict[str, Any]]) -> str:
    """A row a figure of the full scale: on a CPU, what it should be there, and on a GPU where one was at hand."""
    cpu, gpu = results["cpu-full"], results.get("gpu", {"device": "one GPU: not measured", "rows": []})
    there = {row["name"]: row for row in gpu["rows"]}
    lines = [["figure", "of", cpu["device"], "aim", gpu["device"]], [":--", ":--", "--:", "--:", "--:"]]
    lines += [
        [row["name"], row["note"], value(row), row["target"] or "–", value(there.get(row["name"]))]
        for row in cpu["rows"]
    ]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def table(benchmarks: list[dict[str, Any]]) -> str:
    """A row a benchmark: its name, the median of its rounds, and what it noted."""
    noted = list(dict.fromkeys(name for each in benchmarks for name in each["extra_info"]))
    lines = [["benchmark", "seconds", "rounds", *noted], [":--", *["--:"] * (len(noted) + 2)]]
    for each in benchmarks:
        cells = [each["name"].removeprefix("test_"), f"{each['stats']['median']:.3g}", each["stats"]["rounds"]]
        lines.append([*cells, *(each["extra_info"].get(name, "–") for name in noted)])
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def main() -> int:
    """The exit code."""
    results = {path.stem: json.loads(path.read_text("utf-8")) for path in (HERE / "results").glob("*.json")}
    readme = HERE / "README.md"
    pages = {
        readme: page(readme.read_text("utf-8"), results),
        FRONT: placed(figures(results), FRONT, "figures"),
    }
    if "--check" in sys.argv[1:]:
        return int(any(path.read_text("utf-8") != text for path, text in pages.items()))
    for path, text in pages.items():
        path.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
