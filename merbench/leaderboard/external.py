"""Predictions computed elsewhere, as a record of a task that the leaderboard has."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from merbench._files.names import safe_name
from merbench.errors import UsageError
from merbench.leaderboard.submission_file import Predictions, read_predictions
from merbench.metrics import Labels
from merbench.results.description import Description
from merbench.results.header import CodeRecord, ExternalRecord, RecipeRecord
from merbench.results.provenance import digest
from merbench.results.record import RuleResult, RunRecord, scores_record
from merbench.results.validation import validated

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._+-]{0,59}")
#: What a record of predictions says of their tuning, which nobody can see.
NOT_STATED = "not stated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """Whose predictions they are: the method's name, and what the table says of where it comes from."""

    method: str
    title: str = ""
    reference: str = ""
    url: str = ""
    seed: int = 0

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.method):
            raise UsageError(
                f"--method {self.method!r} is not possible: it must be up to 60 letters, digits, blanks or ._+-."
            )
        if self.url and not re.fullmatch(r"https?://[\w./:?=&%#~+,;@-]+", self.url):
            raise UsageError(f"--url {self.url!r} is not possible: it must begin with https:// or http://.")


def external_record(path: Path, like: RunRecord, submission: Submission) -> RunRecord:
    """The record of the predictions in a CSV file, on the folds, clips and classes of `like`; marked external.

    The file has one row a clip of the task, each exactly once: the column `key`, and either `predicted` with a class
    or a column of probabilities for each class (0..1, their sum 1); `truth`, if it is there, must be the clip's class.
    Of a multi-label task, `predicted` and `truth` have units joined by ``+``, or ``none``, and probabilities need not
    sum to 1. What the predictions were trained on cannot be seen from them, and the record says so.

    Raises:
        DataError: for a file that cannot be read so, naming the first row or clip that is wrong.
    """
    predictions = read_predictions(path, like)
    record = _record(like, predictions, submission)
    return validated(record.named(f"{safe_name(submission.method)}-external-{record.identity[:8]}"))


#: What a submission's record takes over from a record of the task.
_OF_THE_TASK = (
    "format", "synthetic", "clips", "subjects", "counts", "states", "apex_policy", "apexes_not_annotated", "notes",
    "folds", "leaky", "untrained_subjects", "every_clip_once", "subsets", "frames", "left_out", "keys", "truth",
)  # fmt: skip


#: What describes the run that the task's record is of, and no predictions made elsewhere.
_NOT_OF_THE_TASK = ("thresholds", "tuning", "start")


def _record(like: RunRecord, predictions: Predictions, submission: Submission) -> RunRecord:
    description = _description(like, submission)
    external = ExternalRecord(
        reference=submission.reference,
        url=submission.url,
        prediction_kind="classes" if predictions.classes_only else "probabilities",
    )
    unseeded = {name: value for name, value in description.as_dict().items() if name != "seed"}
    group = digest(["external", unseeded, external.as_dict()])
    record = RunRecord(
        **{name: getattr(like, name) for name in _OF_THE_TASK},
        identity=digest([group, submission.seed, predictions.folds]),
        group=group,
        description=description,
        recipe=RecipeRecord(name="external", source=submission.reference or submission.url or NOT_STATED),
        settings={name: value for name, value in like.settings.items() if "." in name},
        rules=("last",),
        family="external",
        title=submission.title or submission.method,
        parameter_count=None,
        untrained_classes={},
        numerics=None,
        environment=None,
        code=CodeRecord(version="", commit=None, dirty=None),
        origins={},
        tuned=NOT_STATED,
        external=external,
        by_rule={"last": _result(like, predictions.folds)},
        has_epochs=False,
        optimism=None,
        curve=(),
        seconds=0.0,
        peak_memory=0,
    )
    if like.averaged:
        record = record.updated(averaged=True)
    return record.updated(opaque=True) if like.opaque else record


def _description(like: RunRecord, submission: Submission) -> Description:
    own = {name: value for name, value in like.description.as_dict().items() if name not in _NOT_OF_THE_TASK}
    return Description.from_dict(own, like.name).updated(
        method=submission.method,
        parameters={},
        training=None,
        inputs={},
        revisions={},
        precision=None,
        seed=submission.seed,
        plugins={},
    )


def _result(like: RunRecord, folds: list[list[tuple[float, ...]]]) -> RuleResult:
    classes = len(like.classes)
    kind, averaged = like.kind, like.averaged
    labels: list[tuple[Labels, Labels]] = [
        (np.array(truth, dtype=np.int64), kind.predicted(np.array(fold, dtype=np.float32)))
        for truth, fold in zip(like.truth, folds, strict=True)
    ]
    by_subset = kind.subset_scores(like.subsets, like.keys, labels, classes, averaged=averaged)
    return RuleResult(
        scores=scores_record(kind.scores(labels, classes, averaged=averaged)),
        subsets={name: scores_record(computed) for name, computed in by_subset.items()},
        epochs=(),
        probabilities=tuple(map(tuple, folds)),
    )
