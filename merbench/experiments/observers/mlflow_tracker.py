"""Runs in MLflow: in a store on this machine, unless MLFLOW_TRACKING_URI names another."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from mlflow.tracking import MlflowClient

from merbench.experiments.observers.tracker import Tracker

_EXPERIMENT = "merbench"
_IDENTITY = "merbench.identity"


class MLflowTracker(Tracker):
    """Writes to `mlflow.db` and `mlartifacts/` beside the run's folder; a run that was reported before goes on."""

    def start(self, folder: Path, identity: str, name: str, parameters: Mapping[str, str]) -> None:
        """Begin a run, or go on with the one of that identity."""
        home = folder.absolute().parent
        address = os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{home / 'mlflow.db'}"
        self._client = MlflowClient(tracking_uri=address)
        found = self._client.get_experiment_by_name(_EXPERIMENT)
        files = None if os.environ.get("MLFLOW_TRACKING_URI") else (home / "mlartifacts").as_uri()
        experiment = (
            self._client.create_experiment(_EXPERIMENT, artifact_location=files)
            if found is None
            else found.experiment_id
        )
        earlier = self._client.search_runs([experiment], f"tags.`{_IDENTITY}` = '{identity}'", max_results=1)
        run = earlier[0] if earlier else self._client.create_run(experiment, tags={_IDENTITY: identity}, run_name=name)
        self._run: str = run.info.run_id
        for key, value in parameters.items():
            self._client.log_param(self._run, key, value[:6000])

    def metric(self, name: str, value: float, step: int) -> None:
        """Report a metric."""
        self._client.log_metric(self._run, name, value, step=step)

    def artifact(self, path: Path) -> None:
        """Copy a file to the store."""
        self._client.log_artifact(self._run, str(path))

    def end(self) -> None:
        """Mark the run as finished."""
        self._client.set_terminated(self._run)
