"""Folds on a real Ray cluster of two nodes on this machine; skipped, and saying so, where Ray is not installed."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from merbench.experiments.events import Observer
from merbench.experiments.execute import carry_out
from merbench.experiments.executors.folds import SpreadTrainer
from merbench.experiments.executors.request import Request, request
from merbench.experiments.prepare import prepare
from merbench.experiments.specify import specification
from merbench.plugins import load_plugin
from merbench.results.run import Run

ray = pytest.importorskip("ray", reason="Ray is not installed: pip install merbench[ray]")
TOY = Path(__file__).parents[2] / "tuning" / "toy.py"
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]  # Ray's own files and sockets


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from ray.cluster_utils import Cluster

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        marker = tmp_path_factory.mktemp("kill") / "killed"
        os.environ["MERBENCH_TEST_KILL"] = str(marker)
        nodes = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "object_store_memory": 80 * 2**20})
        nodes.add_node(num_cpus=1, object_store_memory=80 * 2**20)
        ray.init(address=nodes.address, log_to_driver=False)
        yield marker
        ray.shutdown()
        nodes.shutdown()
        del os.environ["MERBENCH_TEST_KILL"]


def carried_out(asked: Request, out: Path, trainer: Any = None) -> Run:
    return carry_out(prepare(asked.experiment(), Observer()), out=out, runs=out, observer=Observer(), trainer=trainer)


def test_two_nodes_give_the_record_of_one_process_though_a_worker_is_killed(cluster: Path, tmp_path: Path) -> None:
    from merbench.experiments.executors.ray import Cluster

    load_plugin(TOY)
    asked = request(specification("toy", settings={"dataset.subjects": 6, "dataset.clips": 10}, plugins=[TOY]))
    executor = Cluster(2)
    spread = carried_out(asked, tmp_path / "spread", SpreadTrainer(executor, asked))
    assert cluster.exists()  # one of the workers killed itself, and its fold was done again
    local = carried_out(asked, tmp_path / "local")
    for one, two in zip(spread.outer, local.outer, strict=True):
        np.testing.assert_array_equal(one.probabilities, two.probabilities)
    assert spread.header.identity == local.header.identity


def test_a_lost_driver_goes_on_where_it_was(cluster: Path, tmp_path: Path) -> None:
    from merbench.experiments.executors.ray import Cluster

    load_plugin(TOY)
    asked = request(specification("toy", settings={"dataset.subjects": 3, "dataset.clips": 10}, plugins=[TOY]))

    class Lost(SpreadTrainer):
        def __call__(self, *words: Any) -> Iterator[Any]:
            yield next(super().__call__(*words))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        carried_out(asked, tmp_path / "run", Lost(Cluster(2), asked))
    [kept] = (tmp_path / "run" / "outer").iterdir()
    before = kept.stat().st_mtime_ns
    run = carried_out(asked, tmp_path / "run", SpreadTrainer(Cluster(2), asked))
    assert len(run.outer) == 3
    assert kept.stat().st_mtime_ns == before
