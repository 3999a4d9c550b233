"""Versions, commit, and the fingerprints of frames."""

import hashlib
import json
import platform
import subprocess
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import merbench
from merbench.annotations.clips import Annotations, Clip
from merbench.data.source import Source
from merbench.dataset import Dataset
from merbench.datasets.synthetic import Synthetic, SyntheticParameters
from merbench.results import provenance
from merbench.results.provenance import code, digest, environment, frames_fingerprint

CLIPS = [Clip(dataset="onfiles", subject="01", name=name, onset=2, apex=3, offset=4) for name in ("a", "b")]


class OnFiles(Dataset):
    """Frames 0 to 6 of each clip, as files."""

    name = "onfiles"
    title = "Made for a test"

    def table(self, root: Path | None) -> Annotations:
        raise NotImplementedError

    def frames(self, root: Path | None, clip: Clip) -> Mapping[int, Path]:
        assert root is not None
        return {int(path.stem): path for path in (root / clip.name).glob("*.bin")}


@pytest.fixture
def source(tmp_path: Path) -> Source:
    for clip in CLIPS:
        (tmp_path / clip.name).mkdir()
        for number in range(7):
            (tmp_path / clip.name / f"{number}.bin").write_bytes(b"x" * (number + 1))
    return Source(dataset=OnFiles(), root=tmp_path)


def fingerprint(source: Source) -> str:
    return frames_fingerprint(CLIPS, {"onfiles": source})["onfiles"]


@given(
    content=st.dictionaries(
        st.text(max_size=5), st.one_of(st.none(), st.booleans(), st.integers(), st.text()), max_size=5
    )
)
def test_a_digest_does_not_depend_on_the_order_of_keys(content: dict[str, object]) -> None:
    backwards = dict(reversed(content.items()))
    assert digest(content) == digest(backwards)
    assert digest({**content, "more": 1}) != digest({**content, "more": 2})
    assert len(digest(content)) == 16


def test_a_digest_does_not_depend_on_the_process() -> None:
    text = '{"a":"表情","b":[1,2.5,null]}'
    assert digest({"b": [1, 2.5, None], "a": "表情"}) == hashlib.sha256(text.encode()).hexdigest()[:16]


def test_the_environment_names_what_results_depend_on() -> None:
    found = environment()
    assert found["python"] == platform.python_version()
    assert found["packages"]["torch"] == version("torch")
    assert found["packages"]["scikit-learn"] == version("scikit-learn")
    assert json.loads(json.dumps(found)) == found


def test_a_package_that_is_not_installed_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provenance, "_PACKAGES", ("no-such-package", "numpy"))
    assert environment()["packages"] == {"no-such-package": "", "numpy": version("numpy")}


def git(root: Path, *words: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", "-C", str(root), *identity, *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty repository in which the library seems to lie."""
    (tmp_path / "merbench").mkdir()
    (tmp_path / "merbench" / "__init__.py").write_text("")
    monkeypatch.setattr(merbench, "__file__", str(tmp_path / "merbench" / "__init__.py"))
    git(tmp_path, "init", "--quiet")
    return tmp_path


def test_a_checkout_has_a_commit_and_is_clean_or_dirty(checkout: Path) -> None:
    git(checkout, "add", ".")
    git(checkout, "commit", "--quiet", "--message", "one")
    commit = git(checkout, "rev-parse", "HEAD")
    assert code() == {"version": merbench.__version__, "commit": commit, "dirty": False}
    (checkout / "merbench" / "new.py").write_text("")
    assert code() == {"version": merbench.__version__, "commit": commit, "dirty": True}


def test_only_files_that_a_run_can_import_count(checkout: Path) -> None:
    git(checkout, "add", ".")
    git(checkout, "commit", "--quiet", "--message", "one")
    for name in ("clips.csv", "runs/a/run.json", "scaffold/mynet.py", "notes.py", "merbench/notes.md"):
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).write_text("")
    assert provenance.uncommitted() == []
    assert code()["dirty"] is False
    (checkout / "methods" / "mynet").mkdir(parents=True)
    (checkout / "methods" / "mynet" / "__init__.py").write_text("")
    assert provenance.uncommitted() == ["methods/mynet/__init__.py"]
    (checkout / "merbench" / "__init__.py").write_text("x = 1\n")
    assert provenance.uncommitted() == ["merbench/__init__.py", "methods/mynet/__init__.py"]


