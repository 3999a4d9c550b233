"""The report of a tuning: `report.html`, which needs no other file, and its picture as `report.png`."""

from __future__ import annotations

import base64
import html
import importlib.util
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from merbench._files.atomic import atomic_write
from merbench.plural import plural
from merbench.tuning.stability import importances, variation
from merbench.tuning.tuned_file import TunedParameters

if TYPE_CHECKING:
    from merbench.tuning.problem import Tuning
    from merbench.tuning.study import ResumableStudy

_REMEDY = "Free space there, and run the same command again."
#: In a narrow window a table's row is a card: its cells one below the other, each behind the name of its column.
REPORT_STYLE = (
    ":root{color-scheme:light dark}"
    "body{font:16px/1.5 sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}h1,p,td,th{overflow-wrap:anywhere}"
    "table{border-collapse:collapse;margin:1rem 0}"
    "td,th{border-bottom:1px solid #8888;padding:.25rem .6rem;text-align:left;vertical-align:top}"
    ".plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));gap:1rem}"
    "img{width:100%;max-width:39rem}"
    "@media(max-width:64rem){table,tbody,tr,td{display:block}tr:first-child{display:none}"
    "tr{border:1px solid #8888;border-radius:.3rem;margin:.5rem 0}"
    "td{display:flex;justify-content:space-between;gap:1rem;border:0;text-align:right}"
    "td::before{content:attr(data-column);font-weight:600;text-align:left}}"
)
_COLUMNS = ("study", "trials", "completed", "stopped", "failed", "best inner {score}", "epoch", "hours")
NO_PICTURE = 'There is no picture: matplotlib is not installed (pip install "merbench[report]").'


def write_report(
    folder: Path, tuning: Tuning, studies: Mapping[str, ResumableStudy], by_fold: Mapping[str, TunedParameters]
) -> None:
    """Keep the report of complete studies.

    Raises:
        StoreError: if it cannot be written.
    """
    shares = importances([study.study for study in studies.values()])
    pictures: Mapping[str, bytes] = {}
    if importlib.util.find_spec("matplotlib") is not None:
        from merbench.tuning.plots import panels_of, picture_of

        atomic_write(folder / "report.png", picture_of(tuning, studies, by_fold, shares), _REMEDY)
        pictures = panels_of(tuning, studies, by_fold, shares)
    atomic_write(folder / "report.html", _page(tuning, studies, by_fold, shares, pictures).encode(), _REMEDY)


def _page(
    tuning: Tuning,
    studies: Mapping[str, ResumableStudy],
    by_fold: Mapping[str, TunedParameters],
    shares: Mapping[str, float],
    pictures: Mapping[str, bytes],
) -> str:
    experiment = tuning.prepared.experiment
    title = html.escape(f"{experiment.method.name} under {experiment.protocol.name}, tuned: {experiment.tuned}")
    columns = [name.format(score=tuning.prepared.task.kind.headline_shown) for name in _COLUMNS]
    chosen = ("outer fold", *_chosen_names(tuning), "epoch")
    images = "".join(
        f'<img src="data:image/png;base64,{base64.b64encode(picture).decode()}" alt="{html.escape(name)}">'
        for name, picture in pictures.items()
    )
    image = f'<div class="plots">{images}</div>' if pictures else _paragraph(NO_PICTURE)
    head = f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{REPORT_STYLE}</style>'
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>{head}'
        f"<h1>{title}</h1>{_paragraph(_summary(tuning, studies))}{image}"
        f"<h2>Studies</h2>{report_table(columns, _studies(studies))}"
        f"<h2>Chosen values by outer fold</h2>{report_table(chosen, _values(tuning, by_fold))}"
        f"<h2>How much they vary</h2>{report_table(('parameter', 'searched', 'chosen'), _spread(tuning, by_fold))}"
        f"<h2>Importances</h2>{_importance(shares)}{_failures(studies)}</html>\n"
    )


def _summary(tuning: Tuning, studies: Mapping[str, ResumableStudy]) -> str:
    config, spent = tuning.config, [study.spent() for study in studies.values()]
    hours = sum(each.seconds for each in spent) / 3600
    kind = (
        "Every outer fold has a study of its own, which saw its training subjects alone."
        if config.kind == "nested"
        else "One study saw all subjects, those that are tested on among them: such scores are never ranked."
    )
    score = tuning.prepared.task.kind.headline_shown
    return (
        f"{kind} {plural(sum(each.trials for each in spent), 'trial')}, {hours:.2f} hours of training, sampler "
        f"{config.sampler}, "
        f"pruner {config.pruner}, {config.inner} inner folds. Inner {score} is pooled over the inner folds at the best "
        "epoch, the highest of many trials: it does not estimate how the method does on other people; the record does."
    )


def _studies(studies: Mapping[str, ResumableStudy]) -> list[tuple[str, ...]]:
    rows = []
    for name, study in studies.items():
        done, best, spent = study.done(), study.best(), study.spent()
        counts = [str(sum(t.state.name == state for t in done)) for state in ("COMPLETE", "PRUNED", "FAIL")]
        best_cells = ("–", "–") if best is None else (f"{best.inner_score:.3f}", str(best.epoch))
        rows.append((name, str(len(done)), *counts, *best_cells, f"{spent.seconds / 3600:.2f}"))
    return rows


def _chosen_names(tuning: Tuning) -> list[str]:
    return [each.name for each in tuning.space.dimensions]


def _values(tuning: Tuning, by_fold: Mapping[str, TunedParameters]) -> list[tuple[str, ...]]:
    """A row an outer fold, as there are more of them than parameters."""
    return [
        (name, *(_formatted(chosen.values.get(each, "–")) for each in _chosen_names(tuning)), str(chosen.epoch))
        for name, chosen in by_fold.items()
    ]


def _spread(tuning: Tuning, by_fold: Mapping[str, TunedParameters]) -> list[tuple[str, ...]]:
    return [(each.name, each.phrase(), variation(each, list(by_fold.values()))) for each in tuning.space.dimensions]


def _importance(shares: Mapping[str, float]) -> str:
    if not shares:
        return _paragraph("Too few completed trials to say.")
    note = _paragraph("Means over studies; only parameters that every completed trial of a study drew are compared.")
    return note + report_table(("parameter", "importance"), [(name, f"{share:.3f}") for name, share in shares.items()])


def _failures(studies: Mapping[str, ResumableStudy]) -> str:
    rows = [
        (name, str(trial.user_attrs["slot"] + 1), trial.user_attrs["reason"])
        for name, study in studies.items()
        for trial in study.done()
        if "reason" in trial.user_attrs
    ]
    return f"<h2>Failed trials</h2>{report_table(('study', 'trial', 'reason'), rows)}" if rows else ""


def _formatted(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _paragraph(text: str) -> str:
    return f"<p>{html.escape(text)}</p>"


def report_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """An HTML table that becomes a list of cards in a narrow window."""
    head = "".join(f"<th>{html.escape(column)}</th>" for column in columns)
    body = "".join(f"<tr>{''.join(map(_cell, columns, row))}</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def _cell(column: str, text: str) -> str:
    return f'<td data-column="{html.escape(column)}"><span>{html.escape(text)}</span></td>'
