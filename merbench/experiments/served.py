"""The refusal of what does not serve a run's kind of task, before any frame is read."""

from __future__ import annotations

from merbench.annotations.schemes import LabelScheme
from merbench.entries.recipe import Training
from merbench.kind_names import MULTI_NAME, SINGLE, require_served
from merbench.method import Method
from merbench.protocol import Protocol
from merbench.spec import RunSpec


def require_kind(
    scheme: LabelScheme, method: Method, training: Training | None, protocol: Protocol, spec: RunSpec
) -> None:
    """Nothing, if method, recipe, protocol and options serve the kind of task that a scheme gives.

    Raises:
        UsageError: naming what does not, and the remedy.
    """
    of_units = scheme.kind == MULTI_NAME
    other = f"choose a class set in place of {scheme.name}" if of_units else "add --scheme au-12"
    require_served(scheme.kind, protocol.kinds, f"protocol {protocol.name}", f"{other}, or another --protocol")
    require_served(scheme.kind, method.kinds, f"method {method.name}", f"{other}, or another --method")
    if spec.label_flips:
        require_served(scheme.kind, SINGLE, "label_flips", f"leave it out, or {other}")
    if spec.tuned is not None:
        require_served(scheme.kind, SINGLE, "--tuned", f"leave it out, or {other}")
    if of_units and training is not None:
        from merbench.training.unit_losses import require_multi_label

        require_multi_label(training, method.name)
