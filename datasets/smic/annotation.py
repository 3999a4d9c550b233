"""The annotation table of SMIC, from its folders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from merbench.annotations.clips import Annotations
from merbench.plural import plural

from .cameras import CODES, FOLDERS, Camera
from .schemes import WHOLE
from .tree import ClipFolder, Tree, read_tree

if TYPE_CHECKING:
    import pandas as pd

PART = f"{WHOLE} (part)"
UNRECOGNISED = "unrecognised"


def annotations_of(dataset: str, root: Path, camera: Camera, variant: str, tree: Tree) -> Annotations:
    """The table of a tree that was read: onset and offset are its first and last frame, an apex there is not.

    The state is `WHOLE`, `PART` or `UNRECOGNISED` by the number of clips. Notes say what was passed over, and how the
    other variant differs if it is there too.
    """
    state, state_notes = _state(camera, tree)
    other = _differences(dataset, root, camera, variant, tree)
    return Annotations(table=_table(tree, camera.fps), state=state, notes=(*tree.notes, *state_notes, *other))


def _table(tree: Tree, fps: float) -> pd.DataFrame:
    import pandas as pd

    clips = list(tree.clips.values())
    return pd.DataFrame(
        {
            "subject": [clip.subject for clip in clips],
            "clip": [clip.clip for clip in clips],
            "onset": [_range(clip)[0] for clip in clips],
            "apex": pd.array([None] * len(clips), dtype="Int64"),
            "offset": [_range(clip)[1] for clip in clips],
            "emotion": [clip.emotion for clip in clips],
            "action_units": "",
            "fps": fps,
        }
    )


def _range(clip: ClipFolder) -> tuple[int, int]:
    return min(clip.files), max(clip.files)


def _state(camera: Camera, tree: Tree) -> tuple[str, tuple[str, ...]]:
    counts = Counter(clip.emotion for clip in tree.clips.values())
    stray = camera.strays({clip.subject for clip in tree.clips.values()})
    counted = ", ".join(f"{emotion} {counts[emotion]}" for emotion in CODES)
    if stray:
        return UNRECOGNISED, (f"State {UNRECOGNISED}: SMIC {camera.folder} has no subject {', '.join(stray)}.",)
    if counts.total() > camera.clips or any(counts[emotion] > camera.most[emotion] for emotion in CODES):
        return UNRECOGNISED, (f"State {UNRECOGNISED}: more clips than SMIC {camera.folder} has: {counted}.",)
    if counts.total() == camera.clips:
        return WHOLE, ()
    return PART, (f"Part of SMIC {camera.folder}: {counts.total()} of {plural(camera.clips, 'clip')} ({counted}).",)


def _differences(dataset: str, root: Path, camera: Camera, variant: str, tree: Tree) -> Iterator[str]:
    """Of the cropped frames, copies are known that lack a clip, or the last frames of some: the other variant tells."""
    other = next(name for name in FOLDERS if name != variant)
    if not (root / FOLDERS[other] / camera.folder).is_dir():
        return
    there = read_tree(dataset, root, camera, other).clips
    if lacking := [clip for subject, clip in there if (subject, clip) not in tree.clips]:
        yield f"Only the {other} frames have the clips {', '.join(lacking)}; they are not part of the table."
    unequal = [
        f"{key[1]} ({_span(clip)}, {other} {_span(there[key])})"
        for key, clip in tree.clips.items()
        if key in there and _range(clip) != _range(there[key])
    ]
    if unequal:
        yield f"Onset and offset are those of the {variant} frames, which differ in {', '.join(unequal)}."


def _span(clip: ClipFolder) -> str:
    return "..".join(map(str, _range(clip)))
