"""The printed results that can be reproduced, and the specification of the run that each asks for."""

from __future__ import annotations

import re
import shlex
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Unpack

from merbench.annotations.clips import Clip
from merbench.data.locations import FILE, configured
from merbench.dataset import Dataset
from merbench.entries.reproduction import Reproduction, declared_reproductions
from merbench.errors import DuplicateName, MissingData, UnknownName, UsageError
from merbench.experiments.specify import RunKeywords, by_canonical_name, specification
from merbench.method import FittedMethod, declared_inputs
from merbench.registry import datasets, methods
from merbench.selection import RULES, Rule
from merbench.spec import RunSpec

_WIDTH = 80

#: What a reproduction fixes, so that nothing of it can be said again.
_FIXED = ("protocol", "dataset", "recipe", "scheme", "apex", "corrections", "alignment", "alignment_fallback", "tuned",
          "weights", "allow_overlap")  # fmt: skip

#: Benchmarks whose printed results are of other clips than runs here, and why.
_OF_OTHER_CLIPS: Mapping[str, str] = {
    "cd6me": (
        "the code behind the printed results of CD6ME counts clips without coded action units as clips that have none, "
        "and edits single clips by their row, so a run of --protocol cd6me is of other clips"
    )
}


def reproductions() -> dict[str, Reproduction]:
    """All reproductions of installed methods by name, sorted.

    Raises:
        DuplicateName: if two methods declare one name.
    """
    known: dict[str, Reproduction] = {}
    for entry in methods.entries():
        for each in declared_reproductions(entry):
            if each.name in known:
                raise DuplicateName(
                    f"The reproduction {each.name!r} is declared by {known[each.name].method} and by {each.method}; "
                    "rename one of them."
                )
            known[each.name] = each
    return dict(sorted(known.items()))


def find_reproduction(name: str) -> Reproduction:
    """The reproduction of that name.

    Raises:
        UnknownName: with a guess and the list.
        UsageError: for a result that is printed, but of other clips than a run here would have.
    """
    known = reproductions()
    if name not in known:
        for benchmark, reason in _OF_OTHER_CLIPS.items():
            if benchmark in re.split(r"[-_ :/]+", name.lower()):
                raise UsageError(f"{name} cannot be reproduced: {reason}.")
        raise UnknownName("reproduction", name, known)
    return known[name]


def specification_of(reproduction: Reproduction, **keywords: Unpack[RunKeywords]) -> RunSpec:
    """The run that a reproduction asks for; keywords say where the data lie, the seed, and what computes it.

    `rules` are all three if not given, and must have the paper's own; `settings` are added to those of the
    reproduction.

    Raises:
        UsageError: for a keyword that the reproduction fixes, or rules without its own.
        MissingData: if a dataset or a file is not given, with the command that gives it.
    """
    if fixed := [name for name in _FIXED if keywords.get(name) is not None]:
        raise UsageError(
            f"{', '.join(fixed)} cannot be chosen: {reproduction.name} fixes what is run; "
            f"for another run use: merbench run --method {reproduction.method}."
        )
    further = {name: value for name, value in keywords.items() if name not in _FIXED}
    settings = {**reproduction.settings, **(further.pop("settings", None) or {})}  # type: ignore[dict-item]
    merged: RunKeywords = {
        **further,  # type: ignore[typeddict-item]
        "protocol": reproduction.protocol,
        "dataset": list(reproduction.datasets),
        "recipe": reproduction.recipe,
        "scheme": reproduction.scheme,
        "apex": reproduction.apex,
        "settings": settings,
        "rules": further.pop("rules", None) or _rules(reproduction),
    }
    spec = specification(reproduction.method, **merged)
    if reproduction.rule not in (spec.rules or ()):
        raise UsageError(
            f"rules={','.join(spec.rules or ())} is not possible: {reproduction.name} is judged under "
            f"{reproduction.rule}; name that, too."
        )
    _require_data(reproduction, spec)
    return spec


def changed_settings(reproduction: Reproduction, spec: RunSpec) -> dict[str, object]:
    """The settings of a specification that are not the reproduction's, by name; files that it asks for are."""
    own = {name: str(value) for name, value in reproduction.settings.items()}
    return {
        name: value
        for name, value in spec.settings.flat().items()
        if name not in reproduction.files and own.get(name) != str(value)
    }


