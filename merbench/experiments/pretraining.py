"""Training a network on all clips of some datasets, for other runs to start from, with a card that describes it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

import numpy as np

from merbench._files.atomic import atomic_write
from merbench.errors import UsageError
from merbench.experiments.checkpoints import require_weights
from merbench.experiments.events import Observer
from merbench.experiments.execute import evaluator_of
from merbench.experiments.experiment import Experiment
from merbench.experiments.fold_runs import FoldRun
from merbench.experiments.header import header_of
from merbench.experiments.own_files import own_files
from merbench.experiments.prepare import Prepared, prepare, seen_by
from merbench.experiments.pretraining_card import pretraining_card
from merbench.experiments.resolve import resolve
from merbench.experiments.served import require_default_thresholds
from merbench.experiments.starting_weights import StartingWeights
from merbench.results import weights
from merbench.results.provenance import digest
from merbench.spec import RunSpec

if TYPE_CHECKING:
    from torch import nn

#: The name of the one training, which its random streams are derived from.
_ALL = "all clips"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pretrained:
    """A pretrained network: its file and card, and its accuracy on its own training clips.

    That is the share of clips whose class is right, or, of a multi-label task, every unit.
    """

    path: Path
    card: Path
    accuracy: float


def pretrain_spec(spec: RunSpec, out: Path, observer: Observer) -> Pretrained:
    """The network of a specification, trained on all of its clips; the protocol only supplies its usual datasets.

    Raises:
        UsageError: for a method that is no network, a file that exists, or an option that only a run has.
        MerbenchError: for names, settings or data that cannot be used.
    """
    card = out.with_suffix(".md")
    _require_place(out, card)
    require_default_thresholds(spec, "merbench pretrain")
    experiment = resolve(dataclasses.replace(spec, rules=("last",)))
    method = require_weights(experiment.method)
    prepared = prepare(_alone(experiment), observer)
    network, accuracy = _trained(prepared, observer)
    facts = _facts(prepared)
    atomic_write(out, weights.packed(method, network, facts))
    text = pretraining_card(facts, prepared.task, out, weights.file_digest(out), accuracy)
    atomic_write(card, text.encode())
    return Pretrained(path=out, card=card, accuracy=accuracy)


def _require_place(out: Path, card: Path) -> None:
    if out.suffix != ".safetensors":
        raise UsageError(f"--out {out} is not possible: the file must be called NAME.safetensors; name such a file.")
    for path in (out, card):
        if path.exists():
            raise UsageError(f"--out {out} is not possible: {path} exists; name another file.")
    if not out.absolute().parent.is_dir():
        raise UsageError(f"--out {out} is not possible: there is no folder {out.parent}; make it first.")
    try:
        TemporaryFile(dir=out.absolute().parent).close()  # after the training it would be too late
    except OSError as fault:
        raise UsageError(
            f"--out {out} is not possible: the folder {out.parent} cannot be written ({fault.strerror or fault}); "
            "name a file in another folder."
        ) from fault


def _alone(experiment: Experiment) -> Experiment:
    """The experiment as a single training that tests nothing, for which overlap does not matter."""
    spec = experiment.spec
    if isinstance(experiment.start, StartingWeights) or spec.tuned is not None:
        raise UsageError("pretrain trains one network; leave out --tuned, and start from one file with --weights FILE.")
    if experiment.start is not None or own_files(experiment.method):
        spec = dataclasses.replace(spec, allow_overlap=True)
    numerics = experiment.numerics
    if numerics is not None:
        numerics = dataclasses.replace(numerics.without_autotuning(), parallel_folds=1)
    return dataclasses.replace(experiment, spec=spec, numerics=numerics)


def _trained(prepared: Prepared, observer: Observer) -> tuple[nn.Module, float]:
    networks: list[nn.Module] = []
    evaluator = evaluator_of(prepared, lambda fold_run, network: networks.append(network))
    [outcome] = evaluator.outcomes([_training(prepared)], observer.epoch, on_note=observer.note)
    kind = prepared.task.kind
    accuracy = kind.correct(outcome.truth, kind.predicted(outcome.probabilities[-1])).mean()
    return networks[0], float(accuracy)


def _training(prepared: Prepared) -> FoldRun:
    everything = np.arange(len(prepared.task.clips))
    return FoldRun(fold=_ALL, kind="outer", train=everything, watch=everything)


def _facts(prepared: Prepared) -> weights.WeightsFacts:
    [own, *_] = seen_by(prepared)(_training(prepared))
    before = next(iter(prepared.starts.seen.values()), ())  # the same for every fold, as all start from one file
    facts = weights.facts_of(header_of(prepared), _ALL, (own, *before))
    return facts.updated(
        protocol=weights.PRETRAINED,
        run=digest([facts.run, "pretraining"]),
        use="pretraining: all clips of these datasets were seen",
    )
