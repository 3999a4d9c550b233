"""The composite of MEGC 2018, in objective classes."""

from __future__ import annotations

from .composite import Composite


class ObjectiveComposite(Composite):
    """Leaves one subject out over the union of two datasets, in the objective classes I to V.

    Counts are pooled over folds; scores are reported over all and for each dataset.
    """

    name = "objective-cde"
    title = "Composite database evaluation (CDE) in objective classes"
    reference = "Yap et al., MEGC 2018"
    scheme = "objective"
    usual = ("casme2", "samm")
    synthetic_datasets = ("synthetic-d", "synthetic-e")
