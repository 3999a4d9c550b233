"""The two layouts in which the pictures lie: a list beside one folder, or a folder a subject."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from merbench.annotations.clips import Clip
from merbench.annotations.sheets import Column, Row, read_rows, read_sheet
from merbench.data.frame_files import entries, present, require_folder
from merbench.data.precomputed import ENDINGS
from merbench.errors import AnnotationError, MissingData

from .counts import BY_PART, CLASSES

LIST = "combined_3_class2_for_optical_flow.csv"
PICTURES = "datasets/STSNet_whole_norm_u_v_os"
#: Where the folders of subjects are looked for: HTNet's, STSTNet's for Python and for MATLAB, or the folder itself.
SUBJECT_FOLDERS = ("datasets/three_norm_u_v_os", "three_norm_u_v_os", "norm_u_v_os", "input", ".")
_COLUMNS = {
    "part": Column("dataset"),
    "subject": Column("sub"),
    "clip": Column("filename_o"),
    "label": Column("label"),
}
_PARTS = {"casme2": re.compile(r"sub[0-9]+"), "smic": re.compile(r"s[0-9]+"), "samm": re.compile(r"[0-9]+")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One clip: whose it is, its class, and the file that its picture is expected in."""

    part: str
    subject: str
    clip: str
    label: str
    path: Path

    @property
    def key(self) -> str:
        """The key of its clip."""
        return Clip(dataset=self.part, subject=self.subject, name=self.clip, onset=None, apex=None, offset=None).key


def read_pictures(dataset: str, root: Path | None, layout: str) -> Mapping[str, Picture]:
    """The pictures under `root` by clip key, in the layout ``list`` or ``subjects``; ``auto`` takes what is there.

    Raises:
        MissingData: saying what was looked for and what is there.
        AnnotationError: naming file, line, column, value and rule, or the folder that is of no part.
    """
    folder = require_folder(dataset, root)
    home = folder.parent if folder.name == "datasets" and (folder.parent / LIST).is_file() else folder
    subjects = next((home / name for name in SUBJECT_FOLDERS if _holds_subjects(home / name)), None)
    if layout != "subjects" and (home / LIST).is_file():
        rows, source = _listed(home), home / LIST
    elif layout != "list" and subjects is not None:
        rows, source = list(_of_subjects(dataset, subjects)), subjects
    else:
        raise MissingData(
            f"{dataset}: {folder} holds neither the list {LIST} nor folders of subjects with u_test, but "
            f"{present(folder)}. Name the folder of HTNet's repository, as git clone leaves it."
            if layout == "auto"
            else f"{dataset}: {folder} does not have the layout {layout}, but {present(folder)}; leave out "
            "--set dataset.layout."
        )
    if not rows:
        raise AnnotationError(f"{dataset}: {source} has no clip; fetch the repository anew.")
    by_key: dict[str, Picture] = {}
    for row in rows:
        if (other := by_key.setdefault(row.key, row)) is not row:
            raise AnnotationError(
                f"{dataset}: {row.part}, subject {row.subject}, clip {row.clip} is there twice, as {other.label} "
                f"({other.path.name}) and as {row.label} ({row.path}); leave one of them."
            )
    return by_key


def _holds_subjects(home: Path) -> bool:
    return home.is_dir() and any((folder / "u_test").is_dir() for folder in home.iterdir())


def _listed(home: Path) -> list[Picture]:
    folder = home / PICTURES
    files = {_name(path): path for path in entries(folder)} if folder.is_dir() else {}

    def read(row: Row) -> Picture:
        part, subject, clip, label = (row.text(column) for column in _COLUMNS)
        if part not in BY_PART:
            raise row.refusal("part", f"must be one of {', '.join(BY_PART)}")
        if label not in ("0", "1", "2"):
            raise row.refusal("label", "must be 0 (negative), 1 (positive) or 2 (surprise)")
        stem = f"{subject}_{clip}"
        path = files.get(stem, folder / f"{stem} .png")
        return Picture(part=part, subject=subject, clip=clip, label=CLASSES[int(label)], path=path)

    return read_rows(read_sheet(home / LIST, _COLUMNS).rows, read)


def _of_subjects(dataset: str, home: Path) -> Iterator[Picture]:
    for folder in sorted(path for path in home.iterdir() if (path / "u_test").is_dir()):
        part = next((name for name, spelled in _PARTS.items() if spelled.fullmatch(folder.name)), None)
        if part is None:
            raise AnnotationError(
                f"{dataset}: the folder {folder} is of no part, whose subjects are called sub01 (casme2), s01 (smic) "
                "or 006 (samm); move it elsewhere."
            )
        for of_class in sorted(path for path in (folder / "u_test").iterdir() if path.is_dir()):
            if of_class.name not in ("0", "1", "2"):
                raise AnnotationError(
                    f"{dataset}: the folder {of_class} must be called 0 (negative), 1 (positive) or 2 (surprise)."
                )
            for path in sorted(entries(of_class)):
                if path.suffix.lower() in ENDINGS:
                    clip = _clip(part, folder.name, _name(path))
                    label = CLASSES[int(of_class.name)]
                    yield Picture(part=part, subject=folder.name, clip=clip, label=label, path=path)


def _clip(part: str, subject: str, name: str) -> str:
    """The clip's name in the official list, by a picture's, which has the subject before it once or twice.

    >>> _clip("casme2", "sub01", "sub01_EP02_01f"), _clip("smic", "s01", "s01_s1_ne_01")
    ('EP02_01f', 's01_ne_01')
    >>> _clip("samm", "006", "006_1_2"), _clip("samm", "006", "006_006_1_2")
    ('006_1_2', '006_1_2')
    """
    rest = name.removeprefix(f"{subject}_")
    if part == "casme2":
        return rest
    first, _, last = rest.partition("_")
    short = subject.removeprefix("s").lstrip("0")
    doubled = first.removeprefix("s").lstrip("0") == short and last.count("_") >= 1
    return f"{subject}_{last if doubled else rest}"


def _name(path: Path) -> str:
    """A picture's name without its ending and the blank before it."""
    return path.stem.strip()
