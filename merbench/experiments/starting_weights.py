"""The networks that folds start from, each of which must not have been trained on subjects that the fold tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from merbench.data.labelled_clips import LabelledClips
from merbench.errors import UsageError
from merbench.experiments.checkpoints import require_weights
from merbench.experiments.fold_runs import fold_runs
from merbench.experiments.overlap import Tested
from merbench.experiments.own_files import own_files
from merbench.experiments.starting_file import TIMM, StartingFile
from merbench.method import Method, NetworkMethod
from merbench.plural import plural
from merbench.protocol import Fold
from merbench.results import weights
from merbench.results.provenance import digest
from merbench.results.seen import Salt, Seen
from merbench.results.store import Store
from merbench.results.weights import WeightsFacts, nameless

if TYPE_CHECKING:
    from merbench.experiments.experiment import Experiment
    from merbench.training.fold_job import Start

_OVERLAP = "or add --allow-overlap: the record says so, and the run is never ranked"


@dataclass(frozen=True)
class StartingWeights:
    """The kept networks of a run, or of its export, that another run starts from."""

    path: Path
    run: str
    files: Mapping[str, Path] = field(repr=False)

    @classmethod
    def of(cls, path: Path, method: Method) -> StartingWeights:
        """The networks in a folder, for a run of `method`.

        Raises:
            UsageError: if the method is no network, or another than that of the folder.
            StoreError: if the folder is no run, or keeps no weights.
        """
        network = require_weights(method)
        store = Store(path)
        header = store.read_header()
        if header.method != method.name:
            raise UsageError(
                f"--weights {path}: these are networks of {header.method}, and the run is of {method.name}; "
                f"name weights of {method.name}, or give --method {header.method}."
            )
        files = {fold: store.weights(fold) for fold in header.folds if store.weights(fold).is_file()}
        if not files:
            raise UsageError(
                f"--weights {path}: it has no weights; name the folder of a run with --keep-weights, or of its export."
            )
        start = cls(path=path, run=header.identity, files=files)
        _require_fit(start, network)
        return start

    @cached_property
    def facts(self) -> dict[str, WeightsFacts]:
        """What each file says of its network, by fold."""
        return {fold: weights.read_facts(path) for fold, path in self.files.items()}

    @cached_property
    def digest(self) -> str:
        """A digest of all files by fold."""
        return digest({fold: weights.file_digest(path) for fold, path in self.files.items()})

    @property
    def recorded(self) -> dict[str, str | bool]:
        """What defines the result: the run, its files, and whether their networks started from unknown weights."""
        unknown = any(each.unknown_start for each in self.facts.values())
        return {"run": self.run, "weights": self.digest, **({"unknown": True} if unknown else {})}


def _require_fit(start: StartingWeights, method: NetworkMethod) -> None:
    """Refuse networks of other settings; those that need more than settings and weights are left to the training."""
    file, facts = next((start.files[fold], facts) for fold, facts in start.facts.items())
    if not facts.self_contained:
        return
    own, kept = weights.shapes_of(method, nameless(facts.classes, facts.kind)), weights.read_shapes(file)
    odd = [name for name in {**own, **kept} if own.get(name) != kept.get(name)]
    if odd:
        raise UsageError(
            f"--weights {start.path}: its networks are of other settings than those of this run: {odd[0]} is "
            f"{kept.get(odd[0], 'absent')} there, and {own.get(odd[0], 'absent')} in the network of {method.name}. "
            "Give the settings of that run."
        )


def starting(source: str, method: Method) -> StartingWeights | StartingFile:
    """What `--weights` names: the networks in a folder, a file, or weights of timm.

    Raises:
        UsageError, StoreError: if it is none of these, or not for the method.
    """
    path = Path(source)
    if source.startswith(TIMM) or path.is_file():
        return StartingFile.of(source, method)
    if not path.exists():
        raise UsageError(
            f"--weights {source} does not exist; name a file of weights, the folder of a run with --keep-weights or of "
            "its export, or weights of timm by timm:NAME.TAG."
        )
    return StartingWeights.of(path, method)


@dataclass(frozen=True, slots=True, kw_only=True)
class Starts:
    """What the network of each fold of a run starts from, and what that has seen in training.

    `files` are networks of merbench by fold; `shared` is what all folds start from instead. `seen` is by fold. `notes`
    are sentences for the record.
    """

    files: Mapping[str, Path] = field(default_factory=dict)
    shared: Start | None = None
    seen: Mapping[str, tuple[Seen, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def of(self, fold: str) -> Start | None:
        """The values that a fold starts from; None where they are the method's own."""
        from merbench.training.fold_job import Start

        path = self.files.get(fold)
        return self.shared if path is None else Start(tensors=weights.read(path).tensors)


