"""`merbench tune`: a study for each outer fold, then each fold trained with what its study chose."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from merbench.analysis.table import SEEN
from merbench.annotations.clips import subject_of
from merbench.data.labelled_clips import LabelledClips
from merbench.errors import StoreError, UsageError
from merbench.experiments.dry_run import check_run
from merbench.experiments.duration import ExpectedDuration
from merbench.experiments.events import Observer
from merbench.experiments.execute import Trainer, begin, carry_out, place
from merbench.experiments.experiment import Experiment
from merbench.experiments.prepare import prepare
from merbench.experiments.served import require_default_thresholds
from merbench.plural import plural
from merbench.protocol import Fold
from merbench.results.header import TuningRecord
from merbench.results.provenance import digest, frames_fingerprint
from merbench.results.run import Run
from merbench.results.store import Store
from merbench.training.randomness import generator
from merbench.tuning.config import TuningConfig, with_parallel_folds
from merbench.tuning.expected import expected_tuning
from merbench.tuning.inner_folds import InputBank, inner_folds, restricted_task
from merbench.tuning.objective import Objective
from merbench.tuning.problem import ALL_SUBJECTS, FOLDER, TuneObserver, Tuning, studies_over
from merbench.tuning.space import Space, values_of
from merbench.tuning.space_file import space_of
from merbench.tuning.storage import require_usable, storage_at
from merbench.tuning.study import ResumableStudy
from merbench.tuning.tuned_file import TunedFile, TunedParameters, TunedTable, held_out_digest, write_tuned
from merbench.tuning.tuned_training import TunedTrainer, tokens

if TYPE_CHECKING:
    from optuna.storages import BaseStorage


class TrialWorkers(Protocol):
    """Workers that take their share of trials, and train the folds afterwards."""

    def serve(self, tuning: Tuning, store: Store, observer: TuneObserver) -> None:
        """Have all studies completed."""

    def trainer(self, by_fold: Mapping[str, TunedParameters]) -> Trainer:
        """What trains folds with their parameters."""


def tuning_of(experiment: Experiment, config: TuningConfig, space_file: Path | None, observer: Observer) -> Tuning:
    """The experiment with its space read and its inputs prepared; nothing is written but the input cache.

    The space, the storage and the number of subjects are checked before any input is prepared.

    Raises:
        MerbenchError: for a space, annotations, frames or folds that cannot be used.
    """
    experiment, space = _with_space(experiment, config, space_file)
    prepared = prepare(experiment, _SubjectCheck(observer, config))
    return Tuning(prepared=prepared, config=config, space=space)


def check_tuning(
    experiment: Experiment, config: TuningConfig, space_file: Path | None, observer: Observer, out: Path | None
) -> tuple[tuple[str, ...], ExpectedDuration | None]:
    """The names of the studies that there would be, and how long they take; nothing is read, trained or written.

    The duration is None where it is not known.

    Raises:
        MerbenchError: for a space, annotations, folds, subjects or a folder that cannot be used.
    """
    experiment, _ = _with_space(experiment, config, space_file)
    if out is not None and Store(out).is_foreign:
        raise StoreError(f"{out} holds other files and no run; name an empty or new folder with --out.")
    checked = check_run(experiment, _SubjectCheck(observer, config))
    studies = studies_over(config, checked.prepared.task, checked.prepared.folds)
    return tuple(studies), expected_tuning(checked, config)


def _with_space(experiment: Experiment, config: TuningConfig, space_file: Path | None) -> tuple[Experiment, Space]:
    """The experiment as it is tuned, and its space, checked before any data is read."""
    require_default_thresholds(experiment.spec, "merbench tune")
    space = space_of(experiment, space_file)
    require_usable(config.storage, config.heartbeat)
    experiment = dataclasses.replace(experiment, numerics=with_parallel_folds(experiment.numerics, config))
    count = plural(config.trials, "trial")
    tuned = f"nested, {count}" if config.kind == "nested" else f"flat, {count}: {SEEN}"
    tuning = config.described(space.as_dict())
    return dataclasses.replace(experiment, tuning=tuning, tuned=tuned, rules=("last", "oracle")), space


class _SubjectCheck(Observer):
    """Refuses studies of too few subjects as soon as clips are labelled; passes on the events of preparation."""

    def __init__(self, observer: Observer, config: TuningConfig) -> None:
        self._config, self._observer = config, observer
        self.preparing, self.prepared, self.note = observer.preparing, observer.prepared, observer.note  # type: ignore[method-assign]

    def labelled(self, experiment: Experiment, task: LabelledClips, folds: Sequence[Fold]) -> None:
        """Check the subjects of each study, then pass it on."""
        for name, keys in studies_over(self._config, task, folds).items():
            _require_subjects(name, {subject_of(key) for key in keys}, self._config.inner)
        self._observer.labelled(experiment, task, folds)


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
    spread: TrialWorkers | None = None,
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
    with storage_at(tuning.config.storage, store.path / FOLDER, tuning.config.heartbeat) as storage:
        by_fold = _chosen(tuning, store, carry_out_studies(tuning, store, storage, observer))
    trainer = TunedTrainer(by_fold, observer) if spread is None else spread.trainer(by_fold)
    return carry_out(tuning.prepared, out=store.path, runs=runs, observer=observer, trainer=trainer, wait=True)


def _chosen(tuning: Tuning, store: Store, studies: Mapping[str, ResumableStudy]) -> dict[str, TunedParameters]:
    """The parameters of each fold, once `tuned.toml`, the cost and the report are kept."""
    from merbench.tuning.report import write_report

    chosen = {name: study.chosen() for name, study in studies.items()}
    by_fold = {fold.name: chosen.get(fold.name) or chosen[ALL_SUBJECTS] for fold in tuning.prepared.folds}
    with store.locked(wait=True):
        write_tuned(store.path / FOLDER / "tuned.toml", _tuned(tuning, chosen))
        store.write_header(store.read_header().updated(tuning=_cost(studies, by_fold)))
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
) -> dict[str, ResumableStudy]:
    """The studies, by name, once each is complete; other workers on the same storage take their share of trials."""
    bank = InputBank(tuning.prepared.experiment, observer)
    observer.tuning_begins(store, list(tuning.studies), tuning.config)
    studies = {}
    for name, objective, study in _pairs(tuning, storage, bank, observer):
        observer.study_begins(study)
        if not study.finished():
            study.work(objective, partial(observer.trial, study), partial(observer.waits, study))
        observer.study_done(study)
        studies[name] = study
    return studies


def _pairs(
    tuning: Tuning, storage: BaseStorage, bank: InputBank, observer: Observer
) -> Iterator[tuple[str, Objective, ResumableStudy]]:
    for name, keys in tuning.studies.items():
        objective = objective_of(tuning, name, keys, bank, observer)
        yield name, objective, study_of(tuning, name, objective, storage)


def studies_of(tuning: Tuning, storage: BaseStorage) -> dict[str, ResumableStudy]:
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
        splits=inner_folds(task, tuning.config.inner, draw),
        space=tuning.space,
        pruner=tuning.config.pruner,
        on_epoch=observer.epoch,
    )


def study_of(tuning: Tuning, name: str, objective: Objective, storage: BaseStorage) -> ResumableStudy:
    """The study of that name; its name in the storage stands for all that its objective can see and nothing else."""
    experiment = tuning.prepared.experiment
    frames = frames_fingerprint(objective.task.as_clips(), experiment.by_part)
    identity = digest([name, experiment.description(objective.task).as_dict(), frames])
    epochs = 1 if experiment.training is None else experiment.training.epochs
    study = ResumableStudy(
        f"{experiment.method.name} {identity[:12]} {name}",
        name,
        tuning.config,
        storage,
        tuning.space.start(values_of(experiment)),
        seed=experiment.seed,
        epochs=epochs,
    )
    numerics = experiment.numerics
    study.require_numerics(None if numerics is None else numerics.record())
    return study


def _tuned(tuning: Tuning, chosen: dict[str, TunedParameters]) -> TunedFile:
    experiment, task = tuning.prepared.experiment, tuning.prepared.task
    folds: dict[str, Fold] = {fold.name: fold for fold in tuning.prepared.folds}

    def table(name: str) -> TunedTable:
        subjects = sorted(set(task.clips.loc[list(tuning.studies[name]), "subject"]))
        held_out = held_out_digest(folds[name].test) if name in folds else ""
        return TunedTable(chosen=chosen[name], subjects=tokens(experiment, subjects), held_out=held_out)

    return TunedFile(
        method=experiment.method.name,
        kind=tuning.config.kind,
        trials=tuning.config.trials,
        recipe=experiment.recipe,
        settings={name: str(value) for name, value in experiment.changed.items() if "." not in name},
        folds={name: table(name) for name in chosen if name in folds},
        all_subjects=table(ALL_SUBJECTS) if ALL_SUBJECTS in chosen else None,
    )


def _cost(studies: Mapping[str, ResumableStudy], by_fold: Mapping[str, TunedParameters]) -> TuningRecord:
    """What tuning took, over all starts and workers, and what it chose."""
    spent = [study.spent() for study in studies.values()]
    return TuningRecord(
        trials=sum(each.trials for each in spent),
        hours=round(sum(each.seconds for each in spent) / 3600, 6),
        epochs=sum(each.epochs for each in spent),
        chosen={name: asdict(chosen) for name, chosen in by_fold.items()},
    )
