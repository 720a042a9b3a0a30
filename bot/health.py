"""Can it work, and if not, what is wrong, in sentences for the person who runs it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from bot import database, metrics
from bot.bootstrap import App
from bot.database import SchemaError
from scheduler.store.engine import Store

LATE_SECONDS = 300.0
"""Something due for longer than this means that no worker takes it."""


@dataclass(frozen=True, slots=True)
class Health:
    """The state of the system at one instant."""

    ok: bool
    """Whether it can work: take messages in and send them out."""
    problems: tuple[str, ...]
    """Why not; empty if it can."""
    warnings: tuple[str, ...]
    """What somebody should look at although it works."""
    time: str
    """The system's own clock, ISO 8601 in UTC."""
    content_version: str
    database: str
    queue_depth: int = 0
    oldest_due_seconds: float = 0.0
    quarantined: int = 0
    alerts_open: int = 0

    def as_json(self) -> dict[str, Any]:
        """The same as plain values."""
        return asdict(self)


async def check(app: App) -> Health:
    """The health of a running system."""
    return await look(app.store, app.content.version, app.clock.now(), len(app.senders))


async def look(store: Store, content_version: str, now: datetime, channels: int) -> Health:
    """Look at database, schema, queue and `channels` channels. Raises nothing for what it is there to find."""
    base: dict[str, Any] = {
        "time": now.isoformat(timespec="seconds"),
        "content_version": content_version,
        "database": store.dialect,
    }
    try:
        await database.require_newest(store)
        async with store.read() as conn:
            numbers = await metrics.read(conn, now)
    except SchemaError as error:
        return Health(ok=False, problems=(str(error),), warnings=(), **base)
    except (SQLAlchemyError, OSError):
        return Health(ok=False, problems=("The database cannot be read: look at its own log.",), warnings=(), **base)
    problems, warnings = _judge(numbers, channels)
    return Health(
        ok=not problems,
        problems=problems,
        warnings=warnings,
        queue_depth=numbers.queue_depth,
        oldest_due_seconds=round(numbers.oldest_due_seconds, 1),
        quarantined=numbers.quarantined,
        alerts_open=sum(count for _, count in numbers.alerts_open),
        **base,
    )


def _judge(numbers: metrics.Numbers, channels: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    closed = [f"The channel {channel} may not send now: {reason}." for channel, reason in numbers.closed_channels]
    problems = []
    if len(closed) >= channels:
        problems.append("No channel may send now.")
    elif numbers.oldest_due_seconds > LATE_SECONDS and not closed:
        minutes = int(numbers.oldest_due_seconds // 60)
        problems.append(
            f"Messages have been due for {minutes} minutes: check that a worker runs (saathi run --only worker)."
        )
    warnings = closed
    if numbers.quarantined:
        warnings.append(f"{numbers.quarantined} inbound events could not be handled and were set aside.")
    return tuple(problems), tuple(warnings)
