"""The settings of SLSTT."""

from __future__ import annotations

from collections.abc import Mapping

from merbench.entries.recipe import Recipe, Training

RECIPES: Mapping[str, Recipe] = {
    "published": Recipe(
        source="released code: SGD, 40 epochs, rate 0.01, a tenth of it from the 30th epoch on, no augmentation; the "
        "batch of 2 is chosen here, where its script has 1 by default",
        training=Training(
            epochs=40,
            batch=2,
            optimiser="sgd",
            learning_rate=0.01,
            momentum=0.9,
            weight_decay=1e-4,
            schedule="step",
            decay=0.1,
            decay_epochs=29,
        ),
    ),
    "quick": Recipe(
        source="chosen here: a small transformer on flow as it is, its mean over time, few epochs, for synthetic data",
        parameters={
            "size": 48,
            "patch": 12,
            "width": 64,
            "depth": 2,
            "heads": 4,
            "dropout": 0.0,
            "hidden": 64,
            "temporal": "mean",
            "colour": "uv",
        },
        training=Training(
            epochs=20,
            batch=8,
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
