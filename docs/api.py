"""The API reference, built from the docstrings: pip install "merbench[docs]" && python docs/api.py."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pdoc

import merbench

#: What entries of your own meet; the rest is private, and may change.
PAGES = ("clips", "dataset", "errors", "inputs", "method", "protocol", "testing", "training")


def main() -> None:
    """Write the pages as HTML; docs/api/merbench.html is the first."""
    parser = argparse.ArgumentParser(description="Build the API reference.")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "api")
    out: Path = parser.parse_args().out
    for name in merbench.__all__:  # which resolves a name when it is first used, where pdoc would not see it
        setattr(merbench, name, getattr(merbench, name))
    pages = [f"merbench.{page}" for page in PAGES]
    inner = [f"!{page}\\..*".replace("merbench.", "merbench\\.") for page in pages]
    pdoc.render.configure(docformat="google", search=True)
    pdoc.pdoc("merbench", r"!merbench\..*", *pages, *inner, output_directory=out)
    sys.stdout.write(f"{out / 'merbench.html'}: {len(merbench.__all__)} public names, and {len(pages)} further pages\n")


if __name__ == "__main__":
    main()
