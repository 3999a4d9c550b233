"""The alignment of a run."""

from __future__ import annotations

from dataclasses import dataclass

from merbench.errors import UsageError
from merbench.inputs.alignment.face_crop import FaceCrop
from merbench.inputs.alignment.geometry import STYLES
from merbench.inputs.alignment.landmark_detection import require_detection

AS_DISTRIBUTED = "as distributed"
ALIGNMENTS = (AS_DISTRIBUTED, *STYLES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """How faces are cropped: `name`, and whether clips without a detected face stay `as distributed`."""

    name: str = AS_DISTRIBUTED
    fallback: bool = False

    def __post_init__(self) -> None:
        if self.name not in ALIGNMENTS:
            raise UsageError(f"alignment={self.name} is not possible: it must be one of {', '.join(ALIGNMENTS)}.")
        if self.fallback and self.name == AS_DISTRIBUTED:
            raise UsageError(
                f"--alignment-fallback is for alignments that can fail; choose one with --alignment "
                f"{' or '.join(STYLES)}, or leave it out."
            )
        if self.name != AS_DISTRIBUTED:
            require_detection()

    def __str__(self) -> str:
        if self.name == AS_DISTRIBUTED:
            return self.name
        return f"{self.name}, revision {FaceCrop.revision}" + (", failures as distributed" if self.fallback else "")
