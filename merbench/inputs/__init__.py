"""What a method sees: declared once, prepared once, one fixed shape a clip."""

from merbench.inputs.declaration import Frames, Inputs, Window

__all__ = ["Frames", "Inputs", "Window"]
