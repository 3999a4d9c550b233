"""The records that are kept: every method on both tasks, and motion is what the methods that see it learn."""

from collections import defaultdict
from statistics import mean

import pytest

from merbench.registry import methods
from merbench.results.record import RunRecord

#: What they see is no motion, or they are families of which one member is trained.
OTHERS = {"majority", "random", "timm"}


@pytest.fixture(scope="module")
def tasks(committed_records: list[RunRecord]) -> list[dict[str, list[float]]]:
    """For each task, UF1 under `last` of every seed, by method; what is set otherwise is named behind it."""
    scores: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for record in committed_records:
        if record.tuning:
            continue
        motion = record.settings.get("motion", "")
        name = record.method + (f" {motion}" if motion else "")
        scores[record.task.id][name].append(record.scores["last"].uf1)
    return list(scores.values())


def test_every_method_is_on_both_tasks(tasks: list[dict[str, list[float]]]) -> None:
    assert len(tasks) == 2
    for task in tasks:
        assert {*methods.names()} - {name.partition(":")[0].partition(" ")[0] for name in task} == set()


def test_methods_that_see_motion_are_clearly_better_than_the_largest_class_and_than_the_apex_alone(
    tasks: list[dict[str, list[float]]],
) -> None:
    for task in tasks:
        scores = {name: mean(seeds) for name, seeds in task.items()}
        apex = scores.pop("resnet18 apex")
        for name, uf1 in scores.items():
            if name.partition(":")[0] not in OTHERS:
                assert uf1 > max(apex, scores["majority"]) + 0.1, name
