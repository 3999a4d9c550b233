"""What a method sees: declared once, prepared once, one fixed shape a clip."""

from merbench.inputs.array_input import ArrayInput
from merbench.inputs.declaration import Frames, Inputs, Window
from merbench.inputs.flow import Flow

__all__ = ["ArrayInput", "Flow", "Frames", "Inputs", "Window"]
