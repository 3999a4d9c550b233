"""Runs as one HTML page: the leaderboard's own views of them, what each is, and every clip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from merbench.analysis.statistics import Coded, recall_by_combination, recall_by_unit
from merbench.analysis.statistics.per_clip import as_record, predictions_by_clip
from merbench.analysis.tables import splits_sentence
from merbench.kind_names import MULTI_NAME
from merbench.leaderboard.html import curves_of, filled, tasks_of
from merbench.plural import plural
from merbench.results.run import Run


def run_page(runs: Sequence[Run], coded: Coded | None = None) -> str:
    """The page, one self-contained file that asks for nothing; as little can be done by a hostile name as there.

    `coded` has the action units of clips by key; with it each run has its recall by action unit and combination.
    """
    records = [as_record(run) for run in runs]
    return filled(
        {
            "title": f"merbench: {', '.join(dict.fromkeys(run.method for run in runs))}",
            "drawn": all(run.header.synthetic for run in runs),
            "tasks": tasks_of(records, {}),
            "curves": curves_of(records),
            "published": [],
            "runs": [
                {"name": _name(run), "facts": facts(run), "clips": _clips(run), "units": _units(run, coded or {})}
                for run in runs
            ],
        }
    )


def _units(run: Run, coded: Coded) -> list[dict[str, Any]]:
    """Recall by action unit, then by combination, under `last`; none of a multi-label task, whose classes are units."""
    if run.kind.name == MULTI_NAME:
        return []
    clips = predictions_by_clip([run], "last")
    rows = [("unit", row) for row in recall_by_unit(clips, coded)]
    rows += [("combination", row) for row in recall_by_combination(clips, coded)]
    return [
        {
            "kind": kind,
            "units": row.name,
            "clips": row.clips,
            "subjects": row.subjects,
            "recall": row.recall.value,
            "low": row.recall.low,
            "high": row.recall.high,
        }
        for kind, row in rows
    ]


def _name(run: Run) -> str:
    folder = f" ({run.path.name})" if run.path else ""
    return f"{run.method}, seed {run.seed}{folder}"


def facts(run: Run) -> list[tuple[str, str]]:
    """What a run is, by name, for a reader who has nothing but the page."""
    header, description, code, numerics = run.header, run.header.description, run.header.code, run.header.numerics
    changed = " (uncommitted changes)" if code.dirty else ""
    commit = f", commit {code.commit[:10]}{changed}" if code.commit else ", no commit known"
    rows = {
        "method": f"{run.method}: {header.title}",
        "recipe": f"{header.recipe.name}: {header.recipe.source}",
        "settings": _pairs(header.settings),
        "parameters": "–" if header.parameter_count is None else f"{header.parameter_count:,}",
        "protocol": f"{description.protocol_label}{', leaky' if header.leaky else ''}",
        "data": header.data,
        "class set": f"{description.scheme}: {_pairs(header.counts)}",
        "labels": f"{_pairs(header.states)}; fingerprint {description.labels}",
        "frames": _pairs(header.frames),
        "alignment": description.alignment,
        "apex": f"--apex {header.apex_policy}, for {plural(len(header.apexes_not_annotated), 'clip')}",
        "changed on purpose": _pairs(description.perturbed or {}),
        "corrections": f"{header.corrections}, {plural(len(header.corrected), 'cell')}",
        "left out": "; ".join(f"{clip.key}: {clip.why}" for clip in header.left_out) or "none",
        "notes": " ".join(header.notes) or "none",
        "rules": ", ".join(run.rules),
        "tuned": header.tuned or "no",
        "computed on": f"{numerics.device} ({numerics.device_name}), {numerics.precision}" if numerics else "–",
        "training": f"{run.seconds:.1f} s",
        "code": f"merbench {code.version}{commit}",
        "packages": _pairs(header.environment.packages if header.environment else {}),
        "identity": header.identity,
    }
    if spread := splits_sentence(run.method, [run]):
        rows["splits of inner"] = spread
    return list(rows.items())


def _pairs(values: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items()) or "none"


def _clips(run: Run) -> list[dict[str, Any]]:
    """Each clip under `last`: its subject and class, what was predicted, and how probable its own class was."""
    predictions = predictions_by_clip([run], "last")
    own = {
        key: run.kind.own_probability(probabilities, label)
        for outcome, fold in zip(run.outer, run.probabilities("last"), strict=True)
        for key, label, probabilities in zip(outcome.keys, outcome.truth, fold, strict=True)
    }
    rows = zip(
        predictions.keys,
        predictions.subjects,
        predictions.truth,
        predictions.predicted[0],
        predictions.right[0],
        strict=True,
    )
    return [
        {
            "clip": key,
            "subject": subject,
            "truth": predictions.text(truth),
            "predicted": predictions.text(predicted),
            "right": bool(right),
            "probability": own[key],
        }
        for key, subject, truth, predicted, right in rows
    ]
