"""`merbench bench`."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from merbench.cli.options import DeterministicKernels, Device, PrecisionName
from merbench.errors import StoreError, UsageError
from merbench.plural import plural

if TYPE_CHECKING:
    from merbench.cli.bench.report import Scale
    from merbench.training.numerics import Numerics


def bench(
    device: Device = "auto",
    precision: PrecisionName = "auto",
    deterministic: DeterministicKernels = "yes",
    full: Annotated[bool, typer.Option("--full", help="Measure at the size of CASME II and the composite.")] = False,
    scale: Annotated[Literal["tiny", "short", "full"] | None, typer.Option(help="The size to measure at.")] = None,
    gpu_acceptance: Annotated[
        bool,
        typer.Option("--gpu-acceptance", help="Check on a GPU what is promised of one, then time whole runs there."),
    ] = False,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write the figures to a JSON file.")] = None,
) -> None:
    """Measure training speed on this machine. Compares it with plain loops and with what the device can do."""
    from merbench.cli.bench.report import SCALES
    from merbench.training.numerics import choose

    if full and scale not in (None, "full"):
        raise UsageError(f"--full is --scale full, but --scale {scale} was given, too; leave one of them out.")
    name = scale or ("full" if full or gpu_acceptance else "short")
    numerics = choose(device, precision, deterministic=deterministic)
    command = ["merbench", "bench", "--scale", name, "--device", device, "--precision", precision]
    command += ["--deterministic", deterministic] if deterministic != "yes" else []
    if gpu_acceptance:
        _accept(SCALES[name], numerics, shlex.join([*command, "--gpu-acceptance"]), out)
    else:
        _measure(SCALES[name], numerics, shlex.join(command), out)


def _measure(scale: Scale, numerics: Numerics, command: str, out: Path | None) -> None:
    from merbench.cli.bench import measures
    from merbench.cli.bench.report import as_table, write
    from merbench.cli.tables import print_table

    rows = list(measures.every(scale, numerics, lambda what: typer.echo(f"measuring {what}", err=True)))
    print_table(as_table(_described(numerics), rows))
    if out is not None:
        with _writing(out):
            write(out, command, _described(numerics), rows)


def _accept(scale: Scale, numerics: Numerics, command: str, out: Path | None) -> None:
    """Print the claims and the figures of a GPU; the exit code is 1 where a claim does not hold."""
    from merbench.cli.bench import acceptance
    from merbench.cli.bench.report import as_table
    from merbench.cli.tables import print_table

    acceptance.require_gpu(numerics)
    claims = list(acceptance.claims(scale, numerics, lambda what: typer.echo(f"checking: {what}", err=True)))
    print_table(acceptance.as_table(_described(numerics), claims))
    rows = list(acceptance.timed(scale, numerics, lambda what: typer.echo(f"measuring: {what}", err=True)))
    print_table(as_table(_described(numerics), rows))
    if out is not None:
        with _writing(out):
            acceptance.write(out, command, _described(numerics), claims, rows)
    if not all(claim.holds for claim in claims):
        raise typer.Exit(1)


def _described(numerics: Numerics) -> str:
    return f"{numerics.device_name}, {plural(numerics.threads, 'thread')}, {numerics.precision}"


@contextmanager
def _writing(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise StoreError(f"{out} cannot be written: {fault.strerror or fault}; name another --out.") from fault
