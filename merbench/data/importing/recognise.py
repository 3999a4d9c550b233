"""Which of the known forms a folder has, and its clips."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from merbench.data.frame_files import present
from merbench.data.importing.clips import Imported
from merbench.data.importing.tables import label_table, tables_in
from merbench.data.importing.trees import clip_tree, flow_tree
from merbench.errors import AnnotationError, MissingData


def import_clips(root: Path, dataset: str, home: Path) -> Imported:
    """The clips of a folder or a label table, as rows of a manifest that lies in `home`; nothing under `root` changes.

    A tree of flow under ``u_test`` comes first, then a label table, then folders of pictures and videos.

    Raises:
        MissingData: if there is nothing of these.
        AnnotationError: if the only thing there is a table that cannot be read, or there are several tables.
    """
    if not root.exists():
        raise MissingData(f"{root} does not exist; name a folder of clips, or a label table.")
    if root.is_dir() and (flow := flow_tree(root, dataset, home)) is not None:
        return flow
    tables = tables_in(root)
    if len(tables) > 1:
        names = ", ".join(path.name for path in tables)
        raise AnnotationError(f"{root} has several tables: {names}; name the one that lists the clips.")
    if tables:
        return _of_table(tables[0], root, dataset, home)
    if root.is_dir() and (clips := clip_tree(root, dataset, home)) is not None:
        return clips
    raise MissingData(
        f"{root} has neither folders of pictures, videos, a label table (.csv, .xlsx, .xls) nor flow in u_test, but "
        f"{present(root) if root.is_dir() else 'is a file of another kind'}; name a folder that has."
    )


def _of_table(path: Path, root: Path, dataset: str, home: Path) -> Imported:
    """The clips of a table; of the folders beside it where it is no label table."""
    try:
        return label_table(path, root, dataset, home)
    except AnnotationError:
        beside = clip_tree(root, dataset, home) if root.is_dir() else None
        if beside is None:
            raise
        return replace(beside, unknown=(*beside.unknown, f"{path.name} is no label table and was not read"))
