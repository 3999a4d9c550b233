"""The card of a pretrained network: what it is, and what it was trained on."""

from __future__ import annotations

from pathlib import Path

from merbench.data.labelled_clips import LabelledClips
from merbench.kind_names import MULTI_NAME
from merbench.plural import plural
from merbench.results.weights import WeightsFacts


def pretraining_card(facts: WeightsFacts, task: LabelledClips, path: Path, sha256: str, accuracy: float) -> str:
    """A page in markdown, with the numbers of clips and subjects but no names."""
    training = ", ".join(f"{name}={value}" for name, value in (facts.training or {}).items())
    parameters = ", ".join(f"{name}={value}" for name, value in facts.parameters.items()) or "none"
    unknown = "It started from weights that do not say what they were trained on.\n" if facts.unknown_start else ""
    notes = "".join(f"- {note}\n" for note in task.notes)
    every = " (every unit right)" if facts.kind == MULTI_NAME else ""
    scheme = f" --scheme {facts.scheme}" if facts.kind == MULTI_NAME else ""
    return f"""# {path.name}

The network of `{facts.method}`, trained on all clips of {" and ".join(facts.datasets)} to start other runs from. It has
not been tested: its accuracy on its own training clips{every} is {accuracy:.1%}, which says nothing about other clips.
{unknown}
- SHA-256: `{sha256}`
- recipe `{facts.recipe.name}`, seed {facts.seed}, merbench {facts.merbench}
- parameters: {parameters}
- training: {training}
{notes}
## What it saw

| dataset | clips | subjects | {" | ".join(facts.classes)} |
|:--|--:|--:|{"--:|" * len(facts.classes)}
{_rows(facts, task)}

{plural(len(task.clips), "clip")} under the class set {facts.scheme}; {plural(len(task.left_out), "clip")} left out. The
file names the subjects and has digests of the clips' files: a run that tests one of them is refused or marked. Whether
the file may be shared depends on the licence of the data.

## Use

```sh
merbench run -m {facts.method} -d DATASET{scheme} --weights {path.name}
```
"""


def _rows(facts: WeightsFacts, task: LabelledClips) -> str:
    rows = []
    for name, clips in task.clips.groupby("dataset", sort=True):
        parts = [task.kind.parts(label) for label in clips["label"]]
        by_class = " | ".join(str(sum(name in own for own in parts)) for name in facts.classes)
        rows.append(f"| {name} | {len(clips)} | {clips['subject'].nunique()} | {by_class} |")
    return "\n".join(rows)
