"""The text of records, of any format version, read into their types; their scores are not compared."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, JsonValue, ValidationError

from merbench.errors import StoreError
from merbench.results.header import FORMAT, RunHeader
from merbench.results.record import RunRecord


class _Versioned(BaseModel):
    format: JsonValue = None


def read_record(path: Path) -> RunRecord:
    """The record in a file, whose scores are not compared with its probabilities.

    Raises:
        StoreError: naming file and key, if it cannot be read.
    """
    return RunRecord.from_json(_current(path), path)


def read_header(path: Path) -> RunHeader:
    """What a `run.json` says.

    Raises:
        StoreError: naming file and key, if it cannot be read.
    """
    return RunHeader.from_json(_current(path), path)


def _current(path: Path) -> bytes:
    """The text of a file in the format of this release, to which older formats will be brought here."""
    try:
        content = path.read_bytes()
        version = _Versioned.model_validate_json(content).format
    except FileNotFoundError:
        raise StoreError(f"{path} does not exist; name a run folder or a record.") from None
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror or error}.") from error
    except ValidationError as error:
        message = error.errors(include_url=False)[0]["msg"]
        raise StoreError(f"{path} is no record of merbench: {message[:200]}.") from error
    if version is None:
        raise StoreError(f"{path} is no record of merbench: it has no format version; name a run folder or a record.")
    if version != FORMAT or isinstance(version, bool):
        raise StoreError(f"{path} has the format {repr(version)[:40]}, this merbench reads format {FORMAT}.")
    return content
