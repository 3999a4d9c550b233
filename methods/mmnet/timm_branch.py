"""A feature extractor of timm in place of the main branch; its weights come from a local file or not at all."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import timm
import torch
from torch import Tensor, nn
from torch.nn import functional

from merbench.errors import UsageError
from merbench.training.bases.timm_networks import read_weights
from merbench.training.weights_file import without_prefix

from .backbone import Seen, kaiming
from .components import attention
from .position import WIDTH
from .timm_stages import PREFIX

if TYPE_CHECKING:
    from .parameters import MMNetParameters


class TimmBranch(nn.Module):
    """From `(clip channel height width)` to `(clip 512 side side)`, through the stages of a timm network.

    Each stage's features are weighted by attention, which is handed on as between MMNet's blocks, averaged over the
    places of the last map and projected to 512 channels; the sum comes back. So attention counts at every stage,
    though timm's stages, unlike MMNet's blocks, pass on what is not weighted. Chosen here: no source has one.
    """

    def __init__(self, parameters: MMNetParameters, channels: int) -> None:
        super().__init__()
        self.side = parameters.size // 16
        name = parameters.backbone.removeprefix(PREFIX)
        extractor = _extractor(name, parameters, channels)
        widths = extractor.feature_info.channels()
        self.extractor = extractor
        self.channels_last = _channels_last(extractor, parameters, channels, widths)
        self.attention = nn.ModuleList(attention.get(parameters.attention)(width) for width in widths)
        self.project = nn.ModuleList(nn.Conv2d(width, WIDTH, 1) for width in widths)

    def initialise(self) -> None:
        """Kaiming's normal initialisation of what is added to timm's network."""
        for part in (self.attention, self.project):
            part.apply(kaiming)

    def forward(self, motion: Tensor) -> Seen:
        """The sum over the stages, and the attention weights of each."""
        weights: Tensor | None = None
        seen: list[Tensor | None] = []
        total = None
        for features, part, project in zip(self._stages(motion), self.attention, self.project, strict=True):
            weights = part(features, weights)
            seen.append(weights)
            weighted = features if weights is None else features * weights
            stage = project(functional.adaptive_avg_pool2d(weighted, self.side))
            total = stage if total is None else total + stage
        assert total is not None  # there are two stages or more
        return total, seen

    def _stages(self, motion: Tensor) -> list[Tensor]:
        stages: list[Tensor] = self.extractor(motion)
        return [features.movedim(-1, 1) for features in stages] if self.channels_last else stages


def _extractor(name: str, parameters: MMNetParameters, channels: int) -> Any:
    options: dict[str, Any] = {"features_only": True, "in_chans": channels}
    if parameters.weights:
        # handed over as they are, so that timm fits the first layer to the channels and fetches nothing
        options |= {
            "pretrained": True,
            "pretrained_cfg_overlay": {"state_dict": _weights(name, Path(parameters.weights)), "source": ""},
        }
    try:
        return _created(name, parameters.size, options)
    except (RuntimeError, ValueError, AssertionError, NotImplementedError) as fault:
        cause = " ".join(str(fault).split())[:300]
        raise UsageError(
            f"backbone={PREFIX}{name} cannot be built for {channels} channels at size={parameters.size}"
            f"{f' with weights={parameters.weights}' * bool(parameters.weights)}: {cause}"
        ) from fault


def _created(name: str, size: int, options: dict[str, Any]) -> Any:
    try:
        return timm.create_model(name, img_size=size, **options)  # transformers with windows must know it
    except TypeError:
        return timm.create_model(name, **options)  # convolutions need not, and refuse it


def _weights(name: str, path: Path) -> dict[str, Tensor]:
    with torch.device("meta"):
        own = timm.create_model(name, pretrained=False, num_classes=0).state_dict()
    arrays, _ = without_prefix(own, read_weights(path))
    lacking = sorted(set(own) - set(arrays))
    if lacking:
        raise UsageError(
            f"weights={path} does not fit timm:{name}: {len(lacking)} of {len(own)} arrays are missing "
            f"({', '.join(lacking[:3])}{', …' if len(lacking) > 3 else ''}); give the weights of that network, "
            "under timm's names."
        )
    return arrays


def _channels_last(extractor: nn.Module, parameters: MMNetParameters, channels: int, widths: list[int]) -> bool:
    # some networks give (clip y x channel); timm does not say which
    training = extractor.training
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            maps = extractor.eval()(torch.zeros(1, channels, parameters.size, parameters.size))
        except (RuntimeError, AssertionError, ValueError) as fault:
            raise UsageError(
                f"backbone={parameters.backbone} cannot see frames at size={parameters.size}: "
                f"{' '.join(str(fault).split())[:200]} Choose another --set size=."
            ) from fault
    extractor.train(training)
    if all(features.ndim == 4 and features.shape[1] == width for features, width in zip(maps, widths, strict=True)):
        return False
    if all(features.ndim == 4 and features.shape[-1] == width for features, width in zip(maps, widths, strict=True)):
        return True
    raise UsageError(
        f"backbone={parameters.backbone} is not possible: its features are no maps over the face "
        f"({', '.join(str(tuple(features.shape)) for features in maps)}); take another, such as timm:resnet18."
    )
