"""A clip, and the table of clips that an annotation file holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from merbench.errors import AnnotationError

if TYPE_CHECKING:
    import pandas as pd

#: What every annotation table has: one row a clip. `apex` is missing where none was annotated.
COLUMNS = ("subject", "clip", "onset", "apex", "offset", "emotion", "action_units", "fps")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """One micro-expression: frames `onset`..`offset` inclusive, numbered as annotated.

    `subject` and `name` are as the dataset spells them. The identity is dataset, subject, name and onset: clip
    names repeat between subjects, and one recording can hold several expressions.
    """

    dataset: str
    subject: str
    name: str
    onset: int
    apex: int | None
    offset: int

    @property
    def qualified_subject(self) -> str:
        """The subject's id with its dataset before it: ids such as ``01`` repeat between datasets."""
        return f"{self.dataset}/{self.subject}"

    @property
    def key(self) -> str:
        """The identity as text: ``casme2/01/EP02_01f/46``."""
        return f"{self.qualified_subject}/{self.name}/{self.onset}"

    def __str__(self) -> str:
        return self.key


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotations:
    """What one annotation file says: the `table` (see `COLUMNS`), and which `state` of the file it is.

    A further column ``dataset`` names the dataset of each clip, where the table lists clips of others than its
    adapter's own; ``split`` the part of a fixed split.

    `notes` are sentences for the user, such as what the adapter found odd and left as it is; `mended` are sentences
    about cells that are not as the file has them.
    """

    table: pd.DataFrame
    state: str
    notes: tuple[str, ...] = ()
    mended: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        lacking = [column for column in COLUMNS if column not in self.table.columns]
        if lacking:
            raise AnnotationError(
                f"The annotation table lacks the columns {', '.join(lacking)}; a table has {COLUMNS}."
            )


def subject_of(key: str) -> str:
    """The qualified subject that a clip key begins with.

    >>> subject_of("casme2/01/EP02_01f/46"), subject_of("manifest/samm/006/006_1_2/562")
    ('casme2/01', 'manifest/samm/006')
    """
    return key.rsplit("/", 2)[0]


def clip_of(dataset: str, row: pd.Series) -> Clip:
    """The clip that one row of an annotation table describes, of `dataset` unless a column of the row names another."""
    apex = row["apex"]
    return Clip(
        dataset=str(row.get("dataset", dataset)),
        subject=str(row["subject"]),
        name=str(row["clip"]),
        onset=int(row["onset"]),
        apex=None if str(apex) in ("<NA>", "nan", "None") else int(apex),
        offset=int(row["offset"]),
    )
