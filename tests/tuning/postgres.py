"""A PostgreSQL server of one's own on loopback, for as long as a test needs it."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def programs() -> Path | None:
    """Where the server's programs lie; None where there is none."""
    found = shutil.which("initdb")
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    return Path(found).resolve().parent if found else (places[0].parent if places else None)


def lacking() -> str:
    """Why a server cannot be started here; empty where it can."""
    if programs() is None:
        return "PostgreSQL is not installed: no initdb"
    try:
        import psycopg  # noqa: F401
    except ImportError:
        return "psycopg is not installed: pip install merbench[postgres]"
    return "" if _user() is not None else "PostgreSQL refuses to run as root, and there is no other user to run it as"


def _user() -> str | None:
    """Who runs the server: whoever tests, but for root somebody else."""
    if os.getuid():
        return pwd.getpwuid(os.getuid()).pw_name
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in known and shutil.which("setpriv")), None)


def _call(*words: object) -> None:
    user = _user()
    assert user is not None
    as_user = (
        [] if os.getuid() else ["setpriv", f"--reuid={user}", f"--regid={pwd.getpwnam(user).pw_gid}", "--clear-groups"]
    )
    subprocess.run([*as_user, *map(str, words)], check=True, capture_output=True, timeout=120, cwd="/")


@contextmanager
def server() -> Iterator[str]:
    """The URL of a fresh database, as Optuna wants it."""
    bin_folder, user = programs(), _user()
    assert bin_folder is not None
    assert user is not None
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="merbench-pg-"))
    try:
        shutil.chown(folder, user)
        _call(bin_folder / "initdb", "-D", folder / "data", "-U", "merbench", "--auth=trust", "--no-sync")
        options = f"-p {port} -h 127.0.0.1 -k {folder} -F"
        _call(bin_folder / "pg_ctl", "-D", folder / "data", "-l", folder / "log", "-o", options, "-w", "start")
        try:
            yield f"postgresql+psycopg://merbench@127.0.0.1:{port}/postgres"
        finally:
            _call(bin_folder / "pg_ctl", "-D", folder / "data", "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
