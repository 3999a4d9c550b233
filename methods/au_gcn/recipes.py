"""The settings of AU-GCN."""

from __future__ import annotations

from collections.abc import Mapping

from merbench.training import Recipe, Training

RECIPES: Mapping[str, Recipe] = {
    "published": Recipe(
        source="the unofficial re-implementation's defaults (Adam, rate 3e-4, batch 32, 15 epochs); the paper's own "
        "are unverified",
        training=Training(epochs=15, batch=32, optimiser="adam", learning_rate=3e-4),
    ),
    "quick": Recipe(
        source="a choice: the magnified apex less the onset, a shallow encoder, more epochs, for drawn data and first "
        "looks",
        parameters={"size": 64, "motion": "difference", "layers": 1, "dropout": 0.2},
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
