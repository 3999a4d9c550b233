"""Studies whose trials an executor's workers carry out, all on one storage; this process watches."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from merbench.experiments.execute import Trainer
from merbench.experiments.executors.base import Executor
from merbench.experiments.executors.folds import SpreadTrainer
from merbench.experiments.executors.request import Request
from merbench.experiments.executors.worker import prepared_for
from merbench.tuning.config import TuningConfig
from merbench.tuning.tuned_training import TRAIN_TUNED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from merbench.results.store import Store
    from merbench.tuning.problem import TuneObserver, Tuning
    from merbench.tuning.tuned_file import TunedParameters

#: Seconds between looks at the storage: chosen here.
_LOOK = 1.0


#: The job that takes trials off the storage until all studies are complete.
SERVE = "merbench.tuning.distributed:serve"


@dataclass(frozen=True, slots=True, kw_only=True)
class StudiesPayload:
    """The studies of an experiment, to be completed together with other workers; `folder` is the run's."""

    request: Request
    config: TuningConfig
    space: Any
    folder: str


def serve(payload: StudiesPayload) -> int:
    """The number of trials that this worker finished, once all studies are complete."""
    from merbench.results.store import Store
    from merbench.tuning.nested import carry_out_studies
    from merbench.tuning.problem import FOLDER, Count, Tuning
    from merbench.tuning.space import Space
    from merbench.tuning.storage import storage_at

    tuning = Tuning(prepared=prepared_for(payload.request), config=payload.config, space=Space.from_sent(payload.space))
    counter = Count()
    store, config = Store(Path(payload.folder)), payload.config
    with storage_at(config.storage, store.path / FOLDER, config.heartbeat) as storage:
        carry_out_studies(tuning, store, storage, counter)
    return counter.trials


class DistributedTuning:
    """Trials and folds by an executor's workers; see `merbench.tuning.nested.TrialWorkers`."""

    def __init__(self, executor: Executor, request: Request) -> None:
        self._executor, self._request = executor, request

    def serve(self, tuning: Tuning, store: Store, observer: TuneObserver) -> None:
        """Have every worker take trials off the storage until all studies are complete."""
        payload = StudiesPayload(
            request=self._request.of(tuning.prepared.experiment),
            config=tuning.config,
            space=tuning.space.sent(),
            folder=str(store.path.resolve()),
        )
        with _watched(tuning, store, observer):
            for _ in self._executor.results(SERVE, [payload] * self._executor.workers):
                pass

    def trainer(self, by_fold: Mapping[str, TunedParameters]) -> Trainer:
        """What trains folds with their parameters."""
        return SpreadTrainer(self._executor, self._request, TRAIN_TUNED, by_fold)


@contextmanager
def _watched(tuning: Tuning, store: Store, observer: TuneObserver) -> Iterator[None]:
    """A block during which the observer is notified of trials that workers finish."""
    done = threading.Event()
    watcher = threading.Thread(target=_watch, args=(tuning, store, observer, done), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _watch(tuning: Tuning, store: Store, observer: TuneObserver, done: threading.Event) -> None:
    from merbench.tuning.nested import studies_of
    from merbench.tuning.problem import FOLDER
    from merbench.tuning.storage import storage_at

    with storage_at(tuning.config.storage, store.path / FOLDER, tuning.config.heartbeat) as storage:
        studies = studies_of(tuning, storage)
        reported = {(name, trial.number) for name, study in studies.items() for trial in study.done()}
        observer.tuning_begins(store, list(tuning.studies), tuning.config)
        last = False
        while not last:
            last = done.wait(_LOOK)
            for name, study in studies.items():
                for trial in study.done():
                    if (name, trial.number) not in reported:
                        reported.add((name, trial.number))
                        observer.trial(study, trial, study.spent())
