"""How an enrolment stands, in words staff read. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.web import page


class Standing(StrEnum):
    """What keeps messages from a patient, or nothing does; named as in the style sheets."""

    INVITED = "invited"
    ASKED = "asked"
    ACTIVE = "active"
    PAUSED = "paused"
    STOPPED = "stopped"
    BLOCKED = "blocked"
    REFUSED = "refused"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the standing follows from; instants are UTC."""

    state: str
    """Of the enrolment: invited, active, paused, ended."""
    reason: str | None
    paused_until: datetime | None
    connected: bool
    agreed: bool
    """A yes to reminders holds now."""
    stopped: bool
    blocked: bool
    zone: str


def standing(facts: Facts) -> Standing:
    """The first thing that keeps messages back; a blocked bot before a STOP, both before a pause."""
    if facts.state == "ended":
        return Standing.ENDED
    if not facts.connected:
        return Standing.INVITED
    if facts.blocked:
        return Standing.BLOCKED
    if facts.stopped:
        return Standing.STOPPED
    if facts.state == "paused":
        return Standing.PAUSED
    if facts.agreed:
        return Standing.ACTIVE
    return Standing.ASKED if facts.state == "invited" else Standing.REFUSED


def standing_words(facts: Facts) -> str:
    """The standing as staff read it: 'Followed', 'Paused until Tue 24 Nov 09:00'."""
    found = standing(facts)
    if found is Standing.PAUSED and facts.paused_until:
        return f"Paused until {moment(facts.paused_until, facts.zone)}"
    if found is Standing.ENDED and facts.reason:
        return f"Ended: {facts.reason}"
    return _WORDS[found]


def moment(at: datetime, zone: str) -> str:
    """An instant as weekday, date and time there: 'Tue 24 Nov 09:00'."""
    there = page.local(at, zone)
    return f"{page.date_words(there.date())} {page.clock_words(there)}"


def near_moment(at: datetime, now: datetime, zone: str) -> str:
    """The same with today, yesterday and tomorrow by name: 'Today 18:30'."""
    there = page.local(at, zone)
    return f"{page.day_words(there.date(), page.local(now, zone).date())} {page.clock_words(there)}"


def lasting(since: datetime, now: datetime) -> str:
    """How long something has lasted, in its largest unit: 'under 1 min', '12 min', '3 h', '2 days'."""
    gone = now - since
    if gone < timedelta(minutes=1):
        return "under 1 min"
    if gone < timedelta(hours=1):
        return f"{gone // timedelta(minutes=1)} min"
    if gone < timedelta(days=1):
        return f"{gone // timedelta(hours=1)} h"
    days = gone // timedelta(days=1)
    return f"{days} day{'s' if days != 1 else ''}"


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun: '1 message', '3 messages'."""
    return f"{number} {one if number == 1 else many or one + 's'}"


_WORDS = {
    Standing.INVITED: "Not connected yet",
    Standing.ASKED: "Connected, not agreed yet",
    Standing.ACTIVE: "Followed",
    Standing.PAUSED: "Paused",
    Standing.STOPPED: "Said STOP",
    Standing.BLOCKED: "Blocked the bot",
    Standing.REFUSED: "Said no to messages",
    Standing.ENDED: "Ended",
}

TONES = {
    Standing.INVITED: "amber",
    Standing.ASKED: "amber",
    Standing.ACTIVE: "green",
    Standing.PAUSED: "blue",
    Standing.STOPPED: "grey",
    Standing.BLOCKED: "grey",
    Standing.REFUSED: "grey",
    Standing.ENDED: "grey",
}
"""The colour of each standing's mark."""
