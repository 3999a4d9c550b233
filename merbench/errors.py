"""What merbench says when it refuses: the thing, the value, the rule and the remedy, in one or two sentences.

::

    MerbenchError
    ├── UsageError        an option or parameter that does not exist or has no such value      (ValueError)
    ├── UnknownName       no method, dataset, protocol, scheme or recipe of that name           (KeyError)
    ├── DuplicateName     two entries claim one name                                            (ValueError)
    ├── EntryError        a plugin that cannot be imported or declares something impossible     (ImportError)
    │   └── EntryFault        code of an entry that ended in an error of its own
    ├── DataError         data that cannot be used                                              (ValueError)
    │   ├── MissingData       a data root or an annotation file that is not there               (FileNotFoundError)
    │   ├── AnnotationError   an annotation table that cannot be read as one
    │   ├── UnknownMoment     a frame number that is needed, and that no annotation gives
    │   └── FrameError        frames that are missing or cannot be decoded
    ├── ProtocolError     folds that cannot be made, or that fail the audit                     (ValueError)
    ├── TrainingError     a network that cannot be trained as asked                             (RuntimeError)
    └── StoreError        a run folder that cannot be written, or belongs to another run        (OSError)
        └── Unfinished        a run that lacks folds still

The command line prints the sentence and exits with code 2; nothing else that a user can cause ends in a traceback.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class MerbenchError(Exception):
    """The root of every error that merbench raises on purpose.

    >>> try:
    ...     raise UnknownName("method", "mmnte", ["mmnet", "majority"])
    ... except MerbenchError as refusal:
    ...     print(refusal)
    Unknown method 'mmnte'. Did you mean 'mmnet'? Available: mmnet, majority.
    """


class UsageError(MerbenchError, ValueError):
    """Raised for an option or parameter that does not exist or cannot have the value."""


class UnknownName(MerbenchError, KeyError):
    """Raised for a name that nothing installed has; the message has a guess and the list.

    Up to three names that begin with this one, or else contain it, are guessed. Any other guess has the same digits:
    `resnet34` is no misspelt `resnet18`. Datasets are named only where they begin so or are close, and all of them, as
    one taken for another would give results that look right.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str], remedy: str = "") -> None:
        self.kind, self.name, self.known, self.remedy = kind, name, tuple(known), remedy
        super().__init__(kind, name, self.known, remedy)

    def __str__(self) -> str:
        guesses = " or ".join(map(repr, self._guesses()))
        hint = f" {self.remedy}" if self.remedy else f" Did you mean {guesses}?" if guesses else ""
        listed = ", ".join(self.known) if self.known else "none"
        return f"Unknown {self.kind} {self.name!r}.{hint} Available: {listed}."

    def _guesses(self) -> list[str]:
        if alike := self._begun() or self._containing():
            return alike
        most, cutoff = (3, 0.8) if self.kind == "dataset" else (1, 0.6)
        spelt = {name.casefold(): name for name in self.known if _digits(name) == _digits(self.name)}
        return [spelt[each] for each in difflib.get_close_matches(self.name.casefold(), spelt, n=most, cutoff=cutoff)]

    def _begun(self) -> list[str]:
        """The known names that begin with this one, if they are few, or the longest that this one begins with."""
        longer = [name for name in self.known if name.startswith(self.name)]
        if self.name and 1 <= len(longer) <= 3:
            return longer
        shorter = sorted((name for name in self.known if name and self.name.startswith(name)), key=len)
        return [] if self.kind == "dataset" else shorter[-1:]

    def _containing(self) -> list[str]:
        """The known names that contain this one, if they are few: ``svm`` is most of ``flow-svm``."""
        names = [name for name in self.known if self.name.casefold() in name.casefold()]
        return names if self.kind != "dataset" and len(self.name) >= 3 and len(names) <= 3 else []


def _digits(name: str) -> list[str]:
    return sorted(filter(str.isdigit, name))


class DuplicateName(MerbenchError, ValueError):
    """Raised when two entries claim one name; the message shows both places."""


class EntryError(MerbenchError, ImportError):
    """Raised for a plugin that cannot be imported, or an entry that declares something impossible."""


class EntryFault(EntryError):
    """Raised where code of an entry ended in an error of its own; its cause is that error."""


class DataError(MerbenchError, ValueError):
    """Raised for data that cannot be used as it is."""


class MissingData(DataError, FileNotFoundError):
    """Raised for a data root, folder or annotation file that is not there."""

    def __str__(self) -> str:
        return str(self.args[0])


class AnnotationError(DataError):
    """Raised for an annotation table that lacks a column or holds a cell that cannot be read."""


class UnknownMoment(DataError):
    """Raised where the onset, apex or offset of a clip is needed, and is unknown."""


class FrameError(DataError):
    """Raised for frames that are missing or cannot be decoded."""


class ProtocolError(MerbenchError, ValueError):
    """Raised for folds that cannot be made, or that fail the audit."""


class TrainingError(MerbenchError, RuntimeError):
    """Raised for a network that cannot be built or trained as asked."""


class StoreError(MerbenchError, OSError):
    """Raised for a run folder that cannot be written or read, or that belongs to another run."""

    def __str__(self) -> str:
        return str(self.args[0])


class Unfinished(StoreError):
    """Raised for a run that lacks folds still."""
