"""Studies whose trials an executor's workers carry out, all on one storage; this process watches."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

from merbench.experiments.execute import Trainer
from merbench.experiments.executors.base import Executor
from merbench.experiments.executors.folds import SpreadTrainer
from merbench.experiments.executors.request import Request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from merbench.results.store import Store
    from merbench.tuning.nested import TuneObserver, Tuning
    from merbench.tuning.tuned_file import Chosen

#: Seconds between looks at the storage: a choice.
_LOOK = 1.0


class Served:
    """Trials and folds by an executor's workers; see `merbench.tuning.nested.Spread`."""

    def __init__(self, executor: Executor, request: Request) -> None:
        self._executor, self._request = executor, request

    def serve(self, tuning: Tuning, store: Store, observer: TuneObserver) -> None:
        """Have every worker take trials off the storage until all studies are complete."""
        payload = {
            "request": self._request.of(tuning.prepared.experiment).sent(),
            "plan": asdict(tuning.plan),
            "space": tuning.space.sent(),
            "folder": str(store.path.resolve()),
        }
        with _watched(tuning, store, observer):
            for _ in self._executor.results("serve", [payload] * self._executor.workers):
                pass

    def trainer(self, by_fold: Mapping[str, Chosen]) -> Trainer:
        """What trains folds with their parameters."""
        return SpreadTrainer(self._executor, self._request, by_fold)


@contextmanager
def _watched(tuning: Tuning, store: Store, observer: TuneObserver) -> Iterator[None]:
    """A block during which the observer is told of trials that workers finish."""
    done = threading.Event()
    watcher = threading.Thread(target=_watch, args=(tuning, store, observer, done), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _watch(tuning: Tuning, store: Store, observer: TuneObserver, done: threading.Event) -> None:
    from merbench.tuning.nested import FOLDER, studies_of
    from merbench.tuning.storage import storage_at

    with storage_at(tuning.plan.storage, store.path / FOLDER, tuning.plan.heartbeat) as storage:
        studies = studies_of(tuning, storage)
        told = {(name, trial.number) for name, study in studies.items() for trial in study.done()}
        observer.tuning_begins(store, list(tuning.studies), tuning.plan)
        last = False
        while not last:
            last = done.wait(_LOOK)
            for name, study in studies.items():
                for trial in study.done():
                    if (name, trial.number) not in told:
                        told.add((name, trial.number))
                        observer.trial(study, trial, study.spent())
