"""`merbench new`: a small installable package with an entry that runs as it is, or a single file."""

from merbench.cli.scaffold.naming import Naming
from merbench.cli.scaffold.writing import write_file, write_package

__all__ = ["Naming", "write_file", "write_package"]
