"""The specification of a run: every parameter with its default, what it may be, and the check of it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias

from merbench.errors import UnknownName, UsageError
from merbench.selection import Rule, ThresholdsName, read_rules
from merbench.value_types import hints_of, plain, refusal, require_types

if TYPE_CHECKING:
    from merbench.results.header import RunHeader

ApexPolicy = Literal["middle", "spot", "spot-all", "drop", "error"]
Corrections = Literal["none", "merbench-1"]
OnError = Literal["stop", "skip"]
KeyframeSide = Literal["both", "train", "test"]
AlignmentName = Literal["none", "dlib-68", "dlib-68-ststnet"]
Precision = Literal["auto", "float32", "bfloat16", "float64"]
Compile = Literal["no", "yes", "auto"]
MemoryFormat = Literal["auto", "contiguous", "channels-last"]
Deterministic = Literal["yes", "no"]
ExecutorName = Literal["local", "processes", "ray"]
SamplerName = Literal["tpe", "random", "gp", "cmaes"]
MetricName = Literal["uf1", "uar", "accuracy", "mean_f1", "macro_f1"]
PrunerName = Literal["none", "wilcoxon", "hyperband", "median"]
#: What settings begin with that are not of a method: ``dataset.subjects``.
SETTING_GROUPS = ("dataset", "protocol")
SettingValue: TypeAlias = bool | int | float | str
SettingValues: TypeAlias = Mapping[str, SettingValue]


#: Fields that specifications of before do not have, which are stored where they are not the default.
_LATER: Mapping[str, object] = {
    "thresholds": "0.5",
    "label_flips": 0.0,
    "apex_shift": 0,
    "keyframe_noise": 0.0,
    "keyframe_noise_side": "both",
    "keyframe_noise_seed": 0,
    "distinct_subjects": False,
    "weights": None,
    "allow_overlap": False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """Changed parameters: of the method or its recipe, of one of several methods, of datasets and of the protocol.

    >>> RunSettings.parse({"epochs": 3, "mmnet.blocks": 2, "dataset.subjects": 4}, methods=["mmnet"]).flat()
    {'epochs': 3, 'mmnet.blocks': 2, 'dataset.subjects': 4}
    """

    method: SettingValues = field(default_factory=dict)
    by_method: Mapping[str, SettingValues] = field(default_factory=dict)
    dataset: SettingValues = field(default_factory=dict)
    protocol: SettingValues = field(default_factory=dict)

    def __post_init__(self) -> None:
        require_types(self, "settings.")

    @classmethod
    def parse(cls, settings: Mapping[str, Any] | None, methods: Sequence[str] = ()) -> Self:
        """The settings of names such as ``epochs``, ``dataset.subjects``, ``protocol.k`` and ``METHOD.epochs``."""
        parsed: dict[str, Any] = {"method": {}, "by_method": {}, "dataset": {}, "protocol": {}}
        for name, value in (settings or {}).items():
            group, key = _group(name, methods)
            target = parsed["by_method"].setdefault(group, {}) if group in methods else parsed[group or "method"]
            target[key] = value
        return cls(**parsed)

    def flat(self) -> dict[str, SettingValue]:
        """Name to value, each name with the prefix that says what it is a parameter of."""
        of_methods = {f"{name}.{key}": value for name, own in self.by_method.items() for key, value in own.items()}
        groups = {"dataset": self.dataset, "protocol": self.protocol}
        prefixed = {f"{name}.{key}": value for name, own in groups.items() for key, value in own.items()}
        return {**self.method, **of_methods, **prefixed}

    def of(self, method: str) -> RunSettings:
        """The settings of one of the methods: its own ones in place of those that all share."""
        merged = {**self.method, **self.by_method.get(method, {})}
        return dataclasses.replace(self, method=merged, by_method={})

    def updated(self, other: RunSettings) -> RunSettings:
        """These settings, with those of `other` in place of equally named ones."""
        named = {
            name: {**self.by_method.get(name, {}), **other.by_method.get(name, {})}
            for name in (*self.by_method, *other.by_method)
        }
        return RunSettings(
            method={**self.method, **other.method},
            by_method=named,
            dataset={**self.dataset, **other.dataset},
            protocol={**self.protocol, **other.protocol},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputeOptions:
    """Where and how a run is computed: folds at once, whether steps are compiled, images in memory, equal bits."""

    device: str = "auto"
    precision: Precision = "auto"
    parallel_folds: int | Literal["auto"] = "auto"
    compile: Compile = "no"
    memory_format: MemoryFormat = "auto"
    deterministic: Deterministic = "yes"

    def __post_init__(self) -> None:
        require_types(self)
        if not re.fullmatch(r"auto|cpu|cuda(:\d+)?|mps(:\d+)?", self.device):
            raise refusal("device", self.device, "cpu, cuda, cuda:N or auto")
        if isinstance(self.parallel_folds, int) and self.parallel_folds < 1:
            raise refusal("parallel_folds", self.parallel_folds, "auto, or a whole number of folds from 1")
        if self.compile == "yes" and self.parallel_folds not in ("auto", 1):
            raise UsageError(
                f"compile=yes trains one fold at a time, but parallel_folds={self.parallel_folds} was given; "
                "leave one of them out."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSpec:
    """One run by names and plain values: what is trained and tested on what, by which rules, computed how.

    No `datasets` are the protocol's usual ones; no `recipe` and no `rules` are those that suit the data. `data` has
    the folder of each dataset, `tuned` names the file of parameters chosen by tuning, and `plugins` are files with
    further entries. Units are predicted above `thresholds`. Of a study of sensitivity, `label_flips` is the share of
    clips that are trained on with a wrong label, and `apex_shift` the frames by which every apex is moved; such runs
    are never ranked. Nor are those with `keyframe_noise`: onset and apex of each clip are shifted by up to so many
    frames, or below 1 by a share of the frames between the two, in training, in testing or in both
    (`keyframe_noise_side`), as `keyframe_noise_seed` draws it, whatever the run's seed. `distinct_subjects` says that
    subjects whose names or pictures are alike are different people. Folds start from `weights`: the folder of a run
    that kept its networks, or of its export, a file, or ``timm:NAME.TAG``; `allow_overlap` lets them start from
    networks that may have seen the subjects that are tested, which is never ranked.

    >>> spec = RunSpec(method="majority", settings=RunSettings.parse({"dataset.subjects": 3}))
    >>> RunSpec.from_dict(spec.as_dict()) == spec
    True
    """

    method: str
    protocol: str = "loso"
    datasets: tuple[str, ...] = ()
    data: Mapping[str, str] = field(default_factory=dict)
    scheme: str | None = None
    recipe: str | None = None
    settings: RunSettings = field(default_factory=RunSettings)
    apex: ApexPolicy = "middle"
    corrections: Corrections = "none"
    on_error: OnError = "stop"
    seed: int = 0
    rules: tuple[Rule, ...] | None = None
    alignment: AlignmentName = "none"
    alignment_fallback: bool = False
    tuned: str | None = None
    plugins: tuple[str, ...] = ()
    compute: ComputeOptions = field(default_factory=ComputeOptions)
    thresholds: ThresholdsName = "0.5"
    label_flips: float = 0.0
    apex_shift: int = 0
    keyframe_noise: float = 0.0
    keyframe_noise_side: KeyframeSide = "both"
    keyframe_noise_seed: int = 0
    distinct_subjects: bool = False
    weights: str | None = None
    allow_overlap: bool = False

    def __post_init__(self) -> None:
        require_types(self)
        if self.seed < 0:
            raise refusal("seed", self.seed, "a whole number from 0")
        if not 0 <= self.label_flips <= 1:
            raise refusal("label_flips", self.label_flips, "a share of the clips, 0 to 1")
        _require_keyframe_noise(self.keyframe_noise, self.keyframe_noise_side, self.keyframe_noise_seed)
        if self.rules is not None:
            object.__setattr__(self, "rules", read_rules(",".join(self.rules)))
        _require_datasets(self.datasets, self.data)

    def as_dict(self) -> dict[str, Any]:
        """The specification as plain data that JSON can hold."""
        content: dict[str, Any] = plain(self)
        return {name: value for name, value in content.items() if name not in _LATER or value != _LATER[name]}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """The specification of plain data.

        Raises:
            UnknownName: for a key that no specification has.
            UsageError: for a value of the wrong type, or one that cannot be.
        """
        spec: Self = _read_record(cls, content)
        return spec

    def recorded(self, files: Collection[str] = ()) -> RunSpec:
        """The specification without folders of this machine; `files` are the settings whose values are paths."""
        own = {name: _base(str(value)) if name in files else value for name, value in self.settings.method.items()}
        return dataclasses.replace(
            self,
            data={},
            settings=dataclasses.replace(self.settings, method=own),
            tuned=None if self.tuned is None else _base(self.tuned),
            weights=None if self.weights is None else _base(self.weights),
            plugins=tuple(map(_base, self.plugins)),
        )

    @classmethod
    def from_record(cls, record: RunHeader) -> RunSpec:
        """The specification that a run's record holds; of records of earlier releases what they say of it."""
        return _of_earlier_release(record) if record.spec is None else record.spec


