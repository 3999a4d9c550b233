"""The loops that the engine is measured against do train, on what the engine trains on."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from merbench.cli.bench.bare_loop import BareLoop
from merbench.cli.bench.reference_loop import FRAMES, Reference
from merbench.cli.bench.report import TINY
from merbench.cli.bench.workloads import CLASSES, Streams, flow_inputs, folds


class Last(nn.Module):
    """Logits from the mean colours; it notes what it is called with."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(3, 2)
        self.seen: list[tuple[Tensor, Tensor]] = []

    def forward(self, onset: Tensor, apex: Tensor) -> Tensor:
        self.seen.append((onset, apex))
        logits: Tensor = self.head((apex - onset).mean((2, 3)))
        return logits


@pytest.fixture
def files(tmp_path: Path) -> list[list[Path]]:
    """Nine frames of six clips: grey of the frame's number times 20."""
    found = []
    for clip in range(6):
        paths = [tmp_path / f"{clip}-{number}.jpg" for number in range(FRAMES)]
        for number, path in enumerate(paths):
            cv2.imwrite(str(path), np.full((40, 30, 3), 20 * number, np.uint8))
        found.append(paths)
    return found


def test_the_reference_loop_sees_the_first_and_the_middle_frame_normalised(files: list[list[Path]]) -> None:
    network = Last()
    loop = Reference(network, files, [0, 1] * 3, size=8, batch=4, rate=0.1, decay=0.0, device=torch.device("cpu"))
    before = network.head.weight.clone()
    loop.epoch(range(5))
    assert not torch.equal(before, network.head.weight)
    assert [len(onset) for onset, _ in network.seen] == [4, 4]
    onset, apex = network.seen[0]
    assert onset.shape == (4, 3, 8, 8)
    torch.testing.assert_close(onset[0, 0, 0, 0], torch.tensor(-0.485 / 0.229), atol=0.03, rtol=0)
    torch.testing.assert_close(apex[0, 0, 0, 0], torch.tensor((80 / 255 - 0.485) / 0.229), atol=0.03, rtol=0)
    assert loop.watch([0, 5]).shape == (2, 2)


def test_the_bare_loop_trains(monkeypatch: pytest.MonkeyPatch) -> None:
    task = folds(TINY.flow_clips, TINY.flow_subjects)[0]
    network = Streams().network(task.info)
    features = torch.from_numpy(flow_inputs(TINY).arrays[0].values)
    before = [weight.clone() for weight in network.parameters()]
    loop = BareLoop(network, features[task.train], torch.from_numpy(task.info.labels), rate=0.01, batch=16)
    loop.epoch()
    assert not any(torch.equal(one, two) for one, two in zip(before, network.parameters(), strict=True))
    assert loop.evaluate(features[task.held_out]).shape == (len(task.held_out), len(CLASSES))


def test_the_load_has_as_many_weights_as_ststnet() -> None:
    assert Streams().parameter_count(3) == 1683


def test_folds_leave_every_clip_out_once() -> None:
    made = folds(11, 3)
    assert sorted(np.concatenate([fold.held_out for fold in made])) == list(range(11))
    assert all(set(fold.held_out).isdisjoint(fold.train) for fold in made)
