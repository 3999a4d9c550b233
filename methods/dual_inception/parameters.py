"""What can be set of Dual-Inception, and where each default comes from."""

from __future__ import annotations

from dataclasses import dataclass

from merbench.entries.parameters import Parameters, parameter


@dataclass(frozen=True, kw_only=True)
class DualInceptionParameters(Parameters):
    """The setting of the paper."""

    size: int = parameter(28, "paper: u and v at 28 x 28", low=16, high=224)
    end: str = parameter(
        "middle", "paper, abstract: flow from the onset to the mid-position frame", choices=("middle", "apex")
    )
    flow: str = parameter(
        "tvl1", "paper, abstract: TV-L1; the implementation is a choice", choices=("tvl1", "farneback", "dis")
    )
    computed: int = parameter(224, "a choice: flow of the whole face, then shrunk", low=16, high=512)
    hidden: int = parameter(1024, "paper: the hidden layer", low=16, high=4096)
