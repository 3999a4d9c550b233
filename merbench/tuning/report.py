"""The report of a tuning: `report.html`, which needs no other file, and its picture as `report.png`."""

from __future__ import annotations

import base64
import html
import importlib.util
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from merbench._atomic import write_whole
from merbench.tuning.stability import importances, variation
from merbench.tuning.tuned_file import Chosen

if TYPE_CHECKING:
    from merbench.tuning.nested import Tuning
    from merbench.tuning.study import SlottedStudy

_MEND = "Free space there, and run the same command again."
_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;margin:1rem 0;display:block;overflow-x:auto}"
    "td,th{border-bottom:1px solid #ccc;padding:.25rem .6rem;text-align:left;vertical-align:top}img{max-width:100%}"
)
_COLUMNS = ("study", "trials", "completed", "stopped", "failed", "best inner UF1", "epoch", "hours")
NO_PICTURE = "There is no picture: matplotlib is not installed (pip install merbench[report])."


def write_report(
    folder: Path, tuning: Tuning, studies: Mapping[str, SlottedStudy], by_fold: Mapping[str, Chosen]
) -> None:
    """Keep the report of complete studies.

    Raises:
        StoreError: if it cannot be written.
    """
    found = importances([study.study for study in studies.values()])
    picture: bytes | None = None
    if importlib.util.find_spec("matplotlib") is not None:
        from merbench.tuning.plots import picture_of

        picture = picture_of(tuning, studies, by_fold, found)
        write_whole(folder / "report.png", picture, _MEND)
    write_whole(folder / "report.html", _page(tuning, studies, by_fold, found, picture).encode(), _MEND)


def _page(
    tuning: Tuning,
    studies: Mapping[str, SlottedStudy],
    by_fold: Mapping[str, Chosen],
    found: Mapping[str, float],
    picture: bytes | None,
) -> str:
    experiment = tuning.prepared.experiment
    title = html.escape(f"{experiment.method.name} under {experiment.protocol.name}, tuned: {experiment.tuned}")
    image = f"<p>{html.escape(NO_PICTURE)}</p>"
    if picture is not None:
        encoded = base64.b64encode(picture).decode()
        image = f'<img src="data:image/png;base64,{encoded}" alt="history, importances, coordinates, chosen values">'
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
        f"<h1>{title}</h1>{_paragraph(_summary(tuning, studies))}{image}"
        f"<h2>Studies</h2>{_table(_COLUMNS, _studies(studies))}"
        f"<h2>Chosen values by outer fold</h2>{_table(('parameter', *by_fold), _values(tuning, by_fold))}"
        f"<h2>How much they vary</h2>{_table(('parameter', 'searched', 'chosen'), _spread(tuning, by_fold))}"
        f"<h2>Importances</h2>{_importance(found)}{_failures(studies)}</html>\n"
    )


def _summary(tuning: Tuning, studies: Mapping[str, SlottedStudy]) -> str:
    plan, spent = tuning.plan, [study.spent() for study in studies.values()]
    hours = sum(each.seconds for each in spent) / 3600
    kind = (
        "Every outer fold has a study of its own, which saw its training subjects alone."
        if plan.kind == "nested"
        else "One study saw all subjects, those that are tested on among them: such scores are never ranked."
    )
    return (
        f"{kind} {sum(each.trials for each in spent)} trials, {hours:.2f} hours of training, sampler {plan.sampler}, "
        f"pruner {plan.pruner}, {plan.inner} inner folds. Inner UF1 is pooled over the inner folds at the best epoch, "
        "the highest of many trials: it is no estimate of what the method does on other people; the record's is."
    )


def _studies(studies: Mapping[str, SlottedStudy]) -> list[tuple[str, ...]]:
    rows = []
    for name, study in studies.items():
        done, best, spent = study.done(), study.best(), study.spent()
        counts = [str(sum(t.state.name == state for t in done)) for state in ("COMPLETE", "PRUNED", "FAIL")]
        best_cells = ("–", "–") if best is None else (f"{best.inner_uf1:.3f}", str(best.epoch))
        rows.append((name, str(len(done)), *counts, *best_cells, f"{spent.seconds / 3600:.2f}"))
    return rows


def _values(tuning: Tuning, by_fold: Mapping[str, Chosen]) -> list[tuple[str, ...]]:
    rows = [
        (each.name, *(_told(chosen.values.get(each.name, "–")) for chosen in by_fold.values()))
        for each in tuning.space.dimensions
    ]
    return [*rows, ("epoch", *(str(chosen.epoch) for chosen in by_fold.values()))]


def _spread(tuning: Tuning, by_fold: Mapping[str, Chosen]) -> list[tuple[str, ...]]:
    return [(each.name, each.told(), variation(each, list(by_fold.values()))) for each in tuning.space.dimensions]


def _importance(found: Mapping[str, float]) -> str:
    if not found:
        return _paragraph("Too few completed trials to tell.")
    note = _paragraph("Means over studies; only parameters that every completed trial of a study drew are compared.")
    return note + _table(("parameter", "importance"), [(name, f"{share:.3f}") for name, share in found.items()])


def _failures(studies: Mapping[str, SlottedStudy]) -> str:
    rows = [
        (name, str(trial.user_attrs["slot"] + 1), trial.user_attrs["reason"])
        for name, study in studies.items()
        for trial in study.done()
        if "reason" in trial.user_attrs
    ]
    return f"<h2>Failed trials</h2>{_table(('study', 'trial', 'reason'), rows)}" if rows else ""


def _told(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _paragraph(text: str) -> str:
    return f"<p>{html.escape(text)}</p>"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{html.escape(column)}</th>" for column in columns)
    body = "".join(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"
