"""The engine that trains networks: recipe, augmentation on the device, the loop."""

from merbench.entries.recipe import Recipe, Training

__all__ = ["Recipe", "Training"]
