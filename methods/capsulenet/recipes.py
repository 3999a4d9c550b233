"""The settings of CapsuleNet."""

from __future__ import annotations

from collections.abc import Mapping

from merbench.training import Recipe, Training

RECIPES: Mapping[str, Recipe] = {
    "published": Recipe(
        source="released code, as described: Adam, rate 1e-4 times 0.9 an epoch, 30 epochs, batch 32, margin loss, "
        "from ImageNet weights (give them by weights=FILE); margins as Sabour et al., augmentation is a choice",
        training=Training(
            epochs=30,
            batch=32,
            optimiser="adam",
            learning_rate=1e-4,
            schedule="exponential",
            decay=0.9,
            decay_epochs=30,
            loss="margin",
            flip=0.5,
            rotation=3.0,
            pad=8.0,
        ),
    ),
    "quick": Recipe(
        source="a choice: a small picture of the apex less the onset, one stage and few capsules, for drawn data and "
        "first looks",
        parameters={"size": 48, "motion": "difference", "stages": 1, "kernel": 5, "width": 32},
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
