"""What a run is: method, data, protocol and numerics, and what of them defines its result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from merbench.annotations.corrections import Revision
from merbench.data.source import Source
from merbench.data.task import ApexPolicy, Task
from merbench.entries.origins import Origin
from merbench.entries.recipe import Training
from merbench.inputs.alignment.spec import Alignment
from merbench.method import Method
from merbench.protocol import Protocol
from merbench.results.provenance import digest
from merbench.selection import Rule

if TYPE_CHECKING:
    from merbench.training.numerics import Numerics

OnError = Literal["stop", "skip"]
Settings = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """One run, resolved: what is trained on what, how, and which rules are asked for."""

    method: Method
    method_origin: Origin
    recipe: str
    recipe_source: str
    training: Training | None
    protocol: Protocol
    sources: tuple[Source, ...]
    scheme: str | None = None
    apex: ApexPolicy = "middle"
    mends: Revision = "none"
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

    @property
    def by_dataset(self) -> dict[str, Source]:
        """The sources by the name of their adapter."""
        return {source.dataset.name: source for source in self.sources}

    @property
    def by_part(self) -> dict[str, Source]:
        """The sources by the datasets that their clips are of; a manifest may list several."""
        return {part: source for source in self.sources for part in source.dataset.parts(source.root)}

    @property
    def drawn(self) -> bool:
        """Whether all faces are drawn by code."""
        return all(source.drawn for source in self.sources)

    def description(self, task: Task) -> dict[str, Any]:
        """All that defines the result, as plain data; workers, logging and rules are not part of it."""
        from merbench.inputs.prepare_frames import FRAMES_REVISION
        from merbench.training.fit import ENGINE_REVISION

        return {
            "method": self.method.name,
            "parameters": self.method.parameters.described(),
            "training": None if self.training is None else self.training.values(),
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
            "inputs": self.method.inputs().as_dict(),
            "alignment": str(self.alignment),
            "revisions": {"frames": FRAMES_REVISION, "engine": ENGINE_REVISION},
            "seed": self.seed,
            "precision": None if self.numerics is None else self.numerics.precision,
            "plugins": {name: origin.digest for name, origin in self.origins().items() if origin.digest},
            **({} if self.tuning is None else {"tuning": dict(self.tuning)}),
        }

    def origins(self) -> dict[str, Origin]:
        """Where method, protocol and datasets come from."""
        return {f"method {self.method.name}": self.method_origin, **self.extra_origins}


def group_of(description: Mapping[str, Any]) -> str:
    """The identity of a run but for its seed: the runs of one group are repetitions."""
    return digest({name: value for name, value in description.items() if name != "seed"})


def origins_as_dict(origins: Mapping[str, Origin]) -> dict[str, dict[str, str]]:
    """Origins as plain data for records: file names only, never folders of this machine."""
    return {name: {**asdict(origin), "place": Path(origin.place).name} for name, origin in origins.items()}
