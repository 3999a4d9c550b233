"""AU-GCN: patches where the landmarks are, and units counted in the training clips of a fold alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

import merbench
from merbench.method import TrainInfo
from merbench.methods.au_gcn import AUGCN, AUGCNParameters
from merbench.methods.au_gcn.patches import patches
from merbench.methods.au_gcn.units import UNITS, adjacency
from merbench.registry import datasets

CLASSES = tuple("abc")
INFO = TrainInfo(classes=CLASSES, labels=np.arange(3), subjects=CLASSES, action_units=((1, 2), (4,), (12, 25)))
SMALL = {"size": 32, "layers": 1, "heads": 2, "head_width": 4}


def views(count: int) -> list[torch.Tensor]:
    return [*(torch.rand(2, 3, 32, 32) for _ in range(count)), torch.rand(2, 1, 68, 2) * 32]


@pytest.mark.parametrize(("motion", "pictures"), [("apex", 1), ("difference", 2)])
def test_every_number_is_trained(motion: str, pictures: int) -> None:
    method = AUGCN(AUGCNParameters().changed({**SMALL, "motion": motion, "dropout": 0.0}))
    assert len(method.inputs().frames.at if method.inputs().frames else ()) + 2 == pictures + 1
    made = method.network(INFO)
    logits = made(*views(pictures))
    assert logits.shape == (2, 3)
    functional.cross_entropy(logits, torch.tensor([0, 2])).backward()
    assert [name for name, weight in made.named_parameters() if weight.grad is None] == []


def test_units_are_counted_as_by_hand() -> None:
    found = adjacency([(1, 2), (1,), (1, 2, 4), (12, 99), ()])
    one, two, four, twelve = (UNITS.index(unit) for unit in (1, 2, 4, 12))
    row = torch.zeros(9)
    row[[one, two, four]] = torch.tensor([1, 2 / 3, 1 / 3]) / 2
    torch.testing.assert_close(found[one], row)
    row[[one, two, four]] = torch.tensor([1, 1, 0.5]) / 2.5
    torch.testing.assert_close(found[two], row)
    assert found[twelve, twelve] == 1
    torch.testing.assert_close(found.sum(1), torch.ones(9))


def test_clips_without_coding_leave_units_alone() -> None:
    assert torch.equal(adjacency([(), ()]), torch.eye(9))
    assert torch.equal(adjacency([]), torch.eye(9))


def test_a_patch_is_cut_where_its_landmark_is() -> None:
    picture = torch.arange(32.0)[:, None] * 100 + torch.arange(32.0)
    points = torch.full((1, 68, 2), 3.0)
    points[0, 17] = torch.tensor([10.0, 20.0])
    points[0, 67] = torch.tensor([11.5, 20.0])
    found = patches(picture.expand(1, 3, 32, 32), points)
    assert found.shape == (1, 30, 7, 7)
    torch.testing.assert_close(found[0, 0], picture[17:24, 7:14])
    torch.testing.assert_close(found[0, 29], (picture[17:24, 8:15] + picture[17:24, 9:16]) / 2)


def test_recipes_build() -> None:
    for name in ("published", "quick"):
        recipe = AUGCN.recipe(name, 3)
        made = AUGCN(AUGCNParameters().changed(recipe.parameters))
        assert made.network(INFO) is not None
        assert recipe.training is not None


def test_units_of_held_out_clips_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {**SMALL, "dataset.subjects": 2, "dataset.clips": 5, "epochs": 1}

    def probabilities(out: str) -> dict[str, Any]:
        run = merbench.run("au-gcn", settings=settings, rules="last", out=tmp_path / out)
        return {outcome.fold: outcome.probabilities for outcome in run.outer}

    honest = probabilities("honest")
    synthetic: Any = datasets.get("synthetic")
    plain = synthetic._row
    every = "+".join(map(str, UNITS))

    def poisoned(self: Any, subject: str, clip: str, plan: Any) -> dict[str, object]:
        row: dict[str, object] = plain(self, subject, clip, plan)
        return row | {"action_units": every} if subject == "01" else row

    monkeypatch.setattr(synthetic, "_row", poisoned)
    poison = probabilities("poisoned")
    first, second = sorted(honest)
    assert np.array_equal(honest[first], poison[first])  # the poisoned subject is held out
    assert not np.array_equal(honest[second], poison[second])
