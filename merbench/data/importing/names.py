"""What names of folders say: emotions, subjects, parts of a split, moments."""

from __future__ import annotations

import re

#: Words for emotions, in every database's spelling and in common others.
EMOTIONS = frozenset({
    "happiness", "happy", "disgust", "disgusted", "surprise", "surprised", "sadness", "sad", "fear", "fearful", "anger",
    "angry", "contempt", "repression", "repressed", "tense", "others", "other", "negative", "positive", "neg", "pos",
    "sur", "neutral", "pain", "helpless",
})  # fmt: skip
#: Folders that only hold others.
WRAPPERS = frozenset({
    "clips", "frames", "images", "image", "img", "imgs", "data", "dataset", "color", "colour", "raw", "cropped", "crop",
    "faces", "micro",
})  # fmt: skip
SPLITS = {"train": "train", "training": "train", "test": "test", "testing": "test"}
ROLES = ("onset", "apex", "offset")
PICTURES = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff")
_SUBJECT = re.compile(r"((?:subject|sub|s|spno\.?)?[0-9]{1,4})(?=[_-])", re.IGNORECASE)
_ROLE = re.compile(r"(?:^|[^a-z])(onset|apex|offset)(?:[^a-z]|$)", re.IGNORECASE)
_NUMBER = re.compile(r"([0-9]{1,9})[^0-9]*$")


def is_emotion(name: str) -> bool:
    """Whether a folder or a cell is called by an emotion."""
    return name.strip().casefold() in EMOTIONS


def subject_in(clip: str) -> str:
    """The subject that a clip's name begins with; empty where it begins with none.

    >>> subject_in("01_EP01_02f"), subject_in("sub07_EP03"), subject_in("006_1_2"), subject_in("EP01_02f")
    ('01', 'sub07', '006', '')
    """
    match = _SUBJECT.match(clip)
    return match[1] if match else ""


def role_in(stem: str) -> str:
    """The moment that a file is called by; empty where it is called by none.

    >>> role_in("onset"), role_in("EP01_Apex"), role_in("img12")
    ('onset', 'apex', '')
    """
    match = _ROLE.search(stem)
    return match[1].lower() if match else ""


def number_in(stem: str) -> int | None:
    """The last number of a file's name; None where it has none."""
    match = _NUMBER.search(stem)
    return int(match[1]) if match else None
