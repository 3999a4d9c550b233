"""The folders of SMIC: read as table and frames, in every oddity that is known, and refused where they contradict."""

import pickle
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from merbench.annotations.clips import COLUMNS, Annotations, clip_of
from merbench.data.labelling import labelled
from merbench.data.source import Source
from merbench.datasets.smic import Smic, SmicHs, SmicNir, SmicVis
from merbench.errors import AnnotationError, DataError, FrameError, MissingData, UsageError

CODES = {"negative": "ne", "positive": "po", "surprise": "sur"}
HS_COUNTS = {"negative": 70, "positive": 51, "surprise": 43}
HS_SUBJECTS = (1, 2, 3, 4, 5, 6, 8, 9, 11, 12, 13, 14, 15, 18, 19, 20)
RAW = Smic.Parameters(frames="raw")
PARTS = [(SmicHs, "HS", 100.0), (SmicVis, "VIS", 25.0), (SmicNir, "NIR", 25.0)]


def place(root: Path, clip: str, variant: str = "cropped", camera: str = "HS") -> Path:
    """The folder of a clip that is called ``s1_ne_01``."""
    subject, code, _ = clip.split("_")
    emotion = {code: name for name, code in CODES.items()}[code]
    return root / f"SMIC_all_{variant}" / camera / subject / "micro" / emotion / clip


