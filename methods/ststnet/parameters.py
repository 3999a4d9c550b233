"""What can be set of STSTNet, and where each default comes from."""

from __future__ import annotations

from dataclasses import dataclass

from merbench.entries.parameters import Parameters, parameter


@dataclass(frozen=True, kw_only=True)
class STSTNetParameters(Parameters):
    """The setting of the paper; "release" below means the authors' PyTorch code."""

    size: int = parameter(28, "paper: flow and strain are shrunk to 28 x 28", low=16, high=224)
    flow: str = parameter("tvl1", "paper: TV-L1; the implementation is a choice", choices=("tvl1", "farneback", "dis"))
    computed: int = parameter(
        224, "a choice: flow of the whole face, then shrunk; the paper's faces differ by dataset", low=16, high=512
    )
    dropout: float = parameter(0.5, "release: after each stream's pooling", low=0.0, high=0.9)
