"""What staff see before they save: every message by day, medicine times apart, choices for past steps. Pure.

The texts and times are those of `scheduler/previews.py`, which uses the functions that plan and send.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby
from zoneinfo import ZoneInfo

from bot.staff import enrolling
from content.loader import Content
from content.model import WhenLate
from scheduler import previews
from scheduler.enrolments import NewEnrolment
from scheduler.plans import MEDICINE_STEP, MedicineTimes, occurrences
from scheduler.previews import PICTURED, Previewed
from scheduler.rendering import first_name, local_date

CHOICES = (
    (WhenLate.SKIP.value, "Leave out"),
    (WhenLate.SEND.value, "Send now"),
    (WhenLate.FOLD.value, "Add to the next message"),
)
"""What staff may choose for a past step, and how it is called."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One message that will leave."""

    step: str
    at: datetime
    """Local."""
    topic: str
    text: str
    buttons: tuple[str, ...]
    note: str
    """Why it comes at another time than planned, and what comes with it; empty otherwise."""


@dataclass(frozen=True, slots=True)
class Day:
    """The messages of one local day."""

    key: str
    label: str
    number: str
    """'day 5', counted from surgery."""
    messages: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Dose:
    """One line of medicine times as it was entered, and the messages it makes."""

    times: str
    days: str
    name: str
    past: int
    """How many are over already and are left out."""
    messages: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Late:
    """A step that is past already, and what becomes of it."""

    step: str
    topic: str
    planned: str
    """The day it was for."""
    text: str
    chosen: str
    usual: str
    """The choice of the content, if staff choose nothing."""
    effect: str


@dataclass(frozen=True, slots=True)
class Plan:
    """All that leaves if this is saved and the patient connects now."""

    days: tuple[Day, ...]
    doses: tuple[Dose, ...]
    late: tuple[Late, ...]
    count: int
    """Of messages, medicine times included."""
    first_at: datetime | None
    last_at: datetime | None
    mark: str
    """Changes when what is shown changes; not by the minutes that pass until it is saved."""

    @property
    def choices(self) -> dict[str, str]:
        """The choice for every past step, as it is shown."""
        return {one.step: one.chosen for one in self.late}


def plan(content: Content, request: NewEnrolment, now: datetime) -> Plan:
    """What `request` would send, for somebody who connects at `now`."""
    shown = _preview(content, request, now)
    zone = ZoneInfo(request.zone)
    leaving = [_shown(one, zone) for one in sorted(shown, key=lambda one: one.at) if one.body]
    return Plan(
        days=tuple(_days((one for one in leaving if one.step != MEDICINE_STEP), request.surgery_on)),
        doses=_doses(request, shown, zone),
        late=_late(content, request, shown, zone),
        count=len(leaving),
        first_at=leaving[0].at if leaving else None,
        last_at=leaving[-1].at if leaving else None,
        mark=_mark(content, request, shown),
    )


def _preview(content: Content, request: NewEnrolment, now: datetime) -> tuple[Previewed, ...]:
    facts = enrolling.facts(request)
    return previews.preview(content, request.journey, facts, request.language, request.name, now)


def _shown(one: Previewed, zone: ZoneInfo) -> Shown:
    body = one.body
    assert body is not None  # noqa: S101 - the caller left the others out
    at = one.at.astimezone(zone)
    notes = ["sent late, as chosen above"] if one.occurrence.late is WhenLate.SEND else []
    notes += [PICTURED] if one.pictured else []
    labels = tuple(button.label for button in body.buttons)
    return Shown(one.occurrence.step, at, one.occurrence.topic.value, body.text, labels, " · ".join(notes))


def _days(messages: Iterable[Shown], surgery_on: date) -> Iterable[Day]:
    for day, group in groupby(messages, key=lambda one: one.at.date()):
        yield Day(day.isoformat(), f"{local_date(day, 'en')}", _number(day, surgery_on), tuple(group))


