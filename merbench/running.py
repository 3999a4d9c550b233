"""`merbench.run`: an experiment carried out, resumed where it stopped, and kept."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from merbench.blame import blamed
from merbench.errors import FrameError, StoreError
from merbench.evaluate import Evaluator, OnEpoch, Trial, trials
from merbench.experiment import Experiment, Settings, group_of, origins_as_dict, resolve
from merbench.inputs.alignment import AS_DISTRIBUTED
from merbench.method import FittedMethod, Method, declared_inputs
from merbench.outcome import Outcome
from merbench.parts import grouped
from merbench.protocol import Fold, audited, untrained_classes, untrained_subjects
from merbench.provenance import code, digest, environment, frames_fingerprint
from merbench.record import Run
from merbench.registry import methods
from merbench.selection import Rule
from merbench.store import FORMAT, Store
from merbench.task import Task, labelled
from merbench.weight_keeper import WeightKeeper, require_weights

if TYPE_CHECKING:
    from merbench.inputs.prepared import PreparedInputs
    from merbench.training.numerics import Numerics


class Observer:
    """What a run tells while it goes on; every method may be overridden, none need be."""

    def labelled(self, experiment: Experiment, task: Task, folds: Sequence[Fold]) -> None:
        """The clips are labelled and the folds sound."""

    def preparing(self, done: int, total: int) -> None:
        """Inputs of `done` of `total` clips are read."""

    def prepared(self, task: Task) -> None:
        """The inputs are at hand; `task` lacks the clips whose frames failed."""

    def begins(self, store: Store, todo: Sequence[Trial], kept: Sequence[Outcome]) -> None:
        """Trainings `todo` are ahead; the outcomes `kept` of an earlier start are done."""

    def epoch(self, fold: str, epoch: int) -> None:
        """A training finished an epoch, counted from 0."""

    def outcome(self, outcome: Outcome) -> None:
        """A training is done and kept."""

    def note(self, note: str) -> None:
        """Something came to light that is worth a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """An experiment with its clips labelled, its folds audited and its inputs at hand."""

    experiment: Experiment
    task: Task
    folds: tuple[Fold, ...]
    inputs: PreparedInputs | None
    frames_fingerprint: Mapping[str, str]


#: What trains the folds that are ahead: the outcome of every trial, each as soon as it is done.
Trainer = Callable[[Prepared, Sequence[Trial], OnEpoch], Iterator[Outcome]]


def run(
    method: str | Method | type[Method] = "mmnet",
    protocol: str = "loso",
    dataset: str | Sequence[str] | None = None,
    *,
    data: Mapping[str, Path | str] | Path | str | None = None,
    recipe: str | None = None,
    settings: Settings | None = None,
    scheme: str | None = None,
    apex: str = "middle",
    mends: str = "none",
    on_error: str = "stop",
    seed: int = 0,
    rules: str | Sequence[str] | None = None,
    device: str = "auto",
    precision: str = "auto",
    packing: str | int = "auto",
    alignment: str = "as distributed",
    alignment_fallback: bool = False,
    keep_weights: bool = False,
    out: Path | str | None = None,
    runs: Path | str = "runs",
    observer: Observer | None = None,
) -> Run:
    """The complete run of a method under a protocol; what an earlier start finished is kept, not done again.

    `method` is a name, or a class or an instance of your own, from a notebook too: such a one runs in this process,
    since other processes are handed names, never objects. A class gets the recipe's parameters, an instance keeps its
    own.

    The record lies in `out`, or in a folder under `runs` that is named after what the run is. `settings` are the
    command line's `--set`: parameters of the method or the recipe, ``dataset.NAME`` or ``protocol.NAME``. With
    `keep_weights`, the folder also has the final weights of each fold's network; folds of an earlier start that lack
    them are trained again, and must give what they gave.

    >>> import merbench, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     few = {"dataset.subjects": 3, "dataset.clips": 5}
    ...     found = merbench.run("majority", "loso", settings=few, runs=folder)
    >>> round(found.scores("last").uf1, 3)
    0.067

    Raises:
        MerbenchError: with a sentence, for names, settings, data or folders that cannot be used.
    """
    experiment = resolve(
        method,
        protocol=protocol,
        dataset=dataset,
        data=data,
        recipe=recipe,
        settings=settings,
        scheme=scheme,
        apex=apex,
        mends=mends,
        on_error=on_error,
        seed=seed,
        rules=rules,
        device=device,
        precision=precision,
        packing=packing,
        alignment=alignment,
        alignment_fallback=alignment_fallback,
    )
    observer = observer or Observer()
    if keep_weights:
        require_weights(experiment.method)
    prepared = prepare(experiment, observer)
    return carry_out(prepared, out=out, runs=runs, observer=observer, keep_weights=keep_weights)


