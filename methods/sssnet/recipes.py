"""The published settings of SSSNet, and a quick one."""

from __future__ import annotations

from collections.abc import Mapping

from merbench.training import Recipe, Training

PUBLISHED = Recipe(
    source="the release in MEB: Adam at 1e-4 with weight decay 1e-3, 200 epochs, of which the last counts; the batch "
    "is a choice",
    training=Training(epochs=200, batch=32, optimiser="adam", learning_rate=1e-4, weight_decay=1e-3),
)

QUICK = Recipe(
    source="a choice: few epochs at a high rate and smaller inputs, for drawn data and first looks",
    parameters={"computed": 64, "size": 40},
    training=Training(
        epochs=30, batch=16, optimiser="adam", learning_rate=1e-3, weight_decay=1e-3, schedule="cosine", flip=0.5
    ),
)

RECIPES: Mapping[str, Recipe] = {"published": PUBLISHED, "quick": QUICK}
