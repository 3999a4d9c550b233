"""The published settings of STSTNet, and a quick one."""

from __future__ import annotations

from collections.abc import Mapping

from merbench.training import Recipe, Training

PYTORCH = Recipe(
    source="the authors' PyTorch release: 800 epochs, of which the last counts; rate and batch of their MATLAB script",
    training=Training(epochs=800, batch=256, optimiser="adam", learning_rate=5e-5),
)

MATLAB = Recipe(
    source="the authors' MATLAB script: 500 epochs, of which the last counts",
    training=Training(epochs=500, batch=256, optimiser="adam", learning_rate=5e-5),
)

QUICK = Recipe(
    source="a choice: few epochs at a high rate, for drawn data and first looks",
    parameters={"computed": 64},
    training=Training(epochs=60, batch=16, optimiser="adam", learning_rate=5e-3, schedule="cosine", flip=0.5),
)

RECIPES: Mapping[str, Recipe] = {"published": PYTORCH, "published-matlab": MATLAB, "quick": QUICK}
