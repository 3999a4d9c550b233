"""The settings of CapsuleNet."""

from __future__ import annotations

from collections.abc import Mapping

from merbench.entries.recipe import Recipe, Training

RECIPES: Mapping[str, Recipe] = {
    "published": Recipe(
        source="released code: Adam, rate 1e-4 times 0.9 an epoch from the first on, 30 epochs, batch 32, margins 0.99 "
        "and 0.01, rare classes repeated, rotation of 8 degrees to the nearest pixel, flips, colour jitter of 0.2, "
        "crops of 224 out of 234 x 240 (here shifts of 8 pixels each way), from ImageNet weights (give them by "
        "weights=FILE)",
        training=Training(
            epochs=30,
            batch=32,
            optimiser="adam",
            learning_rate=9e-5,
            schedule="exponential",
            decay=0.9,
            decay_epochs=30,
            loss="margin",
            margin_present=0.99,
            margin_absent=0.01,
            sampling="repeated",
            flip=0.5,
            rotation=8.0,
            pad=8.0,
            interpolation="nearest",
            colour_jitter=0.2,
        ),
    ),
    "quick": Recipe(
        source="chosen here: a small picture of the apex less the onset, one stage, few capsules, for synthetic data",
        parameters={
            "size": 48,
            "motion": "difference",
            "stages": 1,
            "kernel": 5,
            "width": 32,
            "spread": 0.1,
            "normalise": "imagenet",
        },
        training=Training(
            epochs=12,
            batch=16,
            optimiser="adam",
            learning_rate=1e-3,
            schedule="cosine",
            warmup_epochs=1.0,
            loss="margin",
            flip=0.5,
            rotation=3.0,
            pad=8.0,
        ),
    ),
}
