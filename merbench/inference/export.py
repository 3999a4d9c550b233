"""The kept networks of a run as a folder laid out as a model repository: weights, card, records; also as ONNX."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from merbench._files.atomic import atomic_write
from merbench.errors import StoreError, UsageError
from merbench.experiments.checkpoints import require_weights
from merbench.experiments.reopen import method_of
from merbench.inference.model_card import model_card
from merbench.method import declared_inputs
from merbench.results import weights
from merbench.results.header import RunFacts, RunHeader
from merbench.results.opaque import OpaqueNames, opaque
from merbench.results.run import Run
from merbench.results.seen import Salt
from merbench.results.store import Store

if TYPE_CHECKING:
    from torch import Tensor, nn

    from merbench.method import NetworkMethod
    from merbench.results.record import RunRecord

#: How far outputs of ONNX Runtime may be from torch's; chosen here, above what another order of sums does.
_FAR = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What an export wrote, and the folds whose networks were not kept."""

    files: tuple[Path, ...]
    missing: tuple[str, ...]


def export_run(path: Path, out: Path, *, onnx: bool = False) -> Exported:
    """The folder `out` with the networks that a run kept, which `merbench predict` reads as it reads the run.

    It has `weights/*.safetensors`, a README with the metadata of a model repository, `run.json` and `record.json`;
    names of real subjects and clips are digests there. With `onnx`, also `onnx/*.onnx`, each compared with torch.

    Raises:
        StoreError: if the run is not complete, keeps no weights, or `out` holds files.
        UsageError: if the method is no network, or ONNX is not installed or cannot express the network.
    """
    run, source, target = Run.load(path), Store(path), Store(out)
    method = require_weights(method_of(run.header))
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise StoreError(f"{out} is not empty; name a new or an empty folder with --out.")
    kept = [fold for fold in run.header.folds if source.weights(fold).is_file()]
    if not kept:
        raise StoreError(f"{path} has no weights: run the same command again with --keep-weights.")
    if onnx:
        _require_onnx()
    record = opaque(run.record())
    names = _fold_names(run, record)
    salt = Salt.of(run.header.description.labels, [key for fold in run.keys for key in fold]) if record.opaque else None
    out.mkdir(parents=True, exist_ok=True)
    files = []
    for fold in kept:
        read = weights.read(source.weights(fold))
        target.write_weights(names[fold], _repacked(read, names[fold], salt))
        files.append(out / target.weights(names[fold]).relative_to(target.path))
        if onnx:
            files.append(_write_onnx(method, read, out / "onnx" / f"{target.weights(names[fold]).stem}.onnx"))
    target.write_header(_header(record))
    target.write_record(record)
    atomic_write(out / "README.md", model_card(record, [names[fold] for fold in kept], onnx=onnx).encode())
    files += [out / name for name in ("README.md", "run.json", "record.json")]
    return Exported(files=tuple(files), missing=tuple(fold for fold in run.header.folds if fold not in kept))


def _fold_names(run: Run, record: RunRecord) -> dict[str, str]:
    if not record.opaque:
        return {fold: fold for fold in run.header.folds}
    names = OpaqueNames.of([key for fold in run.keys for key in fold], run.header.task)
    return {fold: names.renamed(fold) for fold in run.header.folds}


def _header(record: RunRecord) -> RunHeader:
    shared = {name: getattr(record, name) for name in RunFacts.model_fields if name in record.model_fields_set}
    return RunHeader(**shared, left_out=())


def _repacked(read: weights.Weights, fold: str, salt: Salt | None) -> bytes:
    from safetensors.torch import save

    seen = read.facts.seen if salt is None else tuple(each.sealed(salt) for each in read.facts.seen)
    content = read.facts.updated(fold=fold, seen=seen).model_dump(mode="json", by_alias=True)
    return save(dict(read.tensors), {"format": "pt", weights.KEY: json.dumps(content, ensure_ascii=False)})


def _require_onnx() -> None:
    import importlib.util

    for module in ("onnx", "onnxscript", "onnxruntime"):
        if importlib.util.find_spec(module) is None:
            raise UsageError(f'--onnx needs {module}, which is not installed: pip install "merbench[onnx]".')


def _write_onnx(method: NetworkMethod, read: weights.Weights, path: Path) -> Path:
    """The file with the network in ONNX, whose outputs are compared with torch's.

    Raises:
        UsageError: if torch cannot express the network so, or its outputs differ.
    """
    import torch

    network = weights.built(method, weights.nameless(read.facts.classes, read.facts.kind), read.tensors, path)
    views = [view.float() for view in weights.example_views(method, torch.zeros(1))]
    path.parent.mkdir(exist_ok=True)
    names = _input_names(method)
    try:
        torch.onnx.export(
            network, tuple(views), str(path), input_names=names, output_names=["logits"], dynamo=True, verbose=False,
            external_data=False,
        )  # fmt: skip
    except Exception as fault:
        reason = " ".join(str(fault).split())[:200]
        raise UsageError(f"{method.name} cannot be exported to ONNX: {reason}. Leave out --onnx.") from fault
    _require_same(network, views, names, path)
    return path


def _input_names(method: NetworkMethod) -> list[str]:
    declared = declared_inputs(method)
    moments = [] if declared.frames is None else [str(moment) for moment in declared.frames.at]
    return [*moments, *(array.name.replace("-", "_") for array in declared.arrays)]


def _require_same(network: nn.Module, views: Sequence[Tensor], names: Sequence[str], path: Path) -> None:
    import numpy as np
    import onnxruntime
    import torch

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    [outputs] = session.run(None, {name: view.numpy() for name, view in zip(names, views, strict=True)})
    with torch.no_grad():
        expected = network(*views).numpy()
    if not np.allclose(outputs, expected, rtol=_FAR, atol=_FAR):
        path.unlink()
        far = float(np.abs(outputs - expected).max())
        raise UsageError(f"ONNX Runtime's outputs are {far:.2g} from torch's, more than {_FAR:g}; leave out --onnx.")
