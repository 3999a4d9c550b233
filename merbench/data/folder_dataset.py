"""Datasets on disk: what every adapter of a folder with a workbook and frame files does alike."""

from __future__ import annotations

import dataclasses
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar

from merbench.annotations.clips import Annotations, Clip, clip_of
from merbench.data.frame_files import require_folder
from merbench.data.nearest_frames import filled, notes, reach
from merbench.dataset import Dataset
from merbench.entries import parameters as typed
from merbench.synthetic.mock_clips import Extent, MockClip
from merbench.synthetic.mock_tree import prepare_folder, write_clips


class FolderDataset(Dataset):
    r"""A dataset in a folder with an annotation workbook and frame files; an adapter writes the five abstract methods.

    `annotations` and `list_frames` read the data as distributed; `plan_mock`, `write_workbook` and `draw` write a mock
    tree of the same layout. The folder is checked before any of them is called, and the files of a clip are listed
    once an instance. `most_subjects` is the number of subjects that a mock tree can have. Everything else is as in
    `merbench.Dataset`.

    >>> import tempfile
    >>> from merbench.annotations.coded_clips import Reading, annotated
    >>> from merbench.annotations.sheets import Column
    >>> from merbench.annotations.workbook import WorkbookFormat
    >>> from merbench.data.frame_files import numbered
    >>> names = ("subject", "clip", "onset", "apex", "offset", "action_units", "emotion")
    >>> workbook = WorkbookFormat(dataset="mine", names=("clips.xlsx",), columns={name: Column(name) for name in names})
    >>> class Mine(FolderDataset):
    ...     name, title, schemes, most_subjects = "mine", "My clips", (), 20
    ...
    ...     def annotations(self, root):
    ...         sheet, notes = workbook.read(root, "clips.csv")
    ...         clips = Reading(subject=lambda row: row.text("subject")).clips(sheet)
    ...         return annotated(sheet, clips, fps=100.0, state="2026", notes=notes)
    ...
    ...     def list_frames(self, root, clip):
    ...         return numbered(clip, root / clip.subject / clip.name, r"img")
    ...
    ...     def plan_mock(self, extent): ...
    ...     def write_workbook(self, out, clips): ...
    ...     def draw(self, out, clip, numbers): ...
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     frames = Path(folder) / "s1" / "a"
    ...     frames.mkdir(parents=True)
    ...     (frames / "img3.jpg").touch()
    ...     _ = (Path(folder) / "clips.csv").write_text(",".join(names) + "\ns1,a,3,5,8,4+7,disgust\n")
    ...     clip = Clip(dataset="mine", subject="s1", name="a", onset=3, apex=5, offset=8)
    ...     list(Mine().table(Path(folder)).table["emotion"]), list(Mine().frames(Path(folder), clip))
    (['disgust'], [3])
    """

    #: The number of subjects that a mock tree can have.
    most_subjects: ClassVar[int]

    def __init__(self, parameters: typed.Parameters | None = None) -> None:
        super().__init__(parameters)
        self._listed: dict[tuple[Path, Clip], Mapping[int, Path]] = {}

    @abstractmethod
    def annotations(self, root: Path) -> Annotations:
        """The annotation table under `root`, an existing folder.

        Raises:
            MissingData: if there is no annotation workbook.
            AnnotationError: naming file, row, column, value, rule and remedy.
        """

    @abstractmethod
    def list_frames(self, root: Path, clip: Clip) -> Mapping[int, Path]:
        """The frame files of a clip that exist under `root`, by annotated frame number, in rising order.

        Empty where the clip's folder is missing or has none.
        """

    @abstractmethod
    def plan_mock(self, extent: Extent) -> Sequence[MockClip]:
        """The clips of a mock tree as large as `extent` says, in the order of its workbook."""

    @abstractmethod
    def write_workbook(self, out: Path, clips: Sequence[MockClip]) -> None:
        """Write the annotation workbook of a mock tree to the folder `out`, laid out as distributed."""

    @abstractmethod
    def draw(self, out: Path, clip: MockClip, numbers: Sequence[int]) -> None:
        """Write the frames `numbers` of a clip under `out`, in the folders and under the names as distributed."""

    def table(self, root: Path | None) -> Annotations:
        """The annotation table under `root`, one row a clip.

        An apex outside onset..offset stays as annotated. `action_units` are in the plain notation, and
        ``action_units_annotated`` holds the cells as they are.
        """
        folder = require_folder(self.name, root)
        read, within = self.annotations(folder), reach(self.parameters)
        if not within:
            return read
        clips = [clip_of(self.name, row) for _, row in read.table.iterrows()]
        return dataclasses.replace(read, notes=(*read.notes, *notes(within, clips, partial(self.list_frames, folder))))

    def frames(self, root: Path | None, clip: Clip) -> Mapping[int, Path]:
        """The files of a clip that are present, by annotated frame number; listed once an instance.

        With ``missing_frames=nearest``, missing ones of onset..offset are the nearest that are present.
        """
        key = (require_folder(self.name, root), clip)  # one recording can hold several clips, in folders of their own
        if key not in self._listed:
            present, within = self.list_frames(*key), reach(self.parameters)
            self._listed[key] = filled(present, clip, within) if within else present
        return self._listed[key]

    def mock(
        self,
        out: Path,
        *,
        subjects: int,
        clips: int,
        seed: int,
        frames: str = "key",
        full: bool = False,
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> None:
        """Write a mock tree of synthetic faces to `out`, `clips` clips a subject, or the `full` table.

        `progress` is called with the number of clips written and of all clips, after each clip.

        Raises:
            UsageError: if `out` is not empty, or there cannot be such a tree.
        """
        extent = Extent(subjects=subjects, clips=clips, seed=seed, frames=frames, full=full)
        extent.check(self.name, most_subjects=self.most_subjects)
        planned = self.plan_mock(extent)
        prepare_folder(self.name, out)
        self.write_workbook(out, planned)
        write_clips([partial(self.draw, out, clip, clip.numbers(frames)) for clip in planned], progress)
