"""How long inputs take to prepare, and how far computed flow is from ground-truth motion."""

from __future__ import annotations

import dataclasses
import itertools
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest

from merbench._files.images import grey_at
from merbench.data.labelling import labelled
from merbench.data.source import Source
from merbench.inputs import Flow
from merbench.inputs.cache import Cache
from merbench.inputs.optical_flow import optical_flow
from merbench.inputs.prepare_arrays import prepare_array
from merbench.registry import datasets
from merbench.synthetic.mock_tree import write_mock
from merbench.synthetic.rendering import draw_frames, ground_truth_motion, plan_clip

SIZE = (128, 128)
#: Subjects and clips of each: 442, as many as MEGC 2019 has, or few.
FULL, SMALL = (17, 26), (2, 4)


@pytest.fixture(scope="session")
def source(full: bool, tmp_path_factory: pytest.TempPathFactory) -> Source:
    """Frame files of synthetic faces, laid out as CASME II is."""
    subjects, clips = FULL if full else SMALL
    root = tmp_path_factory.mktemp("frames") / "casme2"
    dataset = datasets.get("casme2")()
    write_mock(dataset, root, subjects=subjects, clips=clips)
    return Source(dataset=dataset, root=root)


@pytest.mark.benchmark(group="inputs")
def test_flow_of_every_clip(benchmark: Any, source: Source, tmp_path: Path) -> None:
    """TV-L1 flow from onset to apex, computed on 128 x 128 pixels and handed over at 28 x 28, from frame files."""
    clips = labelled([source], scheme=None, apex_policy="middle").as_clips()
    declared = Flow(size=(28, 28), computed=SIZE)
    empty = map(str, itertools.count())

    def prepared() -> Any:
        return prepare_array(clips, {source.dataset.name: source}, declared, cache=Cache(tmp_path / next(empty)))

    flow, failed = benchmark.pedantic(prepared, rounds=1)
    assert (flow.values.shape, failed) == ((len(clips), 2, 28, 28), {})
    seconds = benchmark.stats.stats.min
    benchmark.extra_info.update({"clips": len(clips), "clips a second": round(len(clips) / seconds, 2)})
    benchmark.extra_info["worker processes"] = joblib.cpu_count()


@pytest.mark.benchmark(group="flow")
@pytest.mark.parametrize("algorithm", ["tvl1", "farneback", "dis"])
def test_flow_against_planted_motion(benchmark: Any, algorithm: Any, full: bool) -> None:
    """The mean distance of computed and planted displacement where more than 0.3 px are planted, at 128 x 128."""
    pairs = [_planted(number) for number in range(20 if full else 2)]
    fields = [optical_flow(onset, apex, algorithm) for onset, apex, _ in pairs]
    benchmark(optical_flow, *pairs[0][:2], algorithm)
    errors, lengths = [], []
    for field, (_, _, planted) in zip(fields, pairs, strict=True):
        moving = np.hypot(*planted) > 0.3
        errors.append(np.hypot(*(field - planted))[moving].mean())
        lengths.append(np.hypot(*planted)[moving].mean())
    benchmark.extra_info["endpoint error, px"] = round(float(np.mean(errors)), 3)
    benchmark.extra_info["planted, px"] = round(float(np.mean(lengths)), 3)
    benchmark.extra_info["clips"] = len(pairs)


def _planted(number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Onset and apex, grey, and the motion between them, without that of the head, which is not part of it."""
    emotion = ("happiness", "surprise", "disgust", "repression")[number % 4]
    plan = plan_clip(identity=number, seed=number, emotion=emotion, onset=0, apex=20, offset=40)
    plan = dataclasses.replace(plan, difficulty=dataclasses.replace(plan.difficulty, head_motion=0.0))
    onset, apex = (grey_at(frame, SIZE) for frame in draw_frames(plan, [plan.onset, plan.apex], SIZE))
    return onset, apex, ground_truth_motion(plan, plan.apex, SIZE).transpose(2, 0, 1)
