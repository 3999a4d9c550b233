"""What is known of a run before it is finished: what `run.json` holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Final, Literal, NamedTuple, Self

from pydantic import Field, PlainSerializer, PlainValidator, WithJsonSchema

from merbench.errors import MerbenchError
from merbench.plural import plural
from merbench.results.description import Description
from merbench.results.model import Count, Names, PlainMapping, RecordModel, stored_as
from merbench.results.provenance import digest
from merbench.selection import Rule
from merbench.spec import RunSpec
from merbench.task_kinds import TaskKind, kind_named

if TYPE_CHECKING:
    from merbench.training.numerics import Numerics

#: The format that this release writes; `read_header` and `read_record` say which ones are read.
FORMAT: Final = 1


class RecipeRecord(RecordModel):
    """The recipe of a run, and where its values come from."""

    name: str
    source: str


class NumericsRecord(RecordModel):
    """What can change the bits of a result on equal input: see `merbench.training.numerics.Numerics`."""

    device: str
    device_name: str
    precision: str
    threads: Count
    parallel_folds: Annotated[Count, stored_as("packing")]
    torch_version: str
    numpy_version: str
    parallelism: Annotated[str, stored_as("together")]
    tf32: bool
    compile: Annotated[bool | None, stored_as("compiled")] = False
    channels_last: bool | None = True
    deterministic: bool = True
    frozen_once: bool = False

    @classmethod
    def of(cls, numerics: Numerics) -> Self:
        """The numerics of a run as records hold them."""
        return cls.model_validate(numerics.record(), by_name=False)

    def restored(self) -> Numerics:
        """The numerics that a record holds."""
        from merbench.training.numerics import Numerics

        return Numerics.from_record(self.as_dict())


class EnvironmentRecord(RecordModel):
    """Versions of Python, the platform and the packages that results depend on."""

    python: str
    platform: str
    packages: Mapping[str, str]


class CodeRecord(RecordModel):
    """The release of merbench; in a checkout also its commit, and whether files differ from it."""

    version: str
    commit: str | None
    dirty: bool | None


class OriginRecord(RecordModel):
    """Where an entry comes from: the name of its file, its distribution, and the digest of its source."""

    place: str
    package: str
    version: str
    digest: str


class LeftOutRecord(RecordModel):
    """A clip that the run does not have, and why."""

    key: str
    why: str
    reason: str


class ExternalRecord(RecordModel):
    """Whose predictions they are, where a record comes from a submitted file."""

    reference: str
    url: str
    prediction_kind: Annotated[Literal["classes", "probabilities"], stored_as("given")]


class TuningRecord(RecordModel):
    """What tuning took, over all starts and workers, and what it chose for each fold."""

    trials: Count
    hours: float
    epochs: Count
    chosen: Mapping[str, PlainMapping]


class TaskIdentity(NamedTuple):
    """What was measured: protocol with parameters, data, scheme, labels fingerprint, alignment of the frames."""

    protocol: str
    data: str
    scheme: str
    labels: str
    alignment: str

    @property
    def id(self) -> str:
        """A short name of the task, for commands."""
        return digest(list(self))[:8]


def _spec(value: object) -> RunSpec:
    if isinstance(value, RunSpec):
        return value
    try:
        return RunSpec.from_dict(value)  # type: ignore[arg-type]
    except MerbenchError as error:  # of which UnknownName is a KeyError, which pydantic lets pass
        raise ValueError(str(error)) from error


_Spec = Annotated[RunSpec, PlainValidator(_spec), PlainSerializer(RunSpec.as_dict), WithJsonSchema({"type": "object"})]


class RunFacts(RecordModel):
    """What `run.json` and a finished run's record have in common: what the run is, of what, by what code, and where."""

    format: Literal[1]
    identity: str
    group: str
    description: Description
    spec: _Spec | None = None
    recipe: RecipeRecord
    #: What the user changed, by name.
    settings: Mapping[str, str]
    rules: tuple[Rule, ...]
    #: Whether all faces are synthetic.
    synthetic: Annotated[bool, stored_as("drawn")]
    family: str
    title: str
    #: Trainable parameters; None where folds differ in them, or nobody knows.
    parameter_count: Count | None
    clips: Count
    subjects: Count
    #: Clips by class, or by unit that they have.
    counts: Mapping[str, Count]
    #: By dataset, the state of its annotation files.
    states: Mapping[str, str]
    apex_policy: str
    apexes_not_annotated: Names
    corrections: Annotated[str, stored_as("mends")] = "none"
    corrected: Annotated[Names, stored_as("mended")] = ()
    notes: Names
    #: By fold, the classes that are tested without a training clip.
    untrained_classes: Mapping[str, Names]
    folds: Names = Field(min_length=1)
    leaky: bool
    #: Whether the folds' scores are averaged, instead of their counts pooled.
    averaged: bool = False
    #: By fold, the subjects that it does not train on.
    untrained_subjects: Mapping[str, Names]
    every_clip_once: bool
    #: By name, the clips of each subset that is scored apart.
    subsets: Annotated[Mapping[str, Names], stored_as("parts")]
    subsets_note: Annotated[str, stored_as("parts_note")] = ""
    #: By dataset, the fingerprint of its frames.
    frames: Mapping[str, str]
    numerics: NumericsRecord | None
    environment: EnvironmentRecord | None
    code: CodeRecord
    origins: Mapping[str, OriginRecord]
    #: How it was tuned, in a few words; empty where nobody did.
    tuned: str = ""
    tuning: TuningRecord | None = None

    @property
    def method(self) -> str:
        """The method's name."""
        return self.description.method

    @property
    def inner_split_count(self) -> int:
        """By how many splits of the training subjects the rule `inner` chooses the epoch."""
        count = (self.description.training or {}).get("inner_splits", 1)
        return count if isinstance(count, int) else 1

    @property
    def seed(self) -> int:
        """The seed."""
        return self.description.seed

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes, in the scheme's order."""
        return self.description.classes

    @property
    def kind(self) -> TaskKind:
        """What is predicted of a clip."""
        return kind_named(self.description.kind)

    @property
    def data(self) -> str:
        """The datasets with the settings that the user changed, whether the faces are synthetic, and what was given."""
        names = " + ".join(self.description.datasets)
        changed = [f"{name}={value}" for name, value in self.settings.items() if name.startswith("dataset.")]
        marks = [*(["synthetic faces"] if self.synthetic else []), *self._given(), *changed]
        return f"{names} ({', '.join(marks)})" if marks else names

    def _given(self) -> list[str]:
        """What came with the data ready-made: no result on it shares a table with one on what was computed."""
        given = (self.description.precomputed or {}).items()
        return [
            f"given {name}" + ("" if count == self.clips else f" of {plural(count, 'clip')}") for name, count in given
        ]

    @property
    def task(self) -> TaskIdentity:
        """What must be equal for results to share a table."""
        return TaskIdentity(
            protocol=self.description.protocol_label,
            data=self.data,
            scheme=self.description.scheme,
            labels=self.description.labels,
            alignment=self.description.alignment,
        )


class RunHeader(RunFacts):
    """A run as it is begun: what `run.json` holds."""

    left_out: tuple[LeftOutRecord, ...]
