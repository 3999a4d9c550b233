"""The folders of SMIC: there is no annotation file, so they say whose clip it is, of which class and which frames."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from merbench.data.frame_files import entries, numbered_files, other_frames, present
from merbench.errors import AnnotationError, MissingData

from .cameras import CODES, FOLDERS, Camera, clip_name

_SUBJECT = re.compile(r"s0*([1-9][0-9]?)", re.IGNORECASE)
#: Both forms in every camera, because those of VIS and NIR are unverified.
FILES: Mapping[str, re.Pattern[str]] = {
    "cropped": re.compile(r"reg_(?:image)?([0-9]{1,9})\.(?:bmp|jpe?g|png)", re.IGNORECASE),
    "raw": re.compile(r"(?:image)?([0-9]{1,9})\.(?:bmp|jpe?g|png)", re.IGNORECASE),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipFolder:
    """One clip's folder, and its frame files by number, in rising order."""

    subject: str
    clip: str
    emotion: str
    folder: Path
    files: Mapping[int, Path]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """The clips of one camera and variant, by subject and clip, and sentences on what was passed over."""

    clips: Mapping[tuple[str, str], ClipFolder]
    notes: tuple[str, ...] = ()


def read_tree(dataset: str, root: Path, camera: Camera, variant: str) -> Tree:
    """The clips that the folders of a camera hold, by subject, class and number.

    Raises:
        MissingData: if the variant has no folder of the camera under `root`, or no frame of a micro-expression in it.
        AnnotationError: for a clip that is there twice, or that its folders contradict.
        FrameError: if two files of a clip claim one number.
    """
    home = part_folder(dataset, root, camera, variant)
    notes: list[str] = []
    clips: dict[tuple[str, str], ClipFolder] = {}
    for folder in sorted(_clips(home, variant, notes), key=_order):
        if (taken := clips.setdefault((folder.subject, folder.clip), folder)) is not folder:
            raise AnnotationError(
                f"{folder.folder}: the clip {folder.clip} is in {taken.folder} too, and must be there once; "
                "remove one of the two folders."
            )
    if not clips:
        raise MissingData(
            f"{dataset}: {home} holds no clip; it must have folders such as s1/micro/negative/s1_ne_01 with frames "
            f"{camera.file_name(variant, 1234)}, but it holds {present(home)}. Unpack the archive there."
        )
    return Tree(clips=clips, notes=tuple(notes))


def part_folder(dataset: str, root: Path, camera: Camera, variant: str) -> Path:
    """The folder under `root` that holds the subjects' folders.

    Raises:
        MissingData: saying what was looked for, what is there, and how to choose the other variant.
    """
    home = root / FOLDERS[variant] / camera.folder
    if home.is_dir():
        return home
    others = [name for name in FOLDERS if name != variant and (root / FOLDERS[name] / camera.folder).is_dir()]
    raise MissingData(
        f"{dataset}: {root} has no {variant} frames: looked for the folder {FOLDERS[variant]}/{camera.folder}, found "
        f"{present(root)}. Put it there{other_frames(others)}."
    )


def _clips(home: Path, variant: str, notes: list[str]) -> Iterator[ClipFolder]:
    for of_subject in _folders(home):
        subject = _SUBJECT.fullmatch(of_subject.name)
        if subject is None:
            notes.append(f"{of_subject}: passed over; a subject's folder is called s1, s2 and so on.")
            continue
        for micro in (folder for folder in _folders(of_subject) if folder.name.lower() == "micro"):
            yield from _clips_of(micro, int(subject[1]), variant, notes)


def _clips_of(micro: Path, subject: int, variant: str, notes: list[str]) -> Iterator[ClipFolder]:
    for of_class in _folders(micro):
        emotion = of_class.name.lower()
        if emotion not in CODES:
            notes.append(f"{of_class}: passed over; a class folder is one of {', '.join(CODES)}.")
            continue
        for folder in _folders(of_class):
            clip = _clip(folder, subject, emotion, variant)
            if isinstance(clip, ClipFolder):
                yield clip
            else:
                notes.append(clip)


def _clip(folder: Path, subject: int, emotion: str, variant: str) -> ClipFolder | str:
    """The clip in a folder, or the sentence that says why it was passed over."""
    name = clip_name(folder.name)
    if name is None:
        return f"{folder}: passed over; a clip's folder is called s{subject}_{CODES[emotion]}_01 and so on."
    if (name.subject, name.emotion) != (f"s{subject}", emotion):
        raise AnnotationError(
            f"{folder}: the clip's name contradicts its place; under s{subject} and {emotion} it must be called "
            f"s{subject}_{CODES[emotion]}_{folder.name.rpartition('_')[2]}. Rename or move the folder, as it was "
            "distributed."
        )
    clip = str(name)
    files = numbered_files(folder, FILES[variant], clip)
    if not files:
        return f"{folder}: passed over; it holds no {variant} frame, only {present(folder)}."
    return ClipFolder(subject=f"s{subject}", clip=clip, emotion=emotion, folder=folder, files=files)


def _folders(folder: Path) -> list[Path]:
    return [path for path in entries(folder) if path.name[0] not in ".~_" and path.is_dir()]


def _order(folder: ClipFolder) -> tuple[int, str]:
    return int(folder.subject[1:]), folder.clip
