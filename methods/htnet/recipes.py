"""The settings of HTNet."""

from __future__ import annotations

from collections.abc import Mapping

from merbench.training import Recipe, Training

RECIPES: Mapping[str, Recipe] = {
    "published": Recipe(
        source="released code, as described: Adam, rate 5e-5, 800 epochs, batch 256, no augmentation",
        training=Training(epochs=800, batch=256, optimiser="adam", learning_rate=5e-5),
    ),
    "quick": Recipe(
        source="a choice: an eighth of the width and a shallow last level, for drawn data and first looks",
        parameters={"width": 32, "depth": 2},
        training=Training(
            epochs=20,
            batch=16,
            optimiser="adamw",
            learning_rate=1e-3,
            weight_decay=0.05,
            schedule="cosine",
            warmup_epochs=1.0,
            flip=0.5,
            rotation=3.0,
            pad=8.0,
        ),
    ),
}
