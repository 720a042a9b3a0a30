"""Writing down what became of messages, and giving up leases nobody will come back to.

Every write is fenced: it names the lease it was sent under, so a worker that lost its lease overwrites nothing.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ScalarSelect, and_, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from content.loader import Content
from scheduler import gate, people
from scheduler.claims import MAY_HAVE_ARRIVED, Claimed
from scheduler.policy import POLICIES
from scheduler.sender import Halted, Limited, NotSent, Outcome, Refused, Sent, Unknown, Unreachable
from scheduler.store.statements import update_many
from scheduler.store.tables import attempt, message

MAX_REPEATS = 3
"""So often an alert or reply is repeated while nobody knows whether it arrived. Tries that certainly did not arrive
do not count."""

_FIRST_REPEAT = 2.0
_REPEAT_FACTOR = 8.0
"""A repeat waits 2, then 16, then 128 seconds: a provider that hangs for a minute does not use them all up."""

GIVE_UP_AFTER = timedelta(hours=24)
"""A reply without a limit of its own is not tried for longer: a day later it would only puzzle."""

HALT = timedelta(minutes=5)
"""How long a channel rests after the provider refused it as a whole (bad token); then it is tried again."""

_FIRST_BACKOFF = 2.0
_LONGEST_BACKOFF = 300.0

ABANDONED = "the worker was stopped while sending"

RESTORED = "restored from a backup: it may have been sent after the backup was made"


class Landed(NamedTuple):
    """A message and the answer to its attempt."""

    claimed: Claimed
    outcome: Outcome


async def record(
    conn: AsyncConnection, content: Content, channel: str, spacing: float, landed: Sequence[Landed], now: datetime
) -> None:
    """Write down the outcomes of some attempts of one channel, and what follows from them."""
    free_at = now + timedelta(seconds=spacing)
    rest = [one for one in landed if not isinstance(one.outcome, Sent)]
    sent = [
        (one.claimed.outgoing.message_id, one.claimed.lease, one.outcome.provider_id, "sent", None, now, free_at, None)
        for one in landed
        if isinstance(one.outcome, Sent)
    ]
    columns = ("provider_id", "state", "reason", "sent_at", "holds_until", "lease_until")
    await update_many(conn, message, ("id", "lease"), columns, sent)
    for one in rest:
        await _record_unsent(conn, content, one, now)
    attempts = [
        (
            one.claimed.outgoing.message_id,
            one.claimed.lease,
            now,
            _NAMES[type(one.outcome)],
            getattr(one.outcome, "code", None),
        )
        for one in landed
    ]
    await update_many(conn, attempt, ("message_id", "lease"), ("finished_at", "outcome", "code"), attempts)
    limited = [one.outcome.retry_after for one in rest if isinstance(one.outcome, Limited)]
    if limited:
        await gate.close(conn, channel, now + timedelta(seconds=max(limited)), "the provider asked us to wait")
    if any(isinstance(one.outcome, Halted) for one in rest):
        await gate.close(conn, channel, now + HALT, "the provider refuses this channel: check its settings")


async def reap(conn: AsyncConnection, now: datetime) -> int:
    """End every lease that ran out: those messages may have arrived. How many."""
    rows = (
        await conn.execute(
            select(message.c.id, message.c.kind, message.c.lease, _doubts().label("doubts"))
            .where(message.c.state == "sending", message.c.lease_until <= now)
            .with_for_update(skip_locked=True)
        )
    ).all()
    if not rows:
        return 0
    columns = ("state", "reason", "ready_at", "holds_until")
    after = [(row, _after_unknown(row.kind, row.doubts, ABANDONED, now)) for row in rows]
    values = [(row.id, row.lease, *(then[column] for column in columns)) for row, then in after]
    await update_many(conn, message, ("id", "lease"), columns, values)
    ended = [(row.id, row.lease, now, "unknown", "abandoned") for row in rows]
    await update_many(conn, attempt, ("message_id", "lease"), ("finished_at", "outcome", "code"), ended)
    return len(rows)


async def expire_queued(conn: AsyncConnection, now: datetime) -> int:
    """Expire what waits in the queue past its time, even while its channel is closed. How many."""
    done = await conn.execute(
        update(message)
        .where(message.c.state == "queued", message.c.expires_at <= now)
        .values(state="expired", reason="too late when its turn came")
    )
    return done.rowcount


async def doubt_unsent(conn: AsyncConnection, now: datetime) -> int:
    """After a restore: whatever could have left by now may have left, so nothing of it leaves again. How many.

    Alerts and replies as well: they are repeated when one call's outcome is unknown, not when hours are missing. The
    alert itself stays open, and staff see the reason.
    """
    ended = update(attempt).where(attempt.c.outcome == "started")
    await conn.execute(ended.values(finished_at=now, outcome="unknown", code="restored"))
    could_have_left = or_(message.c.state == "sending", and_(message.c.state == "queued", message.c.ready_at <= now))
    done = await conn.execute(
        update(message).where(could_have_left).values(state="unknown", reason=RESTORED, holds_until=now)
    )
    return done.rowcount


async def _record_unsent(conn: AsyncConnection, content: Content, one: Landed, now: datetime) -> None:
    claimed, outcome = one.claimed, one.outcome
    kind = claimed.outgoing.kind
    values: dict[str, Any]
    match outcome:
        case Unknown(code):
            doubts = await conn.scalar(select(_doubts()).where(message.c.id == claimed.outgoing.message_id)) or 0
            values = _after_unknown(kind, doubts, f"no answer came back ({code})"[:120], now)
        case Limited(retry_after):
            values = {"state": "queued", "ready_at": now + timedelta(seconds=retry_after), "holds_until": now}
        case Halted(code):
            values = {
                "state": "queued",
                "ready_at": now + HALT,
                "holds_until": now,
                "reason": f"channel refused ({code})"[:120],
            }
        case NotSent(code, retry_after):
            values = await _try_again(conn, claimed, f"could not be sent ({code})"[:120], retry_after, now)
        case Refused(code) | Unreachable(code):
            values = {"state": "failed", "reason": f"refused by the provider ({code})"[:120], "holds_until": now}
        case _:
            raise TypeError(type(outcome).__name__)
    await conn.execute(
        update(message)
        .where(
            message.c.id == claimed.outgoing.message_id,
            message.c.lease == claimed.lease,
            message.c.state.in_(("sending", "unknown")),
        )
        .values(values)
    )
    if isinstance(outcome, Unreachable):
        await people.block(conn, content, claimed.address_id, now)


def _doubts() -> ScalarSelect[int]:
    """How many earlier attempts of a message ended unknown."""
    earlier = select(func.count()).select_from(attempt)
    return earlier.where(attempt.c.message_id == message.c.id, attempt.c.outcome == "unknown").scalar_subquery()


def _after_unknown(kind: str, doubts: int, reason: str, now: datetime) -> dict[str, Any]:
    """What becomes of a message whose attempt ended unknown, as `doubts` earlier ones did."""
    if POLICIES[kind].repeats and doubts < MAX_REPEATS:
        return {
            "state": "queued",
            "reason": MAY_HAVE_ARRIVED,
            "ready_at": now + timedelta(seconds=_FIRST_REPEAT * _REPEAT_FACTOR**doubts),
            "holds_until": now,
        }
    return {"state": "unknown", "reason": reason, "ready_at": now, "holds_until": now}


async def _try_again(
    conn: AsyncConnection, claimed: Claimed, reason: str, retry_after: float, now: datetime
) -> dict[str, Any]:
    ready_at = now + timedelta(seconds=retry_after or _backoff(claimed.tries))
    first = await conn.scalar(
        select(attempt.c.started_at)
        .where(attempt.c.message_id == claimed.outgoing.message_id)
        .order_by(attempt.c.id)
        .limit(1)
    )
    limit = claimed.expires_at or (first or now) + GIVE_UP_AFTER
    if ready_at >= limit:
        return {"state": "failed", "reason": reason, "holds_until": now}
    # An earlier attempt that may have arrived stays on record: the next text still says so.
    unknown = exists().where(attempt.c.message_id == message.c.id, attempt.c.outcome == "unknown")
    repeated = await conn.scalar(select(unknown).where(message.c.id == claimed.outgoing.message_id))
    return {
        "state": "queued",
        "ready_at": ready_at,
        "holds_until": now,
        "reason": MAY_HAVE_ARRIVED if repeated else reason,
    }


def _backoff(tries: int) -> float:
    """Seconds before the next try: doubling, with a random part so that thousands do not return at once."""
    seconds = min(_FIRST_BACKOFF * 2.0 ** min(tries - 1, 10), _LONGEST_BACKOFF)
    return seconds * random.uniform(0.8, 1.2)  # noqa: S311 - jitter


_NAMES: dict[type[Outcome], str] = {
    Sent: "sent",
    NotSent: "not_sent",
    Limited: "not_sent",
    Halted: "not_sent",
    Refused: "refused",
    Unreachable: "refused",
    Unknown: "unknown",
}
