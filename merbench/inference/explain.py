"""Held-out clips of a run explained: pictures of clips, and a table of where attention falls."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from merbench._files.atomic import atomic_write
from merbench.analysis.table import Table
from merbench.annotations.clips import Clip
from merbench.data.source import Source
from merbench.errors import UsageError
from merbench.experiments.checkpoints import require_weights
from merbench.experiments.reopen import reopened
from merbench.inference.attention import Maps
from merbench.inference.clip_selection import HeldOut
from merbench.inference.figure import ClipFigure, picture
from merbench.inference.fold_networks import Networks, kept_folds
from merbench.inference.localisation import Located, localisation_table, located, region
from merbench.inputs.alignment.spec import AS_DISTRIBUTED
from merbench.inputs.optical_flow import Algorithm
from merbench.kind_names import MULTI_NAME
from merbench.results.labels import label
from merbench.results.run import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """What the network of its fold says of a held-out clip: probabilities `(class)`, and a map `(y x)` a block."""

    held_out: HeldOut
    probabilities: npt.NDArray[np.float32]
    maps: Maps


class Explanation:
    """A run opened again, and what the networks of its folds say of held-out clips.

    `say` is called with a line before each slow step. Of a multi-label task, `unit` is the place of the unit that the
    table is about; None takes the most probable one of each clip.

    Raises:
        UsageError: for a method that is no network.
        StoreError: if data, entries or versions are not those of the run.
    """

    def __init__(
        self,
        run: Run,
        *,
        data: Mapping[str, Path | str] | Path | str | None = None,
        device: str = "auto",
        folds: Sequence[str] = (),
        unit: int | None = None,
        say: Callable[[str], None] = lambda line: None,
    ) -> None:
        trained = set(folds) <= set(kept_folds(run))
        self.run, self.unit = run, unit
        self.prepared = reopened(run, data=data, device=device, trained=trained)
        require_weights(self.prepared.experiment.method)
        self.networks = Networks(run, self.prepared, say)
        self.clips = {clip.key: clip for clip in self.prepared.task.as_tested_clips()}

    def explained(self, wanted: Sequence[HeldOut]) -> list[Explained]:
        """What is said of those clips, in their order; each fold's network is built or trained once."""
        by_clip: dict[HeldOut, Explained] = {}
        for fold in dict.fromkeys(each.fold for each in wanted):
            within = [each for each in wanted if each.fold == fold]
            probabilities, maps = self.networks.seen(fold, [each.place for each in within])
            for row, each in enumerate(within):
                own: Maps = [None if block is None else block[row] for block in maps]
                by_clip[each] = Explained(held_out=each, probabilities=probabilities[row], maps=own)
        return [by_clip[each] for each in wanted]

    def written(self, explained: Sequence[Explained], folder: Path) -> Iterator[Path]:
        """The PNG file of each clip, in `folder`, as soon as it is written.

        Raises:
            FrameError: if a clip's frames cannot be read.
            StoreError: if a file cannot be written.
        """
        names = [_file(each.held_out.key) for each in explained]
        for each, name in zip(explained, names, strict=True):
            # tested in several folds, or two keys that are spelled alike
            mark = f"-{_digest(each.held_out)}" if names.count(name) > 1 else ""
            path = folder / f"{name}{mark}.png"
            atomic_write(path, picture(self._figure(each)))
            yield path

    def table(self, explained: Sequence[Explained]) -> Table:
        """Each clip's truth and prediction, and how probable they are; of units, the probability of one of them."""
        title = f"{label(self.run.header)}, seed {self.run.seed}: held-out clips after the last epoch"
        if self.run.kind.name == MULTI_NAME:
            return self._table_of_units(explained, title)
        rows = [
            (
                *self._texts(each),
                f"{each.probabilities[each.held_out.truth]:.3f}",
                f"{each.probabilities.max():.3f}",
            )
            for each in explained
        ]
        return Table(
            title=title,
            columns=("clip", "fold", "true", "predicted", "probability of true", "of predicted"),
            rows=tuple(rows),
            text_columns=4,
        )

    def _table_of_units(self, explained: Sequence[Explained], title: str) -> Table:
        rows = []
        for each in explained:
            unit, truth = self._unit(each), np.atleast_1d(each.held_out.truth)
            probability, present = f"{each.probabilities[unit]:.3f}", "yes" if truth[unit] else "no"
            rows.append((*self._texts(each), self.run.classes[unit], present, probability))
        which = (
            "the most probable one of the clip; --unit names another"
            if self.unit is None
            else self.run.classes[self.unit]
        )
        return Table(
            title=title,
            columns=("clip", "fold", "true", "predicted", "unit", "present", "probability"),
            rows=tuple(rows),
            notes=(f"Unit: {which}. Maps of attention are those of the network, whatever the unit.",),
            text_columns=6,
        )

    def _unit_text(self, each: Explained) -> str:
        unit, truth = self._unit(each), np.atleast_1d(each.held_out.truth)
        return f"{self.run.classes[unit]} {'present' if truth[unit] else 'absent'} {each.probabilities[unit]:.2f}"

    def _unit(self, each: Explained) -> int:
        return int(each.probabilities.argmax()) if self.unit is None else self.unit

    def _texts(self, each: Explained) -> tuple[str, str, str, str]:
        """Clip, fold, truth and prediction."""
        return each.held_out.key, each.held_out.fold, self._truth(each), self._predicted(each)

    def _truth(self, each: Explained) -> str:
        return self.run.kind.text(each.held_out.truth, self.run.classes)

    def _predicted(self, each: Explained) -> str:
        kind, thresholds = self.run.kind, self.run.thresholds("last")
        own = None if thresholds is None else thresholds[self.run.header.folds.index(each.held_out.fold)]
        return kind.text(kind.predicted(each.probabilities, own), self.run.classes)

    @cached_property
    def can_localise(self) -> bool:
        """Whether the ground-truth motion is known in the coordinates of the network's input."""
        synthetic = all(source.dataset.synthetic for source in self.prepared.experiment.sources)
        return synthetic and self.prepared.experiment.alignment.name == AS_DISTRIBUTED

    def localised(self, explained: Sequence[Explained], algorithm: Algorithm) -> Table:
        """How much of the attention lies inside the ground-truth motion, by action unit.

        Raises:
            UsageError: for clips without ground-truth motion, or a network without a map over the face.
        """
        if not self.can_localise:
            raise UsageError(
                f"{self.run.path}: localisation needs synthetic faces without alignment, with known motion."
            )
        if all(block is None for each in explained for block in each.maps):
            raise UsageError(
                f"{label(self.run.header)}: no block of the network has a map over the face to be localised."
            )
        flows = self._flows([self.clips[each.held_out.key] for each in explained], algorithm)
        shares = [self._located(each, flow) for each, flow in zip(explained, flows, strict=True)]
        if not any(shares):
            raise UsageError(
                f"{self.run.path}: the dataset has no ground-truth motion for these clips; nothing to localise."
            )
        return localisation_table(shares, f"{label(self.run.header)}, seed {self.run.seed}", algorithm)

    def _located(self, each: Explained, flow: npt.NDArray[np.float32]) -> list[Located]:
        return located(self._units(self.clips[each.held_out.key]), flow, each.maps)

    def _flows(self, clips: Sequence[Clip], algorithm: Algorithm) -> Iterator[npt.NDArray[np.float32]]:
        from merbench._files.images import grey_at
        from merbench.inputs.optical_flow import optical_flow

        for clip in clips:
            onset, apex = (grey_at(frame, frame.shape[:2]) for frame in self._frames(clip))
            flow = optical_flow(onset, apex, algorithm)
            yield np.hypot(flow[0], flow[1])

    def _units(self, clip: Clip) -> Mapping[int, npt.NDArray[np.float32]]:
        source = self._source(clip)
        return source.dataset.ground_truth_motion_by_unit(source.root, clip, clip.moment("apex"))

    def _source(self, clip: Clip) -> Source:
        return self.prepared.experiment.by_part[clip.dataset]

    @cached_property
    def _aligned(self) -> Mapping[str, Source]:
        from merbench.inputs.alignment.align import align

        experiment = self.prepared.experiment
        return align(list(self.clips.values()), experiment.by_part, experiment.alignment).sources

    def _frames(self, clip: Clip) -> list[npt.NDArray[np.uint8]]:
        from merbench.inputs.clip_reader import ClipFiles

        moments = [clip.moment("onset"), clip.moment("apex")]
        return ClipFiles(clip=clip, source=self._aligned[clip.dataset]).frames(moments)

    def _figure(self, each: Explained) -> ClipFigure:
        clip, classes = self.clips[each.held_out.key], self.run.classes
        onset, apex = self._frames(clip)
        units = self._units(clip) if self.can_localise else {}
        motion_region = np.any([region(field) for field in units.values()], axis=0) if units else None
        coded: Any = self.prepared.task.clips.loc[clip.key, "action_units"]
        facts = [
            f"true: {self._truth(each)}",
            f"predicted: {self._predicted(each)}",
            *([f"unit {self._unit_text(each)}"] if self.run.kind.name == MULTI_NAME else []),
            f"action units: {'+'.join(map(str, coded)) or 'not coded'}",
            f"fold {each.held_out.fold}, held out, last epoch",
            *(["white: ground-truth motion"] if motion_region is not None else []),
        ]
        return ClipFigure(
            title=f"{clip.key} · {label(self.run.header)}, seed {self.run.seed}",
            facts=" · ".join(facts),
            onset=onset,
            apex=apex,
            probabilities=each.probabilities,
            classes=classes,
            truth=frozenset(classes.index(name) for name in self.run.kind.parts(self._truth(each))),
            maps=each.maps,
            motion_region=motion_region,
        )


def _digest(each: HeldOut) -> str:
    return hashlib.sha256(f"{each.key}\0{each.fold}".encode()).hexdigest()[:8]


def _file(key: str) -> str:
    return re.sub(r"[^\w.-]+", "_", key)[:150]
