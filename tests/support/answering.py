"""What answers questions, built once for all tests of a process, and learnt once for all processes."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from bot.answering import Answering
from bot.faq import Retriever
from bot.faq.kept import Keeper
from bot.settings import cache_folder
from tests.support.tracing import untraced
from tests.support.world import shipped


@cache
def shipped_answering() -> Answering:
    """The shipped content's."""
    with untraced(), _one_learns():
        return Answering(shipped(), Keeper(cache_folder()).learn)


@cache
def shipped_retriever() -> Retriever:
    """The shipped content's."""
    content = shipped()
    with untraced(), _one_learns():
        return Retriever(content.faq.values(), content.outside.values(), Keeper(cache_folder()).learn)


@contextmanager
def _one_learns() -> Iterator[None]:
    """The first test process learns, the others wait for its copy; outside the tests there is nobody to wait for."""
    folder = os.environ.get("XDG_CACHE_HOME")
    if folder is None:
        yield
        return
    with (Path(folder) / "learning.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
