"""How far a method's scores depend on what annotators wrote and on how faces are cut out."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from merbench.analysis.ablation_runs import Ablation, run_variants
from merbench.analysis.ablation_table import ablation_table
from merbench.analysis.statistics.per_clip import predictions_by_clip
from merbench.data.keyframe_noise import reach
from merbench.errors import MerbenchError, UsageError
from merbench.experiments.events import Observer
from merbench.experiments.executors.request import request
from merbench.experiments.runs import Execution
from merbench.experiments.specify import RunKeywords
from merbench.method import Method, declared_inputs
from merbench.plural import plural
from merbench.results.run import Run
from merbench.spec import AlignmentName, KeyframeSide, RunSpec

AS_ANNOTATED, SPOTTED = "as annotated", "every apex spotted"
_ALIGNMENTS: tuple[AlignmentName, ...] = ("none", "dlib-68", "dlib-68-ststnet")


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What is changed, one at a time: shares of training labels, frames of apexes each way, spotted apexes, alignment.

    `alignments` None stands for every one that is available here. `keyframes` are the most that onset and apex are
    shifted by at random, in frames or below 1 as a share of the rise; 0 is what is run without any change.
    `keyframe_side` and `keyframe_seed` are the `keyframe_noise_side` and `keyframe_noise_seed` of those runs.
    """

    flips: Sequence[float] = (0.1,)
    shifts: Sequence[int] = (2,)
    spot: bool = True
    alignments: Sequence[AlignmentName] | None = None
    keyframes: Sequence[float] = ()
    keyframe_side: KeyframeSide = "both"
    keyframe_seed: int = 0

    def __post_init__(self) -> None:
        for share in self.flips:
            if not 0 < share <= 1:
                raise UsageError(f"flips={share:g} is not possible: it must be a share of the clips above 0, up to 1.")
        for frames in self.shifts:
            if frames < 1:
                raise UsageError(f"shifts={frames} is not possible: it must be a whole number of frames from 1.")


def take_shifts(changes: Changes, keywords: RunKeywords) -> tuple[Changes, RunKeywords]:
    """The changes with the side and the seed of key-frame shifts, and the keywords of the run as annotated.

    Where key frames are varied, side and seed belong to the runs that are shifted; else the keywords stay as they are.
    """
    if not changes.keyframes:
        return changes, keywords
    as_annotated = keywords.copy()
    side = as_annotated.pop("keyframe_noise_side", changes.keyframe_side)
    seed = as_annotated.pop("keyframe_noise_seed", changes.keyframe_seed)
    return dataclasses.replace(changes, keyframe_side=side, keyframe_seed=seed), as_annotated


def changed_specs(
    spec: RunSpec, changes: Changes, on_note: Callable[[str], None] = lambda note: None
) -> dict[str, RunSpec]:
    """The specification as it is, then with each change, by what is changed.

    `on_note` is called with a line on every alignment that is not available.

    Raises:
        UsageError: if nothing is changed, or an alignment that was named is not available.
    """
    specs = {AS_ANNOTATED: spec}
    for share in changes.flips:
        specs[f"{100 * share:g} % of training labels flipped"] = dataclasses.replace(spec, label_flips=float(share))
    for frames in changes.shifts:
        unit = "frame" if frames == 1 else "frames"
        specs[f"apex {frames} {unit} earlier"] = dataclasses.replace(spec, apex_shift=-frames)
        specs[f"apex {frames} {unit} later"] = dataclasses.replace(spec, apex_shift=frames)
    specs |= _shifted_keyframes(spec, changes)
    if changes.spot and spec.apex != "spot-all":
        specs[SPOTTED] = dataclasses.replace(spec, apex="spot-all")
        on_note(f"{SPOTTED}: the frame that moved furthest is taken, for which all frames are read; or give --no-spot")
    for name in _ALIGNMENTS if changes.alignments is None else changes.alignments:
        if name == spec.alignment:
            continue
        aligned = dataclasses.replace(spec, alignment=name, alignment_fallback=name != "none")
        try:
            request(aligned).experiment()
        except MerbenchError as fault:
            if changes.alignments is not None:
                raise
            on_note(f"alignment {name} left out: {fault}")
            continue
        specs[f"alignment {name}"] = aligned
    if len(specs) == 1:
        raise UsageError(
            "Nothing is changed; name --flips, --shifts, --spot, --alignments or --vary keyframe_noise=1,2."
        )
    return specs


