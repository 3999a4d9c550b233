"""The settings of SLSTT."""

from __future__ import annotations

from collections.abc import Mapping

from merbench.training import Recipe, Training

RECIPES: Mapping[str, Recipe] = {
    "published": Recipe(
        source="released code, as described: SGD, 40 epochs, batch 2; its rate follows a step rule whose numbers are "
        "unverified, so it is constant here",
        training=Training(
            epochs=40, batch=2, optimiser="sgd", learning_rate=0.01, momentum=0.9, weight_decay=1e-4, flip=0.5
        ),
    ),
    "quick": Recipe(
        source="a choice: a small transformer on flow as it is, its mean over time, few epochs, for drawn data",
        parameters={
            "size": 48,
            "patch": 12,
            "width": 64,
            "depth": 2,
            "heads": 4,
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
