"""The protocols of MEGC 2018: the union, and both directions between two datasets."""

import pandas as pd
import pytest

from merbench.errors import ProtocolError
from merbench.protocol import checked_folds, untrained_classes
from merbench.protocols.objective_cde import ObjectiveComposite
from merbench.protocols.objective_hde import ObjectiveHoldout

CLIPS = pd.DataFrame(
    [
        {"key": f"{dataset}/{subject}/{clip}", "dataset": dataset, "subject": f"{dataset}/{subject}", "label": label}
        for dataset, labels in (("samm", ("I", "II")), ("casme2", ("I", "V")))
        for subject in ("01", "02")
        for clip, label in enumerate(labels)
    ]
).set_index("key")


def of(dataset: str) -> set[str]:
    return set(CLIPS.index[CLIPS["dataset"] == dataset])


def test_there_and_back() -> None:
    there, back = checked_folds(ObjectiveHoldout(), CLIPS)
    assert (there.name, back.name) == ("casme2 to samm", "samm to casme2")
    assert (set(there.train), set(there.test)) == (of("casme2"), of("samm"))
    assert (back.train, back.test) == (there.test, there.train)
    assert ObjectiveHoldout().subsets(CLIPS) == dict(CLIPS["dataset"])


def test_a_class_of_one_dataset_alone_is_named() -> None:
    folds = checked_folds(ObjectiveHoldout(), CLIPS)
    assert untrained_classes(folds, CLIPS) == {"casme2 to samm": ("II",), "samm to casme2": ("V",)}


def test_the_holdout_takes_just_two_datasets() -> None:
    third = CLIPS.rename(index=lambda key: f"x{key}").assign(dataset="smic", subject=lambda rows: "x" + rows["subject"])
    with pytest.raises(ProtocolError, match="needs just 2, but the run has casme2, samm, smic"):
        checked_folds(ObjectiveHoldout(), pd.concat([CLIPS, third]))
    with pytest.raises(ProtocolError, match="needs at least 2 datasets, but the run has samm alone"):
        checked_folds(ObjectiveHoldout(), CLIPS[CLIPS["dataset"] == "samm"])


def test_the_union_leaves_one_subject_of_either_out() -> None:
    folds = checked_folds(ObjectiveComposite(), CLIPS)
    assert [fold.name for fold in folds] == ["casme2/01", "casme2/02", "samm/01", "samm/02"]
    assert (ObjectiveComposite.scheme, ObjectiveHoldout.scheme) == ("objective", "objective")
    assert (ObjectiveComposite.averaged, ObjectiveHoldout.averaged) == (False, True)
