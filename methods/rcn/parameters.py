"""What can be set of the RCN variants, and where each default comes from."""

from __future__ import annotations

from dataclasses import dataclass

from merbench.entries.parameters import Parameters, parameter
from merbench.errors import UsageError


@dataclass(frozen=True, kw_only=True)
class RCNParameters(Parameters):
    """The setting of the example in the release's manual; "release" below means the authors' code."""

    size: int = parameter(
        60, "a choice: 12 pixels for each of 5 cells, even in every variant; the release says none", low=16, high=224
    )
    flow: str = parameter(
        "tvl1", "a choice: what most flow networks of the field compute", choices=("tvl1", "farneback", "dis")
    )
    computed: int = parameter(224, "a choice: flow of the whole face, then shrunk", low=16, high=512)
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
        """The side of the last map: two poolings halve the image, rounded down."""
        return self.size // 2 // 2


@dataclass(frozen=True, kw_only=True)
class ShortcutParameters(RCNParameters):
    """Those of RCN-S."""

    kernels: int = parameter(
        2,
        "the last of three passes has its own 3 x 3 kernel, which gives the number of weights that the release "
        "creates (24,643); 1: one kernel for all three, as the paper's claim that the shortcut is free has it",
        choices=(1, 2),
    )


@dataclass(frozen=True, kw_only=True)
class WideParameters(RCNParameters):
    """Those of RCN-W, whose stem has a stride of three."""

    @property
    def cells(self) -> int:
        """The side of the last map: a stride of three, rounded up, then two poolings, rounded down."""
        return (self.size + 2) // 3 // 2 // 2
