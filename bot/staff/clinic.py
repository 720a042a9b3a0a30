"""The clinic's own numbers for telling staff: how fast an alert climbs, when nobody is rung, when the lists go out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time, timedelta

from bot.staff.escalation import Pace, Quiet
from content.loader import Content
from scheduler.policy import clock_time

_MINUTES = ("again", "next", "everybody", "repeat")
_TIMES = ("digest_at", "canary_at")


def pace(content: Content, *, emergency: bool) -> Pace:
    """The minutes of one tier."""
    tier = "alert" if emergency else "same_day"
    again, following, everybody, repeat = (_minutes(content, f"{tier}_{name}_minutes") for name in _MINUTES)
    return Pace(
        again=again,
        next=following,
        everybody=everybody,
        repeat=repeat,
        repeats=int(content.clinic["alert_repeats"]),
        patience=timedelta(seconds=int(content.clinic["alert_patience_seconds"])),
    )


def quiet(content: Content, zone: str) -> Quiet:
    """The hours in which a same-day sign rings nobody."""
    slots = content.defaults.slots
    return Quiet(clock_time(slots.quiet_from), clock_time(slots.quiet_until), zone)


def same_words(content: Content) -> timedelta:
    """For so long the very same words make no second alert once somebody has seen them."""
    return _minutes(content, "alert_same_minutes")


def confirm_within(content: Content) -> timedelta:
    """For so long a question about a warning sign waits for its yes or no; then silence is taken for a report."""
    return _minutes(content, "confirm_minutes")


def digest_at(content: Content) -> time:
    """When the list of the day goes out, local."""
    return clock_time(str(content.clinic["digest_at"]))


def canary_at(content: Content) -> time:
    """When the test message goes out, local."""
    return clock_time(str(content.clinic["canary_at"]))


def canary_within(content: Content) -> timedelta:
    """How long the test message may take."""
    return _minutes(content, "canary_minutes")


def problems(content: Content) -> Iterator[str]:
    """What is wrong with the clinic's values, a sentence each: with a wrong one the clock of alerts could not run."""
    for name in _numbers():
        value = str(content.clinic[name])
        if not (value.isascii() and value.isdigit() and int(value) > 0):
            yield f"{name} must be a whole number above 0."
    for name in _TIMES:
        try:
            clock_time(str(content.clinic[name]))
        except ValueError:
            yield f"{name} must be a time like 08:00."
    for tier in ("alert", "same_day"):
        steps = [str(content.clinic[f"{tier}_{name}_minutes"]) for name in _MINUTES[:3]]
        if all(one.isdigit() for one in steps) and sorted(map(int, steps)) != [int(one) for one in steps]:
            yield f"{tier}_again_minutes, {tier}_next_minutes and {tier}_everybody_minutes must not become smaller."


def _numbers() -> Iterator[str]:
    for tier in ("alert", "same_day"):
        yield from (f"{tier}_{name}_minutes" for name in _MINUTES)
    yield from ("alert_repeats", "alert_patience_seconds", "alert_same_minutes", "confirm_minutes", "canary_minutes")
    yield "medicine_again_minutes"
    yield "photo_days"


def _minutes(content: Content, name: str) -> timedelta:
    return timedelta(minutes=int(content.clinic[name]))
