"""Records of real data as they leave the machine: no name of a subject or a clip, and still comparable."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

import merbench
from merbench.analysis.statistics.per_clip import predictions_by_clip
from merbench.cli.app import build
from merbench.dataset import SYNTHETIC_MARK
from merbench.datasets.megc2019_flow import Megc2019Flow
from merbench.results.audit import audit, findings
from merbench.results.opaque import OpaqueNames, opaque
from merbench.results.record import RunRecord
from merbench.synthetic.mock_tree import write_mock

METHODS = ("majority", "random", "flow-svm")
#: What the tree calls subjects and clips, in any place of a text.
NAMES = re.compile(r"sub0[0-9]|s0[0-9]|EP[0-9]{2}|samm/0|0[0-9]{2}_[0-9]+_|_(?:ne|po|sur)_")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Runs on a tree without the mark of synthetic data, as if it were real, of committed code."""
    home = tmp_path_factory.mktemp("real")
    write_mock(Megc2019Flow(), home / "tree", subjects=6, clips=6, seed=1)
    (home / "tree" / SYNTHETIC_MARK).unlink()
    places = {}
    with pytest.MonkeyPatch.context() as patched:
        committed = {"version": "0.1.0", "commit": "0" * 40, "dirty": False}
        patched.setattr("merbench.experiments.header.code", lambda *_: committed)
        for name in METHODS:
            settings = {"epochs": 3} if name == "random" else {}
            data = {"megc2019-flow": home / "tree"}
            merbench.run(name, protocol="composite", data=data, settings=settings, out=home / name)
            places[name] = home / name
    return places


@pytest.fixture(scope="module")
def records(runs: dict[str, Path]) -> dict[str, RunRecord]:
    return {name: merbench.Run.load(path).record() for name, path in runs.items()}


def test_the_names_are_in_the_run_and_not_in_what_leaves(records: dict[str, RunRecord]) -> None:
    for record in records.values():
        assert not record.synthetic
        assert NAMES.search(json.dumps(record.as_dict()))
        left = json.dumps(opaque(record).as_dict())
        assert NAMES.search(left) is None, NAMES.search(left)


def test_scores_and_identity_are_those_of_the_run(records: dict[str, RunRecord]) -> None:
    for record in records.values():
        left = opaque(record)
        assert (left.identity, left.task, left.clips, left.counts) == (
            record.identity, record.task, record.clips, record.counts,
        )  # fmt: skip
        assert tuple(left.subsets) == ("casme2", "samm", "smic")
        for rule, scores in record.scores.items():
            assert left.scores[rule].uf1 == pytest.approx(scores.uf1, abs=1e-12)
            assert left.scores[rule].fold_mean_accuracy == pytest.approx(scores.fold_mean_accuracy, abs=1e-12)
            for subset, parts in record.subset_scores[rule].items():
                assert left.subset_scores[rule][subset].uf1 == pytest.approx(parts.uf1, abs=1e-12)


def test_every_clip_keeps_its_own_prediction(records: dict[str, RunRecord]) -> None:
    record = records["flow-svm"]
    keys = [key for fold in record.keys for key in fold]
    digests = OpaqueNames.of(keys, record.task).keys
    before, after = predictions_by_clip([record], "last"), predictions_by_clip([opaque(record)], "last")
    own = {digests[key]: p for key, p in zip(before.keys, before.predicted[0].tolist(), strict=True)}
    assert own == dict(zip(after.keys, after.predicted[0].tolist(), strict=True))
    assert len(set(after.keys)) == record.clips
    assert len(set(after.subjects)) == record.subjects


def test_synthetic_records_stay_as_they_are(tmp_path: Path) -> None:
    record = merbench.run("majority", settings={"dataset.subjects": 3}, out=tmp_path / "r").record()
    assert opaque(record) is record


def test_a_digest_needs_the_whole_table(records: dict[str, RunRecord]) -> None:
    record = records["majority"]
    keys = [key for fold in record.keys for key in fold]
    whole, less = OpaqueNames.of(keys, record.task), OpaqueNames.of(keys[1:], record.task)
    assert set(whole.keys.values()).isdisjoint(less.keys.values())
    assert opaque(opaque(record)) == opaque(record)


