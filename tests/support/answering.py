"""What answers questions, built once for all tests of a process: building it takes a second or two."""

from __future__ import annotations

from functools import cache

from bot.answering import Answering
from tests.support.tracing import untraced
from tests.support.world import shipped


@cache
def shipped_answering() -> Answering:
    """The shipped content's."""
    with untraced():
        return Answering(shipped())
