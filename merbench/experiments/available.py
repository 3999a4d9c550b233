"""The clips of a task that a method can be given what it declares; else a refusal that names the methods that can."""

from __future__ import annotations

from merbench.data.labelled_clips import LabelledClips
from merbench.entries.reproduction import declared_reproductions
from merbench.errors import FrameError, MerbenchError
from merbench.experiments.experiment import Experiment
from merbench.inputs.alignment.spec import AS_DISTRIBUTED
from merbench.inputs.availability import needs_frames, unavailable
from merbench.inputs.declaration import Frames, Inputs
from merbench.method import declared_inputs
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
        listed = ", ".join(flow_methods()) or "none"
        remedy = f"{_setting(experiment, task)}Methods that run on given flow alone: {listed}.{_elsewhere(name)}"
    example = next(iter(lacking.values())).rstrip(".")
    skipped = "" if len(lacking) == len(task.clips) else " Or leave such clips out with --on-error skip."
    return (
        f"{what}, which {len(lacking)} of {plural(len(task.clips), 'clip')} do not have ({example}). {remedy}{skipped}"
    )


def _setting(experiment: Experiment, task: LabelledClips) -> str:
    """The first setting of the method with which its clips lack nothing, as a sentence; empty where there is none."""
    method = experiment.method
    for declared in method.parameters.declared():
        for choice in declared.choices:
            try:
                other = type(method)(method.parameters.changed({declared.name: choice}))
                lacking = unavailable(task.as_clips(), experiment.by_part, declared_inputs(other))
            except MerbenchError:  # a choice that does not go with the other parameters
                continue
            if not lacking:
                return f"With --set {declared.name}={choice}, {method.name} needs nothing more. "
    return ""


def _elsewhere(name: str) -> str:
    """On what the method's own printed results run, which have the frames that it needs."""
    data = {each.name: each.datasets for each in declared_reproductions(methods.get(name))}
    named = [f"merbench reproduce {each} takes the frames of {', '.join(sets)}" for each, sets in data.items()]
    return f" {'; '.join(named)}." if named else ""


def flow_methods() -> list[str]:
    """The methods, by their default parameters, that need no frames of a clip whose flow is given."""
    return [entry.name for entry in methods.entries() if _needs_none(entry.name)]


def _needs_none(name: str) -> bool:
    try:
        return not needs_frames(declared_inputs(methods.get(name)()))
    except MerbenchError:  # a broken entry is named by merbench list
        return False
