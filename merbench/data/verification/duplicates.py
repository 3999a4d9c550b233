"""What a check says of pictures that several subjects have: the same bytes, or, with ImageHash, nearly the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

from merbench.annotations.clips import Clip, subject_of
from merbench.data.finding import Finding, Verdict
from merbench.data.overlapping import overlapping
from merbench.data.shared_pictures import shared_frames, shared_pictures
from merbench.data.source import Source
from merbench.errors import DataError
from merbench.plural import plural

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

#: Bits of a perceptual hash of 256 in which two pictures may differ and still count as nearly the same: chosen here.
#: Of synthetic faces, a picture saved again as JPEG or at half its size differs in 8 at most, two people in 60 or more.
NEAR = 12
_SIDE = 16


def of_duplicates(source: Source, clips: Sequence[Clip]) -> Iterator[Finding]:
    """The findings on pictures that clips of different subjects share; every frame from onset to offset is hashed."""
    by_dataset = dict.fromkeys(source.dataset.dataset_names(source.root), source)
    shared = shared_pictures(clips, by_dataset)
    for what in sorted({each.what for each in shared}):
        pairs = [str(each) for each in shared if each.what == what]
        detail = f"a file with the same bytes in {plural(len(pairs), 'pair')} of clips of different subjects"
        verdict: Verdict = "differs" if what == "frame" else "to know"  # flow of no motion is the same for everybody
        yield Finding(what=f"shared: {what}", verdict=verdict, detail=detail, about=(*pairs,))
    named = {(one.key, other.key) for one, other in overlapping(clips)}  # which the findings on rows name
    twice = [(each.one, each.other) for each in shared_frames(clips, by_dataset)]
    twice = [pair for pair in twice if subject_of(pair[0]) == subject_of(pair[1]) and not named & {pair, pair[::-1]}]
    if twice:
        detail = (
            f"a frame with the same bytes in {plural(len(twice), 'pair')} of clips of one subject; one "
            "may be listed twice"
        )
        yield Finding(what="shared: clips", verdict="to know", detail=detail, about=tuple(map(" and ".join, twice)))
    if find_spec("imagehash") is None:
        detail = 'pictures that are nearly the same are looked for with pip install "merbench[duplicates]"'
        yield Finding(what="shared: near", verdict="to know", detail=detail)
    elif near := list(_near(source, clips)):
        detail = (
            f"onset or apex frames that are nearly the same in {plural(len(near), 'pair')} of clips of "
            "different subjects"
        )
        yield Finding(what="shared: near", verdict="to know", detail=detail, about=(*near,))


def _near(source: Source, clips: Sequence[Clip]) -> Iterator[str]:
    import numpy as np

    hashes = [(clip, bits) for clip in clips if (bits := _hashes(source, clip)) is not None]
    people = np.array([clip.qualified_subject for clip, _ in hashes])
    if not hashes:
        return
    every = np.stack([bits for _, bits in hashes])  # clip moment bit
    for place, (clip, bits) in enumerate(hashes):
        distances = (every[place + 1 :, :, None] != bits[None, None]).sum(-1).min(axis=(1, 2))
        for other in np.flatnonzero((distances <= NEAR) & (people[place + 1 :] != clip.qualified_subject)):
            yield f"{clip.key} and {hashes[place + 1 + int(other)][0].key} ({distances[other]} of {_SIDE**2} bits)"


def _hashes(source: Source, clip: Clip) -> npt.NDArray[np.bool_] | None:
    """The perceptual hashes of a clip's onset and apex frames, `(moment bit)`; None where they cannot be read."""
    import imagehash
    import numpy as np
    from PIL import Image

    if clip.onset is None:
        return None
    numbers = [clip.onset, clip.onset if clip.apex is None else clip.apex]
    try:
        frames = source.dataset.read(source.root, clip, numbers)
    except DataError:
        return None
    return np.stack([imagehash.phash(Image.fromarray(frame), hash_size=_SIDE).hash.ravel() for frame in frames])
