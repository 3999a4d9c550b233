"""Runs as one HTML page: the leaderboard's own views of them, what each is, and every clip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from merbench.analysis.statistics.per_clip import as_record, judged
from merbench.leaderboard.html import filled, tasks_of
from merbench.results.run import Run, data_of, protocol_of


def run_page(runs: Sequence[Run]) -> str:
    """The page, one self-contained file that asks for nothing; as little can be done by a hostile name as there."""
    records = [as_record(run) for run in runs]
    return filled(
        {
            "title": f"merbench: {', '.join(dict.fromkeys(run.method for run in runs))}",
            "drawn": all(run.manifest["drawn"] for run in runs),
            "tasks": tasks_of(records, {}),
            "published": [],
            "runs": [{"name": _name(run), "facts": facts(run), "clips": _clips(run)} for run in runs],
        }
    )


def _name(run: Run) -> str:
    folder = f" ({run.path.name})" if run.path else ""
    return f"{run.method}, seed {run.seed}{folder}"


def facts(run: Run) -> list[tuple[str, str]]:
    """What a run is, by name, for a reader who has nothing but the page."""
    manifest, description = run.manifest, run.manifest["description"]
    numerics = manifest["numerics"] or {}
    code = manifest["code"]
    commit = f", commit {code['commit'][:10]}{' (uncommitted changes)' if code['dirty'] else ''}"
    found = {
        "method": f"{run.method}: {manifest['title']}",
        "recipe": f"{manifest['recipe']['name']}: {manifest['recipe']['source']}",
        "settings": _pairs(manifest["settings"]),
        "parameters": "–" if manifest["parameter_count"] is None else f"{manifest['parameter_count']:,}",
        "protocol": f"{protocol_of(description)}{', leaky' if manifest['leaky'] else ''}",
        "data": data_of(manifest),
        "class set": f"{description['scheme']}: {_pairs(manifest['counts'])}",
        "labels": f"{_pairs(manifest['states'])}; fingerprint {description['labels']}",
        "frames": _pairs(manifest["frames"]),
        "alignment": str(description["alignment"]),
        "apex": f"--apex {manifest['apex_policy']}, for {len(manifest['apexes_not_annotated'])} clips",
        "mends": f"{manifest['mends']}, {len(manifest['mended'])} cells",
        "left out": "; ".join(f"{lost['key']}: {lost['why']}" for lost in manifest["left_out"]) or "none",
        "notes": " ".join(manifest["notes"]) or "none",
        "rules": ", ".join(run.rules),
        "tuned": str(manifest.get("tuned", "no")),
        "computed on": f"{numerics['device']} ({numerics['device_name']}), {numerics['precision']}"
        if numerics
        else "–",
        "training": f"{run.seconds:.1f} s",
        "code": f"merbench {code['version']}{commit if code['commit'] else ''}",
        "packages": _pairs(manifest["environment"]["packages"]),
        "identity": str(manifest["identity"]),
    }
    return list(found.items())


def _pairs(values: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items()) or "none"


def _clips(run: Run) -> list[dict[str, Any]]:
    """Each clip under `last`: its subject and class, what was predicted, and how probable its own class was."""
    found = judged([run], "last")
    own = {
        key: float(probabilities[label])
        for outcome, fold in zip(run.outer, run.probabilities("last"), strict=True)
        for key, label, probabilities in zip(outcome.keys, outcome.truth, fold, strict=True)
    }
    rows = zip(found.keys, found.subjects, found.truth, found.predicted[0], strict=True)
    return [
        {
            "clip": key,
            "subject": subject,
            "truth": found.classes[truth],
            "predicted": found.classes[predicted],
            "right": bool(truth == predicted),
            "probability": own[key],
        }
        for key, subject, truth, predicted in rows
    ]
