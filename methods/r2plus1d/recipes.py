"""The settings of R(2+1)D-18."""

from __future__ import annotations

from collections.abc import Mapping

from merbench.entries.recipe import Recipe, Training

RECIPES: Mapping[str, Recipe] = {
    "published": Recipe(
        source="MEB's notebooks: Adam, rate 1e-4, 100 epochs, from Kinetics weights (give them by weights=FILE); "
        "batch 32, no spatial augmentation",
        training=Training(epochs=100, batch=32, optimiser="adam", learning_rate=1e-4),
    ),
    "quick": Recipe(
        source="chosen here: small frames less the onset and an eighth of the width, for synthetic data",
        parameters={"size": 32, "width": 8, "motion": "difference"},
        training=Training(
            epochs=12,
            batch=16,
            optimiser="adamw",
            learning_rate=3e-3,
            weight_decay=0.05,
            schedule="cosine",
            warmup_epochs=1.0,
            flip=0.5,
            rotation=3.0,
            pad=8.0,
        ),
    ),
}
