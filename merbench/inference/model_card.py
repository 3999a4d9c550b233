"""The card of exported networks: what they are, how good on held-out clips, and how to load them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import merbench
from merbench.plural import plural
from merbench.results.record import ScoresRecord

if TYPE_CHECKING:
    from merbench.results.record import RunRecord


def model_card(record: RunRecord, folds: Sequence[str], *, onnx: bool) -> str:
    """A README in markdown, which begins with the metadata that model repositories read, in YAML."""
    by_rule = {rule: each.scores for rule, each in record.by_rule.items() if isinstance(each.scores, ScoresRecord)}
    scores = by_rule["last"]
    task = record.task
    rows = "\n".join(
        f"| {rule} | {each.uf1:.3f} | {each.uar:.3f} | {each.accuracy:.3f} |" for rule, each in by_rule.items()
    )
    onnx_line = "- `onnx/*.onnx`: the same networks, for batches of two clips, in float32\n" if onnx else ""
    synthetic = (
        "They were trained on synthetic faces only: on photographs they mean nothing.\n" if record.synthetic else ""
    )
    return f"""---
library_name: merbench
pipeline_tag: image-classification
tags:
- micro-expression-recognition
- {_yaml(record.method)}
datasets:
{_list(record.description.datasets)}
metrics:
- f1
- recall
- accuracy
model-index:
- name: {_yaml(record.title)}
  results:
  - task:
      type: image-classification
      name: micro-expression recognition
    dataset:
      name: {_yaml(task.data)}
      type: {_yaml("+".join(record.description.datasets))}
    metrics:
    - type: f1
      name: UF1, {_plain(task.protocol)}, epoch by the rule last
      value: {scores.uf1:.4f}
    - type: recall
      name: UAR, {_plain(task.protocol)}, epoch by the rule last
      value: {scores.uar:.4f}
---

# {record.title}

{plural(len(folds), "network")} of `{record.method}`, recipe `{record.recipe.name}`, seed {record.seed}: one
for each fold of {task.protocol} on {task.data}. Classes: {", ".join(record.classes)}. Each was trained for
evaluation, without the clips that its fold held out. {synthetic}
## Scores on held-out clips

| rule | UF1 | UAR | accuracy |
|:--|--:|--:|--:|
{rows}

{plural(record.clips, "clip")}, {plural(record.subjects, "subject")}. `oracle` sees the test labels and is never ranked.

## Files

- `weights/*.safetensors`: the networks, with what builds them in the metadata `merbench`
{onnx_line}- `run.json`, `record.json`: the run, from which every score can be recomputed

## Use

```sh
pip install merbench
merbench predict . --onset onset.png --apex apex.png
```

In Python:

```python
from pathlib import Path

from merbench.inference.predict import Predictor

predictor = Predictor(Path("."))
print(predictor.classes, predictor.inputs)
```

Faces must be cropped as in the training data (alignment: {task.alignment}). Written by merbench {merbench.__version__}.
The licence of the training data applies to what may be done with these weights.
"""


def _yaml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _plain(text: str) -> str:
    return text.replace(":", "").replace("\n", " ")


def _list(names: Iterable[str]) -> str:
    return "\n".join(f"- {_yaml(name)}" for name in names)
