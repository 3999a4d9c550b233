"""Files of text that a user writes or edits: read as they say, or refused in a sentence.

``MERBENCH_FUZZ=50 pytest tests/fuzzing`` tries fifty times as many examples, and new ones each time.
"""

from __future__ import annotations

import csv
import io
import os
import re
import tomllib
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from merbench.data.locations import configured_roots
from merbench.errors import MerbenchError
from merbench.experiments.resolve import resolve
from merbench.experiments.run_file import as_toml
from merbench.experiments.specify import specification
from merbench.experiments.suite import read_suite
from merbench.leaderboard.external import Submission, external_record
from merbench.leaderboard.published import RULES, Published, read_published
from merbench.results.reading import read_record
from merbench.spec import RunSpec
from merbench.tuning.space_file import space_of
from merbench.tuning.tuned_file import TunedFile, TunedParameters, TunedTable, read_tuned, write_tuned

FACTOR = int(os.environ.get("MERBENCH_FUZZ", "1"))
LIGHT = settings(
    max_examples=120 * FACTOR, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
SHARE = st.floats(0, 1, exclude_max=True)
#: Values of every kind that TOML has, and text that is none.
TOML = st.sampled_from(
    """
    0|1|-1|3|2.5|1e400|-0.0|nan|inf|-inf|999999999999999999999999999999|0x10|1_000|true|false|""|"x"|"1"|"quick"
    |"majority"|"synthetic"|"loso"|'a\\b'|[]|[1]|["a", 1]|[[1], [2]]|{}|{ a = 1 }|{ low = 1, high = 2 }
    |{ low = 2, high = 1, log = true }|{ choices = ["a", "a"] }|{ choices = [0.1, 0.2] }|1979-05-27
    |1979-05-27T07:32:00Z|07:32:00|"\\u0000"|"\\n"|x||=|# no
    """.strip().split("|")
)


@st.composite
def edited(draw: st.DrawFn, text: str) -> str:
    """A text some of whose lines were changed, removed, repeated, moved, or given another value."""
    lines = text.splitlines()
    for _ in range(draw(st.integers(1, 3))):
        place = int(draw(SHARE) * len(lines))
        what = draw(st.sampled_from(["value", "value", "value", "key", "remove", "repeat", "move", "cut", "any"]))
        line = lines[place]
        if what == "value":
            lines[place] = f"{line.partition('=')[0]}= {draw(TOML)}"
        elif what == "key":
            lines[place] = draw(st.sampled_from(["x", "", "seed", "data", "[data]", "a.b.c", '"a b"'])) + line[3:]
        elif what == "remove" and len(lines) > 1:
            del lines[place]
        elif what == "repeat":
            lines.insert(place, line)
        elif what == "move":
            lines.insert(int(draw(SHARE) * len(lines)), lines.pop(place))
        elif what == "cut":
            lines[place] = line[: int(draw(SHARE) * len(line))]
        else:
            lines[place] = draw(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=20))
    return "\n".join(lines) + "\n"


def sentence(refusal: MerbenchError) -> None:
    assert len(str(refusal)) > 15
    assert "Traceback" not in str(refusal)


# --- files of runs ------------------------------------------------------------------------------------------------

SUITE = """\
methods = ["majority", "random"]
protocol = "kfold"
dataset = ["synthetic"]
seeds = [0, 1]
recipe = "quick"
scheme = "5-class"
apex = "middle"
rules = ["last"]
on_error = "stop"
corrections = "none"
alignment = "none"
distinct_subjects = false
label_flips = 0.0
apex_shift = 0
tuned = "no.toml"
plugins = ["no.py"]
[settings]
random.epochs = 2
dataset.subjects = 5
protocol.folds = 3
[compute]
device = "cpu"
precision = "float32"
parallel_folds = 1
compile = "no"
memory_format = "auto"
deterministic = "yes"
[data]
casme2 = "no where"
"""


