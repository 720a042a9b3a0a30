"""Making the tables that the tests' databases start from."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bot import database


def sqlite_address(path: Path) -> str:
    """SQLAlchemy's address of the SQLite file `path`."""
    return f"sqlite+aiosqlite:///{path}"


def make_tables(url: str) -> None:
    """Bring the empty database at `url` to the newest version, as `saathi db upgrade` does."""
    # A thread of its own: the caller may be in the midst of a running event loop.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, database.upgrade(url)).result()
