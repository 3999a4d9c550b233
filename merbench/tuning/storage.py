"""Where studies are kept: a SQLite file, a journal file, or any database that Optuna can reach."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import optuna
from optuna.storages import JournalStorage, RDBStorage, RetryHeartbeatStaleTrialCallback
from optuna.storages._heartbeat import BaseHeartbeat  # there is no public name; journals lack what databases have
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState

from merbench.errors import StoreError, UsageError
from merbench.tuning.samplers import quiet

if TYPE_CHECKING:
    from optuna.storages import BaseStorage

Retry = Callable[["optuna.Study", "optuna.trial.FrozenTrial"], None]
_BEAT = "merbench:beat"
#: A trial whose worker dies so often is not tried again: it may be what kills it. A choice.
MAX_RETRY = 2
#: How often a database is opened whose tables somebody else makes right now: a choice.
_TRIES = 10
#: Beats that may be missed before a worker is taken for dead: a choice, generous to machines that are busy.
MISSED = 4


class BeatingJournal(JournalStorage, BaseHeartbeat):
    """A journal in which running trials leave a heartbeat, as databases have it; clocks must agree to a few seconds."""

    def __init__(self, path: Path, interval: int, retry: Retry) -> None:
        super().__init__(JournalFileBackend(str(path)))
        self._interval, self._retry = interval, retry

    def record_heartbeat(self, trial_id: int) -> None:
        """Note that a trial is alive."""
        try:
            self.set_trial_system_attr(trial_id, _BEAT, time.time())
        except optuna.exceptions.UpdateFinishedTrialError:
            return  # told just now, or taken for dead

    def _get_stale_trial_ids(self, study_id: int) -> list[int]:
        dead = time.time() - MISSED * self._interval
        running = self.get_all_trials(study_id, deepcopy=False, states=(TrialState.RUNNING,))
        return [trial._trial_id for trial in running if trial.system_attrs.get(_BEAT, float("inf")) < dead]

    def get_heartbeat_interval(self) -> int:
        """Seconds between beats."""
        return self._interval

    def get_heartbeat_stale_trial_callback(self) -> Retry:
        """What puts a dead worker's trial up again."""
        return self._retry


def open_storage(where: str, folder: Path, heartbeat: int) -> BaseStorage:
    """The storage that `where` names: ``sqlite`` or ``journal``, a file in `folder`, or the URL of a database.

    Raises:
        UsageError: for a database that cannot be used.
    """
    with quiet():
        retry = RetryHeartbeatStaleTrialCallback(max_retry=MAX_RETRY)
        try:
            if where == "journal":
                return BeatingJournal(folder / "studies.journal", heartbeat, retry)
            return _patiently(lambda: _database(_url(where, folder), heartbeat, retry))
        except (ImportError, ValueError, OSError) as fault:
            raise UsageError(_refusal(where, fault)) from fault
        except Exception as fault:
            if not type(fault).__module__.startswith(("sqlalchemy", "optuna", "psycopg", "alembic")):
                raise
            raise UsageError(_refusal(where, fault)) from fault


@contextmanager
def storage_at(where: str, folder: Path, heartbeat: int) -> Iterator[BaseStorage]:
    """The storage that `open_storage` opens, its connections closed after the block."""
    storage = open_storage(where, folder, heartbeat)
    try:
        yield storage
    finally:
        if isinstance(storage, RDBStorage):
            storage.remove_session()
            storage.engine.dispose()


def _patiently(open_: Callable[[], RDBStorage]) -> RDBStorage:
    """The database, though others may make its tables at the same moment."""
    for _ in range(_TRIES):
        try:
            return open_()
        except Exception as fault:
            if not any(word in str(fault).lower() for word in ("already exists", "unique", "duplicate", "locked")):
                raise
            time.sleep(random.uniform(0.1, 1.0))
    return open_()


def _url(where: str, folder: Path) -> str:
    return f"sqlite:///{(folder / 'studies.db').resolve()}" if where == "sqlite" else where


def _database(url: str, heartbeat: int, retry: Retry) -> RDBStorage:
    # many short transactions of several workers on one file: wait for the lock instead of failing
    is_file = url.startswith("sqlite")
    engine: dict[str, Any] = {"connect_args": {"timeout": 120}} if is_file else {"pool_pre_ping": True}
    storage = RDBStorage(
        url,
        engine_kwargs=engine,
        heartbeat_interval=heartbeat,
        grace_period=MISSED * heartbeat,
        heartbeat_stale_trial_callback=retry,
    )
    if is_file:
        _lock_at_once(storage)
    return storage


def _lock_at_once(storage: RDBStorage) -> None:
    """Have every transaction take the file's lock when it begins.

    SQLite knows no SELECT FOR UPDATE, by which Optuna lets one worker alone take a trial that waits; and the driver
    begins a transaction only with the first change, after what the change rests on was read.
    """
    from sqlalchemy import event

    def connected(connection: Any, _: object) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself

    def begun(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    event.listen(storage.engine, "connect", connected)
    event.listen(storage.engine, "begin", begun)
    storage.engine.dispose()  # connections made before these words


def _refusal(where: str, fault: Exception) -> str:
    told = (str(fault).strip() or type(fault).__name__).splitlines()[0].rstrip(".")
    return (
        f"--storage {_hidden(where)} cannot be used ({told}); name sqlite, journal or a URL such as "
        "postgresql+psycopg://USER@HOST/DATABASE, for which pip install psycopg[binary] is needed."
    )


def _hidden(where: str) -> str:
    """A URL without its password."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(where).render_as_string(hide_password=True)
    except ArgumentError:
        return where


def gone(trial: optuna.trial.FrozenTrial, heartbeat: int) -> bool:
    """Whether a running trial's worker died before its first beat: no heartbeat will ever tell of it."""
    started = trial.datetime_start
    if trial.user_attrs.get("begun") == trial.number or started is None:
        return False
    now = datetime.now(UTC).astimezone().replace(tzinfo=None)
    return (now - started).total_seconds() > MISSED * heartbeat


def require_same(kept: Any, now: Any, where: str) -> None:
    """Nothing, if a study was begun on equal numerics.

    Raises:
        StoreError: naming what differs.
    """
    differing = [
        f"{name} {kept.get(name)} there, {value} here" for name, value in now.items() if kept.get(name) != value
    ]
    if differing:
        raise StoreError(
            f"The studies in {_hidden(where)} were begun otherwise ({'; '.join(differing)}), and their values are not "
            "comparable. Go on where they were begun, or name another --storage."
        )
