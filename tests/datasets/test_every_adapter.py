"""What holds of every dataset adapter alike: its name, a cheap import, a mock that reads back as planned and known."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

import merbench.synthetic.rendering
from merbench.annotations.clips import COLUMNS, Clip, clip_of
from merbench.annotations.coded_clips import CodedClip
from merbench.data.folder_dataset import FolderDataset
from merbench.data.labelling import labelled
from merbench.data.source import Source
from merbench.data.verification import check
from merbench.dataset import SYNTHETIC_MARK, Dataset
from merbench.datasets.cas_me_2 import CasMe2
from merbench.datasets.cas_me_3 import CasMe3A, CasMe3C
from merbench.datasets.casme import Casme
from merbench.datasets.casme2 import Casme2
from merbench.datasets.dfme import Dfme
from merbench.datasets.fourdme import FourDme
from merbench.datasets.manifest import Manifest
from merbench.datasets.mmew import Mmew
from merbench.datasets.samm import Samm
from merbench.datasets.smic import Smic, SmicHs, SmicNir, SmicVis
from merbench.errors import MerbenchError, MissingData, UsageError
from merbench.registry import datasets
from merbench.synthetic.mock_clips import Extent
from merbench.synthetic.mock_tree import write_mock

#: Adapters that write a mock tree, by name, with the number of subjects that it can have.
ADAPTERS: dict[str, tuple[type[Dataset], int]] = {
    "4dme": (FourDme, 41),
    "cas-me-2": (CasMe2, 22),
    "cas-me-3a": (CasMe3A, 94),
    "cas-me-3c": (CasMe3C, 30),
    "casme": (Casme, 18),
    "casme2": (Casme2, 26),
    "dfme": (Dfme, 259),
    "mmew": (Mmew, 30),
    "samm": (Samm, 29),
    "smic-hs": (SmicHs, 16),
    "smic-nir": (SmicNir, 8),
    "smic-vis": (SmicVis, 8),
}
#: Parameters other than the defaults with which a mock reads back too, by adapter.
VARIANTS: tuple[tuple[str, Mapping[str, object]], ...] = (
    ("cas-me-2", {"frames": "selected", "offsets": "drop"}),
    ("cas-me-2", {"frames": "raw", "offsets": "mirror"}),
    ("cas-me-3a", {"frames": "videos"}),
    ("casme", {"frames": "raw"}),
    ("casme2", {"frames": "raw", "mock_state": "2019"}),
    ("casme2", {"mock_state": "256-row"}),
    ("smic-hs", {"frames": "raw"}),
    ("smic-hs", {"release": "extended"}),
    ("smic-hs", {"release": "extended", "mock_state": "162"}),
    ("smic-nir", {"frames": "raw"}),
    ("smic-nir", {"release": "extended"}),
    ("smic-vis", {"frames": "raw"}),
    ("smic-vis", {"release": "extended"}),
)
#: Clips by class of each scheme, written out by hand from papers and counts of the files: whole tables, merbench-1.
PUBLISHED: Mapping[str, Mapping[str, Mapping[str, int]]] = {
    "cas-me-2": {
        "4-class": {"negative": 21, "positive": 8, "surprise": 9, "others": 19},
        "3-class": {"negative": 21, "positive": 8, "surprise": 9},
    },
    "cas-me-3a": {
        "3-class": {"negative": 457, "positive": 55, "surprise": 187},
        "4-class": {"negative": 457, "positive": 55, "surprise": 187, "others": 161},
        "7-class": {"disgust": 250, "surprise": 187, "others": 161, "fear": 86, "anger": 64, "sad": 57, "happy": 55},
        "objective": {"I": 15, "II": 151, "III": 234, "IV": 37, "V": 47},
    },
    "cas-me-3c": {
        "4-class": {"negative": 99, "positive": 16, "surprise": 30, "others": 20},
        "3-class": {"negative": 99, "positive": 16, "surprise": 30},
    },
    "casme": {"4-class": {"tense": 68, "disgust": 45, "repression": 39, "surprise": 20}},
    "casme2": {
        "5-class": {"happiness": 32, "surprise": 25, "disgust": 63, "repression": 27, "others": 99},
        "3-class-megc2019": {"negative": 88, "positive": 32, "surprise": 25},
        "3-class-mmnet": {"negative": 99, "happiness": 32, "surprise": 25},
    },
    "mmew": {
        "4-class": {"happiness": 36, "surprise": 89, "disgust": 72, "others": 66},
        "6-class": {"happiness": 36, "surprise": 89, "disgust": 72, "fear": 16, "sadness": 13, "anger": 8},
        "3-class": {"negative": 109, "positive": 36, "surprise": 89},
    },
    "samm": {
        "5-class": {"anger": 57, "contempt": 12, "happiness": 26, "surprise": 15, "other": 26},
        "3-class-megc2019": {"negative": 92, "positive": 26, "surprise": 15},
        "objective": {"I": 24, "II": 13, "III": 20, "IV": 8, "V": 3},
    },
    "smic-hs": {"3-class": {"negative": 70, "positive": 51, "surprise": 43}},
}
#: Subjects of schemes that lack some.
PUBLISHED_SUBJECTS: Mapping[tuple[str, str], int] = {
    ("cas-me-3a", "3-class"): 88,
    ("casme2", "3-class-megc2019"): 24,
    ("casme2", "3-class-mmnet"): 25,
    ("samm", "5-class"): 27,
    ("samm", "3-class-megc2019"): 28,
    ("samm", "objective"): 21,
}
HEAVY = {"torch", "pandas", "numpy", "openpyxl", "xlrd", "PIL", "scipy"}
MODULES = sorted({kind.__module__ for kind, _ in ADAPTERS.values()} | {Manifest.__module__})

every_adapter = pytest.mark.parametrize(("name", "kind", "subjects"), [(n, *a) for n, a in ADAPTERS.items()])


@every_adapter
def test_the_registry_has_the_adapter(name: str, kind: type[Dataset], subjects: int) -> None:
    assert datasets.get(name) is kind
    assert kind.name == name
    assert getattr(kind, "most_subjects", None) == subjects


@pytest.mark.parametrize("module", MODULES)
def test_importing_an_adapter_is_cheap(module: str) -> None:
    code = f"import sys, {module}; print(sorted({HEAVY} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert done.stdout.strip() == "[]"


@every_adapter
@pytest.mark.parametrize("changes", [{"subjects": None}, {"subjects": 0}, {"clips": 0}, {"seed": -1}, {"frames": "x"}])
def test_an_impossible_mock_is_refused_before_anything_is_written(
    tmp_path: Path, name: str, kind: type[Dataset], subjects: int, changes: dict[str, object]
) -> None:
    option, value = next(iter(changes.items()))
    value = subjects + 1 if value is None else value
    with pytest.raises(UsageError, match=f"{name}: {option}={value} is not possible for a mock tree: it must be"):
        kind().mock(tmp_path / "out", **{"subjects": 1, "clips": 1, "seed": 0, option: value})
    assert not (tmp_path / "out").exists()
    assert issubclass(UsageError, MerbenchError)


@every_adapter
def test_a_mock_is_written_to_an_empty_folder_only(
    tmp_path: Path, name: str, kind: type[Dataset], subjects: int
) -> None:
    (tmp_path / "mine.txt").touch()
    with pytest.raises(UsageError, match=f"{name}: .* holds mine.txt, but a mock tree needs an empty folder"):
        kind().mock(tmp_path, subjects=1, clips=1, seed=0, frames="none")
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@every_adapter
def test_a_data_folder_that_does_not_exist_is_refused(
    tmp_path: Path, name: str, kind: type[Dataset], subjects: int
) -> None:
    clip = Clip(dataset=name, subject="1", name="a", onset=1, apex=2, offset=3)
    for root in (None, tmp_path / "absent"):
        for read in (lambda root=root: kind().table(root), lambda root=root: kind().frames(root, clip)):
            with pytest.raises(MissingData, match=rf"does not exist\. Say where it lies with --data {name}=DIR"):
                read()


@every_adapter
def test_the_full_mock_has_the_published_counts(tmp_path: Path, name: str, kind: type[Dataset], subjects: int) -> None:
    kind().mock(tmp_path, subjects=1, clips=1, seed=3, frames="none", full=True)
    source = Source(dataset=kind(), root=tmp_path)
    annotations = source.annotations()
    state, table = annotations.state, annotations.table
    assert list(table.columns[: len(COLUMNS)]) == list(COLUMNS)
    assert not kind.known or state in kind.known or kind in (SmicVis, SmicNir)
    if state in kind.known:
        known = kind.known[state]
        assert Counter(table["emotion"]) == known.emotions
        assert (len(table), table["subject"].nunique()) == (known.clips, known.subjects)
    corrected = Source(dataset=kind(), root=tmp_path, corrections="merbench-1")
    for scheme in kind.schemes:
        if state in scheme.counts:
            task = labelled([corrected], scheme.name, "middle")
            assert task.counts == dict(scheme.counts[state])
            assert len(task.subjects) == scheme.subjects.get(state, len(task.subjects))
        if scheme.name in PUBLISHED.get(name, {}):
            assert task.counts == PUBLISHED[name][scheme.name]
            all_ = table["subject"].nunique()
            assert scheme.name == "objective" or len(task.subjects) == PUBLISHED_SUBJECTS.get((name, scheme.name), all_)
    if not issubclass(kind, Smic):  # whose files are its annotation
        assert [path for path in tmp_path.rglob("*") if path.suffix in {".jpg", ".png", ".bmp"}] == []


# --- a small mock -------------------------------------------------------------------------------------------------


@pytest.fixture
def _blank(monkeypatch: pytest.MonkeyPatch) -> None:
    """Frames without a face, which are quick to write."""

    def blank(_: object, numbers: Sequence[int], size: tuple[int, int] = (8, 8)) -> np.ndarray:
        return np.zeros((len(numbers), 2, 2, 3), dtype=np.uint8)

    monkeypatch.setattr(merbench.synthetic.rendering, "draw_frames", blank)
    monkeypatch.setattr(merbench.synthetic.rendering, "draw_raw_frames", blank)


@pytest.mark.usefixtures("_blank")
@pytest.mark.parametrize(("name", "changes"), [*((name, {}) for name in ADAPTERS), *VARIANTS])
def test_a_mock_reads_back_as_planned(tmp_path: Path, name: str, changes: Mapping[str, object]) -> None:
    kind, _ = ADAPTERS[name]
    adapter = kind(kind.Parameters().changed(changes))
    assert isinstance(adapter, FolderDataset)
    steps: list[tuple[int, int]] = []
    adapter.mock(tmp_path, subjects=3, clips=6, seed=5, progress=lambda *step: steps.append(step))
    table = adapter.table(tmp_path).table
    planned = [clip.row for clip in adapter.plan_mock(Extent(subjects=3, clips=6, seed=5, frames="key"))]
    assert steps == [(done, len(planned)) for done in range(1, len(planned) + 1)]
    rows = [read for row in planned if (read := _as_read(row, name, changes)) is not None]
    names = ["subject", "clip", "onset", "apex", "offset", "emotion", "action_units"]
    columns = table[names].astype(object).where(table[names].notna(), None).to_numpy().tolist()
    expected = [[getattr(row, name) for name in names] for row in rows]
    assert sorted(columns, key=str) == sorted(expected, key=str)
    if not issubclass(kind, Smic):  # whose folders have no order but their names'
        assert columns == expected
        for column in {*rows[0].more} & {*table.columns} - {"fps"}:
            assert table[column].tolist() == [row.more[column] for row in rows], column
    for _, line in table.iterrows():
        clip = clip_of(name, line)
        moments = {clip.onset, (clip.onset + clip.offset) // 2 if clip.apex is None else clip.apex}
        if changes.get("offsets") != "mirror":  # which may lie after the last frame
            moments.add(clip.offset)
        assert moments <= set(adapter.frames(tmp_path, clip))


@pytest.mark.usefixtures("_blank")
@pytest.mark.parametrize("clips", [1, 10])
@pytest.mark.parametrize("name", ADAPTERS)
def test_a_fresh_mock_passes_its_own_check(tmp_path: Path, name: str, clips: int) -> None:
    dataset = ADAPTERS[name][0]()
    write_mock(dataset, tmp_path / "mock", subjects=1 if clips == 1 else 4, clips=clips)
    report = check(Source(dataset=dataset, root=tmp_path / "mock"))
    assert [finding for finding in report.findings if finding.verdict == "differs"] == []
    assert not report.differs
    (tmp_path / "mock" / SYNTHETIC_MARK).unlink()
    unmarked = check(Source(dataset=dataset, root=tmp_path / "mock")).findings
    counts = [finding for finding in unmarked if finding.what.startswith("clips") and finding.verdict == "differs"]
    assert bool(counts) == (name not in ("4dme", "smic-nir"))  # whose counts nobody knows


def _as_read(row: CodedClip, name: str, changes: Mapping[str, object]) -> CodedClip | None:
    """The planned row as its adapter reads it: not everything is annotated in every dataset."""
    if name.startswith("smic"):
        apex = row.apex if (name, changes.get("release")) == ("smic-nir", "extended") else None
        return dataclasses.replace(row, apex=apex, action_units="")
    if name == "dfme":  # action descriptors and head movements are numbers among the action units
        return dataclasses.replace(row, action_units=row.action_units_annotated.replace("AD", "").replace("M", ""))
    if name == "cas-me-2" and row.offset == 0:
        assert row.apex is not None
        ends = {"mirror": 2 * row.apex - row.onset, "drop": None}
        offset = ends.get(str(changes.get("offsets")), row.apex)
        return None if offset is None else dataclasses.replace(row, offset=offset)
    return row


@pytest.mark.parametrize("name", ADAPTERS)
def test_the_nearest_frame_stands_in_for_a_missing_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    kind = ADAPTERS[name][0]
    present = {number: tmp_path / f"{number}.jpg" for number in (12, 13, 17, 18)}
    monkeypatch.setattr(kind, "list_frames", lambda self, root, clip: present)
    clip = Clip(dataset=name, subject="1", name="a", onset=10, apex=15, offset=18)
    assert dict(kind().frames(tmp_path, clip)) == present
    found = kind(kind.Parameters().changed({"missing_frames": "nearest"})).frames(tmp_path, clip)
    numbers = {number: int(path.stem) for number, path in found.items()}
    assert numbers == {10: 12, 11: 12, 12: 12, 13: 13, 14: 13, 15: 13, 16: 17, 17: 17, 18: 18}
