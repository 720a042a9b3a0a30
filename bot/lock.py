"""One Saathi at a time on a SQLite database, and no command beside a change of keys: locks on files in its folder."""

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
    with _held(folder / "lock", fcntl.LOCK_EX, f"Another Saathi is running on the data in {folder}: stop it first."):
        yield


@contextmanager
def keys_kept(folder: Path) -> Iterator[None]:
    """For a command beside a running Saathi: the keys stay what they are meanwhile. Raises InUseError if they do not.

    SQLite itself orders the writes of two processes; but what is sealed with a key that a rotation is just about to
    drop would never be opened again.
    """
    with _held(folder / "keys.lock", fcntl.LOCK_SH, "The keys are being changed: try again when that is done."):
        yield


@contextmanager
def keys_changing(folder: Path) -> Iterator[None]:
    """For a rotation of the keys: no command writes meanwhile. Raises InUseError if one is at work."""
    with _held(folder / "keys.lock", fcntl.LOCK_EX, "Another command is at work on the data: try again in a moment."):
        yield


@contextmanager
def _held(path: Path, how: int, refusal: str) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, how | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InUseError(refusal) from error
        yield
    finally:
        os.close(descriptor)
