"""What trains: `merbench.run`, `pretrain`, `tune`, `ablate` and `sensitivity`, the same code that the commands run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from merbench.experiments.events import Observer
from merbench.experiments.runs import Execution, run_all
from merbench.experiments.specify import (
    DataFolders,
    MethodLike,
    RenamedKeywords,
    RunKeywords,
    specification,
    with_renamed,
)
from merbench.results.run import Run
from merbench.selection import ThresholdsName
from merbench.spec import (
    AlignmentName,
    ApexPolicy,
    Compile,
    Corrections,
    Deterministic,
    ExecutorName,
    KeyframeSide,
    MemoryFormat,
    OnError,
    Precision,
    PrunerName,
    SamplerName,
)

if TYPE_CHECKING:
    from merbench.analysis.ablation_runs import Ablation
    from merbench.experiments.pretraining import Pretrained
    from merbench.tuning.problem import TuneObserver


def run(
    method: MethodLike = "mmnet",
    protocol: str = "loso",
    dataset: str | Sequence[str] | None = None,
    *,
    data: DataFolders = None,
    recipe: str | None = None,
    settings: Mapping[str, object] | None = None,
    scheme: str | None = None,
    apex: ApexPolicy = "middle",
    corrections: Corrections = "none",
    on_error: OnError = "stop",
    seed: int = 0,
    rules: str | Sequence[str] | None = None,
    device: str = "auto",
    precision: Precision = "auto",
    parallel_folds: int | str = "auto",
    compile: Compile = "no",  # noqa: A002  # as on the command line
    memory_format: MemoryFormat = "auto",
    deterministic: Deterministic = "yes",
    alignment: AlignmentName = "none",
    alignment_fallback: bool = False,
    distinct_subjects: bool = False,
    thresholds: ThresholdsName = "0.5",
    keyframe_noise: float = 0.0,
    keyframe_noise_side: KeyframeSide = "both",
    keyframe_noise_seed: int = 0,
    tuned: Path | str | None = None,
    weights: Path | str | None = None,
    allow_overlap: bool = False,
    executor: ExecutorName = "local",
    workers: int | None = None,
    plugins: Sequence[Path | str] = (),
    keep_weights: bool = False,
    out: Path | str | None = None,
    runs: Path | str = "runs",
    observer: Observer | None = None,
    **renamed: Unpack[RenamedKeywords],
) -> Run:
    """The complete run of a method under a protocol; folds that an earlier start finished are kept.

    `method` is a name, or a class or an instance of your own, also one defined in a notebook; these run in this
    process (`executor="local"`), since other processes are sent names, not objects. A class gets the recipe's
    parameters, an instance keeps its own. `plugins` are files with further entries.

    The record is written to `out`, or to a folder under `runs` that is named after what the run is. `settings` are
    the command line's `--set`: parameters of the method or the recipe, ``dataset.NAME`` or ``protocol.NAME``. With
    `keep_weights`, the folder also has the final weights of each fold's network; folds of an earlier start that lack
    them are trained again, and must give the same probabilities. `tuned` is a `tuned.toml` of `merbench tune`;
    `executor` and `workers` say what trains the folds, `parallel_folds` how many at once, and `compile` (no, yes,
    auto) whether torch compiles the steps, as on the command line; `memory_format` is the order of images in memory.
    `weights` is the folder of a run that kept its networks, or of its export: each fold starts from a network that saw
    none of the subjects it tests; with `allow_overlap`, from one that may have, which is recorded and never ranked. It
    may also be a file of weights, or ``timm:NAME.TAG``; of one that does not say what it saw, the overlap is unknown.
    With `keyframe_noise`, onset and apex of each clip are shifted at random within it by up to so many frames, or below
    1 by a share of the rise, in training, in testing or in both (`keyframe_noise_side`); such runs are never ranked.
    Action units are predicted above 0.5, or with `thresholds="inner"` above what each gets its highest F1 by on
    training subjects that are kept back. Where not `deterministic` (yes or no), a GPU may use faster kernels whose
    results differ from run to run.

    >>> import merbench, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     few = {"dataset.subjects": 3, "dataset.clips": 5}
    ...     finished = merbench.run("majority", "loso", settings=few, runs=folder)
    >>> round(finished.scores("last").uf1, 3)
    0.067

    Raises:
        MerbenchError: with a sentence, for names, settings, data or folders that cannot be used.
    """
    from merbench.tuning.tuned_runs import TunedFileParameters

    keywords: RunKeywords = {
        "protocol": protocol,
        "dataset": dataset,
        "data": data,
        "recipe": recipe,
        "settings": settings,
        "scheme": scheme,
        "apex": apex,
        "corrections": corrections,
        "on_error": on_error,
        "seed": seed,
        "rules": rules,
        "device": device,
        "precision": precision,
        "parallel_folds": parallel_folds,
        "compile": compile,
        "memory_format": memory_format,
        "deterministic": deterministic,
        "alignment": alignment,
        "alignment_fallback": alignment_fallback,
        "distinct_subjects": distinct_subjects,
        "thresholds": thresholds,
        "keyframe_noise": keyframe_noise,
        "keyframe_noise_side": keyframe_noise_side,
        "keyframe_noise_seed": keyframe_noise_seed,
        "tuned": tuned,
        "weights": weights,
        "allow_overlap": allow_overlap,
        "plugins": plugins,
    }
    execution = Execution(executor=executor, workers=workers, keep_weights=keep_weights, out=out, runs=runs)
    spec = specification(method, **with_renamed(keywords, renamed))
    own = None if isinstance(method, str) else method
    [finished] = run_all([spec], execution, lambda: observer or Observer(), own, TunedFileParameters)
    return finished.run


def tune(
    method: MethodLike,
    *,
    trials: int = 40,
    nested: bool = True,
    minutes: float | None = None,
    epochs: int | None = None,
    space: Path | str | None = None,
    sampler: SamplerName = "tpe",
    pruner: PrunerName = "none",
    inner: int = 3,
    final_study: bool = True,
    executor: ExecutorName = "local",
    workers: int | None = None,
    out: Path | str | None = None,
    runs: Path | str = "runs",
    observer: TuneObserver | None = None,
    **keywords: Unpack[RunKeywords],
) -> Run:
    """The run of a method with parameters chosen without the held-out subjects; its folder has `tuning/tuned.toml`.

    Each outer fold has a study of its own on its training subjects (`nested`), or all share one, which is never
    ranked. `trials`, `minutes` and `epochs` bound each study; `final_study` adds one of all subjects, for other data.
    `keywords` are those of `merbench.run`.

    >>> import merbench
    >>> merbench.tune("ststnet", rules="last")
    Traceback (most recent call last):
    merbench.errors.UsageError: tuning chooses parameters and epochs itself; leave out tuned and rules.

    Raises:
        MerbenchError: for names, settings, data, spaces or folders that cannot be used.
    """
    from merbench.tuning.config import TuningConfig
    from merbench.tuning.tuned_runs import tune_spec

    config = TuningConfig(
        kind="nested" if nested else "flat",
        trials=trials,
        seconds=None if minutes is None else 60 * minutes,
        epochs=epochs,
        sampler=sampler,
        pruner=pruner,
        inner=inner,
        all_subjects=final_study,
    )
    execution = Execution(executor=executor, workers=workers, out=out, runs=runs)
    own = None if isinstance(method, str) else method
    spec = specification(method, **keywords)
    return tune_spec(spec, config, None if space is None else Path(space), execution, observer, own).run


def pretrain(
    method: str, *, out: Path | str, observer: Observer | None = None, **keywords: Unpack[RunKeywords]
) -> Pretrained:
    """A network trained on all clips of datasets and written to `out`, for runs to start from; beside it, a card.

    `keywords` are those of `merbench.run`; of the protocol, only its usual datasets and classes count.

    Raises:
        MerbenchError: for names, settings, data or a file that cannot be used.
    """
    from merbench.experiments.pretraining import pretrain_spec

    return pretrain_spec(specification(method, **keywords), Path(out), observer or Observer())


def ablate(
    method: str,
    vary: str = "",
    *,
    grid: bool = False,
    seeds: int = 1,
    executor: ExecutorName = "local",
    workers: int | None = None,
    runs: Path | str = "runs",
    **keywords: Unpack[RunKeywords],
) -> Ablation:
    """The runs of a method with its components or parameters exchanged, and what each change is worth.

    `vary` names what is changed, as on the command line: ``"blocks,dropout=0,0.5"``; all components if empty. One
    thing is changed at a time, or, with `grid`, every combination is run. `keywords` are those of `merbench.run`.

    >>> import merbench, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     few = {"dataset.subjects": 3, "dataset.clips": 5}
    ...     ablation = merbench.ablate("random", "epochs=1,2", settings=few, runs=folder)
    >>> list(ablation.runs)
    ['unchanged (epochs=100)', 'epochs=1', 'epochs=2']

    Raises:
        MerbenchError: for names, settings, data or folders that cannot be used.
    """
    from merbench.analysis.ablation_runs import ablate_spec

    with_rules: RunKeywords = {**keywords, "rules": keywords.get("rules") or ("last", "oracle")}
    spec = specification(method, **with_rules)
    return ablate_spec(
        spec, vary, grid=grid, seeds=seeds, execution=Execution(executor=executor, workers=workers, runs=runs)
    )


def sensitivity(
    method: str,
    *,
    flips: Sequence[float] = (0.1,),
    shifts: Sequence[int] = (2,),
    spot: bool = True,
    alignments: Sequence[AlignmentName] | None = None,
    keyframes: Sequence[float] = (),
    seeds: int = 3,
    executor: ExecutorName = "local",
    workers: int | None = None,
    runs: Path | str = "runs",
    **keywords: Unpack[RunKeywords],
) -> Ablation:
    """The runs of a method as annotated and with clips changed on purpose, and what each change does to its scores.

    A share of the training labels is flipped (`flips`), every apex is moved by a number of frames, earlier and later
    (`shifts`), or spotted (`spot`), and faces are cropped by each of `alignments`, all available ones if None.
    Onset and apex are shifted at random by up to each of `keyframes`, in frames or below 1 as a share of the rise.
    `keywords` are those of `merbench.run`. Runs with changed clips are never ranked.

    >>> import merbench, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     few = {"dataset.subjects": 3, "dataset.clips": 5}
    ...     study = merbench.sensitivity("majority", shifts=(), spot=False, alignments=(), settings=few, runs=folder)
    >>> list(study.runs)
    ['as annotated', '10 % of training labels flipped']

    Raises:
        MerbenchError: for names, settings, data or folders that cannot be used.
    """
    from merbench.analysis.sensitivity import Changes, sensitivity_spec, take_shifts

    changes = Changes(flips=flips, shifts=shifts, spot=spot, alignments=alignments, keyframes=keyframes)
    changes, keywords = take_shifts(changes, keywords)
    with_rules: RunKeywords = {**keywords, "rules": keywords.get("rules") or ("last", "oracle")}
    spec = specification(method, **with_rules)
    execution = Execution(executor=executor, workers=workers, runs=runs)
    return sensitivity_spec(spec, changes, seeds=seeds, execution=execution)
