"""Heavy preparation, clip by clip, in worker processes; in threads where there can be none."""

from __future__ import annotations

import contextlib
import pickle
import signal
import warnings
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING

from merbench.annotations.clips import Clip
from merbench.data.source import Source
from merbench.errors import FrameError
from merbench.inputs.base import ArrayInput
from merbench.inputs.clip_reader import ClipFiles

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Result = npt.NDArray[np.generic] | str

#: Starting a worker takes about a second; fewer clips than these are done sooner without: chosen here.
_WORTH_WORKERS = 8


#: Clips a worker that are handed out ahead, so that memory stays bounded: chosen here.
_AHEAD = 4
#: Seconds after which idle workers end, those of a killed process, too: chosen here.
_IDLE = 60
_SINGLE = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB_MAXIMUM", "NUMBA")}


class _Unloadable(Exception):
    """Raised where workers lack what the clips come from, such as a plugin of this process."""


def clip_arrays(clips: Sequence[Clip], sources: Sequence[Source], declared: ArrayInput) -> Iterator[Result]:
    """For each clip, in order, its array, or the sentence that says why there is none.

    loky's workers neither need a guarded main module nor copy this process's threads, so they do in scripts and in
    notebooks. What they cannot load, or lose with a killed worker, threads of this process do: the same numbers.
    """
    import joblib

    done = 0
    processes = joblib.cpu_count()
    if processes > 1 and len(clips) >= _WORTH_WORKERS:
        with contextlib.suppress(_Unloadable, pickle.PicklingError, AttributeError, TypeError, OSError, RuntimeError):
            for array in _in_processes(clips, sources, declared, processes):
                yield array
                done += 1
    with _one_thread_a_clip(declared), ThreadPoolExecutor(processes) as pool:
        yield from pool.map(_clip_array, clips[done:], sources[done:], [declared] * (len(clips) - done))


def _in_processes(
    clips: Sequence[Clip], sources: Sequence[Source], declared: ArrayInput, processes: int
) -> Iterator[Result]:
    # joblib's own interface kills its workers when it is interrupted, and reports on the terminal what they lost
    from joblib.externals.loky import get_reusable_executor

    let_workers_be_replaced()
    packed = {id(source): pickle.dumps((source, declared)) for source in sources}
    pool = get_reusable_executor(processes, timeout=_IDLE, env=_SINGLE, initializer=_leave_interrupts)
    if not all(pool.map(_can_unpack, packed.values())):
        raise _Unloadable
    waiting: deque[Future[Result]] = deque()
    try:
        for clip, source in zip(clips, sources, strict=True):
            waiting.append(pool.submit(_in_worker, clip, packed[id(source)]))
            if len(waiting) >= _AHEAD * processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


def let_workers_be_replaced() -> None:
    """Let loky replace a worker that has grown or idled without a word.

    It warns in the thread that manages the workers. Where warnings are errors that thread would end there, and whoever
    waits for a result would wait for ever.
    """
    warnings.filterwarnings("ignore", message="A worker stopped while some jobs", category=UserWarning)


def _leave_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends them to all; this process cancels what is left


def _can_unpack(packed: bytes) -> bool:
    try:
        _unpacked(packed)
    except Exception:  # noqa: BLE001 - whatever goes wrong here does not in the process that packed it
        return False
    return True


def _in_worker(clip: Clip, packed: bytes) -> Result:
    source, declared = _unpacked(packed)
    with _one_thread_a_clip(declared):
        return _clip_array(clip, source, declared)


@lru_cache(maxsize=8)  # so that what an adapter remembers of its folder is read once a worker
def _unpacked(packed: bytes) -> tuple[Source, ArrayInput]:
    source, declared = pickle.loads(packed)
    return source, declared


def _clip_array(clip: Clip, source: Source, declared: ArrayInput) -> Result:
    try:
        array = declared.array(ClipFiles(clip=clip, source=source))
    except FrameError as fault:
        return str(fault)
    if array.shape != declared.shape or array.dtype != declared.dtype:
        return (
            f"{clip}: {declared.name} gave {array.dtype} of shape {array.shape}, declared were {declared.dtype} of "
            f"shape {declared.shape}."
        )
    return array


@contextmanager
def _one_thread_a_clip(declared: ArrayInput) -> Iterator[None]:
    if "opencv-python" not in declared.libraries:
        yield
        return
    import cv2

    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)  # with several to a frame, DIS gives other numbers
    try:
        yield
    finally:
        cv2.setNumThreads(threads)
