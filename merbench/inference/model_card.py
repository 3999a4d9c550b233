"""The card of exported networks: what they are, how good on held-out clips, and how to load them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import merbench
from merbench.kind_names import MULTI_NAME, SINGLE_NAME, KindName
from merbench.plural import plural
from merbench.task_kinds import value_of

if TYPE_CHECKING:
    from merbench.results.record import RunRecord

#: What model repositories call each score.
_HUB_METRICS: Mapping[str, str] = {
    **dict.fromkeys(("uf1", "mean_f1", "fold_mean_f1", "macro_f1"), "f1"),
    "uar": "recall",
    "accuracy": "accuracy",
}
#: How outputs of the networks become probabilities.
_OUTPUTS: Mapping[KindName, str] = {
    SINGLE_NAME: "The softmax of the outputs gives the probabilities of the classes",
    MULTI_NAME: "The sigmoid of each output is the probability of one of the action units",
}


def model_card(record: RunRecord, folds: Sequence[str], *, onnx: bool) -> str:
    """A README in markdown, which begins with the metadata that model repositories read, in YAML."""
    shown = {name: record.kind.scores_shown[name] for name in record.kind.ranked}
    sections = (
        _metadata(record, shown),
        _introduction(record, len(folds)),
        _scores(record, shown),
        _files(onnx=onnx),
        _use(record),
    )
    return "\n\n".join(sections) + "\n"


def _metadata(record: RunRecord, shown: Mapping[str, str]) -> str:
    datasets = record.description.datasets
    return f"""---
library_name: merbench
pipeline_tag: image-classification
tags:
- micro-expression-recognition
- {_yaml(record.method)}
datasets:
{_list(datasets)}
metrics:
{_list(dict.fromkeys(_HUB_METRICS[name] for name in shown))}
model-index:
- name: {_yaml(record.title)}
  results:
  - task:
      type: image-classification
      name: micro-expression recognition
    dataset:
      name: {_yaml(record.task.data)}
      type: {_yaml("+".join(datasets))}
    metrics:
{_results(record, shown)}
---"""


def _introduction(record: RunRecord, networks: int) -> str:
    task = record.task
    synthetic = (
        " They were trained on synthetic faces only: on photographs they mean nothing." if record.synthetic else ""
    )
    return f"""# {record.title}

{plural(networks, "network")} of `{record.method}`, recipe `{record.recipe.name}`, seed {record.seed}: one
for each fold of {task.protocol} on {task.data}. {_OUTPUTS[record.kind.name]}:
{", ".join(record.classes)}. Each was trained for evaluation, without the clips that its fold held out.{synthetic}"""


def _scores(record: RunRecord, shown: Mapping[str, str]) -> str:
    rows = "\n".join(
        f"| {rule} | {' | '.join(f'{value_of(scores, name):.3f}' for name in shown)} |"
        for rule, scores in record.scores.items()
    )
    return f"""## Scores on held-out clips

| rule | {" | ".join(shown.values())} |
|:--|{"--:|" * len(shown)}
{rows}

{plural(record.clips, "clip")}, {plural(record.subjects, "subject")}. `oracle` sees the test labels and is
never ranked."""


def _files(*, onnx: bool) -> str:
    onnx_line = "- `onnx/*.onnx`: the same networks, for batches of two clips, in float32\n" if onnx else ""
    return f"""## Files

- `weights/*.safetensors`: the networks, with what builds them in the metadata `merbench`
{onnx_line}- `run.json`, `record.json`: the run, from which every score can be recomputed"""


def _use(record: RunRecord) -> str:
    return f"""## Use

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

Faces must be cropped as in the training data (alignment: {record.task.alignment}).
Written by merbench {merbench.__version__}. The licence of the training data applies to what
may be done with these weights."""


def _results(record: RunRecord, shown: Mapping[str, str]) -> str:
    scores, protocol = record.scores["last"], _plain(record.task.protocol)
    return "\n".join(
        f"    - type: {_HUB_METRICS[name]}\n"
        f"      name: {title}, {protocol}, epoch by the rule last\n"
        f"      value: {value_of(scores, name):.4f}"
        for name, title in shown.items()
    )


def _yaml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _plain(text: str) -> str:
    return text.replace(":", "").replace("\n", " ")


def _list(names: Iterable[str]) -> str:
    return "\n".join(f"- {_yaml(name)}" for name in names)
