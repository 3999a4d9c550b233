"""On what and how exactly a run computes; chosen once, recorded, and kept by a resume."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from merbench.errors import UsageError
from merbench.training.hardware import available_threads, device_name, find_device, has_fast_bfloat16, indexed

#: Chosen for a run, whatever its machine.
_CHOSEN_FOR_THE_RUN = ("threads", "parallel_folds", "parallelism", "compile", "channels_last", "frozen_once")
#: Fields whose keys in records are older than their names.
_KEYS = {"parallel_folds": "packing", "parallelism": "together", "compile": "compiled"}
#: Values of `parallelism` in records of earlier releases.
_EARLIER = {"beside": "threaded", "stacked": "vmapped"}
COMPILE = {"no": False, "yes": True, "auto": None}
MEMORY_FORMATS = {"contiguous": False, "channels-last": True, "auto": None}
PRECISIONS = {"float64": torch.float64, "float32": torch.float32, "bfloat16": torch.bfloat16}


@dataclass(frozen=True, slots=True, kw_only=True)
class Numerics:
    """All that can change the bits of a result on equal input.

    `threads` are those of one fold on the CPU. `parallel_folds` is the number of folds trained at once, 0 while it
    is still to be measured; they are `threaded` on a CPU, or `vmapped`: stacked in one tensor each, or `graphed`:
    steps captured in CUDA graphs, which are replayed on a stream for each fold. Under `tf32` a GPU multiplies
    float32 matrices with ten bits of mantissa. `compile` says whether training steps are compiled by torch, one
    fold at a time, and is None while that is still to be measured. `channels_last` is the order in memory of images
    and of the weights of 2D convolutions: channels last, or contiguous; None while that is still to be measured;
    `vmapped` folds are contiguous. Where not `deterministic`, a GPU may use faster kernels whose results differ
    from run to run. `frozen_once` says that what frozen parts give of a clip is computed once for all folds and
    epochs, in batches other than those of the steps.
    """

    device: str
    device_name: str
    precision: str
    threads: int
    parallel_folds: int
    torch_version: str
    numpy_version: str
    parallelism: str = "vmapped"
    tf32: bool = False
    compile: bool | None = False
    channels_last: bool | None = True
    deterministic: bool = True
    frozen_once: bool = False

    @property
    def torch_device(self) -> torch.device:
        """The device as its tensors name it."""
        return indexed(torch.device(self.device))

    @property
    def autocast(self) -> bool:
        """Whether the forward pass runs in bfloat16 over float32 weights."""
        return self.precision == "bfloat16"

    @property
    def open(self) -> bool:
        """Whether something is still to be measured."""
        return self.parallel_folds == 0 or self.compile is None or self.channels_last is None

    @property
    def dtype(self) -> torch.dtype:
        """The type of weights and inputs: float32 also where the forward pass runs in bfloat16."""
        return torch.float64 if self.precision == "float64" else torch.float32

    def without_autotuning(self) -> Numerics:
        """These numerics with what is open left at one fold at a time, channels last, and nothing compiled."""
        return dataclasses.replace(
            self,
            parallel_folds=self.parallel_folds or 1,
            compile=bool(self.compile),
            channels_last=self.channels_last is not False,
        )

    def record(self) -> dict[str, Any]:
        """These numerics by the keys of records."""
        return {_KEYS.get(name, name): value for name, value in dataclasses.asdict(self).items()}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Numerics:
        """The numerics of a record, of this release or an earlier one."""
        return cls(**_fields(record))

    def adopting(self, record: Mapping[str, Any]) -> Numerics:
        """These numerics with what was chosen for a run taken from its record; the rest is the machine's.

        A run whose bits were not promised goes on so; one whose bits were is not continued without.
        """
        recorded = _fields(record)
        chosen = {name: recorded[name] for name in _CHOSEN_FOR_THE_RUN if name in recorded}
        return dataclasses.replace(self, **chosen, deterministic=self.deterministic and recorded["deterministic"])

    def differences(self, record: Mapping[str, Any]) -> str:
        """What a record says otherwise, as `threads 4 then, 2 now; …`; empty if these numerics give the same bits.

        What a record of an earlier release does not say is no difference, and neither is which of several equal GPUs
        was used.
        """
        recorded = {name: value for name, value in _fields(record).items() if hasattr(self, name)}
        now = dataclasses.asdict(self)
        return "; ".join(
            f"{_KEYS.get(name, name)} {value} then, {now[name]} now"
            for name, value in recorded.items()
            if _comparable(name, value) != _comparable(name, now[name])
        )


def _fields(record: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that a record holds, and what runs from before they were recorded were."""
    names = {key: name for name, key in _KEYS.items()}
    before = {"compile": False, "channels_last": True, "deterministic": True, "frozen_once": False}
    recorded = before | {names.get(key, key): value for key, value in record.items()}
    if "parallelism" in recorded:
        recorded["parallelism"] = _EARLIER.get(recorded["parallelism"], recorded["parallelism"])
    return recorded


