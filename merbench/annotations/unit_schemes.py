"""Schemes of action units: which units of a list a clip has. Every dataset whose table codes units has them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from merbench.annotations.action_units import parse
from merbench.annotations.cells import cell_text
from merbench.annotations.schemes import LabelScheme
from merbench.errors import AnnotationError, UsageError
from merbench.kind_names import MULTI_NAME, NO_UNIT, KindName

#: The scheme of the twelve units of CD6ME.
AU_12 = "au-12"
#: The units that the cross-dataset evaluation over six databases (CD6ME) scores, as in the released code of Varanka et
#: al., arXiv 2211.11425.
CD6ME_UNITS = (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17)
_LISTED = "au="
#: FACS numbers its units, descriptors and movements by one or two digits.
_UNIT = re.compile(r"(?:AU)?0?([1-9][0-9]?)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitScheme(LabelScheme):
    """A list of action units as a scheme: the label of a clip names those that it has, joined by ``+``.

    A clip that is not coded is left out; one that is coded but has none of the units has the label ``none``. Sides and
    intensities are ignored.

    >>> some = unit_scheme("au=1,2,4")
    >>> some.label("01", "a", "4+R2+25"), some.label("01", "b", "12"), some.label("01", "c", "?")
    ('AU2+AU4', 'none', None)
    """

    kind: ClassVar[KindName] = MULTI_NAME
    least: ClassVar[int] = 1

    def label(self, subject: str, clip: str, value: str) -> str | None:
        """The units of a clip from its cell of action units, or None if it is not coded."""
        try:
            numbers = {unit.number for unit in parse(value)}
        except AnnotationError:
            return None  # not coded, as far as can be read; adapters say so in a note
        if not numbers:
            return None
        return "+".join(name for name in self.classes if int(name[2:]) in numbers) or NO_UNIT

    def left_out(self, value: str) -> str:
        """Why a clip with that cell is left out."""
        cell = cell_text(value)
        return f"no action units coded ({cell})" if cell else "no action units coded"


def unit_scheme(name: str) -> UnitScheme | None:
    """The scheme with a name such as ``au-12`` or ``au=1,2,4``; None if the name is not one of action units.

    Raises:
        UsageError: for a list that is not of action units, each once.
    """
    if name != AU_12 and not name.startswith(_LISTED):
        return None
    units = CD6ME_UNITS if name == AU_12 else _read(name.removeprefix(_LISTED))
    twelve = units == CD6ME_UNITS
    return UnitScheme(
        name=scheme_name(",".join(map(str, units))),
        classes=tuple(f"AU{unit}" for unit in units),
        mapping={},
        column="action_units",
        source="the twelve units of CD6ME (Varanka et al., arXiv 2211.11425)" if twelve else "chosen by the user",
        users="MEB, under leave-one-dataset-out over six databases" if twelve else "",
    )


def scheme_name(units: object) -> str:
    """The name of the scheme of a list of units, as text or as a list, however it is ordered.

    >>> scheme_name("4,1,2"), scheme_name(12), scheme_name([2, 1])
    ('au=1,2,4', 'au=12', 'au=1,2')

    Raises:
        UsageError: for a list that is not of action units, each once.
    """
    read = _read(units)
    return AU_12 if read == CD6ME_UNITS else _LISTED + ",".join(map(str, read))


def _read(units: object) -> tuple[int, ...]:
    listed = ",".join(map(str, units)) if isinstance(units, list | tuple) else str(units)
    parts = [part.strip() for part in listed.split(",")]
    matches = [_UNIT.fullmatch(part) for part in parts]
    numbers = [int(match[1]) for match in matches if match is not None]
    if len(numbers) != len(parts) or len(set(numbers)) != len(numbers):
        raise UsageError(
            f"scheme.units={listed} is not possible: it must be numbers of action units, each once, separated by "
            "commas, such as --set scheme.units=1,2,4."
        )
    return tuple(sorted(numbers))
