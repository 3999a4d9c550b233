"""The clips of a task that a method can be given what it declares; else a refusal that names the methods that can."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from merbench.annotations.clips import Clip
from merbench.data.labelled_clips import LabelledClips
from merbench.entries.reproduction import declared_reproductions
from merbench.errors import FrameError, MerbenchError
from merbench.experiments.experiment import Experiment
from merbench.inputs.alignment.spec import AS_DISTRIBUTED
from merbench.inputs.availability import needs_frames, unavailable
from merbench.inputs.declaration import Frames, Inputs
from merbench.method import Method, declared_inputs
from merbench.plural import plural
from merbench.registry import methods


def available_clips(experiment: Experiment, task: LabelledClips) -> LabelledClips:
    """The task less the clips without what the method or the alignment needs; refused if all are, or one is to stop.

    Raises:
        FrameError: naming the method, its inputs, the clips, and the methods that need no frames.
    """
    aligned = str(experiment.alignment) != AS_DISTRIBUTED
    declared = declared_inputs(experiment.method)
    lacking = unavailable(task.as_clips(), experiment.by_part, declared)
    if aligned:
        onset = Inputs(frames=Frames(at=("onset",), size=(1, 1)))
        lacking = {**unavailable(task.as_clips(), experiment.by_part, onset), **lacking}
    if not lacking:
        return task
    if len(lacking) == len(task.clips) or experiment.on_error == "stop":
        raise FrameError(_refusal(experiment, task, lacking, declared, aligned))
    return task.without(lacking)


def _refusal(
    experiment: Experiment, task: LabelledClips, lacking: dict[str, str], declared: Inputs, aligned: bool
) -> str:
    name = experiment.method.name
    needed = needs_frames(declared)
    if aligned and not needed:
        what = f"--alignment {experiment.alignment.name} needs frames"
        remedy = "Leave out --alignment."
    else:
        what = f"{name} needs {' and '.join(needed) or 'frames, where no flow is given'}"
        clips = [clip for clip in task.as_clips() if clip.key in lacking]
        setting = _setting(experiment.method, experiment, clips)
        own = f"With --set {setting}, {name} needs nothing more. " if setting else ""
        listed = ", ".join(_that_run(experiment, clips[:1])) or "none"
        remedy = f"{own}Methods that run on what is there: {listed}.{_elsewhere(name)}"
    example = next(iter(lacking.values())).rstrip(".")
    skipped = "" if len(lacking) == len(task.clips) else " Or leave such clips out with --on-error skip."
    return (
        f"{what}, which {len(lacking)} of {plural(len(task.clips), 'clip')} do not have ({example}). {remedy}{skipped}"
    )


def _setting(method: Method, experiment: Experiment, clips: Sequence[Clip]) -> str | None:
    """The first setting with which a method lacks nothing of the clips: empty if none is needed, None if none does."""
    if not unavailable(clips, experiment.by_part, declared_inputs(method)):
        return ""
    for declared in method.parameters.declared():
        for choice in declared.choices:
            try:
                other = declared_inputs(type(method)(method.parameters.changed({declared.name: choice})))
                lacking = unavailable(clips, experiment.by_part, other)
            except MerbenchError:  # a choice that does not go with the other parameters
                continue
            if not lacking:
                return f"{declared.name}={choice}"
    return None


def _elsewhere(name: str) -> str:
    """On what the method's own printed results run, which have the frames that it needs."""
    data = {each.name: each.datasets for each in declared_reproductions(methods.get(name))}
    named = [f"merbench reproduce {each} takes the frames of {', '.join(sets)}" for each, sets in data.items()]
    return f" {'; '.join(named)}." if named else ""


def _that_run(experiment: Experiment, clips: Sequence[Clip]) -> Iterator[str]:
    """The methods that need nothing more than the clips have, with the setting where they need one."""
    for entry in methods.entries():
        try:
            setting = _setting(methods.get(entry.name)(), experiment, clips)
        except MerbenchError:  # a broken entry is named by merbench list
            continue
        if setting is not None:
            yield f"{entry.name} (--set {setting})" if setting else entry.name