def _shifted_keyframes(spec: RunSpec, changes: Changes) -> dict[str, RunSpec]:
    if any(changes.keyframes) and spec.keyframe_noise:
        raise UsageError(
            f"keyframe_noise={spec.keyframe_noise:g} is given beside values to vary it over; leave it out, since the "
            "first row is as annotated."
        )
    where = {"both": "", "train": ", in training alone", "test": ", in testing alone"}[changes.keyframe_side]
    return {
        f"key frames shifted by {reach(most)}{where}": dataclasses.replace(
            spec,
            keyframe_noise=float(most),
            keyframe_noise_side=changes.keyframe_side,
            keyframe_noise_seed=changes.keyframe_seed,
        )
        for most in changes.keyframes
        if most
    }


def sensitivity_spec(
    spec: RunSpec,
    changes: Changes,
    *,
    seeds: int,
    execution: Execution,
    observers: Callable[[], Observer] = Observer,
    on_note: Callable[[str], None] = lambda note: None,
) -> Ablation:
    """The runs of a specification as annotated and under each change, and the table of what each change does.

    Differences are paired by clip and corrected over the changes, as those of an ablation.

    Raises:
        MerbenchError: for values, names, data or folders that cannot be used.
    """
    specs = checked_specs(spec, changes, on_note)
    runs = run_variants(specs, seeds, execution, observers, on_note)
    changed = {label: same for label, same in runs.items() if not _all_as_distributed(same[0])}
    for label in runs.keys() - changed.keys():
        on_note(f"{label}: not compared, as no clip could be aligned")
    same, other = _paired(changed)
    for label in other:
        on_note(f"{label}: not compared, as other clips could be used than as annotated")
    table = ablation_table(same)
    partly = [note for _, (first, *_) in same for note in _as_distributed(first)]
    return Ablation(table=dataclasses.replace(table, notes=(*table.notes, *partly)), runs=runs)


def checked_specs(spec: RunSpec, changes: Changes, on_note: Callable[[str], None]) -> dict[str, RunSpec]:
    """The specification as annotated and under each change, by label; notes name what a change cannot do.

    Raises:
        MerbenchError: for values, names or settings that cannot be used.
    """
    method = request(spec).experiment().method
    specs = changed_specs(spec, changes, on_note)
    _say_without_effect(method, specs, spec, on_note)
    return specs


def _say_without_effect(
    method: Method, specs: Mapping[str, RunSpec], spec: RunSpec, on_note: Callable[[str], None]
) -> None:
    """Name the changes that cannot change a score, since they are of frames, and the method sees none."""
    of_labels = {label for label, changed in specs.items() if changed.label_flips != spec.label_flips}
    of_frames = [label for label in specs if label not in {AS_ANNOTATED, *of_labels}]
    if of_frames and not declared_inputs(method):
        on_note(f"{method.name} sees no frames, so these change none of its scores: {'; '.join(of_frames)}")


def _as_distributed(run: Run) -> list[str]:
    """How many clips of an aligned run are not aligned, without their names."""
    name = run.header.description.alignment.partition(",")[0]
    return [
        f"{note.partition(' (--')[0]}."
        for note in run.header.notes
        if note.startswith(f"alignment {name}: ") and "stay as distributed" in note
    ]


def _all_as_distributed(run: Run) -> bool:
    count = run.header.clips
    return any(f" {count} of {plural(count, 'clip')} " in note for note in _as_distributed(run))


def _paired(runs: dict[str, tuple[Run, ...]]) -> tuple[list[tuple[str, tuple[Run, ...]]], list[str]]:
    """The changes with the same clips as the first, and the labels of the others."""
    keys = {label: predictions_by_clip(same, "last").keys for label, same in runs.items()}
    first = keys[AS_ANNOTATED]
    return (
        [(label, same) for label, same in runs.items() if keys[label] == first],
        [label for label in runs if keys[label] != first],
    )
