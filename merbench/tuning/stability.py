"""How much the chosen values vary over outer folds, and which parameters mattered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import optuna

from merbench.entries.parameters import Value
from merbench.plural import plural
from merbench.tuning.samplers import quiet
from merbench.tuning.space import Dimension
from merbench.tuning.tuned_file import TunedParameters


def variation(dimension: Dimension, chosen: Sequence[TunedParameters]) -> str:
    """The spread of one parameter's chosen values, as a phrase; folds where it has no meaning are left aside."""
    values = [each.values[dimension.name] for each in chosen if dimension.name in each.values]
    if not values:
        return "used in no fold"
    aside = f"; unused in {plural(len(chosen) - len(values), 'fold')}" if len(values) < len(chosen) else ""
    if dimension.choices:
        counted = Counter(values).most_common()
        return ", ".join(f"{value} in {times}" for value, times in counted) + aside
    numbers = [float(value) for value in values]
    share = np.ptp([position(dimension, value) for value in values])
    return f"{min(numbers):.4g} to {max(numbers):.4g}, {share:.0%} of the range{aside}"


def position(dimension: Dimension, value: Value) -> float:
    """The position of a value in its range, from 0 to 1."""
    if dimension.choices:
        return dimension.choices.index(value) / max(len(dimension.choices) - 1, 1)
    low, high, number = dimension.low, dimension.high, float(value)
    if dimension.log:
        low, high, number = float(np.log(low)), float(np.log(high)), float(np.log(number))
    return (number - low) / (high - low)


def importances(studies: Sequence[optuna.Study]) -> Mapping[str, float]:
    """The mean importance of parameters over studies (Optuna's default evaluator), the greatest first.

    Empty where no study has trials enough, or all trials did alike.
    """
    by_study = [each for each in map(_importances, studies) if each]
    names = {name for each in by_study for name in each}
    means = {name: float(np.mean([each.get(name, 0.0) for each in by_study])) for name in names}
    return dict(sorted(means.items(), key=lambda item: (-item[1], item[0])))


def _importances(study: optuna.Study) -> Mapping[str, float]:
    with quiet():
        try:
            return optuna.importance.get_param_importances(study)
        except (ValueError, RuntimeError):  # too few trials, or no variance
            return {}
