"""Worker processes on this machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from typing import Any

from merbench.errors import TrainingError
from merbench.experiments.executors import worker
from merbench.experiments.executors.base import RETRIES, Executor, Payload
from merbench.inputs.worker_pool import let_workers_be_replaced
from merbench.plural import plural


class Processes(Executor):
    """Fresh processes; where one dies, what they were at is done again by new ones."""

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def results(self, job: str, payloads: Sequence[Payload]) -> Iterator[Any]:
        """What the job returns for each payload, as soon as it is done."""
        left = dict(enumerate(payloads))
        if not left:  # a run that is complete: a pool of no workers is an error
            return
        for _ in range(RETRIES + 1):
            for number, result in self._until_death(job, left):
                del left[number]
                yield result
            if not left:
                return
        raise TrainingError(
            f"Worker processes died {RETRIES + 1} times over {plural(len(left), 'job')} (killed, or out of memory?); "
            "take fewer --workers, and run the same command again: what is finished is kept."
        )

    def _until_death(self, job: str, left: Mapping[int, Payload]) -> Iterator[tuple[int, Any]]:
        from joblib.externals.loky import ProcessPoolExecutor

        let_workers_be_replaced()
        pool = ProcessPoolExecutor(max_workers=min(self.workers, len(left)), initializer=worker.begin_process)
        finished = False
        try:
            numbers: dict[Future[Any], int] = {
                pool.submit(worker.run_job, job, payload): number for number, payload in left.items()
            }
            yield from _collected(numbers)
            finished = True
        except BrokenExecutor:
            return
        finally:
            pool.shutdown(wait=True, kill_workers=not finished)


def _collected(numbers: Mapping[Future[Any], int]) -> Iterator[tuple[int, Any]]:
    waiting = set(numbers)
    broken: BrokenExecutor | None = None
    while waiting:
        done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
        for future in done:
            try:
                yield numbers[future], future.result()
            except BrokenExecutor as fault:  # others may have finished before; they are taken first
                broken = fault
    if broken is not None:
        raise broken