def _group(name: str, methods: Sequence[str]) -> tuple[str, str]:
    for group in (*methods, *SETTING_GROUPS):
        if name.startswith(f"{group}."):
            return group, name.removeprefix(f"{group}.")
    return "", name


def _require_keyframe_noise(noise: float, side: str, seed: int) -> None:
    if not 0 <= noise <= 10_000 or (noise > 1 and noise != int(noise)):
        raise refusal(
            "keyframe_noise", noise, "a whole number of frames, or a share of the rise below 1 such as 0.25; 0 for none"
        )
    if seed < 0:
        raise refusal("keyframe_noise_seed", seed, "a whole number from 0")
    if not noise and (side, seed) != ("both", 0):
        given = f"keyframe_noise_side={side}" if side != "both" else f"keyframe_noise_seed={seed}"
        raise UsageError(
            f"{given} says how key frames are shifted, but none are; give keyframe_noise (--keyframe-noise K), or "
            "leave it out."
        )


def _require_datasets(datasets: Sequence[str], data: Mapping[str, str]) -> None:
    repeated = sorted({name for name in datasets if datasets.count(name) > 1})
    if repeated:
        raise UsageError(f"dataset {', '.join(repeated)} is given twice; give it once.")
    stray = sorted(set(data) - set(datasets)) if datasets else []
    if stray:
        raise UsageError(f"--data names {', '.join(stray)}, which the run does not use ({', '.join(datasets)}).")


