"""What can be set of SLSTT, and where each default comes from."""

from __future__ import annotations

from dataclasses import dataclass

from merbench.entries.parameters import Parameters, file_parameter, parameter
from merbench.errors import UsageError


@dataclass(frozen=True, kw_only=True)
class SLSTTParameters(Parameters):
    """The paper's setting: a ViT-B/16 at 384 pixels on eleven fields of flow."""

    size: int = parameter(384, "paper: 384 x 384", low=16, high=512)
    frames: int = parameter(
        11, "paper: eleven flow pictures; there around the apex, here evenly from onset to offset", low=2, high=64
    )
    temporal: str = parameter(
        "lstm", "paper: the better of its two; `mean`: the average over the frames", choices=("lstm", "mean")
    )
    colour: str = parameter(
        "hsv",
        "paper: the direction of flow as hue, its length as value; `uv`: flow as it is, two channels in pixels",
        choices=("hsv", "uv"),
    )
    longest: str = parameter(
        "frame",
        "release: lengths are over the longest of each flow picture; `clip`: over that of the clip; for colour=hsv",
        choices=("frame", "clip"),
        unless={"colour": ("uv",)},
    )
    patch: int = parameter(16, "paper: ViT-B/16; the size is divisible by it", low=4, high=64)
    width: int = parameter(768, "paper: ViT-B", low=8, high=1024)
    depth: int = parameter(12, "paper: ViT-B", low=1, high=24)
    heads: int = parameter(12, "paper: ViT-B; the width is divisible by it", low=1, high=16)
    dropout: float = parameter(
        0.1,
        "release: in each layer of the transformer, of its attention and of what both its branches add",
        low=0.0,
        high=0.9,
    )
    hidden: int = parameter(
        512, "paper: of the LSTM; the head's hidden layer has half; used where temporal=lstm", low=8, high=1024
    )
    layers: int = parameter(3, "paper: of the LSTM; used where temporal=lstm", low=1, high=4)
    weights: str = file_parameter(
        "chosen here: no weights (the paper has those of ImageNet); a file with those of timm's ViT of the same shape, "
        ".safetensors or a state_dict() that torch saved"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        for whole, part in (("size", "patch"), ("width", "heads")):
            if getattr(self, whole) % getattr(self, part):
                raise UsageError(
                    f"{whole}={getattr(self, whole)} is not possible with {part}={getattr(self, part)}: "
                    f"{whole} must be divisible by {part}."
                )
