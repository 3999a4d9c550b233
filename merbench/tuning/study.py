"""A study with a set number of trials, carried out by however many workers, each trial once."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import optuna
from optuna.trial import FrozenTrial, TrialState

from merbench.errors import TrainingError
from merbench.tuning.objective import Failed, Objective
from merbench.tuning.samplers import SLOT, Slotted, make_pruner, make_sampler, quiet, slot_seed
from merbench.tuning.storage import MAX_RETRY, gone, require_same
from merbench.tuning.tuned_file import Chosen

if TYPE_CHECKING:
    from optuna.storages import BaseStorage

    from merbench.tuning.plan import Plan

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


OnTrial = Callable[[FrozenTrial, Spent], None]


class SlottedStudy:
    """A study of one fold: `plan.trials` slots, each done by one trial in the end, whoever dies meanwhile."""

    def __init__(
        self,
        name: str,
        fold: str,
        plan: Plan,
        storage: BaseStorage,
        start: Mapping[str, Any],
        *,
        seed: int,
        epochs: int,
    ) -> None:
        self.name, self.fold, self.plan, self.start = name, fold, plan, start

        def make(slot: int) -> optuna.samplers.BaseSampler:
            return make_sampler(plan.sampler, slot_seed(seed, fold, slot))

        with quiet():
            self.study = optuna.create_study(
                study_name=name,
                storage=storage,
                direction="maximize",
                load_if_exists=True,
                sampler=Slotted(make),
                pruner=make_pruner(plan.pruner, epochs),
            )

    def require_numerics(self, numerics: Mapping[str, Any] | None) -> None:
        """Keep on what the study computes, or find it the same as in an earlier start.

        Raises:
            StoreError: if it is not.
        """
        kept = self.study.user_attrs.get("numerics", "")
        if numerics is None:
            return
        if not kept:
            self.study.set_user_attr("numerics", dict(numerics))
            return
        require_same(kept, numerics, self.plan.storage)

    def refill(self) -> None:
        """Put up the slots that nobody has, does or did: all at first, later those that were stopped."""
        there = {slot for slot, trials in self._by_slot().items() if _is_taken(trials)}
        with quiet():
            for slot in range(self.plan.trials):
                if slot not in there:
                    self.study.enqueue_trial(dict(self.start) if slot == 0 else {}, user_attrs={SLOT: slot})

    def work(self, objective: Objective, on_trial: OnTrial) -> None:
        """Carry out trials until every slot is done or the budget spent, those of workers that died included.

        Raises:
            KeyboardInterrupt: when stopped; the trial at hand will be done again.
        """
        self.refill()
        while not self.finished():
            waiting = self.study.get_trials(deepcopy=False, states=(TrialState.WAITING,))
            if waiting and not self._is_spent():
                self._carry_out(objective, on_trial)
            else:
                self._tend()
                time.sleep(_POLL)

    def finished(self) -> bool:
        """Whether no trial is ahead, nor under way anywhere."""
        slots = self._by_slot()
        if len(slots) == self.plan.trials and all(_is_done(trials) for trials in slots.values()):
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

    def best(self) -> Chosen | None:
        """The parameters of the highest UF1, ties by log loss, then by slot; None where no trial was completed."""
        found = [trial for trial in self.done() if trial.state == TrialState.COMPLETE]
        if not found:
            return None
        best = min(
            found, key=lambda trial: (-(trial.value or 0.0), trial.user_attrs["log_loss"], trial.user_attrs[SLOT])
        )
        return Chosen(
            values=json.loads(best.user_attrs["values"]),
            epoch=int(best.user_attrs["epoch"]),
            inner_uf1=float(best.value or 0.0),
            trial=int(best.user_attrs[SLOT]) + 1,
        )

    def chosen(self) -> Chosen:
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
            trial.set_user_attr("begun", trial.number)
            self._require_first(trial)
            try:
                return objective(trial)
            except Failed as why:
                trial.set_user_attr("reason", str(why))
                raise
            except KeyboardInterrupt:
                trial.set_user_attr("stopped", True)
                raise

        def told(study: optuna.Study, trial: FrozenTrial) -> None:
            if trial.state in _DONE or "reason" in trial.user_attrs:
                on_trial(trial, self.spent())

        with quiet():
            try:
                self.study.optimize(guarded, n_trials=1, catch=(Failed, Superseded), callbacks=[told])
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

    def _tend(self) -> None:
        """Put up again what dead workers left."""
        with quiet():
            optuna.storages.fail_stale_trials(self.study)
            for trial in self.study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
                if gone(trial, self.plan.heartbeat):
                    self.study.tell(trial.number, state=TrialState.FAIL, skip_if_finished=True)
                    self.refill()

    def _by_slot(self) -> dict[int, list[FrozenTrial]]:
        found: dict[int, list[FrozenTrial]] = {}
        for trial in self.study.get_trials(deepcopy=False):
            if SLOT in trial.user_attrs and int(trial.user_attrs[SLOT]) < self.plan.trials:
                found.setdefault(int(trial.user_attrs[SLOT]), []).append(trial)
        return found

    def _is_spent(self) -> bool:
        spent, plan = self.spent(), self.plan
        over_time = plan.seconds is not None and spent.seconds >= plan.seconds
        return over_time or (plan.epochs is not None and spent.epochs >= plan.epochs)


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