def _rules(reproduction: Reproduction) -> tuple[Rule, ...]:
    return ("last",) if issubclass(methods.get(reproduction.method), FittedMethod) else RULES


def missing_datasets(reproduction: Reproduction, data: Mapping[str, object]) -> list[str]:
    """The datasets of a reproduction whose folder neither `data` nor the configuration gives, or that do not exist."""
    named = by_canonical_name(data)
    return [name for name in reproduction.datasets if not _is_there(name, named)]


def _is_there(name: str, named: Mapping[str, object]) -> bool:
    if name not in datasets:
        return False
    kind = datasets.get(name)
    return kind.synthetic or kind.name in named or configured(kind.name, datasets.canonical) is not None


def _require_data(reproduction: Reproduction, spec: RunSpec) -> None:
    given = spec.settings.flat()
    files = [name for name in reproduction.files if not given.get(name)]
    words = _options("--data", spec.data)
    words += _options("--set", {name: value for name, value in given.items() if name in reproduction.files and value})
    words += _options("--set", dict.fromkeys(files, "FILE"))
    if lacking := missing_datasets(reproduction, spec.data):
        raise MissingData(_data_sentence(reproduction, lacking, words))
    if files:
        raise MissingData(
            f"{reproduction.name} needs a file that merbench does not have.\n"
            + "".join(_wrapped(f"  {name}: {reproduction.files[name]}") + "\n" for name in files)
            + "Then:\n"
            + _command(reproduction, words)
        )


def _data_sentence(reproduction: Reproduction, lacking: Sequence[str], further: Sequence[str]) -> str:
    kinds = [datasets.get(name) for name in lacking]
    folders = {kind.name: kind.fetch.rpartition("/")[2] or "DIR" for kind in kinds}
    lines = [
        f"{reproduction.name} needs data that are not configured: {', '.join(lacking)}.",
        *(_named(kind) for kind in kinds),
        "Say where they lie, for this run:",
        _command(reproduction, [*_options("--data", folders), *further]),
        f"or for all runs, in {FILE} of the working folder:",
        "  [data]",
        *(f"  {name} = '{folder}'" for name, folder in folders.items()),
    ]
    if all(type(kind()).mock is not Dataset.mock for kind in kinds):
        frames = " --frames all" if _reads_whole_clips(reproduction.method) else ""
        mock = _options("--data", {name: Path("mock") / name for name in lacking})
        lines += [
            "Synthetic faces in the same layout show that it runs, which is no reproduction:",
            *(f"  merbench data mock {name} --out {Path('mock') / name}{frames}" for name in lacking),
            _command(reproduction, [*mock, *further, "--check"]),
        ]
    return "\n".join(lines)


def _reads_whole_clips(method: str) -> bool:
    """Whether a method sees more of a clip than onset, apex and offset, near which a mock has frames by default."""
    arrays = declared_inputs(methods.get(method)()).arrays
    clip = Clip(dataset="any", subject="any", name="any", onset=1, apex=50, offset=99)
    return any(len(array.numbers(clip)) > 3 for array in arrays)


def _named(kind: type[Dataset]) -> str:
    source = f" ({kind.reference})" if kind.reference else ""
    lines = [_wrapped(f"  {kind.name}: {kind.title}{source}")]
    if kind.fetch:
        lines += ["    to be had by:", f"      {kind.fetch}"]
    if kind.access:
        lines.append(_wrapped(f"    {'licence' if kind.fetch else 'to be had under'}: {kind.access}"))
    return "\n".join(lines)


def _wrapped(line: str) -> str:
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    return textwrap.fill(line, _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _options(option: str, values: Mapping[str, object]) -> list[str]:
    """Options of the form ``NAME=VALUE``, each quoted for the shell."""
    return [f"{option} {shlex.quote(f'{name}={value}')}" for name, value in values.items()]


def _command(reproduction: Reproduction, options: Sequence[str]) -> str:
    """The command in lines that a shell reads as one, each begun by an option."""
    lines = [" "]
    for word in [f"merbench reproduce {reproduction.name}", *options]:
        if len(lines[-1]) + len(word) > _WIDTH - 3:
            lines[-1] += " \\"
            lines.append("   ")
        lines[-1] += f" {word}"
    return "\n".join(lines)
