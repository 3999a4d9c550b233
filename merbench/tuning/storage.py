"""Where studies are kept: a SQLite file, a journal file, or any database that Optuna can reach."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import optuna
from optuna.storages import JournalStorage, RDBStorage, RetryHeartbeatStaleTrialCallback
from optuna.storages._heartbeat import BaseHeartbeat  # there is no public name; journals lack what databases have
from optuna.storages._rdb.models import BaseModel, TrialHeartbeatModel  # nor for tables and the last heartbeat
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState
from sqlalchemy import create_engine, func, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from merbench.errors import StoreError, UsageError
from merbench.tuning.samplers import quiet

if TYPE_CHECKING:
    from optuna.storages import BaseStorage

Retry = Callable[["optuna.Study", "optuna.trial.FrozenTrial"], None]
#: Storages that are a file in the run's folder.
FILES = ("sqlite", "journal")
_BEAT = "merbench:beat"
#: A trial whose worker dies so often is not tried again, since it may be what kills it; chosen here.
MAX_RETRY = 2
#: How often a database is opened whose tables another process creates right now; chosen here.
_TRIES = 10
#: Heartbeats that may be missed before a worker counts as dead; chosen here, generous to machines that are busy.
MISSED = 4
#: What is raised where a storage is gone while it is used.
_LOST = (SQLAlchemyError, optuna.exceptions.StorageInternalError)


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
            return  # reported just now, or taken for dead

    def _get_stale_trial_ids(self, study_id: int) -> list[int]:
        dead = time.time() - MISSED * self._interval
        running = self.get_all_trials(study_id, deepcopy=False, states=(TrialState.RUNNING,))
        return [trial._trial_id for trial in running if trial.system_attrs.get(_BEAT, float("inf")) < dead]

    def seconds_silent(self, trial_id: int) -> float | None:
        """Seconds since the last heartbeat of a trial; None where it never had one."""
        beat = self.get_trial(trial_id).system_attrs.get(_BEAT)
        return None if beat is None else time.time() - float(beat)

    def get_heartbeat_interval(self) -> int:
        """Seconds between beats."""
        return self._interval

    def get_heartbeat_stale_trial_callback(self) -> Retry:
        """What puts a dead worker's trial up again."""
        return self._retry


class BeatingDatabase(RDBStorage):
    """A database whose heartbeats may fail, since the trial itself notices when the database is gone."""

    def record_heartbeat(self, trial_id: int) -> None:
        """Note that a trial is alive; a heartbeat that cannot be written counts as missed."""
        with contextlib.suppress(SQLAlchemyError, optuna.exceptions.StorageInternalError):
            super().record_heartbeat(trial_id)

    def seconds_silent(self, trial_id: int) -> float | None:
        """Seconds since the last heartbeat of a trial, by the database's clock; None where it never had one."""
        with self.engine.connect() as connection:
            table = TrialHeartbeatModel.__table__
            beat = connection.execute(select(table.c.heartbeat).where(table.c.trial_id == trial_id)).scalar()
            now = connection.execute(select(func.now())).scalar()
        if beat is None or now is None:
            return None
        return float((now.replace(tzinfo=None) - beat.replace(tzinfo=None)).total_seconds())


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


def require_usable(where: str, heartbeat: int) -> None:
    """Nothing, if the storage is a file of the run's folder, or a database that can be reached.

    Raises:
        UsageError: for a database that cannot be used.
    """
    if where not in FILES:
        with storage_at(where, Path(), heartbeat):
            pass


@contextmanager
def storage_at(where: str, folder: Path, heartbeat: int) -> Iterator[BaseStorage]:
    """The storage that `open_storage` opens, its connections closed after the block.

    Raises:
        UsageError: for a database that cannot be used.
        StoreError: if it cannot be reached any more within the block.
    """
    storage = open_storage(where, folder, heartbeat)
    try:
        yield storage
    except _LOST as fault:
        why = _first_line(fault.__cause__ or fault)
        raise StoreError(
            f"The studies in {_hidden(where)} cannot be reached any more ({why}). Finished trials are stored there: "
            "run the same command again once the storage is back, and it continues where it stopped."
        ) from fault
    finally:
        if isinstance(storage, RDBStorage):
            with contextlib.suppress(SQLAlchemyError):
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
    _require_tables(url, engine)
    storage = BeatingDatabase(
        url,
        engine_kwargs=engine,
        heartbeat_interval=heartbeat,
        grace_period=MISSED * heartbeat,
        heartbeat_stale_trial_callback=retry,
    )
    if is_file:
        _lock_at_once(storage)
    return storage


def _require_tables(url: str, options: dict[str, Any]) -> None:
    """Refuse a database in which another program has tables of the names that Optuna uses."""
    engine = create_engine(url, **options)
    try:
        present = inspect(engine)
        for table in filter(lambda table: present.has_table(table.name), BaseModel.metadata.sorted_tables):
            lacking = {column.name for column in table.columns} - {
                own["name"] for own in present.get_columns(table.name)
            }
            if lacking:
                raise ValueError(
                    f"its table {table.name} is of another program or another version of Optuna: it has no column "
                    f"{', '.join(sorted(lacking))}"
                )
    finally:
        engine.dispose()


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
    return (
        f"--storage {_hidden(where)} cannot be used ({_first_line(fault)}); name sqlite, journal or a URL such as "
        'postgresql+psycopg://USER@HOST/DATABASE, for which pip install "merbench[postgres]" is needed.'
    )


def _first_line(fault: BaseException) -> str:
    return (str(fault).strip() or type(fault).__name__).splitlines()[0].rstrip(".")


def _hidden(where: str) -> str:
    """A URL without its password."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(where).render_as_string(hide_password=True)
    except ArgumentError:
        return where


def seconds_silent(storage: BaseStorage, trial: optuna.trial.FrozenTrial) -> float | None:
    """Seconds since the last heartbeat of a running trial; None where it never had one."""
    if not isinstance(storage, BeatingJournal | BeatingDatabase):
        raise TypeError(f"{type(storage).__name__} has no heartbeats; storages come from open_storage.")
    return storage.seconds_silent(trial._trial_id)


def require_same(earlier: Any, now: Any, where: str) -> None:
    """Nothing, if a study was begun on equal numerics.

    Raises:
        StoreError: naming what differs.
    """
    from merbench.training.numerics import Numerics

    if differences := Numerics.from_record(now).differences(earlier):
        raise StoreError(
            f"The studies in {_hidden(where)} were begun otherwise ({differences}), and their values are not "
            "comparable. Go on where they were begun, or name another --storage."
        )
