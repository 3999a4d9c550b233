"""Scores against what was rendered: of runs on synthetic faces whose labels are wrong in some clips, on purpose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from merbench.analysis.table import Table
from merbench.kind_names import MULTI_NAME
from merbench.metrics import Scores, scores
from merbench.results.run import Run
from merbench.synthetic.composition import RENDERED_EMOTION

if TYPE_CHECKING:
    from merbench.selection import Rule

#: Of a rendered emotion that is in none of the classes.
_NO_CLASS = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedScores:
    """The scores against the rendered classes; of `clips` clips, `wrong` have another label."""

    scores: Scores
    clips: int
    wrong: int


def rendered_scores(run: Run, rule: Rule = "last", rendered: Mapping[str, str] | None = None) -> RenderedScores | None:
    """A run's scores against the classes that were rendered; None where no label is wrong.

    A clip whose rendered emotion is in no class counts as wrongly labelled, and is not scored. `rendered` has the
    classes of `rendered_classes`, if they are there already.
    """
    import numpy as np

    rendered = rendered_classes(run) if rendered is None else rendered
    place = {name: index for index, name in enumerate(run.classes)}
    folds, clips, wrong = [], 0, 0
    for keys, (truth, predicted) in zip(run.keys, run.predictions(rule), strict=True):
        labels = [rendered.get(key, run.classes[label]) for key, label in zip(keys, truth, strict=True)]
        shown = np.array([place.get(label, _NO_CLASS) for label in labels], dtype=truth.dtype)
        clips, wrong = clips + len(shown), wrong + int((shown != truth).sum())
        folds.append((shown[shown != _NO_CLASS], predicted[shown != _NO_CLASS]))
    if not wrong:
        return None
    scored = [fold for fold in folds if len(fold[0])]
    return RenderedScores(scores=scores(scored, len(run.classes), averaged=run.averaged), clips=clips, wrong=wrong)


def rendered_table(runs: Sequence[tuple[str, Run]]) -> Table | None:
    """The scores of labelled runs against the rendered classes beside those against the labels; None without noise."""
    rows = []
    for label, run in runs:
        rendered = rendered_classes(run)
        for rule in run.rules if rendered else ():
            clean = rendered_scores(run, rule, rendered)
            if clean is not None:
                noisy = scores(run.predictions(rule), len(run.classes), averaged=run.averaged)
                values = (noisy.uf1, clean.scores.uf1, noisy.uar, clean.scores.uar)
                cells = [f"{value:.3f}" for value in values]
                rows.append((label, str(run.seed), rule, *cells, f"{clean.wrong} of {clean.clips}"))
    if not rows:
        return None
    return Table(
        title="Against the labels, and against what was rendered",
        columns=("method", "seed", "rule", "UF1", "UF1, rendered", "UAR", "UAR, rendered", "wrong labels"),
        rows=tuple(rows),
        notes=(
            "Labels are wrong in some clips on purpose, in training too. Only scores against the labels are ranked.",
        ),
    )


def rendered_classes(run: Run) -> Mapping[str, str]:
    """Of wrongly labelled clips by key, the class of the rendered emotion, empty where it is in none."""
    from merbench.annotations.clips import clip_of
    from merbench.registry import datasets

    classes: dict[str, str] = {}
    if run.kind.name == MULTI_NAME:  # whose units are those that were rendered
        return classes
    for name, (revision, values) in run.header.description.datasets.items():
        kind = datasets.get(name) if name in datasets.names() else None
        if kind is None or not kind.synthetic:
            continue
        dataset, scheme = kind(kind.Parameters().changed(values)), kind.scheme(run.header.description.scheme)
        table = dataset.table(None).table
        if dataset.revision() != revision or RENDERED_EMOTION not in table or scheme.column != "emotion":
            continue
        for _, row in table[table["emotion"] != table[RENDERED_EMOTION]].iterrows():
            clip = clip_of(name, row)
            classes[clip.key] = scheme.label(clip.subject, clip.name, str(row[RENDERED_EMOTION])) or ""
    return classes
