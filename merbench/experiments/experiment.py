"""What a run is: method, data, protocol and numerics, and what of them defines its result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from merbench.annotations.corrections import Revision
from merbench.data.keyframe_noise import KeyframeNoise
from merbench.data.labelled_clips import LabelledClips
from merbench.data.source import Source
from merbench.entries.origins import Origin
from merbench.entries.recipe import Training
from merbench.experiments.own_files import own_unknown
from merbench.inputs.alignment.spec import Alignment
from merbench.kind_names import SINGLE_NAME, KindName
from merbench.method import Method, declared_inputs
from merbench.protocol import Protocol
from merbench.results.description import Description
from merbench.results.provenance import digest
from merbench.selection import Rule, inner_kinds
from merbench.spec import ApexPolicy, OnError, RunSpec

if TYPE_CHECKING:
    from merbench.experiments.starting_file import StartingFile
    from merbench.experiments.starting_weights import StartingWeights
    from merbench.training.numerics import Numerics


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """One run, resolved: what is trained on what, how, and which rules are asked for."""

    spec: RunSpec
    method: Method
    method_origin: Origin
    recipe: str
    recipe_source: str
    training: Training | None
    protocol: Protocol
    sources: tuple[Source, ...]
    scheme: str | None = None
    apex: ApexPolicy = "middle"
    corrections: Revision = "none"
    on_error: OnError = "stop"
    seed: int = 0
    rules: tuple[Rule, ...] = ("last", "oracle")
    numerics: Numerics | None = None
    alignment: Alignment = field(default_factory=Alignment)
    changed: Mapping[str, object] = field(default_factory=dict)
    extra_origins: Mapping[str, Origin] = field(default_factory=dict)
    #: How parameters were chosen, as plain data that defines the result; None where nobody tuned.
    tuning: Mapping[str, Any] | None = None
    #: The same in a few words, for tables.
    tuned: str = ""
    #: What folds start from; None where that is random weights, or the method's own files.
    start: StartingWeights | StartingFile | None = None

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of training that each fold takes: `outer`, and the splits of the rule inner."""
        splits = 1 if self.training is None else self.training.inner_splits
        return ("outer", *inner_kinds(splits)) if "inner" in self.rules else ("outer",)

    @property
    def by_dataset(self) -> dict[str, Source]:
        """The sources by the name of their adapter."""
        return {source.dataset.name: source for source in self.sources}

    @property
    def by_part(self) -> dict[str, Source]:
        """The sources by the datasets that their clips are of; a manifest may list several."""
        return {part: source for source in self.sources for part in source.dataset.dataset_names(source.root)}

    @property
    def synthetic(self) -> bool:
        """Whether all faces are synthetic."""
        return all(source.synthetic for source in self.sources)

    def description(self, task: LabelledClips) -> Description:
        """All that defines the result; workers, logging and rules are not part of it."""
        from merbench.inputs.prepare_frames import FRAMES_REVISION
        from merbench.training.fit import ENGINE_REVISION

        content = {
            "method": self.method.name,
            "parameters": self.method.parameters.described(),
            "training": None if self.training is None else self.training.described(),
            "protocol": self.protocol.name,
            "protocol_parameters": self.protocol.parameters.values(),
            "datasets": {
                source.dataset.name: [source.dataset.revision(), source.dataset.parameters.values()]
                for source in self.sources
            },
            "scheme": task.scheme,
            "classes": list(task.classes),
            "labels": task.fingerprint_with(self.protocol.needs),
            "apex_policy": task.apex_policy,
            "left_out": digest([[lost.key, lost.why] for lost in task.left_out]),
            "inputs": declared_inputs(self.method).as_dict(),
            "alignment": str(self.alignment),
            "revisions": {
                "frames": FRAMES_REVISION,
                "engine": ENGINE_REVISION,
                **({"method": self.method.revision} if self.method.revision > 1 else {}),
            },
            "seed": self.seed,
            "precision": None if self.numerics is None else self.numerics.precision,
            "plugins": {name: origin.digest for name, origin in self.origins().items() if origin.digest},
            **({} if task.kind_name == SINGLE_NAME else {"kind": task.kind_name}),
            **({} if self.spec.thresholds == "0.5" else {"thresholds": self.spec.thresholds}),
            **({"precomputed": ready} if (ready := task.precomputed_counts) else {}),
            **({} if self.tuning is None else {"tuning": dict(self.tuning)}),
            **({"perturbed": self.perturbed} if self.perturbed else {}),
            **({"start": self.started} if self.started else {}),
        }
        return Description.from_dict(content, "The description of this run")

    @property
    def keyframe_noise(self) -> KeyframeNoise | None:
        """How onset and apex are shifted on purpose; None where they are not."""
        spec = self.spec
        if not spec.keyframe_noise:
            return None
        return KeyframeNoise(frames=spec.keyframe_noise, side=spec.keyframe_noise_side, seed=spec.keyframe_noise_seed)

    @property
    def perturbed(self) -> dict[str, float | int | str]:
        """What of the clips is not as annotated, on purpose; empty where everything is."""
        values: dict[str, float | int | str] = {
            "label_flips": self.spec.label_flips,
            "apex_shift": self.spec.apex_shift,
        }
        if noise := self.keyframe_noise:
            values["keyframe_noise"] = int(noise.frames) if noise.frames >= 1 else noise.frames
            values["keyframe_noise_side"] = "" if noise.side == "both" else noise.side
            values["keyframe_noise_seed"] = noise.seed
        return {name: value for name, value in values.items() if value}

    @property
    def started(self) -> dict[str, str | bool]:
        """The run or file that folds start from, by identity and digests; whether overlap is allowed, or unknown."""
        start = {} if self.start is None else self.start.recorded
        if own_unknown(self.method):
            start = {**start, "unknown": True}
        return {**start, **({"overlap": True} if self.spec.allow_overlap else {})}

    @property
    def kind_name(self) -> KindName:
        """The kind of task that the scheme gives."""
        return self.sources[0].scheme(self.scheme).kind

    @property
    def plugin_files(self) -> list[Path]:
        """The source files of method, protocol, datasets and components that merbench does not ship."""
        places = {Path(origin.place) for origin in self.origins().values() if origin.digest}
        return sorted(place for place in places if place.is_file())

    def origins(self) -> dict[str, Origin]:
        """Where method, protocol and datasets come from."""
        return {f"method {self.method.name}": self.method_origin, **self.extra_origins}
