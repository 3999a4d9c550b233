"""What can be set of CapsuleNet, and where each default comes from."""

from __future__ import annotations

from dataclasses import dataclass

from merbench.entries.parameters import Parameters, file_parameter, parameter
from merbench.errors import UsageError


@dataclass(frozen=True, kw_only=True)
class CapsuleNetParameters(Parameters):
    """The setting of the paper; smaller pictures need a smaller kernel."""

    size: int = parameter(224, "released code, as described: 224 x 224", low=16, high=512)
    motion: str = parameter(
        "apex",
        "paper: the apex frame only, where who it is outweighs what moved; `difference`: the apex less the onset",
        choices=("apex", "difference"),
    )
    stages: int = parameter(3, "released code, as described: ResNet-18 as far as its third stage", low=1, high=3)
    kernel: int = parameter(9, "as Sabour et al.: of the convolution and of the primary capsules", low=1, high=15)
    width: int = parameter(
        256,
        "as Sabour et al.: channels of both, so 32 kinds of primary capsule of eight numbers",
        low=8,
        high=512,
        step=8,
    )
    routings: int = parameter(3, "released code, as described, and Sabour et al.: rounds of routing", low=1, high=10)
    spread: float = parameter(
        0.01, "release: standard deviation of the votes' matrices at the start", low=1e-4, high=1.0, log=True
    )
    normalise: str = parameter(
        "none",
        "release: frames in 0..1 as they are; `imagenet`: by the statistics of ImageNet",
        choices=("none", "imagenet"),
    )
    weights: str = file_parameter(
        "chosen here: no weights (the paper has those of ImageNet); a file with ResNet-18's, .safetensors or a "
        "state_dict() that torch saved"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.side < 1:
            features = self.features
            raise UsageError(
                f"kernel={self.kernel} is not possible with size={self.size}: the features are {features} x {features} "
                f"and two such kernels need {2 * self.kernel - 1}; take a kernel of at most {(features + 1) // 2}, or "
                f"a size of at least {(2 * self.kernel - 2) * 2**self.stages + 1}."
            )

    @property
    def features(self) -> int:
        """Places a side of the features: each stage but the first halves them, as does the first convolution."""
        places: int = -(-self.size // 2**self.stages)
        return places

    @property
    def side(self) -> int:
        """Places a side of the primary capsules: one kernel in steps of one, one in steps of two, nothing padded."""
        return (self.features - 2 * self.kernel + 1) // 2 + 1
