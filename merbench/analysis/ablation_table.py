"""The table of what each setting of a method is worth, beside the first."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from merbench.analysis.comparison_tables import shown_p, signed
from merbench.analysis.group_inference import inference_against_first
from merbench.analysis.statistics import CORRECTED, SIMULTANEOUS, FirstInference, PairInference
from merbench.analysis.statistics.per_clip import as_record
from merbench.analysis.table import COMBINED, Table
from merbench.analysis.tables import based_on, heading
from merbench.results.run import Run
from merbench.results.seed_groups import Group
from merbench.task_kinds import value_of

_COLUMNS = ("from", "to", "p (Holm)", "parameters", "minutes", "seeds")


def ablation_table(compared: Sequence[tuple[str, Sequence[Run]]], first_note: str = "In all rows") -> Table:
    """A row for each label and its runs, one a seed; the first row is what the others are compared to."""
    groups = [Group(name=label, records=tuple(map(as_record, runs))) for label, runs in compared]
    inference = inference_against_first(groups) if len(groups) > 1 else None
    pairs: list[PairInference | None] = [None, *(inference.pairs if inference else ())]
    first = compared[0][1][0]
    shown = [first.kind.scores_shown[name] for name in first.kind.ranked[:2]]
    return Table(
        title=f"{heading(first)}. {inference.limits[:-1]}" if inference and inference.limits else heading(first),
        columns=("setting", *shown, "optimism", f"{shown[0]} difference", *_COLUMNS),
        rows=tuple(_row(label, runs, pair) for (label, runs), pair in zip(compared, pairs, strict=True)),
        notes=(
            f"{first_note}: {based_on(first)}.",
            f"Rule last; mean ± standard deviation over seeds. {COMBINED[first.averaged]}",
            f"Optimism: {shown[0]} under oracle less {shown[0]} under last. Minutes of training a seed.",
            *(_claims(inference, shown[0]) if inference else ()),
        ),
    )


def _claims(inference: FirstInference, score: str) -> list[str]:
    """What the differences say, and what they cannot."""
    notes = [f"Difference: {score} less that of the first row; from, to: {SIMULTANEOUS}", f"p (Holm): {CORRECTED}"]
    if inference.missing:
        notes.append(
            "No p where a setting has fewer than three seeds (--seeds 3): its interval leaves out the variation over "
            "seeds with one, and hardly knows it with two."
        )
    if not math.isnan(inference.gap):
        notes.append(
            f"Smallest difference in {score} that is found in 80 % of cases after the correction (median setting): "
            f"{inference.gap:.2f}."
        )
    return notes


def _row(label: str, runs: Sequence[Run], pair: PairInference | None) -> tuple[str, ...]:
    scores = [run.scores("last") for run in runs]
    gains = [run.optimism for run in runs if run.optimism is not None and "oracle" in run.rules]
    parameters = runs[0].header.parameter_count
    return (
        label,
        *(_spread([value_of(each, name) for each in scores]) for name in runs[0].kind.ranked[:2]),
        f"{np.mean(gains):+.3f}" if gains else "–",
        *(("–",) * 4 if pair is None else _difference(pair)),
        f"{parameters:,}" if parameters else "–",
        f"{np.mean([run.seconds for run in runs]) / 60:.1f}",
        str(len(runs)),
    )


def _difference(pair: PairInference) -> tuple[str, str, str, str]:
    corrected = "–" if pair.p_corrected is None else shown_p(pair.p_corrected)
    return signed(pair.difference), signed(pair.low), signed(pair.high), corrected


def _spread(values: Sequence[float]) -> str:
    mean = f"{np.mean(values):.3f}"
    return mean if len(values) == 1 else f"{mean} ± {np.std(values, ddof=1):.3f}"