@LIGHT
@given(text=edited(SUITE))
def test_files_of_runs(tmp_path: Path, text: str) -> None:
    path = tmp_path / "suite.toml"
    path.write_text(text, encoding="utf-8")
    try:
        specs = read_suite(path)
    except MerbenchError as refusal:
        sentence(refusal)
        assert str(path) in str(refusal)  # noqa: PT017
        return
    document = tomllib.loads(text)
    named = document.get("methods", [document.get("method")])
    assert {spec.method for spec in specs} == set(named)
    assert {spec.seed for spec in specs} == set(document.get("seeds", [document.get("seed", 0)]))
    for spec in specs:
        assert RunSpec.from_dict(spec.as_dict()) == spec
        again = tmp_path / "again.toml"
        again.write_text(as_toml(spec), encoding="utf-8")
        assert read_suite(again) == [spec]


@LIGHT
@given(text=edited('[data]\ncasme2 = "a"\n"CASME II" = "b"\nsamm = "c d"\n'))
def test_where_data_lies(tmp_path: Path, text: str) -> None:
    (tmp_path / "merbench.toml").write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        try:
            roots = configured_roots()
        except MerbenchError as refusal:
            sentence(refusal)
            return
    written = tomllib.loads(text).get("data", {})
    assert {name: str(root.path) for name, root in roots.items()} == {
        name: str((tmp_path / folder).resolve()) for name, folder in written.items()
    }


# --- tuning -------------------------------------------------------------------------------------------------------

SPACE = """\
others = "searched"
learning_rate = { low = 0.001, high = 0.1, log = true }
batch = { low = 4, high = 16, step = 4 }
optimiser = { choices = ["adam", "sgd"] }
epochs = 3
flip = 0.5
"""
EXPERIMENT = resolve(specification("ststnet", recipe="quick"))


@LIGHT
@given(text=edited(SPACE))
def test_search_spaces(tmp_path: Path, text: str) -> None:
    path = tmp_path / "space.toml"
    path.write_text(text, encoding="utf-8")
    try:
        space = space_of(EXPERIMENT, path)
    except MerbenchError as refusal:
        sentence(refusal)
        return
    written = tomllib.loads(text)
    for each in space.dimensions:
        said = written.get(each.name)
        if isinstance(said, dict) and "low" in said:
            assert (each.low, each.high) == (float(said["low"]), float(said["high"]))
        elif isinstance(said, dict):
            assert list(each.choices) == list(dict.fromkeys(said["choices"]))
    for name, value in space.fixed.items():
        assert value == written[name] or str(value) == str(written[name])


def tuned(tmp_path: Path) -> TunedFile:
    values = {"learning_rate": 0.01, "batch": 8, "loss": "focal"}
    chosen = TunedParameters(values=values, epoch=4, inner_score=0.5, trial=3)
    tables = {f"lab/{n}": TunedTable(chosen=chosen, subjects=("lab/7", "lab/8"), held_out=f"d{n}") for n in (1, 2)}
    made = TunedFile(
        method="ststnet", kind="nested", trials=5, recipe="quick", settings={"scale": "minmax"}, folds=tables,
        all_subjects=TunedTable(chosen=chosen, subjects=("lab/1", "lab/2")),
    )  # fmt: skip
    write_tuned(tmp_path / "whole.toml", made)
    return made


@LIGHT
@given(data=st.data())
def test_tuned_parameters(tmp_path: Path, data: st.DataObject) -> None:
    whole = tuned(tmp_path)
    path = tmp_path / "tuned.toml"
    text = data.draw(edited((tmp_path / "whole.toml").read_text("utf-8")))
    path.write_text(text, encoding="utf-8")
    try:
        read = read_tuned(path)
    except MerbenchError as refusal:
        sentence(refusal)
        return
    if tomllib.loads(text).get("checksum"):
        assert read == whole  # an edit that is read has changed nothing


# --- tables of numbers --------------------------------------------------------------------------------------------

COLUMNS = [field.name for field in fields(Published)]
ROW = [
    "MMNet",
    "2022",
    "IJCAI",
    "",
    "CASME II",
    "LOSO",
    "5",
    "accuracy",
    "0.88",
    "share",
    "oracle",
    "",
    "in print",
    "x",
    "",
]
CELL = st.sampled_from(
    ["", "0.5", "-1", "1e3", "nan", "inf", "\u0663", "0,5", "1_0", " 1", "last", "LAST", '"', '"a', "a\nb", "\0"]
)


