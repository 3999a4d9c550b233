"""Whether a recipe's augmentation can be applied to what a method sees."""

from __future__ import annotations

from merbench.entries.recipe import Training
from merbench.errors import UsageError
from merbench.method import Method, declared_inputs

#: Training settings that move pixels.
_MOVING = ("flip", "rotation", "pad")


def require_augmentable(method: Method, training: Training) -> None:
    """Refuse augmentation of inputs that cannot be flipped, rotated or shifted.

    Raises:
        UsageError: with the settings that train the method without it.
    """
    if training.colour_jitter and declared_inputs(method).frames is None:
        raise UsageError(
            f"{method.name} cannot be trained with colour_jitter={training.colour_jitter:g}: it sees no frames as they "
            "are, and only their colours can be changed; set colour_jitter=0."
        )
    active = [name for name in _MOVING if getattr(training, name) != 0]
    fixed = [array.name for array in declared_inputs(method).arrays if array.augment_as == "refused"]
    if not active or not fixed:
        return
    values = ", ".join(f"{name}={getattr(training, name):g}" for name in active)
    without = " ".join(f"--set {name}=0" for name in active)
    unscaled = " or --set scale=none" if "scale" in method.parameters.names() else ""
    raise UsageError(
        f"{method.name} cannot be trained with {values}: the channels of its {', '.join(fixed)} are scaled separately, "
        f"so they cannot be flipped, rotated or shifted; add {without}{unscaled}."
    )
