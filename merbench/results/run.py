"""A run as it can be asked: its scores under each rule, and the compact record that a leaderboard keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from merbench.errors import StoreError, Unfinished, UnknownName, UsageError
from merbench.metrics import Labels, Scores, combined_uf1, scores
from merbench.parts import part_scores, within
from merbench.results.fold_result import Outcome
from merbench.results.store import FORMAT, Store
from merbench.selection import RULES, Inner, Rule, inner_epoch, last_epoch, oracle_epoch


@dataclass(frozen=True, repr=False)
class Run:
    """A complete run: what it is (`manifest`) and the outcomes of its folds, in their order.

    `path` is None for a run in memory.

    >>> import merbench, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     few = {"dataset.subjects": 3, "dataset.clips": 5}
    ...     made = merbench.run("majority", "loso", settings=few, out=f"{folder}/run")
    ...     run = merbench.Run.load(made.path)
    >>> run.method, run.rules, len(run.keys)
    ('majority', ('last', 'oracle'), 3)
    """

    manifest: dict[str, Any]
    outer: tuple[Outcome, ...]
    inner: tuple[Outcome, ...]
    path: Path | None = None

    def __repr__(self) -> str:
        return f"<Run {self.method} under {self.manifest['description']['protocol']}, seed {self.seed}: {self.path}>"

    @classmethod
    def load(cls, path: Path | str) -> Run:
        """The run in a folder.

        Raises:
            StoreError: if it is no run, or folds are missing still.
        """
        store = Store(Path(path))
        manifest = store.read_manifest()
        folds: list[str] = manifest.get("folds", [])
        if not folds:
            raise StoreError(f"{store.path / 'run.json'} names no folds; it is no run of merbench, or was changed.")
        lacking = store.missing("outer", folds)
        if lacking:
            raise Unfinished(
                f"{path} is not complete: {len(lacking)} of {len(folds)} folds are missing "
                f"({', '.join(lacking[:3])}{', …' if len(lacking) > 3 else ''}); run the command that began it again."
            )
        inner = () if store.missing("inner", folds) else tuple(store.read("inner", fold) for fold in folds)
        outer = tuple(store.read("outer", fold) for fold in folds)
        return cls(manifest=manifest, outer=outer, inner=inner, path=Path(path))

    @property
    def method(self) -> str:
        """The method's name."""
        return str(self.manifest["description"]["method"])

    @property
    def seed(self) -> int:
        """The seed."""
        return int(self.manifest["description"]["seed"])

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes, in the scheme's order."""
        return tuple(self.manifest["description"]["classes"])

    @property
    def has_epochs(self) -> bool:
        """Whether the method has epochs among which a rule chooses."""
        return any(outcome.has_epochs for outcome in self.outer)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that were asked for and can be applied."""
        return tuple(rule for rule in self.manifest["rules"] if rule != "inner" or self.inner)

    def epochs(self, rule: Rule) -> tuple[int, ...]:
        """The epoch that a rule chooses in each fold, counted from 0.

        Raises:
            StoreError: if the inner trainings were not run.
        """
        if rule == "last":
            return tuple(last_epoch(outcome.probabilities) for outcome in self.outer)
        if rule == "oracle":
            return tuple(oracle_epoch(outcome.probabilities, outcome.truth) for outcome in self.outer)
        if rule != "inner":
            raise UsageError(f"rule={rule} is not possible: it must be one of {', '.join(RULES)}.")
        if not self.inner:
            raise StoreError("The rule inner was not run; run the same command with --rules last,inner,oracle.")
        return tuple(inner_epoch(Inner(probabilities=o.probabilities, truth=o.truth)) for o in self.inner)

    def probabilities(self, rule: Rule) -> list[npt.NDArray[np.float32]]:
        """Probabilities `(clip class)` of each fold at the epoch that a rule chooses."""
        return [outcome.probabilities[epoch] for outcome, epoch in zip(self.outer, self.epochs(rule), strict=True)]

    def predictions(self, rule: Rule) -> list[tuple[Labels, Labels]]:
        """True and predicted labels `(clip)` of each fold under a rule."""
        chosen = self.probabilities(rule)
        return [(outcome.truth, p.argmax(axis=1)) for outcome, p in zip(self.outer, chosen, strict=True)]

    @property
    def parts(self) -> dict[str, list[str]]:
        """The keys of the clips of each part that the protocol reports apart; empty where it reports none."""
        return dict(self.manifest.get("parts", {}))

    @property
    def averaged(self) -> bool:
        """Whether the protocol takes the mean of its folds' scores, instead of pooling their counts."""
        return bool(self.manifest.get("averaged", False))

    def scores(self, rule: Rule = "last", part: str | None = None) -> Scores:
        """The scores under a rule: of all clips, or of a part's, from the same predictions.

        Raises:
            UnknownName: if the protocol reports no such part.
        """
        folds = self.predictions(rule)
        if part is not None:
            if part not in self.parts:
                raise UnknownName("part", part, self.parts)
            folds = within(self.parts[part], self.keys, folds)
        return scores(folds, len(self.classes), averaged=self.averaged)

    @property
    def keys(self) -> list[tuple[str, ...]]:
        """The keys of the held-out clips of each fold."""
        return [outcome.keys for outcome in self.outer]

    @property
    def optimism(self) -> float | None:
        """UF1 under oracle less UF1 under last; None for a method without epochs."""
        return self.scores("oracle").uf1 - self.scores("last").uf1 if self.has_epochs else None

    @cached_property
    def curve(self) -> tuple[float, ...]:
        """UF1 after each epoch, all folds at the same epoch, pooled or averaged as the protocol says."""
        points = min(outcome.epochs for outcome in self.outer)
        return tuple(self._uf1_after(epoch) for epoch in range(points))

    def _uf1_after(self, epoch: int) -> float:
        folds = [(outcome.truth, outcome.probabilities[epoch].argmax(axis=1)) for outcome in self.outer]
        if not self.averaged:
            folds = [(np.concatenate([truth for truth, _ in folds]), np.concatenate([found for _, found in folds]))]
        return combined_uf1(folds, len(self.classes), averaged=self.averaged)

    @property
    def seconds(self) -> float:
        """The time that all trainings took."""
        return sum(outcome.seconds for outcome in (*self.outer, *self.inner))

    def record(self) -> dict[str, Any]:
        """The compact record, as plain data: keys, truths and probabilities under each rule; no pictures, no paths."""
        return {
            **{key: value for key, value in self.manifest.items() if key != "left_out"},
            "format": FORMAT,
            "left_out": len(self.manifest["left_out"]),
            "keys": [list(keys) for keys in self.keys],
            "truth": [outcome.truth.tolist() for outcome in self.outer],
            "by_rule": {rule: self._rule_record(rule) for rule in self.rules},
            "has_epochs": self.has_epochs,
            "optimism": self.optimism if "oracle" in self.rules else None,
            "curve": list(self.curve),
            "seconds": round(self.seconds, 3),
            "peak_memory": max(outcome.peak_memory for outcome in self.outer),
        }

    def _part_scores(self, rule: Rule) -> dict[str, Scores]:
        folds = self.predictions(rule)
        return part_scores(self.parts, self.keys, folds, len(self.classes), averaged=self.averaged)

    def _rule_record(self, rule: Rule) -> dict[str, Any]:
        return {
            "scores": scores_as_dict(self.scores(rule)),
            "parts": {part: scores_as_dict(found) for part, found in self._part_scores(rule).items()},
            "epochs": [epoch + 1 for epoch in self.epochs(rule)],
            "probabilities": [_exact(fold) for fold in self.probabilities(rule)],
        }


