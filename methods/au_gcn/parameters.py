"""What can be set of AU-GCN, and where each default comes from."""

from __future__ import annotations

from dataclasses import dataclass

from merbench.entries.parameters import Parameters, parameter


@dataclass(frozen=True, kw_only=True)
class AUGCNParameters(Parameters):
    """The paper's setting; "re-implementation" is an unofficial one under the MIT licence, unverified for the paper."""

    size: int = parameter(112, "chosen here: at which a patch of 7 x 7 spans a brow's height", low=16, high=512)
    motion: str = parameter(
        "apex",
        "paper: the magnified apex; `difference`: that less the onset, so that identity cancels",
        choices=("apex", "difference"),
    )
    magnification: float = parameter(
        2.0,
        "release: the factor of its tests; there by a trained network (MagNet), here by linear Eulerian magnification",
        low=0.0,
        high=100.0,
    )
    training_magnification: str = parameter(
        "random",
        "release: drawn from 1.2 to 3.0, which is 0.6 to 1.5 times the factor of its tests; `fixed`: as in tests",
        choices=("random", "fixed"),
    )
    adjacency: str = parameter(
        "symmetric",
        "release: D^-1/2 (A + I) D^-1/2; `rows`: rows that sum to 1",
        choices=("symmetric", "rows"),
    )
    layers: int = parameter(6, "re-implementation: encoder layers of each part of the face", low=1, high=12)
    heads: int = parameter(8, "re-implementation", low=1, high=16)
    head_width: int = parameter(16, "re-implementation", low=4, high=64)
    dropout: float = parameter(0.5, "re-implementation: between the two layers of each part", low=0.0, high=0.9)
    attention_dropout: float = parameter(0.1, "re-implementation", low=0.0, high=0.9)
