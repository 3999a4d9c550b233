"""Tables of runs: scores by method and rule, and by class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from merbench.analysis.table import COMBINED, LEAKY, SEEN, Table
from merbench.annotations.clips import subject_of
from merbench.plural import plural
from merbench.results.labels import changes_sentence, distinct_labels, label
from merbench.results.run import Run, by_group
from merbench.selection import RANKED, Rule
from merbench.task_kinds import AnyScores, value_of


def labels(runs: Sequence[Run]) -> dict[str, str]:
    """A label for each group of runs that differ in their seed alone, no two the same."""
    groups = by_group(runs)
    names = distinct_labels([group[0].header for group in groups.values()], [None] * len(groups))
    return dict(zip(groups, names, strict=True))


def based_on(run: Run) -> str:
    """The recipe, with the settings that the user changed."""
    changed = ", ".join(f"{name}={value}" for name, value in run.header.settings.items())
    return f"recipe {run.header.recipe.name}" + (f" with {changed}" if changed else "")


def untrained_sentence(lost: Mapping[str, Sequence[str]], folds: int, lowered: str = "UF1 and UAR") -> str:
    """A sentence on classes of which some folds have no training clip; empty where there are none."""
    if not lost:
        return ""
    counts = Counter(name for names in lost.values() for name in names)
    listed = ", ".join(f"{name} in {count} of {plural(folds, 'fold')}" for name, count in sorted(counts.items()))
    return f"Without a training clip: {listed}; no method can find it there, which lowers {lowered}."


def heading(run: Run) -> str:
    """What was measured, in one line: protocol, data, scheme and counts."""
    header, description = run.header, run.header.description
    counts = ", ".join(f"{name} {count}" for name, count in header.counts.items())
    leaky = f" ({LEAKY})" if header.leaky else ""
    return (
        f"{description.protocol_label}{leaky} on {header.data}, {description.scheme}: "
        f"{plural(header.clips, 'clip')}, {plural(header.subjects, 'subject')} "
        f"({counts}){tested(run.keys, header.clips)}"
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
        columns=("method", "rule", *runs[0].kind.scores_shown.values(), "optimism", "seeds"),
        rows=tuple(rows),
        text_columns=2,
        keys=2,
        notes=(
            *_notes(rows, runs[0]),
            *filter(None, (splits_sentence(named[name], group) for name, group in by_group(runs).items())),
            *filter(None, (changes_sentence(run.header) for run in _firsts(runs))),
        ),
    )


def splits_sentence(name: str, group: Sequence[Run]) -> str:
    """How far the splits of the rule inner spread; empty where it has one."""
    spreads = [run.inner_splits for run in group if run.inner_splits is not None]
    if not spreads:
        return ""
    alone = [np.array(each.uf1) for each in spreads]
    deviation = float(np.mean([uf1.std(ddof=1) for uf1 in alone]))
    score = group[0].kind.headline_shown
    return (
        f"{name}: inner chooses by the mean over {len(alone[0])} splits of the training subjects; with each split "
        f"alone {score} is {np.concatenate(alone).min():.3f} to {np.concatenate(alone).max():.3f}, standard deviation "
        f"over splits {deviation:.3f}."
    )


def _firsts(runs: Sequence[Run]) -> list[Run]:
    return [group[0] for group in by_group(runs).values()]


def _shared_rules(group: Sequence[Run]) -> list[Rule]:
    shared = [rule for rule in group[0].rules if all(rule in run.rules for run in group)]
    return [rule for rule in shared if rule == "last" or group[0].has_epochs]


def _score_cells(group: Sequence[Run], rule: Rule) -> tuple[str, ...]:
    shown = [run.kind.shown(run.scores(rule)) for run in group]
    gains = [run.optimism for run in group if run.optimism is not None and "oracle" in run.rules]
    optimism = _spread(gains, signed=True) if gains and rule == "last" else "–"
    cells = (_spread(values) for values in zip(*shown, strict=True))
    return (_shown(rule), *cells, optimism, str(len(group)))


def _notes(rows: Sequence[tuple[str, ...]], run: Run) -> tuple[str, ...]:
    score = run.kind.headline_shown
    notes = [f"{COMBINED[run.averaged]} Optimism: {score} under oracle less {score} under last.", *run.kind.notes]
    if any(row[1].endswith("*") for row in rows):
        notes.append("* oracle picks each fold's epoch on the held-out clips: never ranked, shown for comparison.")
    if any(SEEN in row[0] for row in rows):
        notes.append(f"What was {SEEN} is never ranked.")
    if any(" ± " in row[2] for row in rows):
        notes.append("Mean ± standard deviation over seeds.")
    if lost := untrained_sentence(run.header.untrained_classes, len(run.outer), run.kind.lowered):
        notes.append(lost)
    return tuple(notes)


def subset_table(runs: Sequence[Run]) -> Table:
    """Tested clips, their subjects and scores, of all and of each subset; a row for each method, rule and subset."""
    named = labels(runs)
    shown = runs[0].kind.subset_shown
    rows = [
        (named[name], _shown(rule), *_subset_cells(group, rule, subset))
        for name, group in by_group(runs).items()
        for rule in _shared_rules(group)
        for subset in (None, *runs[0].subsets)
    ]
    return Table(
        title="By part, from the same run",
        columns=("method", "rule", "part", "clips", "subjects", *(runs[0].kind.scores_shown[name] for name in shown)),
        rows=tuple(rows),
        text_columns=3,
        keys=3,
        notes=(runs[0].header.subsets_note or "Counts are pooled within a part.",),
    )


def _subset_cells(group: Sequence[Run], rule: Rule, subset: str | None) -> tuple[str, ...]:
    scores = [run.scores(rule, subset) for run in group]
    keys = group[0].subsets[subset] if subset else {key for fold in group[0].keys for key in fold}
    return (
        subset or "full",
        str(len(keys)),
        str(len({subject_of(key) for key in keys})),
        *(_spread([value_of(each, name) for each in scores]) for name in group[0].kind.subset_shown),
    )


def class_table(runs: Sequence[Run]) -> Table:
    """F1 and recall of each class or unit under each rule; the mean over runs that differ in their seed alone."""
    rules = _shared_rules(runs)
    scores_by_rule = {rule: [run.scores(rule) for run in runs] for rule in rules}
    rows = [
        (
            name,
            str(scores_by_rule[rules[0]][0].support[index]),
            *(cell for rule in rules for cell in _class_cells(scores_by_rule[rule], index)),
        )
        for index, name in enumerate(runs[0].classes)
    ]
    columns = (f"{score} {_shown(rule)}" for rule in rules for score in ("F1", "recall"))
    return Table(
        title=f"{label(runs[0].header)} by {runs[0].kind.word}",
        columns=(runs[0].kind.word, "clips", *columns),
        rows=tuple(rows),
        notes=("Means of the folds' own, recall over those that have clips of the class.",) if runs[0].averaged else (),
    )


def _class_cells(scores: Sequence[AnyScores], index: int) -> tuple[str, str]:
    return _spread([each.f1[index] for each in scores]), _spread([each.recall[index] for each in scores])


def _shown(rule: Rule) -> str:
    return rule if rule in RANKED else f"{rule}*"


def confusion_table(run: Run, rule: Rule = "last") -> Table:
    """Counts of true (rows) against predicted classes (columns), pooled over folds; of units, of each by itself."""
    counts = run.confusion(rule)
    rows = tuple((str(name), *map(str, row)) for name, row in zip(counts.index, counts.to_numpy(), strict=True))
    return Table(
        title=f"{label(run.header)}: {run.kind.confusion_shown}, rule {rule}",
        columns=(str(counts.index.name), *map(str, counts.columns)),
        rows=rows,
    )


def fold_table(run: Run) -> Table:
    """Clips, correct predictions under each rule, and training time of each fold."""
    rules = [rule for rule in run.rules if rule == "last" or run.has_epochs]
    right = run.kind.correct
    correct = {rule: [int(right(truth, guess).sum()) for truth, guess in run.predictions(rule)] for rule in rules}
    rows = tuple(
        (outcome.fold, str(len(outcome.truth)), *(str(correct[rule][i]) for rule in rules), f"{outcome.seconds:.1f}")
        for i, outcome in enumerate(run.outer)
    )
    return Table(
        title=f"{label(run.header)} by fold: correct clips under each rule",
        columns=("fold", "clips", *rules, "seconds"),
        rows=rows,
    )


def _spread(values: Sequence[float], signed: bool = False) -> str:
    form = "+.3f" if signed else ".3f"
    mean = f"{np.mean(values):{form}}"
    return mean if len(values) == 1 else f"{mean} ± {np.std(values, ddof=1):.3f}"