def _base(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]


def _read_record(kind: Any, content: Any, prefix: str = "") -> Any:
    if not isinstance(content, Mapping):
        raise refusal(prefix.rstrip(".") or "a specification", content, "a table of names and values")
    hints = hints_of(kind)
    for key in content:
        if key not in hints:
            raise UnknownName("key", f"{prefix}{key}", [f"{prefix}{name}" for name in hints])
    if kind is RunSpec and "method" not in content:
        raise UsageError('method is missing; name one, such as method = "mmnet".')
    return kind(
        **{
            key: _read_record(hints[key], value, f"{prefix}{key}.") if dataclasses.is_dataclass(hints[key]) else value
            for key, value in content.items()
        }
    )


def _of_earlier_release(record: RunHeader) -> RunSpec:
    """What a record without a specification says of it: every parameter by its value, as its description has them."""
    description: Any = record.description  # whose values RunSpec checks
    facts: Any = record
    alignment = description.alignment.partition(", revision ")[0]
    tables = [values for _, values in description.datasets.values()]
    pairs = [(name, value) for values in tables for name, value in values.items()]
    shared = {name: value for name, value in pairs if all(other.get(name, value) == value for other in tables)}
    return RunSpec(
        method=description.method,
        protocol=description.protocol,
        datasets=tuple(description.datasets),
        scheme=description.scheme,
        recipe=record.recipe.name,
        settings=RunSettings(
            method={**description.parameters, **(description.training or {})},
            dataset=shared,
            protocol=description.protocol_parameters,
        ),
        apex=facts.apex_policy,
        corrections=facts.corrections,
        on_error="skip" if any(clip.why == "frames" for clip in record.left_out) else "stop",
        seed=description.seed,
        rules=record.rules,
        alignment="none" if alignment == "as distributed" else alignment,
        alignment_fallback=description.alignment.endswith(", failures as distributed"),
        compute=ComputeOptions(precision=description.precision or "auto"),
    )
