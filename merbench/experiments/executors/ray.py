"""Workers of a Ray cluster: this machine alone, or the one that RAY_ADDRESS names."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterator, Sequence
from typing import Any

from merbench.errors import MerbenchError, TrainingError, UsageError
from merbench.experiments.executors import worker
from merbench.experiments.executors.base import RETRIES, Executor, Payload

#: For which an address may not answer; chosen here.
_SECONDS = 10.0


class Cluster(Executor):
    """Ray does scheduling, placement and retries; results come back as they are done."""

    def __init__(self, workers: int | None) -> None:
        try:
            import ray
        except ImportError:
            raise UsageError('--executor ray needs Ray, which is not installed: pip install "merbench[ray]".') from None
        self._ray: Any = ray
        if not ray.is_initialized():
            where = os.environ.get("RAY_ADDRESS")
            own: dict[str, Any] = {} if where else {"num_cpus": workers, "include_dashboard": False}
            _require_answer(where)
            try:
                self._ray.init(address=where, log_to_driver=False, logging_level=logging.ERROR, **own)
            except (ConnectionError, RuntimeError, ValueError) as fault:
                raise UsageError(_unreachable(where, fault)) from fault
        self.workers = workers or max(1, int(self._ray.cluster_resources().get("CPU", 1)))

    def results(self, job: str, payloads: Sequence[Payload]) -> Iterator[Any]:
        """What the job returns for each payload, as soon as it is done; each takes a processor and a share of GPUs."""
        ray = self._ray
        share = _gpu_share(payloads, self.workers, ray.cluster_resources().get("GPU", 0.0))
        # what ends a worker is tried again elsewhere; a mistake of the user's is not
        remote = ray.remote(num_cpus=1, num_gpus=share, max_retries=RETRIES)(worker.run_job)
        todo = list(payloads)
        under_way = [remote.remote(job, payload) for payload in todo[: self.workers]]
        ahead = todo[self.workers :]
        try:
            while under_way:
                [done], under_way = ray.wait(under_way, num_returns=1)
                if ahead:
                    under_way.append(remote.remote(job, ahead.pop(0)))
                yield self._got(done)
        finally:
            for reference in under_way:
                ray.cancel(reference, force=True)

    def _got(self, reference: Any) -> Any:
        exceptions = self._ray.exceptions
        try:
            return self._ray.get(reference)
        except exceptions.RayTaskError as fault:
            cause = fault.cause
            if isinstance(cause, MerbenchError):
                raise cause from None
            raise
        except (exceptions.WorkerCrashedError, exceptions.NodeDiedError, exceptions.OutOfMemoryError) as fault:
            raise TrainingError(
                f"A worker of the cluster died {RETRIES + 1} times over one job ({type(fault).__name__}); "
                "take fewer --workers or larger nodes, and run the same command again: what is finished is kept."
            ) from fault


def _require_answer(where: str | None) -> None:
    """Nothing, if something listens at the address or it has no port; Ray itself tries for minutes.

    Raises:
        UsageError: naming the address and what to do.
    """
    host, _, port = (where or "").removeprefix("ray://").rpartition(":")
    if host and port.isdigit():
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=_SECONDS).close()
        except (OSError, OverflowError) as fault:
            raise UsageError(_unreachable(where, fault)) from fault


def _unreachable(where: str | None, fault: Exception) -> str:
    if where is None:
        return f"--executor ray: Ray does not start on this machine: {fault}"
    return (
        f"RAY_ADDRESS={where}: no Ray cluster answers there ({fault}). Start one, on its first machine, with "
        "ray start --head, or use this machine alone, with unset RAY_ADDRESS."
    )


def _gpu_share(payloads: Sequence[Payload], workers: int, gpus: float) -> float:
    numerics = payloads[0].request.numerics if payloads else None
    if not gpus or numerics is None or not str(numerics["device"]).startswith("cuda"):
        return 0.0
    return min(1.0, gpus / workers)
