"""The other commands: list, info, show, data mock, leaderboard; and what importing costs."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from merbench import Run

Cli = Callable[..., Any]

PLUGIN = '''
import numpy as np
from merbench import FittedMethod, Inputs
from merbench.method import Predictor


class Flat(Predictor):
    def __init__(self, classes):
        self.classes = classes

    def probabilities(self, held_out):
        return np.full((held_out.count, self.classes), 1 / self.classes)


class Uniform(FittedMethod):
    """Every class alike."""

    name = "{name}"
    title = "Uniform"
    family = "control"

    def inputs(self):
        return Inputs()

    def fit(self, train, samples, generator):
        return Flat(len(train.classes))
'''


@pytest.mark.parametrize("words", [["--help"], ["list"], ["run", "--help"]])
def test_help_and_list_import_neither_torch_nor_pandas(words: list[str]) -> None:
    code = (
        f"import sys; sys.argv = ['merbench', *{words!r}]\n"
        "from merbench.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'torch', 'torchvision', 'timm', 'pandas', 'numpy', 'cv2', 'sklearn'} & set(sys.modules)\n"
        "print('heavy:', sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "heavy: []" in done.stdout


def test_what_a_run_is_resolved_by_imports_no_torch() -> None:
    """So that a mistake is refused at once; and tests set torch's threads after these imports."""
    code = "import sys, merbench.experiments.executors.request; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_info_gives_the_inputs_of_each_recipe(merbench: Cli) -> None:
    htnet = merbench("info", "htnet").out
    published, quick = htnet.partition("inputs of recipe published and published-shuffled: ")[2].split(
        "inputs of recipe quick: "
    )
    assert '"scale": "minmax"' in published
    assert "minmax" not in quick
    assert "parameters: width=32, depth=2, scale=none" in htnet
    assert "inputs: {" in merbench("info", "majority").out  # one line where all recipes see the same


def test_list_names_every_kind_of_entry(merbench: Cli) -> None:
    answer = merbench("list")
    for name in ("methods:", "mmnet", "majority", "random", "datasets:", "synthetic", "casme2", "protocols:", "loso"):
        assert name in answer.out
    assert "BROKEN" not in answer.out
    assert merbench("list", "recipes").code == 2


def test_info_gives_parameters_with_reasons_recipes_and_counts(merbench: Cli) -> None:
    method = merbench("info", "mmnet").out
    for word in ("arXiv 2201.05297", "position_depth = 2", "recipe published-3-class", "9,438,841", "weight_decay"):
        assert word in method
    published, quick = method.partition("recipe published-5-class")[2], method.partition("\nrecipe quick")[2]
    assert "batch=32" in published.partition("\n\n")[0]  # the default of all recipes, said all the same
    assert "batch=" in quick.partition("\n\n")[0]
    assert "loss=cross-entropy" in published.partition("\n\n")[0]
    dataset = merbench("info", "casme2").out
    for word in ("3-class-megc2019", "145", "repression → negative"):
        assert word in dataset
    answer = merbench("info", "mmnett")
    assert answer.code == 2
    assert "Did you mean 'mmnet'?" in answer.err


def test_a_plugin_file_is_an_entry_and_its_source_is_recorded(merbench: Cli, tmp_path: Path) -> None:
    plugin = tmp_path / "uniform.py"
    plugin.write_text(PLUGIN.format(name="uniform-of-a-plugin"))
    answer = merbench("run", "-m", "uniform-of-a-plugin", "--plugin", plugin, "--set", "dataset.clips=10",
                      "--runs-dir", tmp_path / "runs")  # fmt: skip
    assert answer.code == 0, answer.err
    [path] = (tmp_path / "runs").iterdir()
    origin = Run.load(path).header.as_dict()["origins"]["method uniform-of-a-plugin"]
    assert origin["place"] == "uniform.py"
    assert len(origin["digest"]) == 64
    assert str(tmp_path) not in (path / "record.json").read_text()


def test_a_plugin_that_takes_a_name_is_refused_with_both_places(merbench: Cli, tmp_path: Path) -> None:
    plugin = tmp_path / "thief.py"
    plugin.write_text(PLUGIN.format(name="majority"))
    answer = merbench("run", "-m", "majority", "--plugin", plugin)
    assert answer.code == 2
    assert "thief.py" in answer.err
    assert "majority.py" in answer.err
    assert merbench("list", "--plugin", plugin, "--check").code == 1


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import merbench

    runs = tmp_path_factory.mktemp("runs")
    merbench.run("random", settings={"dataset.clips": 10, "epochs": 20}, runs=runs)
    [path] = runs.iterdir()
    return path


