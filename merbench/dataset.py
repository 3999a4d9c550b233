"""The contract of a dataset adapter, and a source: an adapter with the folder its data lies in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from merbench.annotations.clips import Annotations, Clip
from merbench.annotations.corrections import Correction
from merbench.entries import parameters as typed
from merbench.errors import FrameError, UnknownName, UsageError

if TYPE_CHECKING:
    import numpy as np

    from merbench.annotations.schemes import LabelScheme


#: Lies at the root of every mock tree, so that synthetic faces are never taken for photographs.
SYNTHETIC_MARK = "DRAWN-BY-MERBENCH.txt"
#: A file that lies in a mock tree while it is written.
UNFINISHED_MARK = "UNFINISHED-MOCK.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The published size of a whole annotation table in one state, which `merbench data check` compares with.

    >>> known = Known(emotions={"disgust": 63, "surprise": 25}, subjects=26, source="counted in the file")
    >>> known.clips
    88
    """

    #: Clips by emotion, as the table spells it.
    emotions: Mapping[str, int]
    #: Subjects that have a clip.
    subjects: int
    #: The publication that says so, or that the file was counted.
    source: str
    #: Clips by subject, as the table spells it; empty where that is not known.
    by_subject: Mapping[str, int] = field(default_factory=dict)
    #: Clips by dataset and emotion (``samm negative``), where the table has those of several; else empty.
    by_dataset: Mapping[str, int] = field(default_factory=dict)

    @property
    def clips(self) -> int:
        """How many clips the whole table has."""
        return sum(self.emotions.values())


class Dataset(ABC):
    """One dataset: how its annotation file and its frames are read.

    `table` needs the annotation file alone; frames are looked at apart, and only those that are needed. `schemes` has
    the default first, `corrections` the known bad cells, `known` what a whole table holds by annotation state.

    >>> class Mine(Dataset):
    ...     name, title, synthetic, schemes = "mine", "My clips", True, ()
    ...     def table(self, root): ...
    ...     def frames(self, root, clip):
    ...         return {}
    >>> from merbench.data.source import Source
    >>> Source(dataset=Mine()).synthetic
    True
    """

    entry_kind: ClassVar[str] = "dataset"
    name: ClassVar[str]
    title: ClassVar[str]
    synthetic: ClassVar[bool] = False
    root_may_be_file: ClassVar[bool] = False
    schemes: ClassVar[tuple[LabelScheme, ...]]
    reference: ClassVar[str] = ""
    #: The command that fetches it, ending in a new folder; empty where it is to be had under an agreement only.
    fetch: ClassVar[str] = ""
    #: Under which licence or agreement it is to be had, and from whom, in a sentence without a full stop.
    access: ClassVar[str] = ""
    corrections: ClassVar[tuple[Correction, ...]] = ()
    known: ClassVar[Mapping[str, Known]] = MappingProxyType({})
    Parameters: ClassVar[type[typed.Parameters]] = typed.Parameters

    def __init__(self, parameters: typed.Parameters | None = None) -> None:
        self.parameters = parameters or self.Parameters()

    @abstractmethod
    def table(self, root: Path | None) -> Annotations:
        """The annotation table under `root`, one row a clip; subjects and clips as the file spells them."""

    @abstractmethod
    def frames(self, root: Path | None, clip: Clip) -> Mapping[int, Path]:
        """The files of a clip that are present, by annotated frame number; empty where frames are drawn.

        A video is the file of each of its frames; all of them are named, so that the lowest number is the first.
        """

    def has_frames(self, root: Path | None, clip: Clip) -> bool:
        """Whether frames belong to a clip's data; not where it comes as inputs that were computed elsewhere alone."""
        return True

    def read(self, root: Path | None, clip: Clip, numbers: Sequence[int]) -> list[np.ndarray]:
        """The frames of those numbers, each uint8 `(height width rgb)`.

        Raises:
            FrameError: naming the clip and every frame that is missing or cannot be decoded.
        """
        from merbench._files.videos import read_numbered

        present = self.frames(root, clip)
        lacking = [number for number in numbers if number not in present]
        if lacking:
            where = next(iter(present.values())).parent if present else root
            raise FrameError(f"{clip}: no file for frame {', '.join(map(str, lacking))} in {where}.")
        return read_numbered(present, numbers)

    def landmarks(self, root: Path | None, clip: Clip, number: int) -> np.ndarray | None:
        """68 points `(point xy)` in pixels of the frame, float32, in iBUG order; None where there are none."""
        return None

    def landmark_files(self, root: Path | None, clip: Clip) -> Mapping[int, Path]:
        """The files that hold the landmarks of a clip, by frame number; empty where they have no files."""
        return {}

    def precomputed(self, root: Path | None, clip: Clip, name: str) -> Path | None:
        """The file that holds an input made elsewhere, such as ``flow``; None where it is to be computed.

        Raises:
            FrameError: if one is named that is not there.
        """
        return None

    def dataset_names(self, root: Path | None) -> tuple[str, ...]:
        """The names of the datasets that the table's clips are of, sorted: its own, unless the table names others."""
        return (self.name,)

    def ground_truth_motion(self, root: Path | None, clip: Clip, number: int) -> np.ndarray | None:
        """The displacement `(height width xy)` in pixels that was rendered into a frame; None for photographs."""
        return None

    def ground_truth_motion_by_unit(self, root: Path | None, clip: Clip, number: int) -> Mapping[int, np.ndarray]:
        """What each action unit adds to `ground_truth_motion`, by its number; empty for photographs."""
        return {}

    def unlabelled(self, root: Path | None) -> Annotations:
        """The table of clips whose emotion need not be known, to be predicted; the table itself, unless overridden."""
        return self.table(root)

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
        """Write a mock tree to `out`: laid out as distributed, with synthetic faces.

        `frames` is ``key`` for those that any method reads, ``all`` for every frame that is distributed, ``none`` for
        the annotation alone. A `full` tree has the real numbers of clips by subject and class, and the rows that
        schemes and corrections name; `subjects` and `clips` do not count then.

        Raises:
            UsageError: if this dataset has no mock.
        """
        raise UsageError(f"{self.name} has no mock tree: its frames are synthetic, or the user's own.")

    def is_mock(self, root: Path) -> bool:
        """Whether the data under `root` is a mock tree, whose faces are synthetic."""
        return (root / SYNTHETIC_MARK).is_file()

    def revision(self) -> str:
        """What defines synthetic data besides the parameters; empty for data on disk."""
        return ""

    @classmethod
    def scheme(cls, name: str | None) -> LabelScheme:
        """The scheme of that name; the first one where `name` is None. Schemes of action units are of every dataset.

        Raises:
            UnknownName: if the dataset has no such scheme.
            UsageError: for a list of action units that cannot be.
        """
        from merbench.annotations.unit_schemes import AU_12, unit_scheme

        known = {scheme.name: scheme for scheme in cls.schemes}
        if name is None:
            return cls.schemes[0]
        if name in known:
            return known[name]
        units = unit_scheme(name)
        if units is None:
            raise UnknownName(f"label scheme of {cls.name}", name, [*known, AU_12])
        return units
