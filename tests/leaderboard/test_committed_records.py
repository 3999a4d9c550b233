"""The records that are kept: every method on both class tasks, motion is learnt, and real people have no names."""

import re
from collections import defaultdict
from statistics import mean

import pytest

from merbench.registry import methods
from merbench.results.record import RunRecord

#: What they see is no motion, or they are families of which one member is trained.
OTHERS = {"majority", "random", "timm", "linear-probe"}
#: Whose quick recipe learns little of faces as ambiguous as real ones, beside methods that are one of a family.
WEAK = {"slstt"}


@pytest.fixture(scope="module")
def tasks(committed_records: list[RunRecord]) -> list[dict[str, list[float]]]:
    """By task on synthetic faces, UF1 under `last` of every seed, by method; other settings are named behind it.

    The task of the tunings is left out: it has the methods that were tuned, and no others.
    """
    scores: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    of_tunings = {record.task.id for record in committed_records if record.tuning}
    for record in committed_records:
        synthetic = record.synthetic and record.description.kind == "single-label"
        if not synthetic or record.task.id in of_tunings:
            continue
        motion = record.settings.get("motion", "")
        name = record.method + (f" {motion}" if motion else "")
        scores[record.task.id][name].append(record.scores["last"].uf1)
    return list(scores.values())


def test_every_method_is_on_both_synthetic_class_tasks(tasks: list[dict[str, list[float]]]) -> None:
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
                least = max(apex, scores["majority"]) + (0.05 if name in WEAK else 0.1)
                assert uf1 > least, name


def test_records_of_real_people_hold_digests_and_what_is_learnt_from_their_motion(
    committed_records: list[RunRecord],
) -> None:
    real = [record for record in committed_records if not record.synthetic]
    assert {record.method for record in real} >= {"majority", "random", "flow-svm", "ststnet"}
    assert {record.task.id for record in real} == {real[0].task.id}
    for record in real:
        keys = [key for fold in record.keys for key in fold]
        assert len({*keys}) == 442
        assert all(re.fullmatch(r"(casme2|smic|samm)/[0-9a-f]+/[0-9a-f]+/[0-9a-f]*-?", key) for key in keys), keys[:3]
    uf1 = {
        name: mean(r.scores["last"].uf1 for r in real if r.method == name) for name in ("random", "flow-svm", "ststnet")
    }
    assert uf1["random"] + 0.2 < uf1["flow-svm"] < uf1["ststnet"]
    oracle = mean(record.scores["oracle"].uf1 for record in real if record.method == "random")
    assert oracle > uf1["ststnet"]  # why no score with epochs picked on test clips is ranked
