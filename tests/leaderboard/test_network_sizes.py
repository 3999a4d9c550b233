"""Rows of networks that are smaller than published say so beside their table."""

from __future__ import annotations

from merbench.leaderboard.network_sizes import network_sizes
from merbench.registry import methods
from merbench.results.record import RunRecord
from merbench.results.seed_groups import grouped


def test_a_recipe_that_shrinks_the_network_is_named_with_both_sizes(committed_records: list[RunRecord]) -> None:
    [group, *_] = [each for each in grouped(committed_records) if each.name == "htnet (quick)"]
    kind, classes = methods.get("htnet"), len(group.first.classes)
    published = kind(kind.Parameters()).parameter_count(classes)
    said = network_sizes([group])
    assert f"htnet (quick): {group.first.parameter_count:,} of {published:,} parameters (" in said
    assert all(change in said for change in ("width=32", "depth=2"))


def test_networks_of_the_published_size_and_methods_without_one_are_not_named(
    committed_records: list[RunRecord],
) -> None:
    alike = [
        each for each in grouped(committed_records) if each.name in ("ststnet (quick)", "majority", "flow-svm (quick)")
    ]
    assert len({each.name for each in alike}) == 3
    assert network_sizes(alike) == ""
