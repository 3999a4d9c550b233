"""The JSON schema of a run's record; `python docs/schema.py` writes it beside this file."""

import json
from pathlib import Path

from merbench.results.record import RunRecord

PATH = Path(__file__).with_name("record.schema.json")


def schema() -> str:
    """The schema of the records that this release writes and reads, as text."""
    return json.dumps(RunRecord.model_json_schema(by_alias=True), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PATH.write_text(schema(), encoding="utf-8")
