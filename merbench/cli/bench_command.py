"""`merbench bench`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated, Literal

import typer

from merbench.cli.options import DeterministicKernels, Device, PrecisionName
from merbench.errors import StoreError


def bench(
    device: Device = "auto",
    precision: PrecisionName = "auto",
    deterministic: DeterministicKernels = "yes",
    full: Annotated[bool, typer.Option("--full", help="Measure at the size of CASME II and the composite.")] = False,
    scale: Annotated[Literal["tiny", "short", "full"] | None, typer.Option(help="The size to measure at.")] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write the figures to a JSON file.")] = None,
) -> None:
    """Measure training speed on this machine. Compares it with plain loops and with what the device can do."""
    from merbench.cli.bench import measures
    from merbench.cli.bench.report import SCALES, as_table, write
    from merbench.cli.tables import print_table
    from merbench.training.numerics import choose

    name = scale or ("full" if full else "short")
    numerics = choose(device, precision, deterministic=deterministic)
    rows = list(measures.every(SCALES[name], numerics, lambda what: typer.echo(f"measuring: {what}", err=True)))
    described = f"{numerics.device_name}, {numerics.threads} threads, {numerics.precision}"
    print_table(as_table(described, rows))
    if out is not None:
        command = ["merbench", "bench", "--scale", name, "--device", device, "--precision", precision]
        command += ["--deterministic", deterministic] if deterministic != "yes" else []
        try:
            write(out, shlex.join(command), described, rows)
        except OSError as fault:
            raise StoreError(f"{out} cannot be written: {fault.strerror or fault}; name another --out.") from fault
