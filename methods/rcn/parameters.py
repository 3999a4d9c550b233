"""What can be set of the RCN variants, and where each default comes from."""

from __future__ import annotations

from dataclasses import dataclass

from merbench.entries.parameters import parameter
from merbench.errors import UsageError
from merbench.training.bases.flow_network import ScaledFlowParameters


@dataclass(frozen=True, kw_only=True)
class RCNParameters(ScaledFlowParameters):
    """The setting of the example in the release's manual; "release" below means the authors' code."""

    size: int = parameter(
        60, "chosen here: 20 x 20 enter the recurrent layer of rcn-w; the release sets none", low=16, high=224
    )
    maps: int = parameter(32, "release, its manual's example; the script's default is 64", low=4, high=512)
    pool: int = parameter(5, "release, its manual's example: cells a side; the script's default is 7", low=1, high=16)
    dropout: float = parameter(0.5, "release: after both poolings", low=0.0, high=0.9)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.cells < self.pool:
            raise UsageError(
                f"size={self.size} is not possible with pool={self.pool}: the last map has {self.cells} x {self.cells} "
                f"cells, fewer than the {self.pool} x {self.pool} to be averaged to; set a larger size or a smaller "
                "pool."
            )

    @property
    def cells(self) -> int:
        """The side of the last map: the stem takes four pixels, two poolings halve, rounded down."""
        return max(self.size - 4, 0) // 2 // 2


@dataclass(frozen=True, kw_only=True)
class ShortcutParameters(RCNParameters):
    """Those of RCN-S."""

    kernels: int = parameter(
        1,
        "release: one kernel for all three passes (another one that it creates gets no gradient); 2: the last pass "
        "has its own",
        choices=(1, 2),
    )


@dataclass(frozen=True, kw_only=True)
class WideParameters(RCNParameters):
    """Those of RCN-W, whose stem has a stride of three."""

    @property
    def cells(self) -> int:
        """The side of the last map: a stride of three, rounded up, then one pooling, rounded down."""
        return (self.size + 2) // 3 // 2
