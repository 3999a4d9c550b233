"""`merbench.run`: an experiment from names to its record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from merbench.errors import UsageError
from merbench.experiments.checkpoints import require_weights
from merbench.experiments.events import Observer
from merbench.experiments.execute import carry_out
from merbench.experiments.executors import executor_of
from merbench.experiments.executors.request import load_once, request
from merbench.experiments.executors.threads import divided
from merbench.experiments.experiment import Settings
from merbench.experiments.prepare import prepare
from merbench.method import Method
from merbench.results.run import Run
from merbench.trainers import trainer_of

if TYPE_CHECKING:
    from merbench.experiments.executors import Executor
    from merbench.tuning.tuned_file import Tuned


def run(
    method: str | Method | type[Method] = "mmnet",
    protocol: str = "loso",
    dataset: str | Sequence[str] | None = None,
    *,
    data: Mapping[str, Path | str] | Path | str | None = None,
    recipe: str | None = None,
    settings: Settings | None = None,
    scheme: str | None = None,
    apex: str = "middle",
    mends: str = "none",
    on_error: str = "stop",
    seed: int = 0,
    rules: str | Sequence[str] | None = None,
    device: str = "auto",
    precision: str = "auto",
    packing: str | int = "auto",
    compiled: str = "no",
    alignment: str = "as distributed",
    alignment_fallback: bool = False,
    params: Path | str | None = None,
    executor: str = "local",
    workers: int | None = None,
    plugins: Sequence[Path | str] = (),
    keep_weights: bool = False,
    out: Path | str | None = None,
    runs: Path | str = "runs",
    observer: Observer | None = None,
) -> Run:
    """The complete run of a method under a protocol; what an earlier start finished is kept, not done again.

    `method` is a name, or a class or an instance of your own, from a notebook too: such a one runs in this process
    (`executor="local"`), since other processes are handed names, never objects. A class gets the recipe's parameters,
    an instance keeps its own. `plugins` are files with further entries.

    The record lies in `out`, or in a folder under `runs` that is named after what the run is. `settings` are the
    command line's `--set`: parameters of the method or the recipe, ``dataset.NAME`` or ``protocol.NAME``. With
    `keep_weights`, the folder also has the final weights of each fold's network; folds of an earlier start that lack
    them are trained again, and must give what they gave. `params` is a `tuned.toml` of `merbench tune`; `executor` and
    `workers` say who trains the folds, `packing` how many at once, and `compiled` (no, yes, auto) whether torch
    compiles the steps, as on the command line.

    >>> import merbench, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     few = {"dataset.subjects": 3, "dataset.clips": 5}
    ...     found = merbench.run("majority", "loso", settings=few, runs=folder)
    >>> round(found.scores("last").uf1, 3)
    0.067

    Raises:
        MerbenchError: with a sentence, for names, settings, data or folders that cannot be used.
    """
    for file in plugins:
        load_once(Path(file))
    tuned = None
    if params is not None:
        from merbench.tuning.params_file import arguments_with

        tuned, recipe, settings = arguments_with(Path(params), recipe, settings or {}, rules)
    asked = request(
        [Path(file) for file in plugins],
        method=method,
        protocol=protocol,
        dataset=dataset,
        data=data,
        recipe=recipe,
        settings=settings,
        scheme=scheme,
        apex=apex,
        mends=mends,
        on_error=on_error,
        seed=seed,
        rules=rules,
        device=device,
        precision=precision,
        packing=packing,
        compiled=compiled,
        alignment=alignment,
        alignment_fallback=alignment_fallback,
    )
    chosen = executor_of(executor, workers)
    _require_possible(method, chosen, tuned, keep_weights)
    experiment = divided(asked.experiment(), chosen)
    if keep_weights:
        require_weights(experiment.method)
    observer = observer or Observer()
    prepared, trainer = trainer_of(asked, prepare(experiment, observer), tuned, chosen)
    return carry_out(prepared, out=out, runs=runs, observer=observer, trainer=trainer, keep_weights=keep_weights)


def _require_possible(
    method: str | Method | type[Method], executor: Executor | None, tuned: Tuned | None, keep_weights: bool
) -> None:
    if executor is not None and not isinstance(method, str):
        raise UsageError(
            f"method={method!r} lives in this process, and an executor's workers are handed names, never objects: "
            'leave out executor, or put the class into a file and give its name with plugins=["FILE.py"].'
        )
    if keep_weights and (executor is not None or tuned is not None):
        raise UsageError("keep_weights keeps networks of this process; leave out executor and params with it.")
