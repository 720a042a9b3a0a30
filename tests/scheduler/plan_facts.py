"""Short ways to write a journey and read a plan."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from content.model import Journey, JourneyDefaults
from scheduler.plans import Facts, Occurrence, occurrences
from tests.support.world import JOURNEY, sample_content, shipped

MONDAY = date(2026, 3, 2)
ZONE = "Asia/Kolkata"
DEFAULTS: JourneyDefaults = shipped().defaults


def journey(*steps: dict[str, Any], per_day: int = 3) -> Journey:
    """A journey of these steps."""
    return sample_content(*steps, per_day=per_day).journeys[JOURNEY]


def facts(surgery_on: date = MONDAY, zone: str = ZONE, **more: Any) -> Facts:
    """Facts of a plan: surgery on Monday in Lucknow."""
    return Facts(surgery_on=surgery_on, zone=zone, **more)


def plan(*steps: dict[str, Any], per_day: int = 3, **more: Any) -> tuple[Occurrence, ...]:
    """The plan of these steps."""
    return occurrences(journey(*steps, per_day=per_day), DEFAULTS, facts(**more))


def local(o: Occurrence, zone: str = ZONE) -> datetime:
    """When it is due, by the patient's wall clock."""
    return o.due_at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def table(result: tuple[Occurrence, ...], zone: str = ZONE) -> list[str]:
    """The plan as people read it: `03-04 09:00 walk`."""
    return [f"{local(o, zone):%m-%d %H:%M} {o.step}" for o in result]


def at(day: date, clock: str, zone: str = ZONE) -> datetime:
    """An instant by the wall clock of `zone`, in UTC."""
    return datetime.combine(day, time.fromisoformat(clock), ZoneInfo(zone)).astimezone(UTC)
