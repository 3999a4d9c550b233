"""The published settings of the RCN variants, and a quick one."""

from __future__ import annotations

from collections.abc import Mapping

from merbench.entries.recipe import Recipe, Training

_SCRIPT_TRAINING = Training(epochs=100, batch=64, optimiser="sgd", momentum=0.9, learning_rate=5e-4)

SCRIPT = Recipe(
    source="defaults of the released script: SGD at a constant 5e-4 (its step schedule is created, never stepped), 100 "
    "epochs, of which the last counts, batch 64, 64 maps, 7 x 7 cells; the size is chosen here: 12 pixels a cell",
    parameters={"size": 84, "maps": 64, "pool": 7},
    training=_SCRIPT_TRAINING,
)

MANUAL = Recipe(
    source="the example in the release's manual: 20 epochs, 32 maps, 5 x 5 cells; all else as in the script",
    training=_SCRIPT_TRAINING.changed({"epochs": 20}),
)

SHORT = Recipe(
    source="chosen here: 15 of the 100 published epochs at four times the rate; the card has both scores of rcn-a",
    parameters=SCRIPT.parameters,
    training=_SCRIPT_TRAINING.changed({"epochs": 15, "learning_rate": 2e-3}),
)

QUICK = Recipe(
    source="chosen here: Adam at a high rate, few epochs, 8 pixels a cell, for synthetic data",
    parameters={"computed": 64, "size": 48, "pool": 4, "scale": "none"},
    training=Training(epochs=30, batch=16, optimiser="adam", learning_rate=2e-3, schedule="cosine", flip=0.5),
)

RECIPES: Mapping[str, Recipe] = {"published": SCRIPT, "published-manual": MANUAL, "short": SHORT, "quick": QUICK}
