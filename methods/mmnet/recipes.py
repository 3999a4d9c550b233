"""The published settings of MMNet, and a quick one."""

from __future__ import annotations

from collections.abc import Mapping

from merbench.entries.recipe import Recipe, Training

FIVE_CLASS = Recipe(
    source="released code, 5-class script (CASME2_5.py)",
    training=Training(
        epochs=74,
        batch=32,
        optimiser="adamw",
        learning_rate=8e-4,
        weight_decay=0.6,
        schedule="exponential",
        decay=0.987,
        decay_epochs=50,
        flip=0.5,
        rotation=3.0,
        pad=15.0,
        interpolation="nearest",
    ),
)

THREE_CLASS = Recipe(
    source="released code, 3-class script (CASME2_3.py), with the ungrouped stem that its replication uses",
    parameters={
        "position_depth": 3,
        "position_mlp_ratio": 2.0,
        "position_drop_path": 0.3,
        "onset_jitter": 0.2,
        "apex_jitter_before": 0.15,
        "apex_jitter_after": 0.15,
    },
    training=Training(
        epochs=99,
        batch=24,
        optimiser="adamw",
        learning_rate=8e-4,
        weight_decay=0.7,
        schedule="exponential",
        decay=0.987,
        decay_epochs=50,
        flip=0.5,
        rotation=4.0,
        pad=4.0,
        interpolation="nearest",
    ),
)

QUICK = Recipe(
    source="chosen here: small frames, few epochs of small steps, warm-up, a small head, for synthetic data",
    parameters={"size": 48, "head_scale": 0.1},
    training=Training(
        epochs=8,
        batch=8,
        optimiser="adamw",
        learning_rate=8e-4,
        weight_decay=0.6,
        schedule="cosine",
        warmup_epochs=1.0,
        flip=0.5,
        rotation=3.0,
        pad=4.0,
    ),
)

RECIPES: Mapping[str, Recipe] = {
    "published": FIVE_CLASS,
    "published-5-class": FIVE_CLASS,
    "published-3-class": THREE_CLASS,
    "quick": QUICK,
}
