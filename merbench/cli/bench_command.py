"""`merbench bench`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from merbench.cli.options import Device, Precision
from merbench.errors import StoreError, UsageError


def bench(
    device: Device = "auto",
    precision: Precision = "auto",
    full: Annotated[bool, typer.Option("--full", help="The size of CASME II and the composite.")] = False,
    scale: Annotated[str | None, typer.Option(help="tiny, short or full instead.")] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Keep the figures as JSON, too.")] = None,
) -> None:
    """Measure how fast training is on this machine: against plain loops, and against what the device can do."""
    from merbench.cli.bench import measures
    from merbench.cli.bench.report import SCALES, as_table, write
    from merbench.cli.tables import print_table
    from merbench.training.numerics import choose

    name = scale or ("full" if full else "short")
    if name not in SCALES:
        raise UsageError(f"--scale {name} is not possible: it must be one of {', '.join(SCALES)}.")
    numerics = choose(device, precision)
    rows = list(measures.every(SCALES[name], numerics, lambda what: typer.echo(f"measuring: {what}", err=True)))
    described = f"{numerics.device_name}, {numerics.threads} threads, {numerics.precision}"
    print_table(as_table(described, rows))
    if out is not None:
        command = ["merbench", "bench", "--scale", name, "--device", device, "--precision", precision]
        try:
            write(out, shlex.join(command), described, rows)
        except OSError as fault:
            raise StoreError(f"{out} cannot be written: {fault.strerror or fault}; name another --out.") from fault
