"""What can be set of SSSNet, and where each default comes from."""

from __future__ import annotations

from dataclasses import dataclass

from merbench.entries.parameters import Parameters, parameter


@dataclass(frozen=True, kw_only=True)
class SSSNetParameters(Parameters):
    """The setting of the release, MEB."""

    size: int = parameter(64, "release: flow and strain at 64 x 64", low=16, high=224)
    flow: str = parameter(
        "tvl1", "a choice: what most flow networks of the field compute", choices=("tvl1", "farneback", "dis")
    )
    computed: int = parameter(224, "a choice: flow of the whole face, then shrunk", low=16, high=512)
    hidden: int = parameter(256, "release: the hidden layer", low=16, high=4096)
    dropout: float = parameter(
        0.5, "release: after the first convolution; taken to be the same after the others", low=0.0, high=0.9
    )
