"""What each class of message may do. One table; nobody else decides by class."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from content.model import SlotTimes, Topic


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of one class."""

    priority: int
    """0 leaves first."""
    proactive: bool
    """Bound by consent, STOP, pause, discharge and quiet hours."""
    repeats: bool
    """Sent again, saying so, when it is unknown whether it arrived. Never for medicine: that could double a dose."""
    overtakes: bool = False
    """Does not wait for other messages to the same address."""


URGENT = "urgent"
"""The fixed reply to a red flag."""
ALERT = "alert"
"""A case opened for staff."""
REPLY = "reply"
STAFF = "staff"
"""What staff wrote to a patient."""

POLICIES: dict[str, Policy] = {
    URGENT: Policy(priority=0, proactive=False, repeats=True, overtakes=True),
    ALERT: Policy(priority=0, proactive=False, repeats=True, overtakes=True),
    REPLY: Policy(priority=1, proactive=False, repeats=True),
    STAFF: Policy(priority=1, proactive=False, repeats=True),
    Topic.MEDICINE: Policy(priority=2, proactive=True, repeats=False),
    Topic.CHECKIN: Policy(priority=3, proactive=True, repeats=False),
    Topic.WARNING: Policy(priority=3, proactive=True, repeats=False),
    Topic.ACTIVITY: Policy(priority=3, proactive=True, repeats=False),
    Topic.LOGISTICS: Policy(priority=3, proactive=True, repeats=False),
}

COPIED_TO_CAREGIVERS = (Topic.WARNING, Topic.ACTIVITY, Topic.LOGISTICS)
"""Caregivers get these as well. Medicine and questions go to one chat only: two people told 'take the tablet' can
mean two tablets."""


@lru_cache(maxsize=256)
def local(instant: datetime, zone: str) -> datetime:
    """The wall clock of `zone` at `instant`; of one claim, thousands of rows ask for the same."""
    return instant.astimezone(ZoneInfo(zone))


@cache
def clock_time(value: str) -> time:
    """The local time written as HH:MM. Raises ValueError for anything else."""
    return time.fromisoformat(value)


def in_quiet_hours(now: datetime, zone: str, slots: SlotTimes) -> bool:
    """Whether `now` lies in the quiet hours of `zone` (default 21:00 to 08:00 local, over midnight)."""
    return is_quiet_time(local(now, zone).time(), slots)


def is_quiet_time(local: time, slots: SlotTimes) -> bool:
    """Whether the local time of day lies in the quiet hours; their first minute does, their last does not."""
    return local >= clock_time(slots.quiet_from) or local < clock_time(slots.quiet_until)
