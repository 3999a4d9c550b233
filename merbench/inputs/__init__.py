"""What a method sees: declared once, prepared once, one fixed shape a clip."""

from merbench.inputs.base import ArrayInput
from merbench.inputs.declaration import Frames, Inputs, Window
from merbench.inputs.dynamic_image import DynamicImage
from merbench.inputs.flow import Flow
from merbench.inputs.flow_sequence import FlowSequence
from merbench.inputs.landmarks import Landmarks
from merbench.inputs.magnified import Magnified
from merbench.inputs.sequence import Sequence

__all__ = [
    "ArrayInput",
    "DynamicImage",
    "Flow",
    "FlowSequence",
    "Frames",
    "Inputs",
    "Landmarks",
    "Magnified",
    "Sequence",
    "Window",
]