def prepare(experiment: Experiment, observer: Observer) -> Prepared:
    """The experiment with everything that its trainings need; nothing is written but the input cache.

    Raises:
        MerbenchError: for annotations, frames or folds that cannot be used.
    """
    task = _labelled(experiment)
    folds = audited(experiment.protocol, task.clips)
    observer.labelled(experiment, task, folds)
    task, inputs = _inputs(experiment, task, observer)
    observer.prepared(task)
    return Prepared(
        experiment=experiment,
        task=task,
        folds=audited(experiment.protocol, task.clips),
        inputs=inputs,
        frames_fingerprint=frames_fingerprint(task.as_clips(), experiment.by_part),
    )


def _labelled(experiment: Experiment) -> Task:
    from merbench.spotting import spot

    task = labelled(experiment.sources, experiment.scheme, experiment.apex, spot)
    unseen = [lost.reason for lost in task.left_out if lost.why == "frames"]
    if unseen and experiment.on_error == "stop":
        raise FrameError(
            f"{len(unseen)} apexes cannot be spotted: {' '.join(unseen[:3])}{' …' if len(unseen) > 3 else ''} "
            "Mend the files, choose --apex middle, or leave such clips out with --on-error skip."
        )
    return task


def _inputs(experiment: Experiment, task: Task, observer: Observer) -> tuple[Task, PreparedInputs | None]:
    declared = declared_inputs(experiment.method)
    if not declared and str(experiment.alignment) == AS_DISTRIBUTED:
        return task, None
    from merbench.inputs.aligned import align
    from merbench.inputs.everything import prepare_inputs

    # a method that sees nothing is tested on the clips that can be aligned, as all others of the task are
    aligned = align(task.as_clips(), experiment.by_part, experiment.alignment, observer.preparing)
    clips = [clip for clip in task.as_clips() if clip.key not in aligned.failed]
    with ExitStack() as guards:
        for source in experiment.sources:
            guards.enter_context(blamed(source.dataset, "reading frames"))
        prepared = prepare_inputs(clips, aligned.sources, declared, observer.preparing) if declared else (None, {})
    inputs, failed = prepared
    failed = {**aligned.failed, **failed}
    if failed and experiment.on_error == "stop":
        named = " ".join(list(failed.values())[:3])
        raise FrameError(
            f"{len(failed)} of {len(task.clips)} clips lack usable frames: {named}"
            f"{' …' if len(failed) > 3 else ''} Mend the files, or leave such clips out with --on-error skip."
        )
    return dataclasses.replace(
        task.without(failed), notes=(*task.notes, *aligned.notes, *(inputs.notes if inputs else ()))
    ), inputs


def carry_out(
    prepared: Prepared,
    *,
    out: Path | str | None,
    runs: Path | str,
    observer: Observer,
    trainer: Trainer | None = None,
    wait: bool = False,
    keep_weights: bool = False,
) -> Run:
    """The complete run of a prepared experiment, in its folder; with `wait`, once no other process works there.

    Networks are kept only of folds that are trained here, without a `trainer`.

    Raises:
        StoreError: if the folder belongs to another run, or cannot be written.
    """
    store = place(prepared, out, runs)
    with store.locked(wait=wait):
        prepared = _begun(prepared, store, observer if trainer is None else None)
        _train(prepared, store, observer, trainer, keep_weights)
        finished = Run.load(store.path)
        store.write_record(finished.record())
    return finished


def place(prepared: Prepared, out: Path | str | None, runs: Path | str) -> Store:
    """Where a prepared experiment's record lies, or will.

    Raises:
        StoreError: if other files are there.
    """
    identity = digest(prepared.experiment.description(prepared.task))
    store = Store(Path(out) if out else Path(runs) / _folder(prepared.experiment, identity))
    if store.is_foreign:  # before the lock, which would leave a file there
        raise StoreError(f"{store.path} holds other files and no run; name an empty or new folder with --out.")
    return store


def begin(prepared: Prepared, store: Store) -> Prepared:
    """The experiment as its folder holds it, which is begun if need be; it computes as an earlier start did.

    Raises:
        StoreError: if the folder belongs to another run, or cannot be written.
    """
    with store.locked(wait=True):
        return _begun(prepared, store, None)


