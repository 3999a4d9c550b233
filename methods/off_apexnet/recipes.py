"""The published settings of OFF-ApexNet, and a quick one."""

from __future__ import annotations

from collections.abc import Mapping

from merbench.training import Recipe, Training

PUBLISHED = Recipe(
    source="two re-implementations: Adam at 1e-4 for 3000 epochs; the batch is a choice, and the authors' own "
    "settings are not known",
    training=Training(epochs=3000, batch=256, optimiser="adam", learning_rate=1e-4),
)

QUICK = Recipe(
    source="a choice: few epochs at a high rate with warm-up, for drawn data and first looks",
    parameters={"computed": 64},
    training=Training(
        epochs=30, batch=16, optimiser="adam", learning_rate=5e-4, schedule="cosine", warmup_epochs=1.0, flip=0.5
    ),
)

RECIPES: Mapping[str, Recipe] = {"published": PUBLISHED, "quick": QUICK}
