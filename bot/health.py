"""Can it work, and if not, what is wrong, in sentences for the person who runs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from bot import database, metrics
from bot.bootstrap import App
from bot.channels.standing import Standing
from bot.database import SchemaError
from bot.staff import mornings
from scheduler.store.engine import Store

LATE_SECONDS = 300.0
"""Something due for longer than this means that no worker takes it."""

UNCHECKED = timedelta(minutes=10)
"""A provider that was not asked for longer than this means that no worker looks after the channel."""


CANARY_MISSING = "The daily test message to staff did not arrive: alerts may not arrive either."


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
    channels: tuple[dict[str, Any], ...] = ()
    """Each channel with a provider: its name, what is wrong (or nothing), what the provider says about itself."""

    def as_json(self) -> dict[str, Any]:
        """The same as plain values."""
        return asdict(self)


async def check(app: App) -> Health:
    """The health of a running system."""
    return await look(app.store, app.content.version, app.clock.now(), [channel.name for channel in app.channels])


async def look(store: Store, content_version: str, now: datetime, providers: Sequence[str]) -> Health:
    """Look at database, schema, queue and the channels of `providers`. Raises nothing for what it is there to find."""
    base: dict[str, Any] = {
        "time": now.isoformat(timespec="seconds"),
        "content_version": content_version,
        "database": store.dialect,
    }
    try:
        await database.require_newest(store)
        async with store.read() as conn:
            numbers = await metrics.read(conn, now)
            untested = await mornings.missing(conn, now)
    except SchemaError as error:
        return Health(ok=False, problems=(str(error),), warnings=(), **base)
    except (SQLAlchemyError, OSError):
        return Health(ok=False, problems=("The database cannot be read: look at its own log.",), warnings=(), **base)
    standings = {one.channel: one for one in numbers.standings}
    troubles = tuple(filter(None, (_trouble(name, standings.get(name), now) for name in providers)))
    problems, warnings = _judge(numbers, max(len(providers), 1), excused=bool(troubles))
    return Health(
        ok=not problems,
        problems=problems,
        warnings=(*warnings, *troubles, *((CANARY_MISSING,) if untested else ())),
        queue_depth=numbers.queue_depth,
        oldest_due_seconds=round(numbers.oldest_due_seconds, 1),
        quarantined=numbers.quarantined,
        alerts_open=sum(count for _, count in numbers.alerts_open),
        channels=tuple(_shown(name, standings.get(name)) for name in providers),
        **base,
    )


def _judge(numbers: metrics.Numbers, channels: int, *, excused: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Problems and warnings. `excused`: a channel does not work, so waiting messages say nothing about workers."""
    closed = [f"The channel {channel} may not send now: {reason}." for channel, reason in numbers.closed_channels]
    problems = []
    if len(closed) >= channels:
        problems.append("No channel may send now.")
    elif numbers.oldest_due_seconds > LATE_SECONDS and not closed and not excused:
        minutes = int(numbers.oldest_due_seconds // 60)
        problems.append(
            f"Messages have been due for {minutes} minutes: check that a worker runs (saathi run --only worker)."
        )
    warnings = closed
    if numbers.quarantined:
        warnings.append(f"{numbers.quarantined} inbound events could not be handled and were set aside.")
    return tuple(problems), tuple(warnings)


def _trouble(name: str, standing: Standing | None, now: datetime) -> str | None:
    """What is wrong with a channel, which keeps nothing else from working."""
    if standing is not None and standing.problem:
        return f"{name.capitalize()} does not work now: {standing.problem}"
    if standing is None or standing.checked_at is None or standing.checked_at < now - UNCHECKED:
        return f"{name.capitalize()} is not looked after: check that a worker runs (saathi run)."
    return None


def _shown(name: str, standing: Standing | None) -> dict[str, Any]:
    if standing is None:
        return {"channel": name}
    told = {key: standing.info[key] for key in ("mode", "pending", "last_error") if key in standing.info}
    return {"channel": name, "username": standing.username, "problem": standing.problem} | told
