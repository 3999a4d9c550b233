"""The settings of HTNet."""

from __future__ import annotations

from collections.abc import Mapping

from merbench.entries.recipe import Recipe, Training

RECIPES: Mapping[str, Recipe] = {
    "published": Recipe(
        source="released code, as described: Adam, rate 5e-5, 800 epochs, batch 256, no augmentation, not shuffled; "
        "that the last batch is short is chosen here",
        training=Training(
            epochs=800, batch=256, optimiser="adam", learning_rate=5e-5, order="by-class", last_batch="short"
        ),
    ),
    "published-shuffled": Recipe(
        source="as published, but with clips shuffled every epoch: chosen here",
        training=Training(epochs=800, batch=256, optimiser="adam", learning_rate=5e-5, last_batch="short"),
    ),
    "quick": Recipe(
        source="chosen here: an eighth of the width and a shallow last level, for synthetic data",
        parameters={"width": 32, "depth": 2, "scale": "none"},
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
