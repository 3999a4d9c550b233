"""The annotation table of CASME II, from the rows of its workbook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from merbench.annotations.clips import Annotations
from merbench.annotations.coded_clips import CodedClip, Reading, clip_table, oddities, subject_number
from merbench.annotations.sheets import Sheet
from merbench.annotations.workbook import WorkbookFormat
from merbench.plural import plural

from . import class_file, states
from .schemes import EMOTIONS
from .workbook import COLUMNS, NAMES

FPS = 200.0
CODING = WorkbookFormat(
    dataset="casme2", names=tuple(NAMES.values()), columns=COLUMNS, known_other=class_file.is_class_file
)
READING = Reading(subject=lambda row: f"{subject_number(row, 99):02d}", more=("objective_class",))


def read_annotations(root: Path, chosen: str) -> Annotations:
    """The annotation table of the workbook under `root`, with its state; `chosen`, if not empty, names the file.

    Raises:
        MissingData: if there is no workbook.
        AnnotationError: naming file, row, column, value, rule and remedy; of the class file beside the workbook too.
    """
    sheet, notes = CODING.read(root, chosen)
    clips = READING.clips(sheet)
    state, state_notes = states.recognise(clips)
    table = clip_table(clips, fps=FPS, present=sheet.headers)
    classes = class_file.beside(sheet.path)
    if classes is not None:
        table[class_file.COLUMN] = classes.of(clips)
        state_notes = (*state_notes, *classes.mismatches(clips))
    return Annotations(
        table=table, state=state, notes=(*notes, *state_notes, *_strays(sheet, clips), *oddities(sheet, clips))
    )


def _strays(sheet: Sheet, clips: Sequence[CodedClip]) -> Iterator[str]:
    emotions = Counter(clip.emotion for clip in clips)
    for emotion in sorted(emotions.keys() - EMOTIONS["2014"].keys()):
        yield (
            f"{sheet.path}: {plural(emotions[emotion], 'clip')} of {emotion!r}, which no label scheme of CASME II has."
        )
