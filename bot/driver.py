"""Runs a system with a settable clock through time, stopping at every instant at which something is due."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.bootstrap import App
from scheduler.clock import SettableClock


async def advance(app: App, until: datetime) -> None:
    """Move the clock to `until` (any zone), so that every message on the way leaves at its own minute.

    The clock goes from due instant to due instant; at each the reaper runs and everything due is sent. Raises
    TypeError if the clock of `app` cannot be set.
    """
    clock = settable(app)
    await settle(app)
    while clock.now() < until:
        due = await next_due(app)
        clock.set(until if due is None else min(whole_second(due), until))
        await settle(app)


async def settle(app: App) -> None:
    """Do all that is due at this instant, without moving the clock."""
    await app.watch.silence()
    await app.dispatcher.reap()
    await app.dispatcher.drain()
    # What an alert's clock or a photo puts into the outbox leaves at the same instant; what left moves the clock on.
    while await app.watch.tick() + await app.fetcher.tick():
        await app.dispatcher.drain()


async def next_due(app: App) -> datetime | None:
    """When a message, a reminder, an alert or a photo is due next; nothing if nothing is."""
    found = [await app.dispatcher.next_due(), await app.watch.next_due(), await app.fetcher.next_due()]
    return min((instant for instant in found if instant is not None), default=None)


def whole_second(instant: datetime) -> datetime:
    """The first whole second from `instant` on.

    The dispatcher waits out fractions of a second by sleeping, which a clock that stands still would never end.
    """
    return instant if instant.microsecond == 0 else instant.replace(microsecond=0) + timedelta(seconds=1)


def settable(app: App) -> SettableClock:
    """The clock of `app`. Raises TypeError if it is not one that can be set."""
    if not isinstance(app.clock, SettableClock):
        raise TypeError("only a system with a settable clock can be moved through time")
    return app.clock
