"""What can be set of MMNet, and where each default comes from."""

from __future__ import annotations

from dataclasses import dataclass

from merbench.parameters import Parameters, parameter


@dataclass(frozen=True, kw_only=True)
class MMNetParameters(Parameters):
    """The 5-class setting of the released code; "code" below means that release."""

    size: int = parameter(224, "code: frames are resized to 224 x 224", low=32, high=512, step=16)
    motion: str = parameter(
        "difference",
        "paper: the main branch sees apex minus onset; `apex` gives it the apex frame alone",
        choices=("difference", "apex"),
    )
    position_depth: int = parameter(2, "code, 5-class script; the 3-class script has 3", low=1, high=3)
    position_heads: int = parameter(4, "code, both scripts", choices=(1, 2, 4, 8))
    position_mlp_ratio: float = parameter(4.0, "code, 5-class script; the 3-class script has 2", low=0.5, high=8.0)
    position_drop_path: float = parameter(0.0, "code, 5-class script; the 3-class script has 0.3", low=0.0, high=0.9)
    position_antialias: bool = parameter(
        True,
        "the onset is shrunk to a sixteenth by torchvision's Resize, which antialiases tensors by default "
        "since torchvision 0.17 and did not before; the code names neither",
    )
    onset_jitter: float = parameter(
        0.15, "code, 5-class script: share of the quarter span after the onset; 0.2 in the other", low=0.0, high=4.0
    )
    apex_jitter_before: float = parameter(
        0.15, "code, both scripts: share of the quarter span onset..apex before the apex", low=0.0, high=4.0
    )
    apex_jitter_after: float = parameter(
        0.0, "code, 5-class script; 0.15 of the quarter span apex..offset in the other", low=0.0, high=4.0
    )
    head_scale: float = parameter(
        1.0,
        "code: torch's default initialisation of the head, from which the first losses are near 57; "
        "smaller values scale its weights down",
        low=0.0,
        high=1.0,
    )