def _begun(prepared: Prepared, store: Store, observer: Observer | None) -> Prepared:
    description = prepared.experiment.description(prepared.task)
    identity = digest(description)
    prepared, begun = _resumed(prepared, store, identity)
    if not begun:
        prepared = _packed(prepared, observer)
        store.write_manifest(_manifest(prepared, description, identity))
    else:
        _add_rules(store, prepared.experiment.rules)
    return prepared


def _folder(experiment: Experiment, identity: str) -> str:
    names = "+".join(experiment.by_dataset)
    method = experiment.method.name.replace(":", "_")  # which means a host to tools that copy folders
    return f"{method}-{experiment.protocol.name}-{names}-seed{experiment.seed}-{identity[:8]}"


def _resumed(prepared: Prepared, store: Store, identity: str) -> tuple[Prepared, bool]:
    if not store.exists:
        return prepared, False
    manifest = store.read_manifest()
    if manifest["identity"] != identity:
        raise StoreError(
            f"{store.path} holds another run ({_difference(manifest, prepared)}); name another folder with --out."
        )
    if manifest["frames"] != dict(prepared.frames_fingerprint):
        raise StoreError(
            f"{store.path} was made from other frames: files under the data folder changed since. "
            "Put them back, or name another folder with --out."
        )
    return _with_numerics(prepared, manifest["numerics"], store), True


def _difference(manifest: Mapping[str, Any], prepared: Prepared) -> str:
    new, old = json.loads(json.dumps(prepared.experiment.description(prepared.task))), manifest["description"]
    differing = [name for name in new if new[name] != old.get(name)]
    return "it differs in " + ", ".join(differing)


def _with_numerics(prepared: Prepared, kept: Mapping[str, Any] | None, store: Store) -> Prepared:
    numerics = prepared.experiment.numerics
    if numerics is None or kept is None:
        return prepared
    # threads and packing are the run's own; a run of before folds were packed has no word on some
    adopted = dataclasses.replace(numerics, threads=kept["threads"], packing=kept["packing"])
    differing = [
        f"{name} {kept[name]} then, {value} now"
        for name, value in asdict(adopted).items()
        if kept.get(name, value) != value
    ]
    if differing:
        raise StoreError(
            f"{store.path} was computed otherwise ({'; '.join(differing)}), and mixed folds would not be one result. "
            "Go on where it was begun, or start anew with --out."
        )
    return dataclasses.replace(prepared, experiment=dataclasses.replace(prepared.experiment, numerics=adopted))


def _add_rules(store: Store, rules: Sequence[Rule]) -> None:
    manifest = store.read_manifest()
    merged = [rule for rule in ("last", "inner", "oracle") if rule in {*manifest["rules"], *rules}]
    if merged != manifest["rules"]:
        store.write_manifest({**manifest, "rules": merged})


def _every(prepared: Prepared) -> list[Trial]:
    kinds = ("outer", "inner") if "inner" in prepared.experiment.rules else ("outer",)
    return trials(prepared.task, prepared.folds, kinds)


def _packed(prepared: Prepared, observer: Observer | None) -> Prepared:
    """The experiment with the number of folds trained at once: measured where that was left open and they are here."""
    experiment = prepared.experiment
    numerics = experiment.numerics
    if numerics is None or numerics.packing:
        return prepared
    if observer is None:
        numerics = dataclasses.replace(numerics, packing=1)
    else:
        numerics = _evaluator(prepared).measured(_every(prepared), observer.note)
    return dataclasses.replace(prepared, experiment=dataclasses.replace(experiment, numerics=numerics))


def _train(prepared: Prepared, store: Store, observer: Observer, trainer: Trainer | None, keep_weights: bool) -> None:
    every = _every(prepared)
    keeper = WeightKeeper(prepared.experiment.method, store) if keep_weights else None

    def done(trial: Trial) -> bool:
        return store.has(trial.kind, trial.fold) and (keeper is None or keeper.has(trial))

    kept = [store.read(trial.kind, trial.fold) for trial in every if done(trial)]
    todo = [trial for trial in every if not done(trial)]
    observer.begins(store, todo, kept)
    evaluator = _evaluator(prepared, keeper)

    def here(_: Prepared, todo: Sequence[Trial], on_epoch: OnEpoch) -> Iterator[Outcome]:
        return evaluator.outcomes(todo, on_epoch, among=every, on_note=observer.note)

    for outcome in (trainer or here)(prepared, todo, observer.epoch):
        if evaluator.numerics != prepared.experiment.numerics and evaluator.numerics is not None:
            store.write_manifest({**store.read_manifest(), "numerics": asdict(evaluator.numerics)})
        if keeper is not None:
            keeper.keep(outcome)  # first, so that a fold whose outcome is there has its weights
        if not store.has(outcome.kind, outcome.fold):
            store.write(outcome)
        observer.outcome(outcome)