def test_no_file_of_a_leaderboard_has_a_name(
    runs: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("merbench.leaderboard.admission.expected_counts", lambda record: None)  # of the whole list
    board = tmp_path / "board"
    call = CliRunner().invoke
    added = call(build(), ["leaderboard", "add", *map(str, runs.values()), "--dir", str(board)])
    assert added.exit_code == 0, added.output
    assert call(build(), ["leaderboard", "--dir", str(board)]).exit_code == 0
    files = [path for path in board.rglob("*") if path.is_file()]
    assert len([path for path in files if path.suffix == ".json"]) == len(METHODS)
    assert {"README.md", "index.html"} <= {path.name for path in files}
    for path in files:
        found = NAMES.search(path.read_text(encoding="utf-8"))
        assert found is None, (path.name, found)
    for path in (board / "results").iterdir():
        verdicts = {finding.what: finding.verdict for finding in audit(path)}
        assert verdicts["folds"] == verdicts["scores"] == verdicts["subjects"] == "holds"
    for run in runs.values():
        assert all(finding.verdict == "holds" for finding in audit(run))


def test_folds_that_depend_on_names_cannot_be_made_anew_from_digests(runs: dict[str, Path], tmp_path: Path) -> None:
    tree = runs["majority"].parent / "tree"
    run = merbench.run("majority", protocol="kfold", data={"megc2019-flow": tree}, out=tmp_path / "r")
    verdicts = {finding.what: finding for finding in findings(opaque(run.record()))}
    assert verdicts["folds"].verdict == "cannot be checked"
    assert "depend on the names of subjects" in verdicts["folds"].detail
    assert verdicts["scores"].verdict == "holds"


def test_records_pair_with_each_other_and_with_runs(records: dict[str, RunRecord]) -> None:
    one, two = records["majority"], records["flow-svm"]
    plain = merbench.compare([one, two])
    for pair in ([opaque(one), opaque(two)], [one, opaque(two)]):
        compared = merbench.compare(pair)
        assert compared.clips == plain.clips
        assert compared.pairs[0].difference.difference == pytest.approx(plain.pairs[0].difference.difference, abs=1e-12)
        assert compared.pairs[0].mcnemar == plain.pairs[0].mcnemar


def test_show_record_prints_the_opaque_record(runs: dict[str, Path], records: dict[str, RunRecord]) -> None:
    shown = CliRunner().invoke(build(), ["show", str(runs["majority"]), "--record"])
    assert shown.exit_code == 0, shown.output
    assert json.loads(shown.output) == opaque(records["majority"]).as_dict()
    both = CliRunner().invoke(build(), ["show", str(runs["majority"]), str(runs["random"]), "--record"])
    assert both.exit_code != 0


def test_predictions_made_elsewhere_go_by_names_onto_an_opaque_task(
    records: dict[str, RunRecord], tmp_path: Path
) -> None:
    from merbench.leaderboard.external import Submission, external_record

    record = records["flow-svm"]
    path = tmp_path / "p.csv"
    with path.open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["key", "predicted"])
        for keys, (_, predicted) in zip(record.keys, record.predictions("last"), strict=True):
            lines.writerows([key, record.classes[label]] for key, label in zip(keys, predicted, strict=True))
    submitted = external_record(path, opaque(records["majority"]), Submission(method="mine"))
    assert submitted.opaque
    assert submitted.scores["last"].uf1 == pytest.approx(record.scores["last"].uf1, abs=1e-12)


def test_what_holds_names_says_so(runs: dict[str, Path], tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    shown = CliRunner().invoke(build(), ["show", str(runs["majority"]), "--html", str(page)])
    assert shown.exit_code == 0, shown.output
    assert "names subjects and clips" in " ".join(shown.output.split())
    assert "names subjects and clips" in page.read_text(encoding="utf-8")
    listed = CliRunner().invoke(build(), ["compare", *(str(runs[name]) for name in METHODS[:2]), "--clips"])
    assert NAMES.search(listed.output)
    assert "names subjects and clips" in " ".join(listed.output.split())


def test_clips_of_opaque_records_are_listed_by_digest(runs: dict[str, Path], tmp_path: Path) -> None:
    paths = []
    for name in METHODS[:2]:
        left = CliRunner().invoke(build(), ["show", str(runs[name]), "--record"])
        paths.append(tmp_path / f"{name}.json")
        paths[-1].write_text(left.stdout, encoding="utf-8")
    listed = CliRunner().invoke(build(), ["compare", *map(str, paths), "--clips", "--format", "csv"])
    assert listed.exit_code == 0, listed.output
    assert NAMES.search(listed.output) is None
    assert "keep it to yourself" not in listed.output
