"""The predictions of a run as pandas tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from merbench.annotations.clips import subject_of
from merbench.kind_names import MULTI_NAME
from merbench.metrics import Labels, confusion
from merbench.task_kinds.unit_metrics import unit_confusion

if TYPE_CHECKING:
    import pandas as pd

    from merbench.results.run import Run
    from merbench.selection import Rule


def clip_frame(run: Run, rule: Rule) -> pd.DataFrame:
    """A row for each held-out clip; see `Run.to_pandas`."""
    import pandas as pd

    probabilities = np.concatenate(run.probabilities(rule))
    truth, predicted = (np.concatenate(each) for each in zip(*run.predictions(rule), strict=True))
    keys = [key for fold in run.keys for key in fold]
    columns = {
        "fold": [outcome.fold for outcome in run.outer for _ in outcome.keys],
        "clip": keys,
        "subject": [subject_of(key) for key in keys],
        "true": _texts(run, truth),
        "predicted": _texts(run, predicted),
        "correct": run.kind.correct(truth, predicted),
    }
    frame = pd.DataFrame(columns)
    return frame.assign(**{f"p({name})": probabilities[:, place] for place, name in enumerate(run.classes)})


def _texts(run: Run, labels: Labels) -> npt.NDArray[np.object_]:
    return np.array([run.kind.text(label, run.classes) for label in labels], dtype=object)


def confusion_frame(run: Run, rule: Rule) -> pd.DataFrame:
    """Counts of clips by true and predicted class, or of each unit by itself; see `Run.confusion`."""
    import pandas as pd

    if run.kind.name == MULTI_NAME:
        counts = np.sum([unit_confusion(truth, predicted) for truth, predicted in run.predictions(rule)], axis=0)
        cells = {
            "right": counts[:, 1, 1],
            "missed": counts[:, 1, 0],
            "false": counts[:, 0, 1],
            "rightly absent": counts[:, 0, 0],
        }
        return pd.DataFrame(cells, index=pd.Index(run.classes, name="unit"))
    counts = sum(confusion(truth, predicted, len(run.classes)) for truth, predicted in run.predictions(rule))
    index, columns = pd.Index(run.classes, name="true"), pd.Index(run.classes, name="predicted")
    return pd.DataFrame(np.asarray(counts), index=index, columns=columns)