def _comparable(name: str, value: Any) -> Any:
    return str(value).partition(":")[0] if name == "device" else value


def choose(
    device: str = "auto",
    precision: str = "auto",
    threads: int | None = None,
    parallel_folds: str | int = 1,
    compile: str = "no",  # noqa: A002 the word of the option
    memory_format: str = "auto",
    deterministic: str = "yes",
) -> Numerics:
    """The numerics for a device and a precision; `auto` takes a GPU if there is one, and bfloat16 where it is fast.

    `parallel_folds` is the number of folds trained at once; `auto` leaves it to be measured. On a CPU they share
    threads. `compile` is no, yes, or auto, which leaves it to be measured, too; compiled folds are trained one at a
    time. `memory_format` is contiguous, channels-last, or auto, which on a CPU leaves it to be measured; a GPU takes
    channels last. `deterministic` is yes, or no, which lets a GPU use kernels whose results differ from run to run.

    Raises:
        UsageError: for a device that cannot be used, or a value that does not exist.
    """
    torch_device = find_device(device)
    _require_one_of("precision", precision, ("auto", *PRECISIONS))
    _require_one_of("compile", compile, COMPILE)
    _require_one_of("memory_format", memory_format, MEMORY_FORMATS)
    _require_one_of("deterministic", deterministic, ("yes", "no"))
    folds = _parallel_folds(parallel_folds)
    if compile == "yes" and folds > 1:
        raise UsageError(
            f"compile=yes trains one fold at a time, but parallel_folds={folds} was given; leave one of them out."
        )
    folds = 1 if compile == "yes" else folds
    if precision == "auto":
        precision = "bfloat16" if has_fast_bfloat16(torch_device) else "float32"
    on_cpu = torch_device.type == "cpu"
    return Numerics(
        device=str(torch_device),
        device_name=device_name(torch_device),
        precision=precision,
        threads=threads or max(available_threads() // (max(folds, 1) if on_cpu else 1), 1),
        parallel_folds=folds,
        torch_version=torch.__version__,
        numpy_version=np.__version__,
        parallelism="threaded" if on_cpu else "vmapped",
        tf32=torch_device.type == "cuda" and precision == "float32",
        compile=COMPILE[compile],
        channels_last=True if memory_format == "auto" and not on_cpu else MEMORY_FORMATS[memory_format],
        deterministic=deterministic == "yes",
    )


def _require_one_of(option: str, value: str, values: Iterable[str]) -> None:
    *first, last = values
    if value not in (*first, last):
        raise UsageError(f"{option}={value} is not possible: it must be {', '.join(first)} or {last}.")


def _parallel_folds(text: str | int) -> int:
    if text == "auto":
        return 0
    if not str(text).isdecimal() or int(text) < 1:
        raise UsageError(f"parallel_folds={text} is not possible: it must be auto, or a whole number of folds from 1.")
    return int(text)
