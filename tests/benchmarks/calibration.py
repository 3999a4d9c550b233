"""How near the flow of a dataset is to that of real micro-expressions: nine statistics, and their distance.

Prints the table that stands in the guide to the synthetic faces, of the real pictures or of synthetic faces::

    python tests/benchmarks/calibration.py --real DIR
    python tests/benchmarks/calibration.py difficulty=realistic [NAME=VALUE ...]

DIR is what ``merbench info megc2019-flow`` says how to fetch. Synthetic faces are those of the composite, with as many
clips of as many subjects as its real databases have. Flow is seen as the real pictures show it: 28 x 28, u and v, each
channel of each clip stretched to 0..1, less its mean.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold
from sklearn.neighbors import NearestCentroid
from sklearn.svm import SVC

from merbench.annotations.clips import Clip
from merbench.data.flow_files import read_picture
from merbench.data.labelling import labelled
from merbench.data.source import Source
from merbench.inputs import Flow
from merbench.inputs.optical_flow import Algorithm, optical_flow
from merbench.registry import datasets

Values: TypeAlias = npt.NDArray[np.float64]
Texts: TypeAlias = npt.NDArray[np.str_]

#: The datasets of the synthetic composite, with the database that each stands for and its number of subjects.
STANDS_FOR: Mapping[str, tuple[str, int]] = {
    "synthetic-a": ("smic", 16),
    "synthetic-b": ("casme2", 24),
    "synthetic-c": ("samm", 28),
}
_FOLDS, _RESAMPLES = 10, 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Motion:
    """The flow `(clip value)` of clips as they are compared, with each one's class, subject and database."""

    flow: Values
    labels: Texts
    subjects: Texts
    databases: Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class RealValue:
    """A statistic of the real pictures, and its standard error over subjects."""

    value: float
    error: float


#: Of the 442 public pictures of the MEGC 2019 composite, as this script measures them: never fitted by hand.
REAL: Mapping[str, RealValue] = {
    "nearest centroid": RealValue(value=0.6907, error=0.0373),
    "linear SVM": RealValue(value=0.6276, error=0.0329),
    "RBF SVM": RealValue(value=0.7177, error=0.0327),
    "nearest centroid, smic": RealValue(value=0.6023, error=0.0670),
    "nearest centroid, casme2": RealValue(value=0.8164, error=0.0452),
    "nearest centroid, samm": RealValue(value=0.6452, error=0.0526),
    "class share of variance": RealValue(value=0.0811, error=0.0162),
    "subject share of variance": RealValue(value=0.1006, error=0.0167),
    "effective dimensions": RealValue(value=15.3000, error=1.1629),
}


def seen_as_real(flow: npt.NDArray[np.floating]) -> Values:
    """Flow `(clip 2 height width)` as `(clip value)`: stretched to 0..1 by channel of each clip, less its mean."""
    low, high = flow.min((2, 3), keepdims=True), flow.max((2, 3), keepdims=True)
    stretched = (flow.astype(np.float64) - low) / np.maximum(high - low, 1e-9)
    return np.asarray((stretched - stretched.mean((2, 3), keepdims=True)).reshape(len(flow), -1))


def real_motion(root: Path) -> Motion:
    """The public flow pictures under `root`."""
    source = Source(dataset=datasets.get("megc2019-flow")(), root=root)

    def picture(clip: Clip) -> npt.NDArray[np.float32]:
        path = source.dataset.precomputed(root, clip, "flow")
        assert path is not None
        return read_picture(path)[:2]

    return _motion([source], picture, {})


def synthetic_motion(settings: Mapping[str, str], algorithm: Algorithm) -> Motion:
    """The flow of the synthetic composite, computed as `flow-svm` does, by generator parameters."""
    from merbench._files.images import grey_at

    side = (128, 128)
    sources, names = [], {}
    for name, (database, subjects) in STANDS_FOR.items():
        kind = datasets.get(name)
        parameters = kind.Parameters().changed({"subjects": subjects, **settings})
        sources.append(Source(dataset=kind(parameters)))
        names[name] = database
    by_name = {source.dataset.name: source.dataset for source in sources}

    def computed(clip: Clip) -> npt.NDArray[np.float32]:
        frames = by_name[clip.dataset].read(None, clip, [clip.moment("onset"), clip.moment("apex")])
        first, second = (grey_at(frame, side) for frame in frames)
        wanted = Flow(size=(28, 28), computed=side, algorithm=algorithm)
        return wanted.delivered(optical_flow(first, second, algorithm))

    return _motion(sources, computed, names)


def _motion(
    sources: Sequence[Source], flow: Callable[[Clip], npt.NDArray[np.float32]], names: Mapping[str, str]
) -> Motion:
    task = labelled(sources, "3-class-megc2019", "middle")
    clips = task.as_clips()
    return Motion(
        flow=seen_as_real(np.stack([flow(clip) for clip in clips])),
        labels=np.array([str(label) for label in task.clips["label"]]),
        subjects=np.array([clip.qualified_subject for clip in clips]),
        databases=np.array([names.get(clip.dataset, clip.dataset) for clip in clips]),
    )


