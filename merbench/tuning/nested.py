"""`merbench tune`: a study for each outer fold, then each fold trained with what its study chose."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from merbench.analysis.tables import SEEN
from merbench.annotations.clips import subject_of
from merbench.errors import UsageError
from merbench.experiments.events import Observer
from merbench.experiments.execute import Trainer, begin, carry_out, place
from merbench.experiments.experiment import Experiment
from merbench.experiments.prepare import Prepared, prepare
from merbench.protocol import Fold
from merbench.results.provenance import digest
from merbench.results.run import Run
from merbench.results.store import Store
from merbench.training.randomness import generator
from merbench.tuning.inner_folds import InputBank, inner_folds, restricted_task
from merbench.tuning.objective import Objective
from merbench.tuning.packing import packed
from merbench.tuning.plan import Plan
from merbench.tuning.space import Space, values_of
from merbench.tuning.space_file import space_of
from merbench.tuning.storage import storage_at
from merbench.tuning.study import SlottedStudy, Spent
from merbench.tuning.tuned_file import Chosen, Table, Tuned, held_out_digest, write_tuned
from merbench.tuning.tuned_training import TunedTrainer, tokens

if TYPE_CHECKING:
    from optuna.storages import BaseStorage
    from optuna.trial import FrozenTrial

#: The study whose parameters are for other data; no fold bears such a name.
EVERYONE = "all subjects"
FOLDER = "tuning"


class TuneObserver(Observer):
    """What tuning tells besides what a run tells; every method may be overridden, none need be."""

    def tuning_begins(self, store: Store, studies: Sequence[str], plan: Plan) -> None:
        """Studies are ahead, in this order; some may be done."""

    def study_begins(self, study: SlottedStudy) -> None:
        """Trials of a study are ahead."""

    def trial(self, study: SlottedStudy, trial: FrozenTrial, spent: Spent) -> None:
        """A trial is done, stopped by the pruner, or failed."""

    def study_done(self, study: SlottedStudy) -> None:
        """A study is complete."""


class Count(TuneObserver):
    """Counts the trials that this process finished."""

    trials = 0

    def trial(self, study: SlottedStudy, trial: FrozenTrial, spent: Spent) -> None:
        """One more."""
        self.trials += 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """A prepared experiment with what is searched and how; `keys` of each study are all the clips that it may see."""

    prepared: Prepared
    plan: Plan
    space: Space

    @property
    def studies(self) -> dict[str, tuple[str, ...]]:
        """The keys of the clips of each study, by its name: the training clips of a fold, or everybody's."""
        everyone = tuple(map(str, self.prepared.task.clips.index))
        nested = {fold.name: fold.train for fold in self.prepared.folds} if self.plan.kind == "nested" else {}
        return {**nested, EVERYONE: everyone} if self.plan.all_subjects or self.plan.kind == "flat" else nested


class Spread(Protocol):
    """Workers that take their share of trials, and train the folds afterwards."""

    def serve(self, tuning: Tuning, store: Store, observer: TuneObserver) -> None:
        """Have all studies completed."""

    def trainer(self, by_fold: Mapping[str, Chosen]) -> Trainer:
        """What trains folds with their parameters."""


def tuning_of(experiment: Experiment, plan: Plan, space_file: Path | None, observer: Observer) -> Tuning:
    """The experiment with its space read and its inputs prepared; nothing is written but the input cache.

    Raises:
        MerbenchError: for a space, annotations, frames or folds that cannot be used.
    """
    space = space_of(experiment, space_file)
    experiment = dataclasses.replace(experiment, numerics=packed(experiment.numerics, plan))
    count = f"{plan.trials} trials"
    tuned = f"nested, {count}" if plan.kind == "nested" else f"flat, {count}: {SEEN}"
    experiment = dataclasses.replace(
        experiment, tuning=plan.described(space.as_dict()), tuned=tuned, rules=("last", "oracle")
    )
    tuning = Tuning(prepared=prepare(experiment, observer), plan=plan, space=space)
    for name, keys in tuning.studies.items():
        _require_subjects(name, {subject_of(key) for key in keys}, plan.inner)
    return tuning


def _require_subjects(study: str, subjects: Collection[str], inner: int) -> None:
    if len(subjects) < inner:
        raise UsageError(
            f"--inner {inner} is not possible: the study of {study} has {len(subjects)} training "
            f"subject{'s' if len(subjects) > 1 else ''}, and inner folds are of whole subjects; take --inner "
            f"{max(len(subjects), 2)} or fewer."
        )


def tune(
    tuning: Tuning,
    *,
    out: Path | str | None = None,
    runs: Path | str = "runs",
    observer: TuneObserver | None = None,
    spread: Spread | None = None,
) -> Run:
    """The complete run of a tuned method: every study, then each fold with its own parameters, its record, a report.

    What an earlier start finished is kept, and so is what other workers on the same storage do meanwhile.

    Raises:
        MerbenchError: for storage that cannot be used, or a study without a completed trial.
    """
    observer = observer or TuneObserver()
    tuning, store = opened(tuning, out, runs)
    if spread is not None:
        spread.serve(tuning, store, observer)
    with storage_at(tuning.plan.storage, store.path / FOLDER, tuning.plan.heartbeat) as storage:
        by_fold = _chosen(tuning, store, carry_out_studies(tuning, store, storage, observer))
    trainer = TunedTrainer(by_fold, observer) if spread is None else spread.trainer(by_fold)
    return carry_out(tuning.prepared, out=store.path, runs=runs, observer=observer, trainer=trainer, wait=True)