def scores_as_dict(found: Scores) -> dict[str, Any]:
    """Scores as plain data; None for what is undefined."""
    plain = asdict(found)
    plain["recall"] = [None if value != value else value for value in found.recall]
    return plain


def _exact(probabilities: npt.NDArray[np.float32]) -> list[list[float]]:
    # nine digits bring every float32 back to the bit
    return [[float(f"{value:.9g}") for value in clip] for clip in probabilities.tolist()]


def data_of(manifest: Mapping[str, Any]) -> str:
    """The datasets with the settings that the user changed of them, and whether the faces are drawn."""
    names = " + ".join(manifest["description"]["datasets"])
    changed = [f"{name}={value}" for name, value in manifest["settings"].items() if name.startswith("dataset.")]
    marks = [*(["drawn faces"] if manifest["drawn"] else []), *changed]
    return f"{names} ({', '.join(marks)})" if marks else names


def protocol_of(description: Mapping[str, Any]) -> str:
    """A protocol as tables name it, with its parameters: runs are compared only where both are equal.

    >>> protocol_of({"protocol": "kfold", "protocol_parameters": {"folds": 5, "seed": 0}})
    'kfold (folds=5, seed=0)'
    """
    parameters = ", ".join(f"{name}={value}" for name, value in description.get("protocol_parameters", {}).items())
    return f"{description['protocol']} ({parameters})" if parameters else str(description["protocol"])


def unranked(manifest: Mapping[str, Any]) -> str:
    """Why a run is never ranked whatever its protocol: parameters chosen on the clips tested; empty where it may be.

    >>> unranked({"description": {"tuning": {"kind": "flat"}}})
    'tuned on the evaluation subjects'
    """
    kind = manifest["description"].get("tuning", {"kind": "none"})["kind"]
    return "" if kind in ("none", "nested", "elsewhere") else "tuned on the evaluation subjects"


def by_group(runs: Sequence[Run]) -> dict[str, list[Run]]:
    """Runs by group: those that differ in their seed alone."""
    groups: dict[str, list[Run]] = {}
    for run in runs:
        groups.setdefault(run.manifest["group"], []).append(run)
    return groups
