"""Tables of runs: scores by method and rule, and by class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from merbench.annotations.clips import subject_of
from merbench.metrics import Scores
from merbench.results.run import Run, by_group, data_of, protocol_of
from merbench.selection import RANKED, Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A heading, column names, and rows of text; the first `text_columns` columns are words, the others numbers."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    text_columns: int = 1
    notes: tuple[str, ...] = ()


_SCORES: tuple[tuple[str, Callable[[Scores], float]], ...] = (
    ("UF1", lambda scores: scores.uf1),
    ("UAR", lambda scores: scores.uar),
    ("accuracy", lambda scores: scores.accuracy),
    ("weighted F1", lambda scores: scores.weighted_f1),
)


#: What is said of parameters that were chosen with the clips that are tested.
SEEN = "tuned on the evaluation subjects"
#: What is said wherever scores of a leaky protocol stand.
LEAKY = "leaky: subjects are trained on and tested, never ranked"
#: How the folds' counts become one score, by whether the protocol averages.
COMBINED = {
    False: "Counts are pooled over folds (MEGC 2019).",
    True: "Each score is the mean of the folds' own (HDE, MEGC 2018); counts are not pooled.",
}


def label(run: Run) -> str:
    """The method's name, with the settings that the user changed, and how it was tuned."""
    settings = [f"{name}={value}" for name, value in run.manifest["settings"].items() if "." not in name]
    name = f"{run.method} ({', '.join(settings)})" if settings else run.method
    return f"{name}, tuned: {run.manifest['tuned']}" if run.manifest.get("tuned") else name


def labels(runs: Sequence[Run]) -> dict[str, str]:
    """A label for each group of runs that differ in their seed alone; with the recipe where two would be the same.

    What still is the same differs in precision, alignment or source, and gets the beginning of its group's identity.
    """
    groups = by_group(runs)
    found = {name: label(group[0]) for name, group in groups.items()}
    further: tuple[Callable[[Run], str], ...] = (
        lambda run: str(run.manifest["recipe"]["name"]),
        lambda run: str(run.manifest["group"])[:6],
    )
    for more in further:
        taken = Counter(found.values())
        found = {name: f"{told} [{more(groups[name][0])}]" if taken[told] > 1 else told for name, told in found.items()}
    return found


def based_on(run: Run) -> str:
    """The recipe, with the settings that the user changed."""
    changed = ", ".join(f"{name}={value}" for name, value in run.manifest["settings"].items())
    return f"recipe {run.manifest['recipe']['name']}" + (f" with {changed}" if changed else "")


def untaught(lost: Mapping[str, Sequence[str]], folds: int) -> str:
    """A sentence on classes of which some folds have no training clip; empty where there are none."""
    if not lost:
        return ""
    counts = Counter(name for names in lost.values() for name in names)
    told = ", ".join(f"{name} in {count} of {folds} folds" for name, count in sorted(counts.items()))
    return f"Without a training clip: {told}; no method can find it there, which lowers UF1 and UAR."


def heading(run: Run) -> str:
    """What was measured, in one line: protocol, data, scheme and counts."""
    manifest, description = run.manifest, run.manifest["description"]
    counts = ", ".join(f"{name} {count}" for name, count in manifest["counts"].items())
    leaky = f" ({LEAKY})" if manifest.get("leaky") else ""
    return (
        f"{protocol_of(description)}{leaky} on {data_of(manifest)}, {description['scheme']}: "
        f"{manifest['clips']} clips, {manifest['subjects']} subjects ({counts}){tested(run.keys, manifest['clips'])}"
    )


def tested(folds: Iterable[Iterable[str]], clips: int) -> str:
    """How many of so many clips are held out in any fold, as the end of a line; empty where all are."""
    held_out = {key for fold in folds for key in fold}
    return "" if len(held_out) == clips else f", {len(held_out)} of them tested"


def score_table(runs: Sequence[Run]) -> Table:
    """A row for each method and rule, runs that differ in their seed alone together; scores as the protocol says."""
    rows: list[tuple[str, ...]] = []
    named = labels(runs)
    for name, group in by_group(runs).items():
        rows += [(named[name], *_score_cells(group, rule)) for rule in _shared_rules(group)]
    return Table(
        title=heading(runs[0]),
        columns=("method", "rule", *(name for name, _ in _SCORES), "optimism", "seeds"),
        rows=tuple(rows),
        text_columns=2,
        notes=_notes(rows, runs[0]),
    )


def _shared_rules(group: Sequence[Run]) -> list[Rule]:
    shared = [rule for rule in group[0].rules if all(rule in run.rules for run in group)]
    return [rule for rule in shared if rule == "last" or group[0].has_epochs]


