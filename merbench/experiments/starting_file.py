"""A single weights file that every fold of a run starts from, whether merbench wrote it or not."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from merbench.errors import UsageError
from merbench.experiments.checkpoints import require_weights
from merbench.method import Method, NetworkMethod
from merbench.results.weights import WeightsFacts, facts_if_any, file_digest, nameless

if TYPE_CHECKING:
    from merbench.training.fold_job import Start

#: What a name of timm's weights begins with, such as ``timm:resnet18.a1_in1k``.
TIMM = "timm:"


@dataclass(frozen=True)
class StartingFile:
    """A weights file for the networks of `method`; `source` is what the user named: a path, or ``timm:NAME.TAG``."""

    source: str
    path: Path
    method: NetworkMethod

    @classmethod
    def of(cls, source: str, method: Method) -> StartingFile:
        """The file at that path, or the file of timm's weights of that name in the local cache.

        Raises:
            UsageError: if the method is no network, or there is no such file.
        """
        if not isinstance(method, NetworkMethod) and "weights" in method.parameters.names():
            raise UsageError(f"--weights {source}: {method.name} is fitted: {_by_setting(method, source)}")
        path = _of_timm(source) if source.startswith(TIMM) else Path(source)
        return cls(source=source, path=path, method=require_weights(method))

    @cached_property
    def facts(self) -> WeightsFacts | None:
        """What the file says about its network; None if merbench did not write it."""
        return facts_if_any(self.path)

    @property
    def unknown(self) -> bool:
        """Whether neither the file nor its name says what the network was trained on."""
        return not self._by_timm and self._silent

    @property
    def _by_timm(self) -> bool:
        """Whether these are weights of timm, which are trained on images of things, not on recordings for MER."""
        return self.source.startswith(TIMM)

    @property
    def _silent(self) -> bool:
        return self.facts is None or not self.facts.seen or self.facts.unknown_start

    @property
    def recorded(self) -> dict[str, str | bool]:
        """What defines the result: the file's SHA-256, its run or name in timm, and whether its training is unknown."""
        run = {} if self.facts is None else {"run": self.facts.run}
        named = {"timm": self.source.removeprefix(TIMM)} if self._by_timm else {}
        return {**run, **named, "weights": self._digest, **({"unknown": True} if self.unknown else {})}

    @property
    def _known(self) -> str:
        """What is known about the training of the file's network, in words."""
        if self._by_timm:
            return f"the weights {self.source} of timm"
        return f"of {self.facts.trained_by}" if self.facts else "which does not say what it was trained on"

    @cached_property
    def _digest(self) -> str:
        return file_digest(self.path)

    def start(self, classes: Sequence[str]) -> tuple[Start, str]:
        """What the networks of a run for these classes start from, and a note for the record.

        Raises:
            UsageError: if the file cannot be read, or does not fit the network.
        """
        if tuple(classes) not in self._starts:
            self._starts[tuple(classes)] = self._placed(classes)
        return self._starts[tuple(classes)]

    @cached_property
    def _starts(self) -> dict[tuple[str, ...], tuple[Start, str]]:
        return {}

    def _placed(self, classes: Sequence[str]) -> tuple[Start, str]:
        import torch

        from merbench.method import built_network
        from merbench.training.fold_job import Start
        from merbench.training.placing import classifier_names, placed
        from merbench.training.weights_file import read_state_dict

        info, source = nameless(classes), f"--weights {self.source}"
        read = read_state_dict(self.path, source)
        with torch.random.fork_rng(devices=[]):  # drawing initial weights must not move the caller's random state
            network = built_network(self.method, info)
        same = self.facts is None or self.facts.classes == tuple(classes)
        result = placed(network, classifier_names(self.method, info), read.tensors, source, keep_head=same)
        details = "; ".join([*([read.note] if read.note else []), *result.sentences])
        sentence = f"the networks start from {self.path.name} (SHA-256 {self._digest[:12]}…), {self._known}"
        return Start(tensors=result.tensors, free=result.free), f"{sentence}: {details}" if details else sentence


def _by_setting(method: Method, source: str) -> str:
    """How a method that is no network takes its file, or why it takes none, with what to give instead."""
    try:
        method.parameters.changed({"weights": source})
    except UsageError as fault:
        return str(fault)
    return f"it takes its file by --set weights={shlex.quote(source)}."


def _of_timm(source: str) -> Path:
    """The file of timm's weights of that name in the local cache of Hugging Face's hub.

    Raises:
        UsageError: if timm has no such weights, or the cache does not.
    """
    import difflib

    import timm
    from huggingface_hub import try_to_load_from_cache

    name = source.removeprefix(TIMM)
    known = timm.list_models(pretrained=True)
    if name not in known:
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
        hint = f" Did you mean {' or '.join(TIMM + each for each in near)}?" if near else ""
        raise UsageError(f"--weights {source}: timm has no weights of that name, which is NAME.TAG.{hint}")
    config = timm.get_pretrained_cfg(name)
    repository = "" if config is None else config.hf_hub_id or ""
    for file in ("model.safetensors", "pytorch_model.bin"):
        path = try_to_load_from_cache(repository, file) if repository else None
        if isinstance(path, str):
            return Path(path)
    fetch = f"fetch them with: hf download {repository} model.safetensors, or " if repository else ""
    raise UsageError(
        f"--weights {source}: these weights are not in the local cache of Hugging Face's hub, and none are "
        f"downloaded; {fetch}give a file with --weights FILE."
    )
