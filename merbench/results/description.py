"""The part of a record that defines its result, and so its identity."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from merbench.kind_names import SINGLE_NAME, KindName
from merbench.results.model import Count, Names, Plain, PlainMapping, RecordModel
from merbench.results.provenance import digest

if TYPE_CHECKING:
    from merbench.method import Method

#: The kinds of tuning that never saw the clips that are tested.
_UNBIASED = ("none", "nested", "elsewhere")


class Description(RecordModel):
    """All that defines the result of a run: equal descriptions are one run."""

    method: str
    parameters: PlainMapping
    training: PlainMapping | None
    protocol: str
    protocol_parameters: PlainMapping
    #: By name, each dataset's revision and parameters.
    datasets: Mapping[str, tuple[str, PlainMapping]]
    scheme: str
    classes: Names = Field(min_length=1)
    #: Fingerprint of the labelled clips.
    labels: str
    apex_policy: str
    #: Fingerprint of the clips that were left out.
    left_out: str
    inputs: PlainMapping
    alignment: str
    revisions: Mapping[str, Count]
    seed: Count
    precision: str | None
    #: By entry, the digest of its source, of those that merbench does not ship.
    plugins: Mapping[str, str]
    #: By input, of how many clips the data brings it ready-made; absent where it is computed of all.
    precomputed: Mapping[str, Count] | None = None
    #: The kind of task; absent where each clip has one class.
    kind: KindName = SINGLE_NAME
    #: What chose the thresholds above which units are predicted; absent where they are 0.5.
    thresholds: Literal["inner"] | None = None
    #: How parameters were tuned; absent where nobody did.
    tuning: PlainMapping | None = None
    #: What of the clips was changed on purpose; absent where nothing was.
    perturbed: PlainMapping | None = None
    #: The run or file that folds start from, and whether it may have seen tested subjects; absent where there is none.
    start: PlainMapping | None = None

    @cached_property
    def identity(self) -> str:
        """The hash of everything: equal for equal runs."""
        return digest(self.as_dict())

    @cached_property
    def group(self) -> str:
        """The hash of everything but the seed: the runs of one group are repetitions."""
        return digest({name: value for name, value in self.as_dict().items() if name != "seed"})

    @property
    def protocol_label(self) -> str:
        """The protocol as tables name it, with its parameters: runs are compared only where both are equal."""
        return protocol_label(self.protocol, self.protocol_parameters)

    @property
    def unranked(self) -> str:
        """Why the run is never ranked, whatever its protocol; empty where it may be."""
        if self.perturbed:
            return "clips changed on purpose"
        if self.start and self.start.get("overlap"):
            return "started from weights that may have seen the tested subjects"
        if self.start and self.start.get("unknown"):
            return "overlap unknown: started from weights that do not say what they were trained on"
        return self.biased_tuning

    @property
    def biased_tuning(self) -> str:
        """How it was tuned, if that saw the clips that are tested; empty if not."""
        kind: Plain = "none" if self.tuning is None else self.tuning.get("kind", "none")
        return "" if kind in _UNBIASED else "tuned on the evaluation subjects"

    def differences(self, other: Description) -> list[str]:
        """The keys whose values differ."""
        own, others = self.as_dict(), other.as_dict()
        return [name for name in {**own, **others} if own.get(name) != others.get(name)]

    def without_files(self, method: Method) -> Description:
        """The description without the files that training began with, whose place no record holds."""
        files = {declared.name for declared in method.Parameters.declared() if declared.is_file}
        parameters = {name: "" if name in files else value for name, value in self.parameters.items()}
        return self.updated(parameters=parameters, start=None)

    def without_revisions(self, *names: str) -> Description:
        """The description without some of its revisions."""
        return self.updated(revisions={key: value for key, value in self.revisions.items() if key not in names})


def protocol_label(name: str, parameters: Mapping[str, object]) -> str:
    """A protocol as tables name it, with its parameters.

    >>> protocol_label("kfold", {"folds": 5, "seed": 0})
    'kfold (folds=5, seed=0)'
    """
    listed = ", ".join(f"{parameter}={value}" for parameter, value in parameters.items())
    return f"{name} ({listed})" if listed else name
