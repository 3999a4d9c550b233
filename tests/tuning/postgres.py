"""A PostgreSQL server of one's own on loopback, for as long as a test needs it."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import stat
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
    if _user() is None:
        return "PostgreSQL refuses to run as root, and there is no other user to run it as"
    return "" if _place() is not None else "no temporary folder is open to the user who runs PostgreSQL"


def _user() -> str | None:
    """Who runs the server: whoever tests, but for root somebody else."""
    if os.getuid():
        return pwd.getpwuid(os.getuid()).pw_name
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in known and shutil.which("setpriv")), None)


def _place() -> str | None:
    """Where the data may lie: a private TMPDIR of root's is closed to whoever else runs the server."""
    places = [tempfile.gettempdir(), "/tmp", "/var/tmp"]
    return next((place for place in places if os.getuid() or _open_to_all(Path(place))), None)


def _open_to_all(folder: Path) -> bool:
    chain = [folder.resolve(), *folder.resolve().parents]
    return all(step.is_dir() and step.stat().st_mode & stat.S_IXOTH for step in chain)


def _call(*words: object) -> None:
    user = _user()
    assert user is not None
    as_user = (
        [] if os.getuid() else ["setpriv", f"--reuid={user}", f"--regid={pwd.getpwnam(user).pw_gid}", "--clear-groups"]
    )
    done = subprocess.run(
        [*as_user, *map(str, words)], check=False, capture_output=True, text=True, timeout=120, cwd="/"
    )
    assert done.returncode == 0, f"{' '.join(map(str, words))}: {done.stdout}{done.stderr}"


@contextmanager
def server() -> Iterator[str]:
    """The URL of a fresh database, as Optuna wants it."""
    bin_folder, user = programs(), _user()
    assert bin_folder is not None
    assert user is not None
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="merbench-pg-", dir=_place()))
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