def statistics_of(motion: Motion) -> dict[str, float]:
    """The nine statistics by name."""
    return {name: float(value) for name, value in (*_scores(motion, _predictions(motion)), *_geometry(motion))}


def _predictions(motion: Motion) -> dict[str, Texts]:
    """What three classifiers say of each clip, in ten folds of whole subjects."""
    kinds: dict[str, Callable[[], Any]] = {
        "nearest centroid": NearestCentroid,
        "linear SVM": lambda: SVC(kernel="linear"),
        "RBF SVM": SVC,
    }
    folds = list(GroupKFold(_FOLDS).split(motion.flow, motion.labels, motion.subjects))
    predicted = {}
    for name, kind in kinds.items():
        predicted[name] = motion.labels.copy()
        for train, test in folds:
            predicted[name][test] = kind().fit(motion.flow[train], motion.labels[train]).predict(motion.flow[test])
    return predicted


def _scores(motion: Motion, predicted: Mapping[str, Texts]) -> list[tuple[str, float]]:
    rows = [(name, _uf1(motion.labels, each)) for name, each in predicted.items()]
    for database in ("smic", "casme2", "samm"):
        of = motion.databases == database
        rows.append((f"nearest centroid, {database}", _uf1(motion.labels[of], predicted["nearest centroid"][of])))
    return rows


def _uf1(truth: Texts, predicted: Texts) -> float:
    return float(f1_score(truth, predicted, average="macro", labels=["negative", "positive", "surprise"]))


def _geometry(motion: Motion) -> list[tuple[str, float]]:
    """Shares of variance that class and subject explain, adjusted for their number, and the effective dimension."""
    spread = motion.flow - motion.flow.mean(0)
    gram = spread @ spread.T
    return [
        ("class share of variance", _explained(gram, motion.labels)),
        ("subject share of variance", _explained(gram, motion.subjects)),
        ("effective dimensions", float(np.trace(gram) ** 2 / (gram**2).sum())),
    ]


def _explained(gram: Values, groups: Texts) -> float:
    between = sum(gram[np.ix_(groups == each, groups == each)].sum() / (groups == each).sum() for each in set(groups))
    clips, number = len(groups), len(set(groups))
    return float(1 - (1 - between / np.trace(gram)) * (clips - 1) / (clips - number))


def standard_errors(motion: Motion) -> dict[str, float]:
    """The standard error of each statistic over subjects: bootstrap for scores, leave one subject out for the rest."""
    subjects, rng = sorted(set(motion.subjects)), np.random.default_rng(0)
    places = {subject: np.flatnonzero(motion.subjects == subject) for subject in subjects}
    predicted = _predictions(motion)
    drawn = []
    for _ in range(_RESAMPLES):
        rows = np.concatenate([places[subject] for subject in rng.choice(subjects, len(subjects))])
        drawn.append([value for _, value in _scores(_of(motion, rows), {k: v[rows] for k, v in predicted.items()})])
    names = [name for name, _ in _scores(motion, predicted)]
    errors = dict(zip(names, np.std(drawn, axis=0, ddof=1), strict=True))
    left = [[v for _, v in _geometry(_of(motion, motion.subjects != subject))] for subject in subjects]
    jackknife = np.sqrt((len(left) - 1) * np.var(left, axis=0))
    errors |= dict(zip((name for name, _ in _geometry(motion)), jackknife, strict=True))
    return {name: float(error) for name, error in errors.items()}


def _of(motion: Motion, rows: npt.NDArray[Any]) -> Motion:
    return Motion(
        flow=motion.flow[rows],
        labels=motion.labels[rows],
        subjects=motion.subjects[rows],
        databases=motion.databases[rows],
    )


def distance(values: Mapping[str, float]) -> float:
    """The root mean square of the differences to the real statistics, each over its standard error."""
    gaps = [(values[name] - real.value) / real.error for name, real in REAL.items()]
    return float(np.sqrt(np.mean(np.square(gaps))))


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--real", type=Path, metavar="DIR", help="measure the public pictures there")
    parser.add_argument("--flow", default="tvl1", help="the algorithm for synthetic faces")
    parser.add_argument("settings", nargs="*", metavar="NAME=VALUE", help="parameters of the generator")
    asked = parser.parse_args()
    if asked.real:
        motion = real_motion(asked.real)
        errors = standard_errors(motion)
    else:
        motion = synthetic_motion(dict(pair.split("=", 1) for pair in asked.settings), asked.flow)
        errors = {}
    values = statistics_of(motion)
    sys.stdout.write("| statistic | real | standard error | measured |\n| :-- | --: | --: | --: |\n")
    for name, value in values.items():
        real = REAL[name]
        sys.stdout.write(f"| {name} | {real.value:.3f} | {errors.get(name, real.error):.4f} | {value:.4f} |\n")
    sys.stdout.write(f"\ndistance: {distance(values):.2f}\n")


if __name__ == "__main__":
    main()
