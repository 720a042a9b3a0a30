"""One process at a time on a SQLite database: a lock on a file beside it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scheduler.errors import SaathiError


class InUseError(SaathiError):
    """Another process works on the same data."""


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold `folder` for this process; the system lets go of it even after a crash. Raises InUseError if it is held."""
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InUseError(f"Another Saathi is running on the data in {folder}: stop it first.") from error
        yield
    finally:
        os.close(descriptor)
