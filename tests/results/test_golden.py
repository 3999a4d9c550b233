"""Records of every format version, and what becomes of them once they are damaged."""

import copy
import io
import json
import runpy
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from merbench.errors import MerbenchError, StoreError
from merbench.results.audit import audit
from merbench.results.header import FORMAT
from merbench.results.loading import load_record, load_result
from merbench.results.run import Run

GOLDEN = Path(__file__).parent / "golden"
CONTENT = json.loads((GOLDEN / f"format-{FORMAT}" / "record.json").read_text())
HEADER = json.loads((GOLDEN / f"format-{FORMAT}" / "run.json").read_text())
FOLD = "synthetic_01-37390ee1.npz"
DOCS = Path(__file__).parents[2] / "docs"
READ = "the record was read"
ODD = [None, True, -1, 2**70, 1e300, "", "x", [], [[]], {}, {"a": 1}, [None], {"a": {"b": [1]}}]


def places(content: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in plain data, lists by their first element."""
    inner = content.items() if isinstance(content, dict) else list(enumerate(content))[:1] if content else ()
    found = [path] if path else []
    for key, value in inner:
        found += places(value, (*path, key)) if isinstance(value, dict | list) else [(*path, key)]
    return found


def changed(content: Any, place: tuple[Any, ...], value: Any, remove: bool) -> Any:
    copied = copy.deepcopy(content)
    inner = copied
    for key in place[:-1]:
        inner = inner[key]
    if remove:
        del inner[place[-1]]
    else:
        inner[place[-1]] = value
    return copied


def refusal(read: Callable[[Path], object], path: Path) -> str:
    """The sentence with which a file is refused; any error but a MerbenchError fails the test."""
    try:
        read(path)
    except MerbenchError as error:
        return str(error)
    return READ


@pytest.mark.parametrize("version", sorted(path.name for path in GOLDEN.iterdir()))
def test_records_of_every_format_are_read(version: str, tmp_path: Path) -> None:
    folder = shutil.copytree(GOLDEN / version, tmp_path / version)
    record, run = load_record(folder / "record.json"), Run.load(folder)
    assert record.identity == run.header.identity == run.header.description.identity == "9c8dfc5b8f53f624"
    assert record.group == run.header.description.group
    assert record.scores["last"] == run.scores("last")
    assert {finding.verdict for finding in audit(folder)} == {"holds"}


def test_there_is_a_golden_run_of_the_format_that_is_written() -> None:
    assert (GOLDEN / f"format-{FORMAT}").is_dir()


def test_a_record_is_written_as_it_was_read() -> None:
    record = load_record(GOLDEN / f"format-{FORMAT}" / "record.json")
    assert record.as_dict() == CONTENT


def test_the_schema_in_the_docs_is_current() -> None:
    module = runpy.run_path(str(DOCS / "schema.py"))
    assert module["PATH"].read_text(encoding="utf-8") == module["schema"](), "run python docs/schema.py"


@pytest.mark.parametrize(
    ("place", "value", "key"),
    [
        (("clips",), "10", "clips"),
        (("description", "seed"), True, "description.seed"),
        (("code", "dirty"), 0, "code.dirty"),
        (("by_rule", "last", "scores", "uf1"), None, r"by_rule\.last\.scores\.uf1"),
        (("unheard_of",), 1, "unheard_of: no record has this key"),
    ],
)
def test_a_wrong_value_is_named_by_file_and_key(
    tmp_path: Path, place: tuple[str, ...], value: object, key: str
) -> None:
    path = tmp_path / "record.json"
    path.write_text(json.dumps(changed(CONTENT, place, value, False)))
    with pytest.raises(StoreError, match=rf"record\.json cannot be read as a record of merbench: {key}"):
        load_record(path)


@pytest.mark.parametrize("text", ["1e999", "NaN", "-Infinity"])
@pytest.mark.parametrize("key", ["seconds", "parameters"])
def test_infinities_are_refused_wherever_they_are(tmp_path: Path, key: str, text: str) -> None:
    content = changed(CONTENT, ("seconds",), "@", False) if key == "seconds" else copy.deepcopy(CONTENT)
    if key == "parameters":
        content["description"]["parameters"]["size"] = {"deep": ["@"]}
    path = tmp_path / "record.json"
    path.write_text(json.dumps(content).replace('"@"', text))
    with pytest.raises(StoreError, match=r"record\.json.*" + key):
        load_record(path)


@pytest.mark.parametrize("content", [b"[" * 100_000, b'{"format":' * 50_000, b'{"format": 1' + b"0" * 5000 + b"}"])
def test_any_depth_ends_as_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "record.json"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"record\.json"):
        load_record(path)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.sampled_from(places(CONTENT)), value=st.sampled_from(ODD), remove=st.booleans())
def test_a_changed_record_is_read_or_refused(
    tmp_path: Path, place: tuple[Any, ...], value: object, remove: bool
) -> None:
    path = tmp_path / "record.json"
    path.write_text(json.dumps(changed(CONTENT, place, value, remove)))
    for read in (load_record, audit):
        assert "record" in refusal(read, path).lower()


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.sampled_from(places(HEADER)), value=st.sampled_from(ODD), remove=st.booleans())
def test_a_changed_header_is_read_or_refused(
    tmp_path: Path, place: tuple[Any, ...], value: object, remove: bool
) -> None:
    folder = shutil.copytree(GOLDEN / f"format-{FORMAT}", tmp_path / "run", dirs_exist_ok=True)
    (folder / "run.json").write_text(json.dumps(changed(HEADER, place, value, remove)))
    for read in (load_result, audit):
        assert refusal(read, folder)


_ARRAYS = [
    np.zeros(0), np.zeros((1, 2)), np.array(np.inf), np.array("x"), np.array([np.nan] * 5), np.array(-1),
    np.zeros((2, 5, 5), np.float64), np.full((2, 5, 5), np.inf, np.float32), np.array([9] * 5), np.array(b"\xff"),
]  # fmt: skip


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    key=st.sampled_from(["format", "fold", "keys", "truth", "probabilities", "has_epochs", "seconds", "peak_memory"]),
    value=st.sampled_from([None, *_ARRAYS]),
    cut=st.integers(0, 3000),
)
def test_a_changed_fold_file_is_read_or_refused(tmp_path: Path, key: str, value: Any, cut: int) -> None:
    folder = shutil.copytree(GOLDEN / f"format-{FORMAT}", tmp_path / "run", dirs_exist_ok=True)
    with np.load(folder / "outer" / FOLD) as stored:
        arrays = dict(stored)
    arrays.pop(key)
    buffer = io.BytesIO()
    np.savez(buffer, **(arrays if value is None else {**arrays, key: value}))
    content = buffer.getvalue()
    (folder / "outer" / FOLD).write_bytes(content if cut > 1500 else content[: len(content) * cut // 1500])
    said = refusal(load_result, folder)
    assert said == READ or FOLD in said or "Record run" in said
