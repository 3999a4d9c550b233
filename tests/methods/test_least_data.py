"""The least data that a run takes: two people with a clip each, of a class each, of one frame of one pixel."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import merbench
from merbench.errors import ProtocolError, TrainingError
from merbench.registry import methods

#: What makes a method with few settings of its own quick.
SMALL: dict[str, dict[str, object]] = {"mmnet": {"size": 16, "position": "none"}}


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of two clips; one clip is trained on in each fold, which is one a batch."""
    home = tmp_path_factory.mktemp("least")
    rows = ["dataset,subject,clip,onset,apex,offset,emotion,frames,landmarks,action_units"]
    rng = np.random.default_rng(0)
    for subject, emotion in (("1", "happy"), ("2", "sad")):
        frames, landmarks = home / subject, home / f"points{subject}"
        frames.mkdir()
        landmarks.mkdir()
        Image.fromarray(rng.integers(0, 255, (1, 1, 3), dtype=np.uint8)).save(frames / "5.png")
        np.save(landmarks / "5.npy", np.zeros((68, 2), np.float32))
        rows.append(f"lab,{subject},a,5,5,5,{emotion},{subject},points{subject},4+{subject}")
    (home / "clips.csv").write_text("\n".join(rows) + "\n")
    return home / "clips.csv"


#: Their last layers see one value a channel of one clip.
NEEDS_TWO = ("mmnet",)


@pytest.mark.parametrize("name", sorted({*methods.names()} - {*NEEDS_TWO}))
def test_every_method_is_trained_on_the_least_data(name: str, table: Path, tmp_path: Path) -> None:
    recipe = methods.get(name).recipe("quick", 2)
    settings = {**SMALL.get(name, {}), **({} if recipe.training is None else {"epochs": 1})}
    run = merbench.run(
        name, data={"manifest": table}, recipe="quick", settings=settings, precision="float32", device="cpu",
        rules="last", out=tmp_path / "run",
    )  # fmt: skip
    assert run.header.clips == 2
    for probabilities in run.probabilities("last"):
        np.testing.assert_allclose(np.asarray(probabilities).sum(axis=-1), 1, atol=1e-4)


@pytest.mark.parametrize("name", NEEDS_TWO)
def test_a_network_that_needs_two_clips_a_batch_says_so_at_its_first_step(
    name: str, table: Path, tmp_path: Path
) -> None:
    settings = {**SMALL[name], "epochs": 1}
    with pytest.raises(TrainingError, match=r"normalises over a batch.*Set a batch of 2 or more"):
        merbench.run(name, data={"manifest": table}, settings=settings, rules="last", out=tmp_path / "run")
    assert not list((tmp_path / "run").rglob("*.npz"))


def test_one_person_alone_is_refused_before_anything_is_trained(table: Path, tmp_path: Path) -> None:
    alone = table.with_name("alone.csv")
    alone.write_text(table.read_text().replace("lab,2,", "lab,1,b").replace("lab,1,ba", "lab,1,b"))
    with pytest.raises(ProtocolError, match="needs at least 2 subjects"):
        merbench.run("majority", data={"manifest": alone}, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()
