"""`merbench run --tuned tuned.toml`: a run with parameters that were chosen before."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

from merbench.errors import UsageError
from merbench.experiments.prepare import Prepared
from merbench.tuning.tuned_file import TunedFile, read_tuned
from merbench.tuning.tuned_training import Assigned, assign


def arguments_with(
    file: Path, recipe: str | None, settings: Mapping[str, object], rules: str | Sequence[str] | None
) -> tuple[TunedFile, str, dict[str, object]]:
    """What a `tuned.toml` says, and the recipe and settings that its values stand on, with the user's own.

    Raises:
        UsageError: if the user asks for something else at the same time.
    """
    tuned = read_tuned(file)
    if recipe is not None and recipe != tuned.recipe:
        raise UsageError(f"--tuned {file} stands on the recipe {tuned.recipe}; leave out --recipe {recipe}.")
    searched = {name for table in tuned.folds.values() for name in table.chosen.values}
    searched |= set(tuned.all_subjects.chosen.values) if tuned.all_subjects is not None else set()
    twice = [name for name in settings if name in searched or name in tuned.settings]
    if twice:
        raise UsageError(f"--set {twice[0]} is set by --tuned {file} already; leave out one of them.")
    if rules is not None and "inner" in rules:
        raise UsageError(
            "--select-epoch inner with --tuned is not possible: tuning has chosen the epoch; leave out inner."
        )
    return tuned, tuned.recipe, {**tuned.settings, **settings}


def with_tuned(prepared: Prepared, tuned: TunedFile) -> tuple[Prepared, Assigned]:
    """The prepared experiment as one whose parameters were chosen before, and the parameters of each fold.

    Raises:
        UsageError: if the file does not suit the experiment.
    """
    experiment = prepared.experiment
    assigned = assign(tuned, experiment, prepared.task, prepared.folds)
    experiment = dataclasses.replace(
        experiment, tuning=assigned.described(), tuned=assigned.summary, rules=("last", "oracle")
    )
    return dataclasses.replace(prepared, experiment=experiment), assigned