def _number(day: date, surgery_on: date) -> str:
    days = (day - surgery_on).days
    if days < 0:
        return f"{-days} day{'s' if days < -1 else ''} before surgery"
    return f"day {days}" if days else "day of surgery"


def _doses(request: NewEnrolment, shown: Sequence[Previewed], zone: ZoneInfo) -> tuple[Dose, ...]:
    by_key = {one.occurrence.occurrence: one for one in shown if one.occurrence.step == MEDICINE_STEP}
    doses = []
    for times in request.medicine:
        keys = [key for key in by_key if _belongs(key, times)]
        leaving = [_shown(by_key[key], zone) for key in keys if by_key[key].body]
        last = date.fromordinal(times.first_on.toordinal() + times.days - 1)
        doses.append(
            Dose(
                times=", ".join(f"{at:%H:%M}" for at in times.at),
                days=f"{times.days} day{'s' if times.days > 1 else ''}, "
                f"{local_date(times.first_on, 'en')} to {local_date(last, 'en')}",
                name=times.label or "",
                past=len(keys) - len(leaving),
                messages=tuple(leaving),
            )
        )
    return tuple(doses)


def _belongs(occurrence: str, times: MedicineTimes) -> bool:
    """Whether the medicine time called `2026-03-02 08:00` is one of `times`."""
    day = date.fromisoformat(occurrence[:10])
    return time.fromisoformat(occurrence[11:]) in times.at and 0 <= (day - times.first_on).days < times.days


def _late(content: Content, request: NewEnrolment, shown: Sequence[Previewed], zone: ZoneInfo) -> tuple[Late, ...]:
    steps = {step.id: step for step in content.journeys[request.journey].steps}
    planned = _planned(content, request)
    titles = {one.occurrence.key: one for one in shown}
    found = []
    for one in shown:
        o = one.occurrence
        if o.late is None or o.step == MEDICINE_STEP:
            continue
        step = steps[o.step]
        usual = (step.when_late or content.defaults.when_late[step.topic]).value
        found.append(
            Late(
                step=o.step,
                topic=o.topic.value,
                planned=local_date(planned[o.key].astimezone(zone).date(), "en"),
                text=content.fill(step.text["en"], name=first_name(request.name), day=step.day),
                chosen=request.late_choices.get(step.id) or request.late_choices.get(step.topic.value) or usual,
                usual=usual,
                effect=_effect(one, titles, zone),
            )
        )
    return tuple(sorted(found, key=lambda one: planned[_key_of(one.step, shown)]))


def _key_of(step: str, shown: Sequence[Previewed]) -> tuple[str, str]:
    return next(one.occurrence.key for one in shown if one.occurrence.step == step)


def _effect(one: Previewed, by_key: Mapping[tuple[str, str], Previewed], zone: ZoneInfo) -> str:
    o = one.occurrence
    if o.late is WhenLate.SEND:
        at = one.at.astimezone(zone)
        return f"leaves on {local_date(at.date(), 'en')} at {at:%H:%M}"
    if o.folded_into is not None:
        at = by_key[o.folded_into].at.astimezone(zone)
        return f"goes with the message of {local_date(at.date(), 'en')}, {at:%H:%M}"
    return "is not sent"


def _planned(content: Content, request: NewEnrolment) -> dict[tuple[str, str], datetime]:
    """When each step was for, whatever is late by now."""
    whole = occurrences(content.journeys[request.journey], content.defaults, enrolling.facts(request))
    return {o.key: o.due_at for o in whole}


def _mark(content: Content, request: NewEnrolment, shown: Sequence[Previewed]) -> str:
    planned = _planned(content, request)
    rows = [
        [
            *one.occurrence.key,
            planned[one.occurrence.key].isoformat(),
            one.occurrence.late,
            one.occurrence.folded_into,
            one.body.text if one.body else None,
        ]
        for one in shown
    ]
    return hashlib.sha256(json.dumps([content.version, request.language, rows]).encode()).hexdigest()[:24]