def test_show_prints_what_the_run_is_and_its_tables(merbench: Cli, kept: Path) -> None:
    answer = merbench("show", kept)
    for word in ("Random labels", "seed 0", "UF1", "oracle*", "by class", "by fold", "true class by row"):
        assert word in answer.out


def test_show_gives_the_same_numbers_in_every_format(merbench: Cli, kept: Path) -> None:
    uf1 = f"{Run.load(kept).scores().uf1:.3f}"
    rows = list(csv.DictReader(io.StringIO(merbench("show", kept, "--format", "csv").out)))
    assert [row["UF1"] for row in rows if row["rule"] == "last"] == [uf1]
    assert f"| {uf1} |" in merbench("show", kept, "--format", "markdown").out
    assert f"& {uf1} &" in merbench("show", kept, "--format", "latex").out
    assert merbench("show", kept, "--format", "word").code == 2
    assert merbench("show", kept, "--table", "curves").code == 2


def test_show_writes_a_page_of_a_run(merbench: Cli, kept: Path, tmp_path: Path) -> None:
    page = tmp_path / "run.html"
    assert merbench("show", kept, "--html", page).code == 0
    assert Run.load(kept).header.identity in page.read_text(encoding="utf-8")
    answer = merbench("show", kept, "--html", tmp_path / "nowhere" / "run.html")
    assert answer.code == 2
    assert "there is no folder" in answer.err


def test_show_refuses_a_folder_that_is_no_run(merbench: Cli, tmp_path: Path) -> None:
    answer = merbench("show", tmp_path)
    assert answer.code == 2
    assert "no run of merbench" in answer.err


def test_mock_refuses_a_folder_in_use_and_an_unknown_parameter(merbench: Cli, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    assert "empty" in merbench("data", "mock", "casme2", "--out", tmp_path).err
    answer = merbench("data", "mock", "casme2", "--out", tmp_path / "new", "--set", "dataset.stat=2019")
    assert answer.code == 2
    assert "dataset.mock_state" in answer.err
    assert merbench("data", "mock", "synthetic", "--out", tmp_path / "new").code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_export_writes_a_table_that_a_run_takes(merbench: Cli, stand_in: Path, tmp_path: Path) -> None:
    table = tmp_path / "clips.csv"
    answer = merbench("data", "export", "casme2", "--data", stand_in, "--out", table)
    assert answer.code == 0, answer.err
    assert f"casme2 table: {table} (20 clips)" in answer.out
    assert "already" in merbench("data", "export", "casme2", "--data", stand_in, "--out", table).err
    assert merbench("data", "export", "casme2", "--out", tmp_path / "x.csv").code == 2
    run = merbench("run", "-m", "majority", "-d", "manifest", "--data", table, "--runs-dir", tmp_path / "runs")
    assert run.code == 0, run.err
    assert "manifest (synthetic faces), scheme as-labelled" in run.err
    described = merbench("info", "manifest").out
    assert "scheme class: those of the column 'class'" in described


def test_leaderboard_is_rebuilt_from_records_and_checked(merbench: Cli, kept: Path, tmp_path: Path) -> None:
    board = tmp_path / "board"
    assert merbench("leaderboard", "--dir", board).code == 2
    assert merbench("leaderboard", "add", kept, "--dir", board).code == 0
    assert merbench("leaderboard", "--dir", board, "--check").code == 1
    assert merbench("leaderboard", "--dir", board).code == 0
    assert merbench("leaderboard", "--dir", board, "--check").code == 0
    page = (board / "README.md").read_text()
    assert f"{Run.load(kept).scores().uf1:.3f}" in page
    assert "faces are synthetic" in page
    [record] = (board / "results").glob("*.json")
    content = json.loads(record.read_text())
    content["by_rule"]["last"]["scores"]["uf1"] = 0.99
    record.write_text(json.dumps(content))
    answer = merbench("leaderboard", "--dir", board)
    assert answer.code == 2
    assert "0.990000" in answer.err