def test_a_plugin_counts_in_a_checkout_of_its_own(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    git(checkout, "add", ".")
    git(checkout, "commit", "--quiet", "--message", "one")
    home = tmp_path_factory.mktemp("plugin")
    plugin = home / "theirs" / "net.py"
    plugin.parent.mkdir()
    plugin.write_text("")
    assert code([plugin])["dirty"] is False  # in no checkout: its digest is all there is
    git(home, "init", "--quiet")
    assert code([plugin])["dirty"] is True
    git(home, "add", ".")
    git(home, "commit", "--quiet", "--message", "one")
    (home / "theirs" / "other.py").write_text("")
    assert code([plugin])["dirty"] is False  # a file beside it is not imported
    (home / "theirs" / "__init__.py").write_text("")
    assert provenance.uncommitted([plugin]) == ["theirs/__init__.py", "theirs/other.py"]


def test_a_checkout_without_a_commit_is_dirty(checkout: Path) -> None:
    assert code() == {"version": merbench.__version__, "commit": None, "dirty": True}


def test_an_installed_package_has_neither(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merbench, "__file__", str(tmp_path / "merbench" / "__init__.py"))
    assert code() == {"version": merbench.__version__, "commit": None, "dirty": None}


def test_without_git_the_commit_is_unknown(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(checkout, "add", ".")
    git(checkout, "commit", "--quiet", "--message", "one")
    monkeypatch.setenv("PATH", "/nowhere")
    assert code() == {"version": merbench.__version__, "commit": None, "dirty": None}


def test_frames_differ_by_their_names_sizes_and_contents_between_onset_and_offset(source: Source) -> None:
    before = fingerprint(source)
    assert source.root is not None
    path = source.root / "a" / "3.bin"
    path.write_bytes(b"longer than before")
    longer = fingerprint(source)
    path.write_bytes(b"longer than befora")
    other = fingerprint(source)
    path.unlink()
    assert len({before, longer, other, fingerprint(source)}) == 4


def test_frames_outside_a_clip_do_not_count(source: Source) -> None:
    before = fingerprint(source)
    assert source.root is not None
    (source.root / "a" / "5.bin").unlink()
    (source.root / "b" / "1.bin").write_bytes(b"changed")
    assert fingerprint(source) == before


def test_the_order_of_clips_and_the_folder_do_not_count(source: Source, tmp_path: Path) -> None:
    before = fingerprint(source)
    assert frames_fingerprint(CLIPS[::-1], {"onfiles": source})["onfiles"] == before
    moved = tmp_path.with_name(tmp_path.name + "-moved")
    tmp_path.rename(moved)
    assert fingerprint(Source(dataset=OnFiles(), root=moved)) == before


def test_each_dataset_has_the_fingerprint_of_its_own_clips(source: Source) -> None:
    drawn = Source(dataset=Synthetic())
    both = frames_fingerprint(CLIPS, {"onfiles": source, "synthetic": drawn})
    assert both == {
        "onfiles": fingerprint(source),
        "synthetic": frames_fingerprint([], {"synthetic": drawn})["synthetic"],
    }


def test_drawn_frames_are_told_apart_by_what_draws_them() -> None:
    def drawn(**parameters: int) -> dict[str, str]:
        return frames_fingerprint([], {"synthetic": Source(dataset=Synthetic(SyntheticParameters(**parameters)))})

    assert drawn() == drawn()
    assert len({*drawn().values(), *drawn(seed=2).values(), *drawn(clips=3).values()}) == 3
