"""A mock tree of flow pictures: the true motion of rendered expressions, stretched as the real pictures are."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from merbench.synthetic.mock_clips import Extent
from merbench.synthetic.mock_emotions import distribute, emotions_by_subject, rounds
from merbench.synthetic.mock_tree import prepare_folder, write_clips

from .counts import BY_PART, CLASSES, SUBJECTS
from .layouts import LIST, PICTURES, SUBJECT_FOLDERS

if TYPE_CHECKING:
    import numpy as np

#: Pixels a side at which the motion is computed, and of the pictures as distributed.
_COMPUTED, _SIDE = (56, 56), (28, 28)
_SPELLED = {"casme2": "sub{:02d}", "samm": "{:03d}", "smic": "s{:02d}"}
_SHORT = {"negative": "ne", "positive": "po", "surprise": "sur"}


@dataclass(frozen=True, slots=True, kw_only=True)
class MockPicture:
    """One clip of a mock tree, and the seeds of its face and its motion."""

    part: str
    subject: str
    clip: str
    label: str
    seeds: tuple[int, int, int]

    @property
    def file(self) -> str:
        """The picture's name, with the blank that the real ones have."""
        return f"{self.subject}_{self.clip} .png"


def write(dataset: str, out: Path, extent: Extent, *, layout: str, progress: Callable[[int, int], None]) -> None:
    """Write the tree: the list and one folder of pictures, or with the layout ``subjects`` a folder a subject.

    Raises:
        UsageError: if `out` cannot be made a folder, or is not empty.
    """
    planned = list(_planned(extent))
    prepare_folder(dataset, out)
    if layout != "subjects":
        _write_list(out / LIST, planned)
    jobs = [partial(_write_picture, clip, _places(out, clip, planned, layout)) for clip in planned]
    if extent.frames != "none":
        write_clips(jobs, progress)
    elif layout == "subjects":  # whose files are the list
        for clip in planned:
            for place in _places(out, clip, planned, layout):
                place.parent.mkdir(parents=True, exist_ok=True)
                place.touch()


def _planned(extent: Extent) -> Iterator[MockPicture]:
    for place, (part, subject, labels) in enumerate(_people(extent)):
        counts = dict.fromkeys(CLASSES, 0)
        for number, label in enumerate(labels, 1):
            counts[label] += 1
            clip = {
                "casme2": f"EP{number:02d}_{counts[label]:02d}f",
                "samm": f"{subject}_{number}_{counts[label]}",
                "smic": f"{subject}_{_SHORT[label]}_{counts[label]:02d}",
            }[part]
            seeds = (extent.seed, place, number)
            yield MockPicture(part=part, subject=subject, clip=clip, label=label, seeds=seeds)


def _people(extent: Extent) -> Iterator[tuple[str, str, list[str]]]:
    """Part, subject, and the class of each clip; of a tree that is not full the parts take turns."""
    import numpy as np

    if extent.full:
        for part, clips in BY_PART.items():
            subjects = [_SPELLED[part].format(number) for number in range(1, SUBJECTS[part] + 1)]
            for subject, labels in emotions_by_subject(distribute(clips, subjects)):
                yield part, subject, labels
        return
    taken = dict.fromkeys(BY_PART, 0)
    for place in range(extent.subjects):
        part = min((name for name in BY_PART if taken[name] < SUBJECTS[name]), key=lambda name: taken[name])
        taken[part] += 1
        labels = rounds(np.random.default_rng([extent.seed, place]), CLASSES, extent.clips)
        yield part, _SPELLED[part].format(taken[part]), labels


def _places(out: Path, clip: MockPicture, every: Sequence[MockPicture], layout: str) -> list[Path]:
    """Where a clip's picture lies: once, or in its subject's ``u_test`` and in every other subject's ``u_train``."""
    if layout != "subjects":
        return [out / PICTURES / clip.file]
    home, number = out / SUBJECT_FOLDERS[0], str(CLASSES.index(clip.label))
    subjects = dict.fromkeys(other.subject for other in every)
    return [
        home / subject / ("u_test" if subject == clip.subject else "u_train") / number / clip.file
        for subject in subjects
    ]


def _write_list(path: Path, planned: Sequence[MockPicture]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(["dataset", "sub", "filename_o", "label", "apex", "imagename", "sub_filename"])
        for clip in planned:
            image = f"{clip.subject}_{clip.clip}.jpg"
            lines.writerow([clip.part, clip.subject, clip.clip, CLASSES.index(clip.label), "", image, ""])


def _write_picture(clip: MockPicture, places: Sequence[Path]) -> None:
    from PIL import Image

    first, *others = places
    for place in places:
        place.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(_picture(clip)).save(first)
    content = first.read_bytes()
    for place in others:
        place.write_bytes(content)


def _picture(clip: MockPicture) -> np.ndarray:
    """The picture of a clip: uint8 `(height width rgb)`, u, v and strain, each stretched to 0..255."""
    import numpy as np

    from merbench.inputs.optical_flow import minmax_scaled, resampled
    from merbench.synthetic.rendering import ground_truth_motion, plan_clip

    plan = plan_clip(
        identity=int(np.random.SeedSequence(clip.seeds[:2]).generate_state(1)[0]),
        seed=int(np.random.SeedSequence(clip.seeds).generate_state(1)[0]),
        emotion=clip.label,
        onset=0,
        apex=10,
        offset=20,
    )
    motion = np.moveaxis(ground_truth_motion(plan, plan.apex, _COMPUTED), 2, 0)
    stretched = minmax_scaled(resampled(motion, _SIDE, strain=True, rescale=False), 0.0, 255.0)
    return np.moveaxis(np.rint(stretched).astype(np.uint8), 0, 2)