def trained(prepared: Prepared, todo: Sequence[Trial], on_epoch: OnEpoch) -> Iterator[Outcome]:
    """The outcome of every trial, in order, trained in this process."""
    return _evaluator(prepared).outcomes(todo, on_epoch)


def _evaluator(prepared: Prepared, keeper: WeightKeeper | None = None) -> Evaluator:
    experiment = prepared.experiment
    return Evaluator(
        experiment.method,
        experiment.training,
        prepared.task,
        prepared.inputs,
        seed=experiment.seed,
        numerics=experiment.numerics,
        **({} if keeper is None else {"on_trained": keeper.take}),
    )


def _manifest(prepared: Prepared, description: dict[str, Any], identity: str) -> dict[str, Any]:
    experiment, task = prepared.experiment, prepared.task
    numerics: Numerics | None = experiment.numerics
    return {
        "format": FORMAT,
        "identity": identity,
        "group": group_of(description),
        "description": description,
        "recipe": {"name": experiment.recipe, "source": experiment.recipe_source},
        "settings": _settings(experiment),
        "rules": list(experiment.rules),
        "drawn": experiment.drawn,
        "family": experiment.method.family,
        "title": experiment.method.title,
        # of tuned folds each may have its own
        "parameter_count": None if experiment.tuned else experiment.method.parameter_count(len(task.classes)),
        "clips": len(task.clips),
        "subjects": len(task.subjects),
        "counts": task.counts,
        "states": dict(task.states),
        "apex_policy": task.apex_policy,
        "apexes_not_annotated": list(task.apexes),
        "mends": experiment.mends,
        "mended": list(task.mended),
        "left_out": [asdict(lost) for lost in task.left_out],
        "notes": list(task.notes),
        "untrained_classes": {name: list(lost) for name, lost in untrained_classes(prepared.folds, task.clips).items()},
        "folds": [fold.name for fold in prepared.folds],
        "leaky": experiment.protocol.leaky,
        "averaged": experiment.protocol.averaged,
        "untrained_subjects": untrained_subjects(prepared.folds, task.clips),
        "every_clip_once": experiment.protocol.every_clip_once,
        "parts": grouped(experiment.protocol.parts(task.clips)),
        "parts_note": experiment.protocol.parts_note,
        "frames": dict(prepared.frames_fingerprint),
        "numerics": None if numerics is None else asdict(numerics),
        "environment": environment(),
        "code": code(),
        "origins": origins_as_dict(experiment.origins()),
        **({"tuned": experiment.tuned} if experiment.tuned else {}),
    }


def _settings(experiment: Experiment) -> dict[str, str]:
    described = experiment.method.parameters.described()
    files = {declared.name for declared in experiment.method.parameters.declared() if declared.is_file}
    return {k: str(described[k] if k in files else value) for k, value in experiment.changed.items()}


def controls(prepared: Prepared, epochs: int) -> list[Run]:
    """The control methods that see nothing, on the same folds, in memory; those with epochs get as many as the run."""
    found = []
    for kind in methods.entries():
        if kind.family != "control" or not issubclass(kind, FittedMethod) or kind().inputs():
            continue
        given = {"epochs": epochs} if "epochs" in kind.Parameters.names() else {}
        found.append(_control(prepared, kind(kind.Parameters().changed(given))))
    return found


def _control(prepared: Prepared, method: Method) -> Run:
    experiment = dataclasses.replace(
        prepared.experiment,
        method=method,
        method_origin=methods.origins[method.name],
        training=None,
        numerics=None,
        tuning=None,
        tuned="",
        rules=("last", "oracle"),
        changed={name: value for name, value in prepared.experiment.changed.items() if "." in name},
    )
    prepared = dataclasses.replace(prepared, experiment=experiment, inputs=None)
    description = experiment.description(prepared.task)
    todo = trials(prepared.task, prepared.folds, ("outer",))
    outcomes = tuple(_evaluator(prepared).outcomes(todo))
    return Run(manifest=_manifest(prepared, description, digest(description)), outer=outcomes, inner=())
