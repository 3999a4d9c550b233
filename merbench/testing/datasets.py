"""What is checked of a dataset."""

from __future__ import annotations

import pickle
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from merbench.annotations.clips import Clip, clip_of, subject_of
from merbench.data.labelling import labelled
from merbench.data.source import Source
from merbench.data.verification.table import of_table
from merbench.dataset import Dataset
from merbench.errors import DataError, FrameError, MerbenchError, UsageError
from merbench.synthetic.mock_tree import write_mock
from merbench.testing.conformance import Check, Failed, NotApplicable, Result, results
from merbench.testing.fresh_process import in_fresh_process

#: How many clips are read in another process.
_READ = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetUnderTest:
    """A dataset with frames, and the whole table without them where a mock of it can be written."""

    source: Source
    whole: Source

    @property
    def clips(self) -> list[Clip]:
        """The clips of the table, as it lists them."""
        return [clip_of(self.source.dataset.name, row) for _, row in self.source.annotations().table.iterrows()]


def declared_whole(tested: DatasetUnderTest) -> None:
    """Title, docstring and schemes are there, and no two schemes have the same name."""
    kind = type(tested.source.dataset)
    if not str(kind.title).strip() or not (kind.__doc__ or "").strip():
        raise Failed(f"{kind.__qualname__} lacks a title or a docstring; both are shown by `merbench info`.")
    twice = [name for name, times in Counter(scheme.name for scheme in kind.schemes).items() if times > 1]
    if twice:
        raise Failed(f"two label schemes are named {twice[0]}.")


def table_steady(tested: DatasetUnderTest) -> None:
    """The table has clips, and is the same each time, from another instance too."""
    table = tested.source.annotations().table
    if not len(table):
        raise Failed("the table has no clips.")
    again = type(tested.source.dataset)(tested.source.dataset.parameters).table(tested.source.root).table
    if not table.astype(str).equals(again.astype(str)):
        raise Failed("the table is another one when it is read again.")


def identity_unique(tested: DatasetUnderTest) -> None:
    """Dataset, subject, clip and onset together name one clip."""
    twice = [key for key, times in Counter(clip.key for clip in tested.clips).items() if times > 1]
    if twice:
        raise Failed(f"{twice[0]} stands in the table more than once ({len(twice)} such clips).")


def subjects_qualified(tested: DatasetUnderTest) -> None:
    """Subjects are as the table spells them, and come out of a clip's key with their dataset before them."""
    for clip in tested.clips:
        if not clip.subject.strip() or clip.subject == "nan" or not clip.name.strip():
            raise Failed(f"{clip.key}: a clip must have a subject and a name.")
        if clip.subject.startswith(f"{clip.dataset}/"):
            raise Failed(f"{clip.key}: the subject already starts with its dataset; merbench adds that itself.")
        if "/" in clip.name or subject_of(clip.key) != clip.qualified_subject:
            raise Failed(f"{clip.key}: the name of a clip must not have a / in it.")


def counts_declared(tested: DatasetUnderTest) -> None:
    """Clips and subjects are as many as `known` and the schemes say of the annotation state."""
    dataset, read = tested.whole.dataset, tested.whole.annotations()
    if read.state not in dataset.known and not any(read.state in scheme.counts for scheme in dataset.schemes):
        raise NotApplicable(f"no counts are declared of annotation state {read.state!r}")
    for finding in of_table(tested.whole, read):
        if finding.verdict == "differs" and not (read.state not in dataset.known and finding.what == "clips"):
            raise Failed(f"{finding.what}: {finding.detail}")


def scheme_labels(tested: DatasetUnderTest) -> None:
    """The first scheme finds clips of all its classes."""
    try:
        labelled([tested.whole], None, "middle")
    except DataError as fault:
        raise Failed(str(fault)) from fault


def refuses_an_empty_folder(tested: DatasetUnderTest) -> None:
    """A folder without the annotation is refused in a sentence."""
    if tested.source.dataset.synthetic:
        raise NotApplicable("synthetic: it reads no folder")
    with tempfile.TemporaryDirectory() as empty:
        try:
            tested.source.dataset.table(Path(empty))
        except MerbenchError:
            return
        except Exception as fault:
            raise Failed(f"an empty folder ends in {type(fault).__name__}: {fault}") from fault
    raise Failed("an empty folder is read as if a table were there.")


