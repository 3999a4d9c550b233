"""The printed results that can be reproduced: against the table of printed results, and as runs that resolve."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from merbench.entries.reproduction import Reproduction
from merbench.experiments.reproductions import reproductions, specification_of
from merbench.experiments.resolve import resolve
from merbench.registry import datasets, methods
from merbench.synthetic.mock_tree import write_mock

ROOT = Path(__file__).parents[2]
EVERY = reproductions()
#: How the table writes the protocols.
PROTOCOLS = {"composite": "composite LOSO (MEGC 2019)", "loso": "LOSO"}
#: Which of the table's metrics are compared by which of ours.
METRICS = {"UF1": "uf1", "UF1 (pooled macro)": "uf1", "Accuracy": "accuracy", "UAR": "uar"}


def rows() -> list[dict[str, str]]:
    with (ROOT / "leaderboard" / "published.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def row_of(each: Reproduction, classes: int) -> list[dict[str, str]]:
    printed = each.printed
    wanted = {
        "method": printed.method, "data": printed.data, "metric": printed.metric, "value": printed.value,
        "unit": printed.unit, "rule": printed.rule, "evidence": printed.evidence, "source": printed.source,
        "protocol": PROTOCOLS[each.protocol], "classes": str(classes),
    }  # fmt: skip
    return [row for row in rows() if wanted.items() <= row.items()]


@pytest.mark.parametrize("name", EVERY)
def test_the_number_is_that_of_the_table(name: str) -> None:
    each = EVERY[name]
    classes = len(datasets.get(each.datasets[0]).scheme(each.scheme).classes)
    assert len(row_of(each, classes)) == 1
    assert METRICS[each.printed.metric] == each.metric


def test_another_number_is_noticed() -> None:
    assert row_of(EVERY["lbp-top"], 5) == []


@pytest.mark.parametrize("name", EVERY)
def test_it_resolves_to_a_run_of_its_recipe(name: str, trees: dict[str, Path], tmp_path: Path) -> None:
    each = EVERY[name]
    (tmp_path / "file").write_bytes(b"")
    files = {setting: str(tmp_path / "file") for setting in each.files}
    spec = specification_of(each, data={part: trees[part] for part in each.datasets}, settings=files, device="cpu")
    experiment = resolve(spec)
    assert experiment.method.name == each.method
    assert experiment.recipe == each.recipe
    assert experiment.training == methods.get(each.method).recipe(each.recipe, _classes(each)).training
    assert each.rule in experiment.rules
    assert tuple(experiment.by_dataset) == each.datasets


@pytest.mark.parametrize("name", EVERY)
def test_the_whole_table_has_as_many_clips(name: str) -> None:
    each = EVERY[name]
    counts = [datasets.get(part).scheme(each.scheme).counts for part in each.datasets]
    states = [each.states.get(part) for part in each.datasets]
    known = [table[state] if state else next(iter(table.values())) for table, state in zip(counts, states, strict=True)]
    assert sum(sum(clips.values()) for clips in known) == each.clips


def test_at_least_these_can_be_reproduced() -> None:
    wanted = {
        "ststnet",
        "ststnet-short",
        "htnet",
        "rcn-a",
        "sssnet",
        "off-apexnet",
        "capsulenet",
        "lbp-top",
        "mmnet-5-class",
        "mmnet-3-class",
    }
    assert wanted <= set(EVERY)


def _classes(each: Reproduction) -> int:
    return len(datasets.get(each.datasets[0]).scheme(each.scheme).classes)


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A mock tree of every dataset that is asked for, without frames."""
    folder = tmp_path_factory.mktemp("trees")
    for name in {part for each in EVERY.values() for part in each.datasets}:
        write_mock(datasets.get(name)(), folder / name, subjects=3, clips=5, frames="none")
    return {path.name: path for path in folder.iterdir()}
