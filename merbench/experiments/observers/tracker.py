"""What every tracker is told of a run: parameters, metrics of each fold and epoch, scores, and the record."""

from __future__ import annotations

import json
import tempfile
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from merbench.experiments.events import Observer
from merbench.task_kinds import kind_named, value_of

if TYPE_CHECKING:
    from merbench.experiments.fold_runs import FoldRun
    from merbench.results.fold_result import FoldResult
    from merbench.results.header import RunHeader
    from merbench.results.run import Run
    from merbench.results.store import Store


class Tracker(Observer):
    """An observer that writes parameters, metrics and the record of one run elsewhere.

    Folds are numbered, not named, and the record has digests in place of the names of real people: what a tracker
    stores may be sent on.
    """

    _begun = False
    _scored = True

    @abstractmethod
    def start(self, folder: Path, identity: str, name: str, parameters: Mapping[str, str]) -> None:
        """Begin to report the run in a folder; one of the same identity may have been reported before."""

    @abstractmethod
    def metric(self, name: str, value: float, step: int) -> None:
        """Report a value after an epoch, counted from 1."""

    @abstractmethod
    def artifact(self, path: Path) -> None:
        """Report a file, which is gone afterwards."""

    @abstractmethod
    def end(self) -> None:
        """All is reported."""

    def begins(self, store: Store, todo: Sequence[FoldRun], reused: Sequence[FoldResult]) -> None:
        """Report the parameters, and what an earlier start finished."""
        header = store.read_header()
        self._scored = header.description.thresholds is None
        self._numbers = {fold: number for number, fold in enumerate(header.folds, 1)}
        if not self._begun:
            self.start(store.path, header.identity, store.path.name, parameters_of(header))
            self._begun = True
        for outcome in reused:
            self.outcome(outcome)

    def outcome(self, outcome: FoldResult) -> None:
        """Report the accuracy on the held-out clips of a fold after each epoch; not where a run chooses thresholds."""
        if outcome.kind != "outer" or not self._scored:
            return
        kind = kind_named(outcome.kind_of_task)
        for epoch, probabilities in enumerate(outcome.probabilities, 1):
            accuracy = float(kind.correct(outcome.truth, kind.predicted(probabilities)).mean())
            self.metric(f"fold {self._numbers[outcome.fold]:02}/accuracy", accuracy, epoch)

    def complete(self, run: Run) -> None:
        """Report the score that ranks after each epoch, the scores under each rule, and the record."""
        from merbench.results.opaque import opaque

        for epoch, score in enumerate(run.curve, 1):
            self.metric(f"{run.kind.headline} of all folds", score, epoch)
        for rule in run.rules:
            scores = run.scores(rule)
            for name in run.kind.scores_shown:
                self.metric(f"{rule}/{name}", value_of(scores, name), len(run.curve))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "record.json"
            path.write_text(json.dumps(opaque(run.record()).as_dict(), ensure_ascii=False) + "\n", encoding="utf-8")
            self.artifact(path)

    def close(self) -> None:
        """End the report."""
        if self._begun:
            self.end()
        self._begun = False


def parameters_of(header: RunHeader) -> dict[str, str]:
    """What defines a run, by name, as text."""
    described = header.description
    values = {
        "method": described.method,
        "recipe": header.recipe.name,
        "protocol": described.protocol_label,
        "data": header.data,
        "scheme": described.scheme,
        "alignment": described.alignment,
        "seed": described.seed,
        "clips": header.clips,
        "subjects": header.subjects,
        **{f"method.{name}": value for name, value in described.parameters.items()},
        **{f"training.{name}": value for name, value in (described.training or {}).items()},
    }
    return {name: str(value) for name, value in values.items()}
