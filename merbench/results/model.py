"""What the typed records share: frozen, no unknown keys, no wrong types, and errors that name file and key."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, ValidationError
from pydantic.fields import FieldInfo

from merbench.errors import StoreError
from merbench.kind_names import BOTH


class RecordModel(BaseModel):
    """A record that JSON can hold; its keys there are those of `stored_as`, or else the attributes' names."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        validate_by_name=True,
        validate_by_alias=True,
        protected_namespaces=(),
    )

    @classmethod
    def from_json(cls, content: bytes, source: Path | str) -> Self:
        """The record in a JSON text; `source` names it in errors.

        Raises:
            StoreError: naming the source, the key and what is wrong there.
        """
        try:
            return cls.model_validate_json(content, by_name=False)
        except ValidationError as error:
            raise StoreError(f"{source} cannot be read as a record of merbench: {_first(error)}.") from error

    @classmethod
    def from_dict(cls, content: Mapping[str, Any], source: Path | str) -> Self:
        """The record of plain data by the stored keys; tuples and lists are alike.

        Raises:
            StoreError: naming the source, the key and what is wrong there.
        """
        try:
            return cls.from_json(json.dumps(content).encode(), source)
        except (TypeError, ValueError, RecursionError) as error:
            raise StoreError(f"{source} is no plain data that JSON can hold ({error}).") from error

    def as_dict(self) -> dict[str, Any]:
        """The record as JSON holds it: plain data by the stored keys, without optional keys that nobody set."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)

    def updated(self, **changes: Any) -> Self:
        """A copy with other values for some attributes."""
        return self.model_copy(update=changes)


def stored_as(key: str) -> FieldInfo:
    """The field of an attribute that has another key on disk."""
    info: FieldInfo = Field(validation_alias=key, serialization_alias=key)
    return info


def _finite(value: JsonValue) -> JsonValue:
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("numbers must be finite")
    for inner in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        _finite(inner)
    return value


def _first(error: ValidationError) -> str:
    details = error.errors(include_url=False, include_context=False)
    first, *others = details
    key = ".".join(str(part) for part in first["loc"] if part not in BOTH) or "the file"
    value = "" if first["type"] == "missing" else f", not {_excerpt(first['input'])}"
    more = f" (and {len(others)} more)" if others else ""
    rule = "no record has this key" if first["type"] == "extra_forbidden" else first["msg"][:200]
    return f"{key}: {rule.replace('Input should', 'it must')}{value}{more}"


def _excerpt(value: object) -> str:
    if isinstance(value, dict | list | bytes | str) and len(value) > 40:
        return f"{type(value).__name__} of {len(value)}"
    return repr(value)[:60]


#: Anything that JSON can hold, without infinities.
Plain = Annotated[JsonValue, AfterValidator(_finite)]
PlainMapping = Mapping[str, Plain]
#: A number of things, small enough for every array.
Count = Annotated[int, Field(ge=0, le=2**53)]
Names = tuple[str, ...]
