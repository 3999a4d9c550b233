"""What can be set of OFF-ApexNet, and where each default comes from."""

from __future__ import annotations

from dataclasses import dataclass

from merbench.entries.parameters import Parameters, parameter


@dataclass(frozen=True, kw_only=True)
class OFFApexNetParameters(Parameters):
    """The setting of the paper."""

    size: int = parameter(28, "paper: each flow image is 28 x 28", low=16, high=224)
    flow: str = parameter("tvl1", "paper: TV-L1; the implementation is a choice", choices=("tvl1", "farneback", "dis"))
    computed: int = parameter(
        224, "a choice: flow of the whole face, then shrunk; the paper's faces differ by dataset", low=16, high=512
    )
    hidden: int = parameter(1024, "paper: both hidden layers", low=16, high=4096)
