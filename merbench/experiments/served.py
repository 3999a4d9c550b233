"""Refuses what does not serve a run's kind of task, before any frame is read."""

from __future__ import annotations

from merbench.annotations.schemes import LabelScheme
from merbench.entries.recipe import Training
from merbench.errors import UsageError
from merbench.kind_names import MULTI, MULTI_NAME, SINGLE, require_served
from merbench.method import Method
from merbench.protocol import Protocol
from merbench.selection import RULES
from merbench.spec import RunSpec


def require_kind(
    scheme: LabelScheme, method: Method, training: Training | None, protocol: Protocol, spec: RunSpec
) -> None:
    """Refuse a method, recipe, protocol or option that does not serve the kind of task of a scheme.

    Raises:
        UsageError: naming it, and the remedy.
    """
    of_units = scheme.kind == MULTI_NAME
    other = f"choose a class set in place of {scheme.name}" if of_units else "add --scheme au-12"
    require_served(scheme.kind, protocol.kinds, f"protocol {protocol.name}", f"{other}, or another --protocol")
    require_served(scheme.kind, method.kinds, f"method {method.name}", f"{other}, or another --method")
    if spec.label_flips:
        require_served(scheme.kind, SINGLE, "label_flips", f"leave it out, or {other}")
    if spec.thresholds != "0.5":
        _require_thresholds(scheme, spec)
    if of_units and training is not None:
        from merbench.training.unit_losses import require_multi_label

        require_multi_label(training, method.name)


def require_default_thresholds(spec: RunSpec, what: str) -> None:
    """Refuse thresholds that a run chooses, for what counts units above 0.5.

    Raises:
        UsageError: naming what does.
    """
    if spec.thresholds != "0.5":
        raise UsageError(f"{what} counts units as predicted above 0.5; leave out --thresholds {spec.thresholds}.")


def _require_thresholds(scheme: LabelScheme, spec: RunSpec) -> None:
    name = f"--thresholds {spec.thresholds}"
    require_served(scheme.kind, MULTI, name, "leave it out, or add --scheme au-12")
    if spec.tuned is not None:
        require_default_thresholds(spec, "--tuned")
    if spec.rules is not None and "inner" not in spec.rules:
        rules = ",".join(rule for rule in RULES if rule in {*spec.rules, "inner"})
        raise UsageError(
            f"{name} chooses thresholds on the training subjects that the rule inner keeps back, but the rules are "
            f"{','.join(spec.rules)}; add --select-epoch {rules}."
        )
