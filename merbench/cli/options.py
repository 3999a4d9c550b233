"""Options that several commands share, and how their text is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from merbench.cli.completion import (
    complete_datasets,
    complete_methods,
    complete_protocols,
    complete_recipes,
    complete_schemes,
    complete_settings,
)
from merbench.cli.keyframe_options import KeyframeNoiseMost, KeyframeNoiseSeed, KeyframeNoiseSide
from merbench.cli.option_headings import COMPUTING, DATA
from merbench.errors import MerbenchError, UnknownName, UsageError
from merbench.selection import Rule, ThresholdsName
from merbench.spec import (
    AlignmentName,
    ApexPolicy,
    Compile,
    Corrections,
    Deterministic,
    ExecutorName,
    MemoryFormat,
    OnError,
    Precision,
    RunSpec,
)

if TYPE_CHECKING:
    from merbench.dataset import Dataset
    from merbench.experiments.specify import RunKeywords

#: The specification of a run of which nothing is said, which has the default of every option.
DEFAULTS = RunSpec(method="")

Plugins = Annotated[
    list[Path] | None, typer.Option("--plugin", help="A Python file with further entries; repeatable.", metavar="FILE")
]
MethodName = Annotated[
    str,
    typer.Option(
        "--method", "-m", metavar="NAME", autocompletion=complete_methods, help="A method. See: merbench list."
    ),
]
ProtocolName = Annotated[
    str,
    typer.Option("--protocol", "-p", metavar="NAME", autocompletion=complete_protocols, help="How clips are split."),
]
DatasetNames = Annotated[
    list[str] | None,
    typer.Option(
        "--dataset",
        "-d",
        metavar="NAME",
        autocompletion=complete_datasets,
        help="A dataset; repeatable. If not given: those named by --data, else the protocol's usual ones.",
        rich_help_panel=DATA,
    ),
]
DataFolders = Annotated[
    list[str] | None,
    typer.Option("--data", metavar="[NAME=]DIR", help="The folder of a dataset; repeatable.", rich_help_panel=DATA),
]
SchemeName = Annotated[
    str | None,
    typer.Option(
        autocompletion=complete_schemes,
        help="The class set; if not given, the protocol's, or the dataset's first.",
        rich_help_panel=DATA,
    ),
]
RecipeName = Annotated[
    str | None,
    typer.Option(
        autocompletion=complete_recipes,
        help="A recipe of the method (see merbench info METHOD); otherwise quick on synthetic data, published else.",
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        autocompletion=complete_settings,
        help="A setting of the method or its recipe, such as epochs=3; also dataset.X=…, protocol.X=…, METHOD.X=….",
    ),
]
Seed = Annotated[int, typer.Option(help="The seed; with --seeds, the first of them.")]
Seeds = Annotated[int, typer.Option(min=1, help="How many runs of each method, with consecutive seeds.")]
Device = Annotated[str, typer.Option(help="cpu, cuda, cuda:N or auto.", rich_help_panel=COMPUTING)]
PrecisionName = Annotated[
    Precision,
    typer.Option(help="Floating-point precision; auto: the fastest that is exact enough.", rich_help_panel=COMPUTING),
]
ParallelFolds = Annotated[
    str,
    typer.Option(
        metavar="auto|N",
        help="How many folds to train at once; auto measures what is fastest here.",
        rich_help_panel=COMPUTING,
    ),
]
CompileSteps = Annotated[
    Compile,
    typer.Option(
        help="Compile training steps with torch.compile; auto does so in runs that are long enough to gain.",
        rich_help_panel=COMPUTING,
    ),
]
MemoryFormatName = Annotated[
    MemoryFormat,
    typer.Option(help="Memory layout of images; on a CPU, auto measures which is faster.", rich_help_panel=COMPUTING),
]
DeterministicKernels = Annotated[
    Deterministic,
    typer.Option(
        help="Equal bits in every run; no lets a GPU use kernels that do not promise them.", rich_help_panel=COMPUTING
    ),
]
Apex = Annotated[ApexPolicy, typer.Option(help="What to do with clips without a usable apex.", rich_help_panel=DATA)]
CorrectionsRevision = Annotated[
    Corrections,
    typer.Option(help="Correct known errors in annotation files; see merbench data check.", rich_help_panel=DATA),
]
OnErrorPolicy = Annotated[
    OnError, typer.Option(help="What to do with clips whose frames cannot be read.", rich_help_panel=DATA)
]
Alignment = Annotated[
    AlignmentName, typer.Option(help="How faces are cropped; none: as distributed.", rich_help_panel=DATA)
]
AlignmentFallback = Annotated[
    bool,
    typer.Option("--alignment-fallback", help="Use clips that cannot be aligned as they are.", rich_help_panel=DATA),
]
DistinctSubjects = Annotated[
    bool,
    typer.Option(
        "--distinct-subjects", help="Subjects whose names or pictures are alike are different people; recorded."
    ),
]
Tuned = Annotated[
    Path | None,
    typer.Option("--tuned", metavar="tuned.toml", help="Parameters that merbench tune chose, fold by fold."),
]
Thresholds = Annotated[
    ThresholdsName,
    typer.Option(help="Above what action units are predicted: 0.5, or what the rule inner chooses in training."),
]
Executor = Annotated[
    ExecutorName,
    typer.Option(
        help="Where folds are trained: in this process, in worker processes, or on a Ray cluster.",
        rich_help_panel=COMPUTING,
    ),
]
TableFormat = Literal["text", "markdown", "latex", "csv"]
AnyFormat = Annotated[
    Literal["text", "markdown", "latex", "csv", "json"],
    typer.Option("--format", help="The format of tables; all but text hold every column."),
]
Format = Annotated[TableFormat, typer.Option("--format", help="The format of tables.")]
RuleName = Annotated[Rule, typer.Option("--rule", help="The selection rule, which chooses the epoch that is scored.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What every command that trains takes to say what a run is."""

    protocol: ProtocolName = DEFAULTS.protocol
    dataset: DatasetNames = None
    data: DataFolders = None
    scheme: SchemeName = DEFAULTS.scheme
    recipe: RecipeName = DEFAULTS.recipe
    settings: Settings = None
    apex: Apex = DEFAULTS.apex
    corrections: CorrectionsRevision = DEFAULTS.corrections
    on_error: OnErrorPolicy = DEFAULTS.on_error
    alignment: Alignment = DEFAULTS.alignment
    alignment_fallback: AlignmentFallback = DEFAULTS.alignment_fallback
    distinct_subjects: DistinctSubjects = DEFAULTS.distinct_subjects
    keyframe_noise: KeyframeNoiseMost = DEFAULTS.keyframe_noise
    keyframe_noise_side: KeyframeNoiseSide = DEFAULTS.keyframe_noise_side
    keyframe_noise_seed: KeyframeNoiseSeed = DEFAULTS.keyframe_noise_seed
    thresholds: Thresholds = DEFAULTS.thresholds
    seed: Seed = DEFAULTS.seed
    device: Device = DEFAULTS.compute.device
    precision: PrecisionName = DEFAULTS.compute.precision
    parallel_folds: ParallelFolds = str(DEFAULTS.compute.parallel_folds)
    compile: CompileSteps = DEFAULTS.compute.compile
    memory_format: MemoryFormatName = DEFAULTS.compute.memory_format
    deterministic: DeterministicKernels = DEFAULTS.compute.deterministic
    plugins: Plugins = None

    def keywords(self) -> RunKeywords:
        """The options as keywords of a run; plugins are loaded, and what they hold is printed.

        Raises:
            UsageError: for settings or folders that cannot be read.
            EntryError, DuplicateName: for a broken plugin.
        """
        load_plugins(self.plugins)
        values: Any = {field.name: getattr(self, field.name) for field in fields(self)}
        read: Any = {
            "data": read_data(self.data),
            "settings": read_settings(self.settings),
            "plugins": self.plugins or (),
        }
        values.update(read)
        keywords: RunKeywords = values
        return keywords


