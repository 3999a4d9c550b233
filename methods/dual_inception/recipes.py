"""The published settings of Dual-Inception, and a quick one."""

from __future__ import annotations

from collections.abc import Mapping

from merbench.training import Recipe, Training

PUBLISHED = Recipe(
    source="a re-implementation (that of Off-TANet's authors): Adam at 1e-3 for 500 epochs; the batch is a choice, and "
    "the settings of the paper are not known",
    training=Training(epochs=500, batch=256, optimiser="adam", learning_rate=1e-3),
)

QUICK = Recipe(
    source="a choice: few epochs with warm-up, for drawn data and first looks",
    parameters={"computed": 64},
    training=Training(
        epochs=25, batch=16, optimiser="adam", learning_rate=5e-4, schedule="cosine", warmup_epochs=1.0, flip=0.5
    ),
)

RECIPES: Mapping[str, Recipe] = {"published": PUBLISHED, "quick": QUICK}
