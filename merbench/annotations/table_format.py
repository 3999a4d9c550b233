"""How the annotation table of a dataset is read whose annotation is one sheet of one workbook."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from merbench.annotations.clips import Annotations
from merbench.annotations.coded_clips import CodedClip, Reading, annotated
from merbench.annotations.sheets import Sheet
from merbench.annotations.workbook import WorkbookFormat


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFormat:
    r"""A workbook, how its rows become clips, and what is said of them.

    >>> import tempfile
    >>> from merbench.annotations.coded_clips import whole_or_part
    >>> from merbench.annotations.sheets import Column
    >>> names = ("subject", "clip", "onset", "apex", "offset", "action_units", "emotion")
    >>> mine = TableFormat(
    ...     workbook=WorkbookFormat(dataset="mine", names=("a.xlsx",), columns={name: Column(name) for name in names}),
    ...     reading=Reading(subject=lambda row: row.text("subject")),
    ...     fps=100.0,
    ...     state=lambda sheet, clips: whole_or_part(clips, {"disgust": 2}, "2-row"),
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "a.csv").write_text(",".join(names) + "\ns1,a,3,5,8,4+7,disgust\n")
    ...     read = mine.read(Path(folder), "a.csv")
    >>> read.state, read.notes, list(read.table["emotion"])
    ('2-row (part)', ('Part of annotation state 2-row: 1 of 2 clips.',), ['disgust'])
    """

    workbook: WorkbookFormat
    reading: Reading
    #: Frames a second.
    fps: float
    #: The annotation state of the clips of a sheet, and sentences on it.
    state: Callable[[Sheet, Sequence[CodedClip]], tuple[str, tuple[str, ...]]]
    #: Sentences on clips whose annotation is in doubt.
    doubts: Callable[[Sheet, Sequence[CodedClip]], Iterable[str]] = lambda sheet, clips: ()

    def read(self, root: Path, chosen: str) -> Annotations:
        """The annotation table of the workbook under `root`, with its state; `chosen`, if not empty, names the file.

        Raises:
            MissingData: if there is no workbook.
            AnnotationError: naming file, row, column, value, rule and remedy.
        """
        sheet, notes = self.workbook.read(root, chosen)
        clips = self.reading.clips(sheet)
        state, state_notes = self.state(sheet, clips)
        notes = (*notes, *state_notes, *self.doubts(sheet, clips))
        return annotated(sheet, clips, fps=self.fps, state=state, notes=notes)