def changes_nothing(tested: DatasetUnderTest) -> None:
    """Reading changes no file under the data folder."""
    if tested.source.root is None:
        raise NotApplicable("synthetic: it reads no folder")
    before = _files(tested.source.root)
    for clip in tested.clips[:_READ]:
        tested.source.dataset.frames(tested.source.root, clip)
    if _files(tested.source.root) != before:
        raise Failed(f"files under {tested.source.root} are other ones after reading.")


def _files(root: Path) -> dict[str, tuple[int, int]]:
    paths = [root] if root.is_file() else [path for path in root.rglob("*") if path.is_file()]
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in paths}


def frames_readable_elsewhere(tested: DatasetUnderTest) -> None:
    """Frames, where the data has any, are uint8 `(height width rgb)`, and another process reads the same."""
    dataset, root = tested.source.dataset, tested.source.root
    if not any(dataset.has_frames(root, clip) for clip in tested.clips):
        return
    clips = list(_readable(tested))
    if not clips:
        raise Failed("of no clip can onset and offset be read.")
    elsewhere = in_fresh_process(_read_there, pickle.dumps((tested.source, clips)), type(tested.source.dataset))
    for clip, there in zip(clips, elsewhere, strict=True):
        here = _read(tested.source, clip)
        if len(here) != len(there) or not all(map(np.array_equal, here, there)):
            raise Failed(f"{clip.key}: another process reads other frames.")


def _readable(tested: DatasetUnderTest) -> Iterator[Clip]:
    count = 0
    for clip in tested.clips:
        if count == _READ or not clip.has_range or clip.reversed:
            continue
        try:
            frames = _read(tested.source, clip)
        except FrameError:
            continue
        odd = [frame for frame in frames if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3]
        if odd:
            raise Failed(f"{clip.key}: a frame is {odd[0].dtype} {odd[0].shape}, but must be uint8 (height width rgb).")
        count += 1
        yield clip


def _read(source: Source, clip: Clip) -> list[np.ndarray]:
    return source.dataset.read(source.root, clip, sorted({clip.moment("onset"), clip.moment("offset")}))


def _read_there(source_and_clips: tuple[Source, list[Clip]]) -> list[list[np.ndarray]]:
    source, clips = source_and_clips
    return [_read(source, clip) for clip in clips]


DATASET_CHECKS: tuple[Check[DatasetUnderTest], ...] = (
    Check(name="declaration", says="title, docstring and schemes are whole", run=declared_whole),
    Check(name="table", says="the table is the same each time", run=table_steady),
    Check(name="identity", says="no clip stands in it twice", run=identity_unique),
    Check(name="subjects", says="subjects can be qualified by their dataset", run=subjects_qualified),
    Check(name="counts", says="clips and classes are as many as declared", run=counts_declared),
    Check(name="scheme", says="the first scheme finds all its classes", run=scheme_labels),
    Check(name="frames", says="another process reads the same frames", run=frames_readable_elsewhere),
    Check(name="folder", says="reading changes no file", run=changes_nothing),
    Check(name="empty", says="an empty folder is reported clearly", run=refuses_an_empty_folder),
)


def check_dataset(source: Source, whole: Source | None = None) -> Iterator[Result]:
    """What comes of every check of a dataset with data; `whole` is the whole table where `source` has but a part."""
    return results(DATASET_CHECKS, lambda: DatasetUnderTest(source=source, whole=whole or source), {})


def mock_dataset_under_test(dataset: Dataset, folder: Path) -> DatasetUnderTest:
    """Mock datasets written under `folder`: a small tree with frames, and the whole table without, if there can be one.

    Raises:
        UsageError: if the dataset has no mock.
    """
    write_mock(dataset, folder / "part", subjects=3, clips=2)
    source = Source(dataset=dataset, root=folder / "part")
    try:
        write_mock(dataset, folder / "whole", subjects=8, clips=8, frames="none", full=True)
    except UsageError:
        write_mock(dataset, folder / "many", subjects=8, clips=8, frames="none")
        return DatasetUnderTest(source=source, whole=Source(dataset=dataset, root=folder / "many"))
    return DatasetUnderTest(source=source, whole=Source(dataset=dataset, root=folder / "whole"))