def _chosen(tuning: Tuning, store: Store, studies: Mapping[str, SlottedStudy]) -> dict[str, Chosen]:
    """The parameters of each fold, once `tuned.toml`, the cost and the report are kept."""
    from merbench.tuning.report import write_report

    chosen = {name: study.chosen() for name, study in studies.items()}
    by_fold = {fold.name: chosen.get(fold.name) or chosen[EVERYONE] for fold in tuning.prepared.folds}
    with store.locked(wait=True):
        write_tuned(store.path / FOLDER / "tuned.toml", _tuned(tuning, chosen))
        store.write_manifest({**store.read_manifest(), "tuning": _cost(studies, by_fold)})
        write_report(store.path / FOLDER, tuning, studies, by_fold)
    return by_fold


def opened(tuning: Tuning, out: Path | str | None, runs: Path | str) -> tuple[Tuning, Store]:
    """The tuning as its folder holds it, and the folder, which is begun if need be."""
    store = place(tuning.prepared, out, runs)
    tuning = dataclasses.replace(tuning, prepared=begin(tuning.prepared, store))
    (store.path / FOLDER).mkdir(exist_ok=True)
    return tuning, store


def carry_out_studies(
    tuning: Tuning, store: Store, storage: BaseStorage, observer: TuneObserver
) -> dict[str, SlottedStudy]:
    """The studies, by name, once each is complete; other workers on the same storage take their share of trials."""
    bank = InputBank(tuning.prepared.experiment, observer)
    observer.tuning_begins(store, list(tuning.studies), tuning.plan)
    found = {}
    for name, objective, study in _pairs(tuning, storage, bank, observer):
        observer.study_begins(study)
        if not study.finished():
            study.work(objective, partial(observer.trial, study))
        observer.study_done(study)
        found[name] = study
    return found


def _pairs(
    tuning: Tuning, storage: BaseStorage, bank: InputBank, observer: Observer
) -> Iterator[tuple[str, Objective, SlottedStudy]]:
    for name, keys in tuning.studies.items():
        objective = objective_of(tuning, name, keys, bank, observer)
        yield name, objective, study_of(tuning, name, objective, storage)


def studies_of(tuning: Tuning, storage: BaseStorage) -> dict[str, SlottedStudy]:
    """The studies as they stand, to be looked at."""
    bank = InputBank(tuning.prepared.experiment)
    return {name: study for name, _, study in _pairs(tuning, storage, bank, Observer())}


def objective_of(tuning: Tuning, name: str, keys: Sequence[str], bank: InputBank, observer: Observer) -> Objective:
    """The objective of a study, which is handed the clips of `keys` and nothing of any other."""
    experiment = tuning.prepared.experiment
    task = restricted_task(tuning.prepared.task, keys)
    draw = int(generator(experiment.seed, name, "inner folds").integers(2**31))
    return Objective(
        fold=name,
        experiment=experiment,
        task=task,
        take=lambda method: bank.take(method, keys),
        splits=inner_folds(task, tuning.plan.inner, draw),
        space=tuning.space,
        pruner=tuning.plan.pruner,
        on_epoch=observer.epoch,
    )


def study_of(tuning: Tuning, name: str, objective: Objective, storage: BaseStorage) -> SlottedStudy:
    """The study of that name, named in the storage after all that its objective can see, and after nothing else."""
    experiment = tuning.prepared.experiment
    identity = digest([name, experiment.description(objective.task)])
    epochs = 1 if experiment.training is None else experiment.training.epochs
    study = SlottedStudy(
        f"{experiment.method.name} {identity[:12]} {name}",
        name,
        tuning.plan,
        storage,
        tuning.space.start(values_of(experiment)),
        seed=experiment.seed,
        epochs=epochs,
    )
    numerics = experiment.numerics
    study.require_numerics(None if numerics is None else asdict(numerics))
    return study


def _tuned(tuning: Tuning, chosen: dict[str, Chosen]) -> Tuned:
    experiment, task = tuning.prepared.experiment, tuning.prepared.task
    folds: dict[str, Fold] = {fold.name: fold for fold in tuning.prepared.folds}

    def table(name: str) -> Table:
        subjects = sorted(set(task.clips.loc[list(tuning.studies[name]), "subject"]))
        held_out = held_out_digest(folds[name].test) if name in folds else ""
        return Table(chosen=chosen[name], subjects=tokens(experiment, subjects), held_out=held_out)

    return Tuned(
        method=experiment.method.name,
        kind=tuning.plan.kind,
        trials=tuning.plan.trials,
        recipe=experiment.recipe,
        settings={name: str(value) for name, value in experiment.changed.items() if "." not in name},
        folds={name: table(name) for name in chosen if name in folds},
        everyone=table(EVERYONE) if EVERYONE in chosen else None,
    )


def _cost(studies: Mapping[str, SlottedStudy], by_fold: Mapping[str, Chosen]) -> dict[str, Any]:
    """What tuning took, over all starts and workers, and what it chose, as plain data."""
    spent = [study.spent() for study in studies.values()]
    return {
        "trials": sum(each.trials for each in spent),
        "hours": round(sum(each.seconds for each in spent) / 3600, 6),
        "epochs": sum(each.epochs for each in spent),
        "chosen": {name: asdict(chosen) for name, chosen in by_fold.items()},
    }
