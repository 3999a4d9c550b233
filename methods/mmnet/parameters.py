"""What can be set of MMNet, and where each default comes from."""

from __future__ import annotations

from dataclasses import dataclass

from merbench.entries.parameters import Parameters, component, file_parameter, parameter
from merbench.errors import UnknownName, UsageError

from .components import attention, fusion, motion, position

#: The shipped positions that are no ViT; a plugin's own may read its parameters.
_WITHOUT_VIT = {"position": ("conv", "learned", "none")}


@dataclass(frozen=True, kw_only=True)
class MMNetParameters(Parameters):
    """The 5-class setting of the released code; "code" below means that release."""

    size: int = parameter(224, "code: frames are resized to 224 x 224", low=16, high=512, step=16)
    motion: str = component(motion, "difference", "paper: the main branch sees apex minus onset")
    flow: str = parameter(
        "tvl1",
        "chosen here: TV-L1 is what most flow networks of the field compute; for motion=flow and flow+strain",
        choices=("tvl1", "farneback", "dis"),
        unless={"motion": ("difference", "apex", "onset+apex")},
    )
    attention: str = component(attention, "continuous", "paper: each block's map is handed on to the next")
    position: str = component(position, "vit", "paper: a shallow ViT reads the face's place off the shrunken onset")
    fusion: str = component(
        fusion,
        "add",
        "paper and code: position is added to motion; unused where position=none",
        unless={"position": ("none",)},
    )
    strides: str = parameter(
        "code",
        "code: the stem halves the image once, and all blocks but the first; `figure`: as in the paper's figure 2, the "
        "stem keeps it and every block halves it, at four times the cost; the last map is of one size in both",
        choices=("code", "figure"),
    )
    backbone: str = parameter(
        "mmnet", "paper: the main branch of four blocks; timm:NAME puts a feature extractor of timm in its place"
    )
    weights: str = file_parameter(
        "chosen here: no weights; a file with those of timm:NAME, .safetensors or a state_dict() that torch saved"
    )
    position_depth: int = parameter(
        2, "code, 5-class script; the 3-class script has 3", low=1, high=3, unless=_WITHOUT_VIT
    )
    position_heads: int = parameter(4, "code, both scripts", choices=(1, 2, 4, 8), unless=_WITHOUT_VIT)
    position_mlp_ratio: float = parameter(
        4.0, "code, 5-class script; the 3-class script has 2", low=0.5, high=8.0, unless=_WITHOUT_VIT
    )
    position_drop_path: float = parameter(
        0.0, "code, 5-class script; the 3-class script has 0.3", low=0.0, high=0.9, unless=_WITHOUT_VIT
    )
    position_antialias: bool = parameter(
        True,
        "the onset is shrunk to a sixteenth by torchvision's Resize, which antialiases tensors by default "
        "since torchvision 0.17 and did not before; the code names neither",
        unless={"position": ("learned", "none")},
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

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.backbone.startswith("timm:"):
            from .timm_stages import require_stages

            require_stages(self.backbone.removeprefix("timm:"))
        elif self.backbone != "mmnet":
            raise UnknownName("backbone", self.backbone, ["mmnet", "timm:NAME"])
        elif self.weights:
            raise UsageError(
                f"weights={self.weights} is not possible with backbone=mmnet: weights are those of a timm network; "
                "add --set backbone=timm:NAME. Weights of the authors' release are read by official.load."
            )