def load_plugins(paths: Sequence[Path] | None) -> None:
    """Take in the entries of plugin files, and say what they are."""
    from merbench.experiments.executors.request import mark_loaded
    from merbench.plugins import load_plugin

    for path, whole in [(path, path.absolute()) for path in paths or ()]:
        typer.echo(f"plugin {path}: {', '.join(load_plugin(whole))}", err=True)
        mark_loaded(whole)


def load_plugins_that_work(paths: Sequence[Path] | None) -> list[str]:
    """Take in the entries of plugin files, and give the sentences about those that are broken."""
    broken = []
    for path in paths or ():
        try:
            load_plugins([path])
        except MerbenchError as fault:
            broken.append(str(fault))
    return broken


def read_settings(pairs: Sequence[str] | None) -> dict[str, object]:
    """Settings by name from ``name=value`` texts.

    Raises:
        UsageError: for a text without ``=``, or a name given twice.
    """
    settings: dict[str, object] = {}
    for pair in pairs or ():
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"--set {pair}: write --set NAME=VALUE, such as --set epochs=20.")
        if name.strip() in settings:
            raise UsageError(f"--set {name.strip()} is given twice; give it once.")
        settings[name.strip()] = value.strip()
    return settings


def read_data(texts: Sequence[str] | None) -> dict[str, Path] | Path | None:
    """Data folders by dataset from ``NAME=DIR`` texts; the bare folder from a single ``DIR``.

    Raises:
        UsageError: for several folders of which one has no name, or a name given twice.
    """
    if not texts:
        return None
    folders: dict[str, Path] = {}
    for text in texts:
        name, equals, folder = text.partition("=")
        if not equals and len(texts) == 1:
            return Path(text).expanduser()
        if not equals or not folder:
            raise UsageError(f"--data {text}: with several folders, write --data NAME=DIR for each.")
        if name in folders:
            raise UsageError(f"--data {name} is given twice; give it once.")
        folders[name] = Path(folder).expanduser()
    return folders


def build_dataset(name: str, set_: list[str] | None) -> Dataset:
    """The dataset of that name with its parameters set, `set_` as ``dataset.NAME=VALUE`` texts.

    Raises:
        UnknownName: for a dataset or a parameter that does not exist.
    """
    from merbench.registry import datasets

    kind = datasets.get(name)
    settings = {key.removeprefix("dataset."): value for key, value in read_settings(set_).items()}
    for key in settings:
        if key not in kind.Parameters.names():
            raise UnknownName(
                f"parameter of {name}", f"dataset.{key}", [f"dataset.{k}" for k in kind.Parameters.names()]
            )
    return kind(kind.Parameters().changed(settings))
