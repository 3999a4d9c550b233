"""The settings of ResNet-18."""

from __future__ import annotations

from collections.abc import Mapping

from merbench.entries.recipe import Recipe, Training

RECIPES: Mapping[str, Recipe] = {
    "published": Recipe(
        source="MEB's settings of its other networks: Adam, rate 1e-4, 100 epochs; those of ResNet-18 are unverified, "
        "the augmentation is chosen here",
        training=Training(
            epochs=100, batch=64, optimiser="adam", learning_rate=1e-4, weight_decay=1e-3, flip=0.5, pad=8.0
        ),
    ),
    "quick": Recipe(
        source="chosen here: small pictures, few epochs of many small steps, for synthetic data",
        parameters={"size": 48},
        training=Training(
            epochs=12,
            batch=8,
            optimiser="adamw",
            learning_rate=5e-4,
            weight_decay=0.05,
            schedule="cosine",
            warmup_epochs=1.0,
            flip=0.5,
            pad=4.0,
        ),
    ),
}
