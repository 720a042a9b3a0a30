"""The port through which a reminder gets its picture, drawn at the moment of sending.

Pictures are made of answers, which this package does not know: who draws them is handed in.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from scheduler.rendering import Drawn


class Drawer(Protocol):
    """Draws what steps of the content ask for as `picture: trend`."""

    async def draw(self, conn: AsyncConnection, enrolment_ids: Collection[int]) -> Mapping[int, Drawn]:
        """A picture for each enrolment that has something to show, by its id.

        Raises nothing but errors of the database: a message without its picture is better than none.
        """
        ...
