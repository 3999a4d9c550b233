"""The predictions of a run as pandas tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from merbench.annotations.clips import subject_of
from merbench.metrics import confusion

if TYPE_CHECKING:
    import pandas as pd

    from merbench.results.run import Run
    from merbench.selection import Rule


def clip_frame(run: Run, rule: Rule) -> pd.DataFrame:
    """A row for each held-out clip; see `Run.to_pandas`."""
    import pandas as pd

    probabilities = np.concatenate(run.probabilities(rule))
    predictions = [np.concatenate(each) for each in zip(*run.predictions(rule), strict=True)]
    keys = [key for fold in run.keys for key in fold]
    names = np.array(run.classes, dtype=object)
    columns = {
        "fold": [outcome.fold for outcome in run.outer for _ in outcome.keys],
        "clip": keys,
        "subject": [subject_of(key) for key in keys],
        "true": names[predictions[0]],
        "predicted": names[predictions[1]],
        "correct": predictions[0] == predictions[1],
    }
    frame = pd.DataFrame(columns)
    return frame.assign(**{f"p({name})": probabilities[:, place] for place, name in enumerate(run.classes)})


def confusion_frame(run: Run, rule: Rule) -> pd.DataFrame:
    """Counts of clips by true and predicted class; see `Run.confusion`."""
    import pandas as pd

    counts = sum(confusion(truth, predicted, len(run.classes)) for truth, predicted in run.predictions(rule))
    index, columns = pd.Index(run.classes, name="true"), pd.Index(run.classes, name="predicted")
    return pd.DataFrame(np.asarray(counts), index=index, columns=columns)