def put(folder: Path, *names: str) -> Path:
    """The folder, with empty files of those names in it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).touch()
    return folder


def add(root: Path, clip: str, first: int, last: int, variant: str = "cropped", camera: str = "HS") -> Path:
    """A clip whose first and last frame are there."""
    word = "reg_image" if variant == "cropped" else "image"
    return put(place(root, clip, variant, camera), f"{word}{first:06d}.bmp", f"{word}{last:06d}.bmp")


def names(counts: dict[str, int], subjects: tuple[int, ...]) -> list[str]:
    """Clip names, so many of each class, dealt out over the subjects."""
    return [
        f"s{subjects[number % len(subjects)]}_{CODES[emotion]}_{number // len(subjects) + 1:02d}"
        for emotion, count in counts.items()
        for number in range(count)
    ]


def table(root: Path, kind: type[Smic] = SmicHs, frames: str = "cropped") -> Annotations:
    return kind(Smic.Parameters(frames=frames)).table(root)


@pytest.mark.parametrize(("kind", "camera", "fps"), PARTS)
@pytest.mark.parametrize("variant", ["cropped", "raw"])
def test_folders_and_file_names_are_the_annotation(
    tmp_path: Path, kind: type[Smic], camera: str, fps: float, variant: str
) -> None:
    add(tmp_path, "s11_sur_02", 308856, 308890, variant, camera)
    add(tmp_path, "s11_ne_01", 99, 1234567, variant, camera)
    read = table(tmp_path, kind, variant).table
    assert tuple(read.columns) == COLUMNS
    assert read.loc[0, "apex"] is pd.NA
    assert read.drop(columns="apex").loc[0].to_dict() == {
        "subject": "s11",
        "clip": "s11_ne_01",
        "onset": 99,
        "offset": 1234567,
        "emotion": "negative",
        "action_units": "",
        "fps": fps,
    }
    assert read.loc[1, ["clip", "onset", "offset", "emotion"]].tolist() == ["s11_sur_02", 308856, 308890, "surprise"]
    assert (read["apex"].dtype, read["onset"].dtype, read["fps"].dtype) == ("Int64", "int64", "float64")


def test_subjects_come_in_order_of_their_numbers(tmp_path: Path) -> None:
    for clip in ("s11_ne_01", "s2_po_01", "s1_sur_01", "s1_ne_02"):
        add(tmp_path, clip, 1, 20)
    assert table(tmp_path).table["clip"].tolist() == ["s1_ne_02", "s1_sur_01", "s2_po_01", "s11_ne_01"]


def test_padded_folders_are_the_same_clips(tmp_path: Path) -> None:
    put(tmp_path / "SMIC_all_raw/HS/s01/Micro/Negative/S01_NE_1", "image000007.BMP", "image000009.jpg")
    adapter = SmicHs(RAW)
    row = adapter.table(tmp_path).table.loc[0]
    assert row[["subject", "clip", "onset", "offset", "emotion"]].tolist() == ["s1", "s1_ne_01", 7, 9, "negative"]
    assert list(adapter.frames(tmp_path, clip_of("smic-hs", row))) == [7, 9]


@pytest.mark.parametrize(
    ("variant", "taken", "passed"),
    [
        ("cropped", ["reg_image000009.bmp", "reg_00010.bmp", "REG_IMAGE12345678.BMP"], ["image000011.bmp"]),
        ("raw", ["image000009.bmp", "00010.bmp", "image12345678.bmp"], ["reg_image000011.bmp"]),
    ],
)
def test_frames_by_number(tmp_path: Path, variant: str, taken: list[str], passed: list[str]) -> None:
    folder = put(place(tmp_path, "s1_ne_01", variant), *taken, *passed, "Thumbs.db", "._image000008.bmp", "x.bmp")
    adapter = SmicHs(Smic.Parameters(frames=variant))
    clip = clip_of("smic-hs", adapter.table(tmp_path).table.loc[0])
    assert adapter.frames(tmp_path, clip) == dict(
        zip((9, 10, 12345678), (folder / name for name in taken), strict=True)
    )


def test_the_folders_are_listed_once(tmp_path: Path) -> None:
    add(tmp_path, "s1_ne_01", 3, 30)
    adapter = SmicHs()
    clip = clip_of("smic-hs", adapter.table(tmp_path).table.loc[0])
    add(tmp_path, "s1_ne_01", 2, 31)
    assert list(pickle.loads(pickle.dumps(adapter)).frames(tmp_path, clip)) == [3, 30]
    assert list(SmicHs().frames(tmp_path, clip)) == [2, 3, 30, 31]


def test_a_clip_that_is_not_there_has_no_frames(tmp_path: Path) -> None:
    add(tmp_path, "s1_ne_01", 3, 30)
    clip = clip_of("smic-hs", table(tmp_path).table.loc[0])
    add(tmp_path / "other", "s2_ne_01", 3, 30)
    assert SmicHs().frames(tmp_path / "other", clip) == {}


def test_folders_beside_the_clips_are_left_alone_or_noted(tmp_path: Path) -> None:
    add(tmp_path, "s1_ne_01", 1, 20)
    camera = tmp_path / "SMIC_all_cropped/HS"
    put(camera / "s1/non_micro/s1_non_01", "reg_image000001.bmp")
    put(camera / "s1/micro/.cache")
    put(camera / "s1/micro", "Thumbs.db")
    assert table(tmp_path).notes[0].startswith("Part of SMIC HS: 1 of 164 clips")
    put(camera / "lists")
    put(camera / "s1/micro/disgust")
    put(camera / "s1/micro/negative/new")
    put(camera / "s1/micro/negative/s1_ne_02", "image000001.bmp")
    notes = [note.removeprefix(f"{camera}/") for note in table(tmp_path).notes[:4]]
    assert notes == [
        "lists: passed over; a subject's folder is called s1, s2 and so on.",
        "s1/micro/disgust: passed over; a class folder is one of negative, positive, surprise.",
        "s1/micro/negative/new: passed over; a clip's folder is called s1_ne_01 and so on.",
        "s1/micro/negative/s1_ne_02: passed over; it holds no cropped frame, only image000001.bmp.",
    ]


# --- refusals -----------------------------------------------------------------------------------------------------


def test_a_name_that_contradicts_its_place(tmp_path: Path) -> None:
    wrong = put(tmp_path / "SMIC_all_cropped/HS/s1/micro/negative/s1_po_03", "reg_image000001.bmp")
    with pytest.raises(AnnotationError) as refusal:
        table(tmp_path)
    assert str(refusal.value) == (
        f"{wrong}: the clip's name contradicts its place; under s1 and negative it must be called s1_ne_03. "
        "Rename or move the folder, as it was distributed."
    )
    wrong.rename(wrong.with_name("s2_ne_03"))
    with pytest.raises(AnnotationError, match="under s1 and negative it must be called s1_ne_03"):
        table(tmp_path)


def test_a_clip_that_is_there_twice(tmp_path: Path) -> None:
    add(tmp_path, "s1_ne_01", 1, 20)
    put(tmp_path / "SMIC_all_cropped/HS/s01/micro/negative/s01_ne_01", "reg_image000001.bmp")
    with pytest.raises(AnnotationError, match=r"the clip s1_ne_01 is in .* too, and must be there once; remove one"):
        table(tmp_path)


def test_two_files_of_one_number(tmp_path: Path) -> None:
    put(place(tmp_path, "s1_ne_01"), "reg_image000009.bmp", "reg_image9.bmp")
    with pytest.raises(FrameError, match=r"s1_ne_01: frame 9 has two files, .* remove one"):
        table(tmp_path)


def test_a_variant_that_is_not_there(tmp_path: Path) -> None:
    add(tmp_path, "s1_ne_01", 1, 20, "raw")
    with pytest.raises(MissingData) as refusal:
        table(tmp_path)
    assert str(refusal.value) == (
        f"smic-hs: {tmp_path} has no cropped frames: looked for the folder SMIC_all_cropped/HS, found SMIC_all_raw. "
        "Put it there, or read the raw frames with --set dataset.frames=raw."
    )
    with pytest.raises(MissingData, match=r"looked for the folder SMIC_all_raw/NIR"):
        table(tmp_path, SmicNir, "raw")


def test_a_part_without_clips_and_no_folder_at_all(tmp_path: Path) -> None:
    put(tmp_path / "SMIC_all_cropped/HS/s1/non_micro")
    with pytest.raises(MissingData, match=r"HS holds no clip; it must have .* reg_image001234.bmp, but it holds s1\."):
        table(tmp_path)
    for root in (None, tmp_path / "none"):
        with pytest.raises(MissingData, match=r"does not exist\. Say where it lies with --data smic-vis=DIR"):
            SmicVis().table(root)


def test_another_variant_is_no_parameter() -> None:
    with pytest.raises(UsageError, match="frames=aligned is not possible: frames must be one of cropped, raw"):
        Smic.Parameters().changed({"frames": "aligned"})


# --- states and schemes -------------------------------------------------------------------------------------------


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """A tree with as many clips a class as SMIC-HS has, in both variants."""
    for clip in names(HS_COUNTS, HS_SUBJECTS):
        for variant in ("cropped", "raw"):
            add(tmp_path, clip, 409000, 409033, variant)
    return tmp_path


@pytest.mark.parametrize("scheme", [None, "3-class-megc2019", "3-class"])
def test_the_whole_of_hs_gives_its_counts(whole: Path, scheme: str | None) -> None:
    task = labelled([Source(dataset=SmicHs(), root=whole)], scheme, "middle")
    assert task.counts == HS_COUNTS == dict(SmicHs.scheme(scheme).counts["as distributed"])
    assert (len(task.clips), len(task.subjects), task.left_out, task.notes) == (164, 16, (), ())
    assert task.states == {"smic-hs": "as distributed"}
    assert task.classes == ("negative", "positive", "surprise")
    assert len(task.apexes) == 164
    assert set(task.clips["apex"]) == {409016}  # the middle, rounded down


@pytest.mark.parametrize("kind", [SmicVis, SmicNir])
def test_the_whole_of_vis_and_nir_is_71_clips(tmp_path: Path, kind: type[Smic]) -> None:
    for clip in names({"negative": 24, "positive": 28, "surprise": 19}, HS_SUBJECTS[8:]):
        add(tmp_path, clip, 1, 9, camera=kind.camera.folder)
    annotations = table(tmp_path, kind)
    assert (len(annotations.table), annotations.state, annotations.notes) == (71, "as distributed", ())
    assert Counter(annotations.table["fps"]) == {25.0: 71}
    assert kind.scheme(None).name == "3-class-megc2019"


def test_copies_of_which_the_crops_are_short_are_told(whole: Path) -> None:
    """Reported of a copy: a clip is missing, and some lack their last frame."""
    for path in place(whole, "s18_sur_02").iterdir():
        path.unlink()
    short = place(whole, "s3_ne_03")
    (short / "reg_image409033.bmp").rename(short / "reg_image409032.bmp")
    annotations = table(whole)
    unequal = "differ in s3_ne_03 (409000..409032, raw 409000..409033)"
    assert annotations.state == "as distributed (part)"
    assert annotations.notes[1:] == (
        "Part of SMIC HS: 163 of 164 clips (negative 70, positive 51, surprise 42).",
        "Only the raw frames have the clips s18_sur_02; they are not part of the table.",
        f"Onset and offset are those of the cropped frames, which {unequal}.",
    )
    assert table(whole, frames="raw").state == "as distributed"


@pytest.mark.parametrize(
    ("clip", "note"),
    [
        ("s7_ne_01", "State unrecognised: SMIC HS has no subject s7."),
        ("s1_sur_99", "State unrecognised: more clips than SMIC HS has: negative 70, positive 51, surprise 44."),
    ],
)
def test_what_cannot_be_smic_is_unrecognised(whole: Path, clip: str, note: str) -> None:
    add(whole, clip, 1, 20)
    assert (table(whole).state, table(whole).notes[0]) == ("unrecognised", note)


# --- damage -------------------------------------------------------------------------------------------------------

NAME = st.one_of(
    st.sampled_from(["s1", "s01", "s", "s0", "s100", "micro", "MICRO", "negative", "surprise", "s1_ne_01", "s1_ne_1"]),
    st.sampled_from(["s2_sur_02", "s1_xx_01", "s1_ne_", "reg_image000001.bmp", "reg_1.png", "reg_image9999999999.bmp"]),
    st.sampled_from(["reg_image٣.bmp", "HS", ".x", "~", "SMIC_all_cropped"]),
    st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="/"), min_size=1, max_size=8),
).filter(lambda name: name not in (".", ".."))


@settings(max_examples=80, deadline=None)
@given(paths=st.lists(st.tuples(st.integers(0, 5), st.lists(NAME, min_size=1, max_size=6), st.booleans()), max_size=5))
def test_any_damage_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, paths: list[tuple[int, list[str], bool]]
) -> None:
    root = tmp_path_factory.mktemp("damaged")
    good = add(root, "s1_ne_01", 1, 20)
    for depth, parts, folder in paths:
        path = list(good.parents)[depth].joinpath(*parts)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.mkdir() if folder else path.touch()
        except OSError:
            continue
    try:
        annotations = table(root)
    except DataError:
        return
    assert annotations.table["onset"].le(annotations.table["offset"]).all()
    assert annotations.table["clip"].str.fullmatch("s[0-9]{1,2}_(ne|po|sur)_[0-9]{2,3}").all()
