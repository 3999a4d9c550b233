"""The mock trees of SMIC: written, they read back as planned."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import merbench.synthetic.rendering
from merbench.annotations.clips import clip_of
from merbench.datasets.smic import Smic, SmicHs, SmicNir, SmicVis
from merbench.datasets.smic.mock import CROP, SmicClip, plan_clips
from merbench.errors import UsageError
from merbench.synthetic.mock_clips import Extent

KINDS = (SmicHs, SmicVis, SmicNir)


def colourful(_: object, numbers: Sequence[int], size: tuple[int, int] = (48, 64)) -> np.ndarray:
    """Frames without a face, small, of which nothing but number and colour matters."""
    return np.full((len(numbers), *size, 3), (200, 100, 30), dtype=np.uint8)


def plan(kind: type[Smic], subjects: int, clips: int, seed: int = 5) -> tuple[SmicClip, ...]:
    """The clips of a mock tree."""
    return plan_clips(kind.camera, Extent(subjects=subjects, clips=clips, seed=seed, frames="key"))


@pytest.fixture
def _no_face(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merbench.synthetic.rendering, "draw_frames", colourful)
    monkeypatch.setattr(merbench.synthetic.rendering, "draw_raw_frames", colourful)


def write(out: Path, kind: type[Smic], subjects: int = 3, clips: int = 4, frames: str = "key") -> list[tuple[int, int]]:
    """Write a tree and return the progress that was told."""
    told: list[tuple[int, int]] = []
    kind().mock(out, subjects=subjects, clips=clips, seed=5, frames=frames, progress=lambda *step: told.append(step))
    return told


@pytest.mark.usefixtures("_no_face")
@pytest.mark.parametrize("frames", ["key", "all"])
@pytest.mark.parametrize("variant", ["cropped", "raw"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_tree_reads_back_as_planned(tmp_path: Path, kind: type[Smic], variant: str, frames: str) -> None:
    assert write(tmp_path, kind, frames=frames) == [(done, 12) for done in range(1, 13)]
    planned = {clip.row.clip: clip for clip in plan(kind, 3, 4)}
    reader = kind(Smic.Parameters(frames=variant))
    annotations = reader.table(tmp_path)
    assert (annotations.state, len(annotations.notes)) == ("as distributed (part)", 1)
    assert set(annotations.table["clip"]) == set(planned)
    for _, row in annotations.table.iterrows():
        clip = planned[row["clip"]]
        read = [row[name] for name in ("subject", "emotion", "onset", "offset", "fps")]
        assert read == [clip.row.subject, clip.plan.emotion, clip.plan.onset, clip.plan.offset, kind.camera.fps]
        assert list(reader.frames(tmp_path, clip_of(kind.name, row))) == clip.numbers(frames)


@pytest.mark.usefixtures("_no_face")
def test_files_are_named_as_distributed(tmp_path: Path) -> None:
    write(tmp_path, SmicHs, subjects=1, clips=3)
    for path in tmp_path.rglob("*.bmp"):
        word = "reg_image" if "SMIC_all_cropped" in path.parts else "image"
        number = path.stem.removeprefix(word)
        assert len(number) == max(6, len(str(int(number))))
        assert path.parts[-5:-2] in {("s1", "micro", emotion) for emotion in ("negative", "positive", "surprise")}
    assert sorted(path.name for path in (tmp_path / "SMIC_all_raw/HS/s1").iterdir()) == ["micro", "non_micro"]


@pytest.mark.usefixtures("_no_face")
def test_only_the_near_infrared_camera_sees_no_colour(tmp_path: Path) -> None:
    for kind in (SmicNir, SmicVis):
        write(tmp_path / kind.name, kind, subjects=1, clips=1)
        for path in (tmp_path / kind.name).rglob("*.bmp"):
            with Image.open(path) as image:
                assert (np.ptp(np.asarray(image), axis=-1).max() == 0) == (kind is SmicNir)


def test_faces_are_drawn(tmp_path: Path) -> None:
    write(tmp_path, SmicVis, subjects=1, clips=1)
    (clip,) = plan(SmicVis, 1, 1)
    numbers = [clip.plan.onset, clip.plan.apex]
    for variant, drawn in (
        ("cropped", merbench.synthetic.rendering.draw_frames(clip.plan, numbers, CROP)),
        ("raw", merbench.synthetic.rendering.draw_raw_frames(clip.plan, numbers)),
    ):
        reader = SmicVis(Smic.Parameters(frames=variant))
        read = reader.read(tmp_path, clip_of("smic-vis", reader.table(tmp_path).table.loc[0]), numbers)
        assert np.array_equal(np.stack(read), drawn)


def test_a_large_plan_has_the_shape_of_the_real_part() -> None:
    planned = plan(SmicHs, 16, 10, seed=0)
    lengths = [clip.plan.offset - clip.plan.onset + 1 for clip in planned]
    assert (min(lengths) >= 11, max(lengths) <= 58) == (True, True)
    assert 28 <= np.mean(lengths) <= 40
    assert {clip.row.subject for clip in planned} == {f"s{number}" for number in SmicHs.camera.subjects}
    assert len({clip.row.clip for clip in planned}) == 160
    assert {len(str(clip.plan.onset)) for clip in planned} == {4, 5, 6, 7, 8}


def test_a_plan_is_the_same_for_the_same_seed_only_and_a_face_for_every_camera() -> None:
    hs, again, other = (plan(SmicHs, 9, 2, seed) for seed in (1, 1, 2))
    assert hs == again != other
    vis = plan(SmicVis, 1, 1, seed=1)
    assert {clip.plan.identity for clip in hs if clip.row.subject == "s11"} == {vis[0].plan.identity}


@pytest.mark.parametrize(
    ("kind", "changes", "sentence"),
    [
        (SmicHs, {"subjects": 0}, "smic-hs: subjects=0 is not possible for a mock tree: it must be from 1 to 16"),
        (SmicVis, {"subjects": 9}, "smic-vis: subjects=9 is not possible for a mock tree: it must be from 1 to 8"),
        (SmicHs, {"clips": 101}, "clips=101"),
        (SmicHs, {"seed": -1}, "seed=-1"),
        (
            SmicHs,
            {"frames": "some"},
            "frames=some is not possible for a mock tree: it must be one of key, all, none",
        ),
    ],
)
def test_an_impossible_tree_is_refused(
    tmp_path: Path, kind: type[Smic], changes: dict[str, int], sentence: str
) -> None:
    asked = {"subjects": 1, "clips": 1, "seed": 0, **changes}
    with pytest.raises(UsageError, match=sentence):
        kind().mock(tmp_path / "out", **asked)
    assert not (tmp_path / "out").exists()
