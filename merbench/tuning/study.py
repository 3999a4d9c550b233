"""A study with a set number of trials, carried out by however many workers, each trial once."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import optuna
from optuna.storages._heartbeat import BaseHeartbeat
from optuna.trial import FrozenTrial, TrialState

from merbench.errors import TrainingError
from merbench.tuning.objective import Failed, Objective
from merbench.tuning.samplers import SLOT, ResumableSampler, make_pruner, make_sampler, quiet, slot_seed
from merbench.tuning.storage import MAX_RETRY, MISSED, require_same, seconds_silent
from merbench.tuning.tuned_file import TunedParameters

if TYPE_CHECKING:
    from optuna.storages import BaseStorage

    from merbench.tuning.config import TuningConfig

_DONE = (TrialState.COMPLETE, TrialState.PRUNED)
_POLL = 0.5


class Superseded(Exception):
    """Two workers put up one slot; this is the later of the two trials, and it is not carried out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What the finished trials of a study took."""

    trials: int
    seconds: float
    epochs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """A trial, counted from 1, that another worker has carried out `since` then.

    Its last sign of life is `silent` seconds old; without another one it is taken over in `takeover` seconds.
    """

    trial: int
    since: datetime | None
    silent: float
    takeover: float


OnTrial = Callable[[FrozenTrial, Spent], None]
OnWait = Callable[[Awaited], None]


class ResumableStudy:
    """A study of one fold: `config.trials` slots, each done by one trial in the end, whoever dies meanwhile."""

    def __init__(
        self,
        name: str,
        fold: str,
        config: TuningConfig,
        storage: BaseStorage,
        start: Mapping[str, Any],
        *,
        seed: int,
        epochs: int,
    ) -> None:
        self.name, self.fold, self.config, self.start = name, fold, config, start
        self._storage = storage  # Optuna's study has it behind a cache
        self._first_seen: dict[int, float] = {}

        def make(slot: int) -> optuna.samplers.BaseSampler:
            return make_sampler(config.sampler, slot_seed(seed, fold, slot))

        with quiet():
            self.study = optuna.create_study(
                study_name=name,
                storage=storage,
                direction="maximize",
                load_if_exists=True,
                sampler=ResumableSampler(make),
                pruner=make_pruner(config.pruner, epochs),
            )

    def require_numerics(self, numerics: Mapping[str, Any] | None) -> None:
        """Keep on what the study computes, or find it the same as in an earlier start.

        Raises:
            StoreError: if it is not.
        """
        earlier = self.study.user_attrs.get("numerics", "")
        if numerics is None:
            return
        if not earlier:
            self.study.set_user_attr("numerics", dict(numerics))
            return
        require_same(earlier, numerics, self.config.storage)

    def refill(self) -> None:
        """Put up the slots that nobody has, does or did: all at first, later those that were stopped."""
        there = {slot for slot, trials in self._by_slot().items() if _is_taken(trials)}
        with quiet():
            for slot in range(self.config.trials):
                if slot not in there:
                    self.study.enqueue_trial(dict(self.start) if slot == 0 else {}, user_attrs={SLOT: slot})

    def work(self, objective: Objective, on_trial: OnTrial, on_wait: OnWait = lambda awaited: None) -> None:
        """Carry out trials until every slot is done or the budget spent, those of workers that died included.

        `on_wait` is called once for each trial of another worker that this one waits for.

        Raises:
            KeyboardInterrupt: when stopped; the trial under way will be done again.
        """
        self.refill()
        announced: set[int] = set()
        while not self.finished():
            waiting = self.study.get_trials(deepcopy=False, states=(TrialState.WAITING,))
            if waiting and not self._is_spent():
                self._carry_out(objective, on_trial)
                continue
            for awaited in self._tend():
                if awaited.trial not in announced:
                    announced.add(awaited.trial)
                    on_wait(awaited)
            time.sleep(_POLL)

    def finished(self) -> bool:
        """Whether no trial is ahead, nor under way anywhere."""
        slots = self._by_slot()
        if len(slots) == self.config.trials and all(_is_done(trials) for trials in slots.values()):
            return True
        running = any(trial.state == TrialState.RUNNING for trials in slots.values() for trial in trials)
        return self._is_spent() and not running

    def done(self) -> list[FrozenTrial]:
        """The trial that counts of each slot that is done, by slot."""
        slots = self._by_slot()
        return [_counted(slots[slot]) for slot in sorted(slots) if _is_done(slots[slot])]

    def spent(self) -> Spent:
        """What was spent so far, by all workers and starts."""
        trials = self.study.get_trials(deepcopy=False)
        return Spent(
            trials=len(self.done()),
            seconds=sum(float(trial.user_attrs.get("seconds", 0.0)) for trial in trials),
            epochs=sum(int(trial.user_attrs.get("epochs", 0)) for trial in trials),
        )

    def best(self) -> TunedParameters | None:
        """The parameters of the highest score, ties by log loss, then by slot; None where no trial was completed."""
        completed = [trial for trial in self.done() if trial.state == TrialState.COMPLETE]
        if not completed:
            return None
        best = min(
            completed, key=lambda trial: (-(trial.value or 0.0), trial.user_attrs["log_loss"], trial.user_attrs[SLOT])
        )
        return TunedParameters(
            values=json.loads(best.user_attrs["values"]),
            epoch=int(best.user_attrs["epoch"]),
            inner_score=float(best.value or 0.0),
            trial=int(best.user_attrs[SLOT]) + 1,
        )

    def chosen(self) -> TunedParameters:
        """As `best`.

        Raises:
            TrainingError: if no trial was completed, with the first reason.
        """
        best = self.best()
        if best is None:
            reasons = [trial.user_attrs["reason"] for trial in self.done() if "reason" in trial.user_attrs]
            why = (
                f"all {len(self.done())} failed or were stopped" if self.done() else "none was begun within the budget"
            )
            raise TrainingError(
                f"Tuning of {self.fold}: no trial was completed ({why}). "
                f"{f'The first reason: {reasons[0]} ' if reasons else ''}Change the space or the budget."
            )
        return best

    def _carry_out(self, objective: Objective, on_trial: OnTrial) -> None:
        def guarded(trial: optuna.Trial) -> float:
            self._beat(trial)
            self._require_first(trial)
            try:
                return objective(trial)
            except Failed as why:
                trial.set_user_attr("reason", str(why))
                raise
            except KeyboardInterrupt:
                trial.set_user_attr("stopped", True)
                raise

        def finished(study: optuna.Study, trial: FrozenTrial) -> None:
            if trial.state in _DONE or "reason" in trial.user_attrs:
                on_trial(trial, self.spent())

        with quiet():
            try:
                self.study.optimize(guarded, n_trials=1, catch=(Failed, Superseded), callbacks=[finished])
            except (optuna.exceptions.UpdateFinishedTrialError, ValueError) as fault:
                # this worker was slow to give signs of life, and its trial went to another
                if isinstance(fault, ValueError) and "Cannot tell a" not in str(fault):
                    raise

    def _require_first(self, trial: optuna.Trial) -> None:
        slot = trial.user_attrs.get(SLOT)
        trials = self._by_slot().get(-1 if slot is None else slot, [])
        if slot is None or any(other.number < trial.number and _holds(other) for other in trials):
            trial.set_user_attr("stopped", True)
            raise Superseded

    def _beat(self, trial: optuna.Trial) -> None:
        """Leave the first heartbeat, so that no trial that is carried out is without one."""
        storage = self.study._storage
        if isinstance(storage, BaseHeartbeat):
            storage.record_heartbeat(trial._trial_id)

    def _tend(self) -> list[Awaited]:
        """The trials of other workers that show signs of life, once those of dead workers are put up again."""
        with quiet():
            optuna.storages.fail_stale_trials(self.study)
            running = self.study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
            signs = {trial.number: self._seconds_silent(trial) for trial in running}
            limit = MISSED * self.config.heartbeat
            for number in (number for number, silent in signs.items() if silent > limit):
                self.study.tell(number, state=TrialState.FAIL, skip_if_finished=True)
                self.refill()
        return [
            Awaited(
                trial=int(trial.user_attrs.get(SLOT, trial.number)) + 1,
                since=trial.datetime_start,
                silent=signs[trial.number],
                takeover=max(limit - signs[trial.number], 0.0),
            )
            for trial in running
            if signs[trial.number] <= limit
        ]

    def _seconds_silent(self, trial: FrozenTrial) -> float:
        """Seconds since a running trial's last sign of life; without a heartbeat, since it was first seen here."""
        silent = seconds_silent(self._storage, trial)
        first = self._first_seen.setdefault(trial.number, time.monotonic())
        return time.monotonic() - first if silent is None else silent

    def _by_slot(self) -> dict[int, list[FrozenTrial]]:
        by_slot: dict[int, list[FrozenTrial]] = {}
        for trial in self.study.get_trials(deepcopy=False):
            if SLOT in trial.user_attrs and int(trial.user_attrs[SLOT]) < self.config.trials:
                by_slot.setdefault(int(trial.user_attrs[SLOT]), []).append(trial)
        return by_slot

    def _is_spent(self) -> bool:
        spent, config = self.spent(), self.config
        over_time = config.seconds is not None and spent.seconds >= config.seconds
        return over_time or (config.epochs is not None and spent.epochs >= config.epochs)


def _holds(trial: FrozenTrial) -> bool:
    """Whether a trial has its slot: done, failed for a reason, under way or waiting."""
    return trial.state != TrialState.FAIL or "reason" in trial.user_attrs


def _is_taken(trials: list[FrozenTrial]) -> bool:
    return any(_holds(trial) for trial in trials) or _is_lost(trials)


def _is_lost(trials: list[FrozenTrial]) -> bool:
    """Whether a slot's workers died so often that it is given up."""
    died = [trial for trial in trials if trial.state == TrialState.FAIL and "stopped" not in trial.user_attrs]
    return len(died) > MAX_RETRY and not any(_holds(trial) for trial in trials)


def _is_done(trials: list[FrozenTrial]) -> bool:
    return any(
        t.state in _DONE or (t.state == TrialState.FAIL and "reason" in t.user_attrs) for t in trials
    ) or _is_lost(trials)


def _counted(trials: list[FrozenTrial]) -> FrozenTrial:
    return next((trial for trial in trials if trial.state in _DONE or "reason" in trial.user_attrs), trials[0])