def _score_cells(group: Sequence[Run], rule: Rule) -> tuple[str, ...]:
    scores = [run.scores(rule) for run in group]
    gains = [run.optimism for run in group if run.optimism is not None and "oracle" in run.rules]
    optimism = _spread(gains, signed=True) if gains and rule == "last" else "–"
    cells = (_spread([pick(found) for found in scores]) for _, pick in _SCORES)
    return (_shown(rule), *cells, optimism, str(len(group)))


def _notes(rows: Sequence[tuple[str, ...]], run: Run) -> tuple[str, ...]:
    notes = [f"{COMBINED[run.averaged]} Optimism: UF1 under oracle less UF1 under last."]
    if any(row[1].endswith("*") for row in rows):
        notes.append("* oracle picks each fold's epoch on the held-out clips: never ranked, shown for comparison.")
    if any(SEEN in row[0] for row in rows):
        notes.append(f"What was {SEEN} is never ranked.")
    if any(" ± " in row[2] for row in rows):
        notes.append("Mean ± standard deviation over seeds.")
    if lost := untaught(run.manifest.get("untrained_classes", {}), len(run.outer)):
        notes.append(lost)
    return tuple(notes)


def part_table(runs: Sequence[Run]) -> Table:
    """Tested clips, their subjects, UF1 and UAR, of all and of each part; a row for each method, rule and part."""
    named = labels(runs)
    rows = [
        (named[name], _shown(rule), *_part_cells(group, rule, part))
        for name, group in by_group(runs).items()
        for rule in _shared_rules(group)
        for part in (None, *runs[0].parts)
    ]
    return Table(
        title="By part, from the same run",
        columns=("method", "rule", "part", "clips", "subjects", "UF1", "UAR"),
        rows=tuple(rows),
        text_columns=3,
        notes=(runs[0].manifest.get("parts_note") or "Counts are pooled within a part.",),
    )


def _part_cells(group: Sequence[Run], rule: Rule, part: str | None) -> tuple[str, ...]:
    found = [run.scores(rule, part) for run in group]
    keys = group[0].parts[part] if part else {key for fold in group[0].keys for key in fold}
    return (
        part or "full",
        str(len(keys)),
        str(len({subject_of(key) for key in keys})),
        _spread([scores.uf1 for scores in found]),
        _spread([scores.uar for scores in found]),
    )


def class_table(runs: Sequence[Run]) -> Table:
    """F1 and recall of each class under each rule; the mean over runs that differ in their seed alone."""
    rules = _shared_rules(runs)
    found = {rule: [run.scores(rule) for run in runs] for rule in rules}
    rows = [
        (
            name,
            str(found[rules[0]][0].support[index]),
            *(cell for rule in rules for cell in _class_cells(found[rule], index)),
        )
        for index, name in enumerate(runs[0].classes)
    ]
    columns = (f"{score} {_shown(rule)}" for rule in rules for score in ("F1", "recall"))
    return Table(
        title=f"{label(runs[0])} by class",
        columns=("class", "clips", *columns),
        rows=tuple(rows),
        notes=("Means of the folds' own, recall over those that have clips of the class.",) if runs[0].averaged else (),
    )


def _class_cells(found: Sequence[Scores], index: int) -> tuple[str, str]:
    return _spread([scores.f1[index] for scores in found]), _spread([scores.recall[index] for scores in found])


def _shown(rule: Rule) -> str:
    return rule if rule in RANKED else f"{rule}*"


def confusion_table(run: Run, rule: Rule = "last") -> Table:
    """Counts of true (rows) against predicted classes (columns), pooled over folds."""
    from merbench.metrics import confusion

    counts = sum(confusion(truth, predicted, len(run.classes)) for truth, predicted in run.predictions(rule))
    rows = tuple((name, *map(str, row)) for name, row in zip(run.classes, np.asarray(counts), strict=True))
    return Table(
        title=f"{label(run)}: true class by row, predicted by column, rule {rule}",
        columns=("true", *run.classes),
        rows=rows,
    )


def fold_table(run: Run) -> Table:
    """Clips, correct predictions under each rule, and training time of each fold."""
    rules = [rule for rule in run.rules if rule == "last" or run.has_epochs]
    correct = {rule: [int((truth == predicted).sum()) for truth, predicted in run.predictions(rule)] for rule in rules}
    rows = tuple(
        (outcome.fold, str(len(outcome.truth)), *(str(correct[rule][i]) for rule in rules), f"{outcome.seconds:.1f}")
        for i, outcome in enumerate(run.outer)
    )
    return Table(
        title=f"{label(run)} by fold: correct clips under each rule",
        columns=("fold", "clips", *rules, "seconds"),
        rows=rows,
    )


def _spread(values: Sequence[float], signed: bool = False) -> str:
    form = "+.3f" if signed else ".3f"
    mean = f"{np.mean(values):{form}}"
    return mean if len(values) == 1 else f"{mean} ± {np.std(values, ddof=1):.3f}"