def starts_of(experiment: Experiment, task: LabelledClips, folds: Sequence[Fold]) -> Starts:
    """What each fold of an experiment starts from: of several networks, one that saw none of the subjects it tests.

    The same holds for weights files that the method's parameters name, if merbench wrote them.

    Raises:
        UsageError: if there is none for a fold, unless overlap is allowed, or if it has other classes.
    """
    if experiment.start is None and not own_files(experiment.method):
        if experiment.spec.allow_overlap:
            raise UsageError("--allow-overlap is for runs that start from weights; leave it out, or name --weights.")
        return Starts(notes=_frozen_at_random(experiment))
    salt = Salt.of(task.fingerprint_with(experiment.protocol.needs), [key for fold in folds for key in fold.test])
    runs = fold_runs(task, folds, experiment.kinds, experiment.seed)
    tested = Tested.of(runs, salt, task, experiment.by_part)
    shared, notes = _of_files(experiment, tested)
    if experiment.start is None:
        return Starts(seen=dict.fromkeys(tested.subjects, shared), notes=notes)
    if isinstance(experiment.start, StartingFile):
        _require_unseen(experiment, experiment.start.facts, f"--weights {experiment.start.source}", tested)
        start, note = experiment.start.start(task.classes)
        seen_before = () if experiment.start.facts is None else experiment.start.facts.seen
        both = (*shared, *seen_before)
        return Starts(shared=start, seen=dict.fromkeys(tested.subjects, both), notes=(*notes, note))
    _require_classes(experiment.start, task.classes)
    files, seen, overlapping = {}, {}, []
    for fold in tested.subjects:
        chosen, known = _chosen(experiment.start, fold, tested)
        if known:
            overlapping.append(fold)
            if not experiment.spec.allow_overlap:
                raise UsageError(_refusal(experiment, f"--weights {experiment.start.path}", fold, known))
        files[fold], seen[fold] = experiment.start.files[chosen], (*shared, *experiment.start.facts[chosen].seen)
    return Starts(files=files, seen=seen, notes=(*notes, _sentence(experiment.start, overlapping)))


def _frozen_at_random(experiment: Experiment) -> tuple[str, ...]:
    """A note on frozen parts of networks that start from no weights."""
    training = experiment.training
    if training is None or not training.frozen:
        return ()
    note = (
        f"frozen={training.frozen} without weights: these parts keep the values that {experiment.method.name} begins "
        "with, which are random unless it reads weights itself; name weights with --weights FILE, or leave out frozen"
    )
    return (note,)


def _chosen(start: StartingWeights, fold: str, tested: Tested) -> tuple[str, set[str]]:
    """The network that saw the fewest of the fold's subjects, and which it saw; of equal ones the same fold's first."""
    order = sorted(start.files, key=lambda name: (name != fold, name))
    overlap = {name: tested.known_to(start.facts[name], fold) for name in order}
    chosen = min(order, key=lambda name: len(overlap[name]))
    return chosen, overlap[chosen]


def _of_files(experiment: Experiment, tested: Tested) -> tuple[tuple[Seen, ...], tuple[str, ...]]:
    """What the weights files that the method's parameters name have seen, and notes about them."""
    seen: list[Seen] = []
    notes: list[str] = []
    for name, path in own_files(experiment.method).items():
        if (facts := weights.facts_if_any(path)) is None:
            notes.append(f"{name}: the networks start from {path.name}, which does not say what it was trained on")
            continue
        _require_unseen(experiment, facts, f"{name}={path}", tested)
        notes.append(f"{name}: the networks start from {path.name}, of {facts.trained_by}")
        seen += facts.seen
    return tuple(seen), tuple(notes)


def _require_unseen(experiment: Experiment, facts: WeightsFacts | None, source: str, tested: Tested) -> None:
    """Refuse a file whose network saw a subject that a fold is judged by, unless overlap is allowed."""
    if facts is None:
        return
    for fold in tested.subjects:
        known = tested.known_to(facts, fold)
        if known and not experiment.spec.allow_overlap:
            raise UsageError(_refusal(experiment, source, fold, known))


def _require_classes(start: StartingWeights, classes: tuple[str, ...]) -> None:
    for facts in start.facts.values():
        if facts.classes != classes:
            raise UsageError(
                f"--weights {start.path}: its networks are for the classes {', '.join(facts.classes)}, and the run is "
                f"for {', '.join(classes)}; name weights for these, or a scheme with --scheme that has the former."
            )


def _refusal(experiment: Experiment, source: str, fold: str, known: set[str]) -> str:
    named = ", ".join(sorted(known)[:3]) + (" …" if len(known) > 3 else "")
    inner = " leave out the rule inner (--select-epoch last,oracle)," if "inner" in experiment.rules else ""
    return (
        f"{source}: no network there was trained without the subjects that fold {fold} is judged by ({named}), "
        "as far as it says, so the score would be that of subjects it has seen. Name weights of other data,"
        f"{inner} {_OVERLAP}."
    )


def _sentence(start: StartingWeights, overlapping: Sequence[str]) -> str:
    saw = (
        f"in {plural(len(overlapping), 'fold')} of one that may have seen the subjects that are tested"
        if overlapping
        else "in every fold of one that saw none of the subjects that are tested"
    )
    return f"the networks start from those of run {start.run[:8]}, {saw}"