def rows(draw_from: list[list[str]]) -> st.SearchStrategy[str]:
    @st.composite
    def drawn(draw: st.DrawFn) -> str:
        table = [list(row) for row in draw_from]
        for _ in range(draw(st.integers(1, 3))):
            row = table[int(draw(SHARE) * len(table))]
            if row and draw(st.integers(0, 4)):
                row[int(draw(SHARE) * len(row))] = draw(CELL | st.text(max_size=5))
            elif draw(st.booleans()):
                table.append(list(row))
            else:
                del row[int(draw(SHARE) * len(row)) :]
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\n").writerows(table)
        text = buffer.getvalue()
        return text if draw(st.integers(0, 5)) else text[: int(draw(SHARE) * len(text))]

    return drawn()


def written(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8", "surrogatepass"))


@LIGHT
@given(text=rows([COLUMNS, ROW, ROW]))
def test_printed_numbers(tmp_path: Path, text: str) -> None:
    path = tmp_path / "published.csv"
    written(path, text)
    try:
        read = read_published(path)
    except MerbenchError as refusal:
        sentence(refusal)
        return
    table = list(csv.reader(io.StringIO(text, newline="")))
    assert [[getattr(one, name) for name in COLUMNS] for one in read] == [row for row in table[1:] if row]
    assert all(one.rule in RULES and np.isfinite(float(one.value)) for one in read)


GOLDEN = Path(__file__).parents[1] / "results" / "golden" / "format-1" / "record.json"
LIKE = read_record(GOLDEN).named("golden")
KEYS = [key for fold in LIKE.keys for key in fold]


def predictions(way: str) -> list[list[str]]:
    if way == "classes":
        return [["key", "predicted"], *([key, LIKE.classes[0]] for key in KEYS)]
    spread = ["1", *["0"] * (len(LIKE.classes) - 1)]
    return [["key", *LIKE.classes], *([key, *spread] for key in KEYS)]


@pytest.mark.parametrize("way", ["classes", "probabilities"])
def test_predictions_made_elsewhere(tmp_path: Path, way: str) -> None:
    path = tmp_path / "predictions.csv"

    @LIGHT
    @given(text=rows(predictions(way)))
    def check(text: str) -> None:
        written(path, text)
        try:
            record = external_record(path, LIKE, Submission(method="theirs"))
        except MerbenchError as refusal:
            sentence(refusal)
            return
        table = [row for row in csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")) if row]
        by_key = {row["key"].strip(): {name.strip(): cell.strip() for name, cell in row.items()} for row in table}
        assert sorted(by_key) == sorted(KEYS)
        for keys, fold in zip(record.keys, record.by_rule["last"].probabilities, strict=True):
            for key, stored in zip(keys, fold, strict=True):
                said = by_key[key]
                expected = (
                    [float(name == said["predicted"]) for name in LIKE.classes]
                    if "predicted" in said
                    else [float(said[name]) for name in LIKE.classes]
                )
                np.testing.assert_allclose(stored, expected, atol=1e-6)

    check()


# --- any bytes ----------------------------------------------------------------------------------------------------

READERS: dict[str, Callable[[Path], object]] = {
    "run.toml": read_suite,
    "space.toml": lambda path: space_of(EXPERIMENT, path),
    "tuned.toml": read_tuned,
    "published.csv": read_published,
    "external.csv": lambda path: external_record(path, LIKE, Submission(method="theirs")),
    "record.json": read_record,
}
NESTED = ["[" * 5000, "{" * 5000, "a = " + "[" * 3000 + "]" * 3000, "a" + ".a" * 3000 + " = 1", '{"format":' * 3000]


@pytest.mark.parametrize("name", READERS)
def test_any_bytes(tmp_path: Path, name: str) -> None:
    path = tmp_path / name

    @settings(LIGHT, max_examples=60 * FACTOR)
    @given(content=st.binary(max_size=80) | st.sampled_from(NESTED).map(str.encode))
    def check(content: bytes) -> None:
        path.write_bytes(content)
        try:
            READERS[name](path)
        except MerbenchError as refusal:
            sentence(refusal)

    check()
    path.unlink()
    with pytest.raises(MerbenchError, match=re.escape(name)):
        READERS[name](path)
