"""How channels stand at their providers: one row each, which is also the lease of the process that looks after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import channel_state
from scheduler.store.statements import insert_new

_LONGEST_PROBLEM = 120


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known about a channel."""

    channel: str
    username: str | None
    problem: str | None
    """Why it cannot work now; nothing while it works."""
    info: Mapping[str, Any]
    checked_at: datetime | None


async def read(conn: AsyncConnection) -> tuple[Standing, ...]:
    """Every channel that was ever looked after, by name."""
    rows = await conn.execute(select(channel_state).order_by(channel_state.c.channel))
    return tuple(Standing(row.channel, row.username, row.problem, row.info, row.checked_at) for row in rows)


async def take(
    conn: AsyncConnection, channel: str, holder: str, now: datetime, lease: timedelta, *, alone: bool = False
) -> bool:
    """Take the lease of `channel`, or keep it, for `lease` from now; false if another process holds it.

    Whoever is `alone` on this database need not wait for the lease of a process that was killed.
    """
    await conn.execute(insert_new(conn, channel_state).values(channel=channel, info={}))
    state = channel_state.c
    free = or_(literal(alone), state.holder.is_(None), state.holder == holder, state.held_until <= now)
    taken = await conn.execute(
        update(channel_state).where(state.channel == channel, free).values(holder=holder, held_until=now + lease)
    )
    return taken.rowcount == 1


async def release(conn: AsyncConnection, channel: str, holder: str) -> None:
    """Give the lease back, so that another process need not wait for its end."""
    await conn.execute(
        update(channel_state)
        .where(channel_state.c.channel == channel, channel_state.c.holder == holder)
        .values(holder=None, held_until=None)
    )


async def note(
    conn: AsyncConnection,
    channel: str,
    now: datetime,
    problem: str | None,
    username: str | None = None,
    info: Mapping[str, Any] | None = None,
) -> None:
    """Write down how the channel stands; a name or `info` that is not given stays."""
    values: dict[str, Any] = {"problem": problem and problem[:_LONGEST_PROBLEM], "checked_at": now}
    values |= {"username": username} if username else {}
    values |= {"info": dict(info)} if info is not None else {}
    await conn.execute(update(channel_state).where(channel_state.c.channel == channel).values(values))
