"""What an earlier start left: the same run is gone on with as it was begun, another one is refused."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from merbench.errors import StoreError
from merbench.experiments.prepare import Prepared
from merbench.results.store import Store
from merbench.selection import Rule


def resumed(prepared: Prepared, store: Store, identity: str) -> tuple[Prepared, bool]:
    """The experiment with the numerics of an earlier start in that folder, and whether there was one.

    Raises:
        StoreError: if the folder holds another run, other frames, or folds that were computed otherwise.
    """
    if not store.exists:
        return prepared, False
    manifest = store.read_manifest()
    if manifest["identity"] != identity:
        raise StoreError(
            f"{store.path} holds another run ({_difference(manifest, prepared)}); name another folder with --out."
        )
    if manifest["frames"] != dict(prepared.frames_fingerprint):
        raise StoreError(
            f"{store.path} was made from other frames: files under the data folder changed since. "
            "Put them back, or name another folder with --out."
        )
    return _with_numerics(prepared, manifest["numerics"], store), True


def _difference(manifest: Mapping[str, Any], prepared: Prepared) -> str:
    new, old = json.loads(json.dumps(prepared.experiment.description(prepared.task))), manifest["description"]
    differing = [name for name in new if new[name] != old.get(name)]
    return "it differs in " + ", ".join(differing)


def _with_numerics(prepared: Prepared, kept: Mapping[str, Any] | None, store: Store) -> Prepared:
    numerics = prepared.experiment.numerics
    if numerics is None or kept is None:
        return prepared
    adopted = numerics.adopting({"compiled": False, **kept})  # on which a run of an earlier release has no word
    differing = [
        f"{name} {kept[name]} then, {value} now"
        for name, value in asdict(adopted).items()
        if kept.get(name, value) != value
    ]
    if differing:
        raise StoreError(
            f"{store.path} was computed otherwise ({'; '.join(differing)}), and mixed folds would not be one result. "
            "Go on where it was begun, or start anew with --out."
        )
    return dataclasses.replace(prepared, experiment=dataclasses.replace(prepared.experiment, numerics=adopted))


def add_rules(store: Store, rules: Sequence[Rule]) -> None:
    """Take further rules into a run's manifest."""
    manifest = store.read_manifest()
    merged = [rule for rule in ("last", "inner", "oracle") if rule in {*manifest["rules"], *rules}]
    if merged != manifest["rules"]:
        store.write_manifest({**manifest, "rules": merged})
