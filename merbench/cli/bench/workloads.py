"""What is trained in measurements: synthetic tensors of a known size, and folds of equal subjects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from merbench.cli.bench.report import Scale
from merbench.entries.recipe import Training
from merbench.inputs import Flow, Frames, Inputs
from merbench.inputs.prepared import PreparedArray, PreparedFrames, PreparedInputs
from merbench.method import NetworkMethod, TrainInfo
from merbench.registry import methods
from merbench.training.fold_job import FoldJob

if TYPE_CHECKING:
    from torch import nn

CLASSES = ("negative", "positive", "surprise")
#: ResNet-18's steps by its quick recipe, without augmentation, which a bare loop has not.
RESNET_TRAINING = Training(optimiser="adam", learning_rate=5e-4, batch=8, epochs=3)
#: STSTNet's training (Liong et al., FG 2019): Adam at 5e-5, no augmentation.
FLOW_TRAINING = Training(optimiser="adam", learning_rate=5e-5, epochs=500)


class Streams(NetworkMethod):
    """A flow network in the shape of STSTNet: three shallow streams, 1,683 weights; a load for measurements."""

    name = "streams"
    title = "Three shallow streams"
    family = "flow network"

    def inputs(self) -> Inputs:
        """Flow and strain at 28 pixels."""
        return Inputs(arrays=(Flow(size=(28, 28), strain=True),))

    def network(self, train: TrainInfo) -> nn.Module:
        """A fresh network."""
        from merbench.cli.bench.streams import StreamsNetwork

        return StreamsNetwork(len(train.classes))


def resnet() -> NetworkMethod:
    """ResNet-18 on flow and strain, at the size of its quick recipe."""
    kind = methods.get("resnet18")
    assert issubclass(kind, NetworkMethod)
    return kind(kind.Parameters().changed(kind.recipes["quick"].parameters))


def flow_inputs(scale: Scale) -> PreparedInputs:
    """Synthetic flow and strain of as many clips as the scale says."""
    return flow_of(scale.flow_clips, Streams())


def flow_of(clips: int, method: NetworkMethod) -> PreparedInputs:
    """Synthetic flow and strain of so many clips, in the size that a method declares."""
    [declared] = method.inputs().arrays
    assert isinstance(declared, Flow)
    values = np.random.default_rng(0).normal(0, 2, (clips, 3, *declared.size)).astype(np.float32)
    return PreparedInputs(count=clips, arrays=(PreparedArray(declaration=declared, values=values),))


def frame_inputs(scale: Scale) -> PreparedInputs:
    """Synthetic onsets and apexes of as many clips as the scale says."""
    declared = Frames(at=("onset", "apex"), size=(scale.size, scale.size))
    shape = (scale.clips, 2, 1, 3, scale.size, scale.size)
    images = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    counts = np.ones((scale.clips, 2), dtype=np.int64)
    return PreparedInputs(
        count=scale.clips,
        frames=PreparedFrames(declaration=declared, images=images, counts=counts, annotated=counts - 1),
    )


def folds(clips: int, subjects: int) -> list[FoldJob]:
    """A fold a subject, each with nearly as many clips as the others."""
    jobs = []
    labels = np.arange(clips) % len(CLASSES)
    for number, watch in enumerate(np.array_split(np.arange(clips), subjects)):
        train = np.setdiff1d(np.arange(clips), watch)
        info = TrainInfo(
            classes=CLASSES,
            labels=labels[train],
            subjects=tuple(f"drawn/{clip % subjects}" for clip in train),
            action_units=((),) * len(train),
        )
        jobs.append(FoldJob(name=f"drawn/{number}", train=train, held_out=watch, info=info))
    return jobs
