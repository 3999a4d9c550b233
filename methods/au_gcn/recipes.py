"""The settings of AU-GCN."""

from __future__ import annotations

from collections.abc import Mapping

from merbench.entries.recipe import Recipe, Training

RECIPES: Mapping[str, Recipe] = {
    "published": Recipe(
        source="released script, for the MEGC 2019 composite: Adam, constant rate 2e-4, batch 64, shuffled, up to 2000 "
        "epochs; that the last batch is short is torch's default there",
        training=Training(epochs=2000, batch=64, optimiser="adam", learning_rate=2e-4, last_batch="short"),
    ),
    "re-implementation": Recipe(
        source="the unofficial re-implementation's defaults: Adam, rate 3e-4, batch 32, 15 epochs",
        training=Training(epochs=15, batch=32, optimiser="adam", learning_rate=3e-4),
    ),
    "quick": Recipe(
        source="chosen here: the apex magnified by 5, less the onset; a shallow encoder, more epochs, for mock data",
        parameters={
            "size": 64,
            "motion": "difference",
            "magnification": 5.0,
            "training_magnification": "fixed",
            "layers": 1,
            "dropout": 0.2,
        },
        training=Training(
            epochs=40,
            batch=16,
            optimiser="adamw",
            learning_rate=2e-3,
            weight_decay=0.05,
            schedule="cosine",
            warmup_epochs=2.0,
            flip=0.5,
            rotation=3.0,
            pad=8.0,
        ),
    ),
}
