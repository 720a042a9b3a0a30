"""The enrol form: what staff typed, what is wrong with it, and the request it makes. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TypeVar
from zoneinfo import ZoneInfo

from bot.staff import medicines, values
from content.loader import Content
from content.model import WhenLate
from scheduler import checking
from scheduler.enrolments import NewEnrolment
from scheduler.errors import BadRequestError
from scheduler.plans import Facts, MedicineTimes

T = TypeVar("T")

FIRST = ("name", "phone", "language", "procedure", "surgery_on", "surgery_time")
"""The five fields everybody fills in; surgery has a day and a time."""
MORE = ("year_of_birth", "discharge_on", "morning", "evening", "medicine", "at_night")
"""Those that have defaults."""
FIELDS = FIRST + MORE

LATE = "late."
"""A choice for a past step is the field `late.<step id>`."""

LONGEST = 200
"""Characters in a field; more is no name, number or day."""
_LONGEST = {"medicine": medicines.LONGEST}

NONCE = re.compile(r"[0-9a-f]{32}")
"""What names one form, made by the page that shows it."""


_TIME = re.compile(r"(\d\d:\d\d)?")


@dataclass(frozen=True, slots=True)
class Form:
    """A form as it came in."""

    values: Mapping[str, str]
    """Every field exactly as typed; what did not come is empty."""
    problems: Mapping[str, str]
    """One sentence for each field that cannot be."""
    request: NewEnrolment | None
    """What it asks for, if nothing is wrong."""

    @property
    def more_open(self) -> bool:
        """Whether the fields with defaults should be in sight: something was typed there, or is wrong there."""
        return any(self.values[name] or name in self.problems for name in MORE)


def empty(today: date) -> Form:
    """A fresh form; most patients are enrolled on the day of surgery."""
    return Form(dict.fromkeys(FIELDS, "") | {"surgery_on": f"{today.day} {today:%b %Y}"}, {}, None)


def parse(form: Mapping[str, str], content: Content, now: datetime, zone: str) -> Form:
    """Read a whole form; every problem is found at once."""
    today = now.astimezone(ZoneInfo(zone)).date()
    reader = _Reader({name: form.get(name, "") for name in FIELDS})
    name = reader.read("name", values.name)
    phone = reader.read("phone", values.phone)
    language = reader.read("language", values.language)
    journey = reader.read("procedure", lambda typed: values.procedure(typed, content))
    surgery_on, surgery_time = _surgery(reader, zone, now)
    year = reader.read("year_of_birth", lambda typed: values.year_of_birth(typed, today))
    discharge = reader.maybe("discharge_on", values.day)
    if discharge and surgery_on:
        reader.check("discharge_on", lambda: checking.dates(surgery_on, discharge, zone, now))
    morning, evening = (reader.maybe(at, values.clock) for at in ("morning", "evening"))
    for field, at in (("morning", morning), ("evening", evening)):
        if at:
            reader.check(field, lambda at=at: checking.awake(content, at))  # type: ignore[misc]
    medicine = _medicine(reader, content, surgery_on, today)
    late = _late(form, reader)
    request = None
    if not reader.problems and name and phone and language and journey and surgery_on:
        request = NewEnrolment(
            name=name,
            language=language,
            journey=journey,
            surgery_on=surgery_on,
            phone=phone,
            year_of_birth=year,
            surgery_time=surgery_time,
            discharge_on=discharge,
            zone=zone,
            morning=morning,
            evening=evening,
            medicine=medicine,
            late_choices=late,
        )
    return Form(reader.typed | {LATE + step: choice for step, choice in late.items()}, reader.problems, request)


def pickable(form: Form) -> frozenset[str]:
    """The fields whose value a browser's own time picker can show; another value needs a plain line."""
    times = ("surgery_time", "morning", "evening")
    return frozenset(name for name in times if _TIME.fullmatch(form.values[name]))


def chosen(form: Form, content: Content) -> Mapping[str, str]:
    """Which language and procedure stand for what was typed there; empty where nothing does."""
    reader = _Reader(dict(form.values))
    return {
        "language": reader.maybe("language", values.language) or "",
        "procedure": reader.maybe("procedure", lambda typed: values.procedure(typed, content)) or "",
    }


def facts(request: NewEnrolment) -> Facts:
    """What the plan of this request depends on."""
    return Facts(
        surgery_on=request.surgery_on,
        zone=request.zone,
        surgery_time=request.surgery_time,
        discharge_on=request.discharge_on,
        morning=request.morning,
        evening=request.evening,
        medicine=request.medicine,
        late_choices=request.late_choices,
    )


class _Reader:
    """Reads fields one after the other and keeps the sentence about each that cannot be read."""

    def __init__(self, typed: dict[str, str]) -> None:
        self.typed = typed
        self.problems: dict[str, str] = {}

    def read(self, field: str, how: Callable[[str], T]) -> T | None:
        """The value of a field, or nothing and a problem."""
        try:
            # Checked first: reading takes longer the more was typed.
            if len(self.typed[field]) > _LONGEST.get(field, LONGEST):
                raise BadRequestError("This is far too long: shorten it.")
            return how(self.typed[field])
        except BadRequestError as error:
            self.problems.setdefault(field, str(error))
            return None

    def maybe(self, field: str, how: Callable[[str], T]) -> T | None:
        """The same for a field that may be left empty."""
        return self.read(field, how) if values.clean(self.typed[field]) else None

    def check(self, field: str, how: Callable[[], None]) -> None:
        """Note what `how` complains about."""
        self.read(field, lambda _: how())


def _surgery(reader: _Reader, zone: str, now: datetime) -> tuple[date | None, time | None]:
    found = reader.read("surgery_on", values.moment)
    at = reader.maybe("surgery_time", values.clock)
    if found is None:
        return None, at
    surgery_on, beside = found
    reader.check("surgery_on", lambda: checking.dates(surgery_on, None, zone, now))
    return (None if "surgery_on" in reader.problems else surgery_on), at or beside


def _medicine(reader: _Reader, content: Content, surgery_on: date | None, today: date) -> tuple[MedicineTimes, ...]:
    first = medicines.usual_first_day(surgery_on or today, today)
    at_night = values.clean(reader.typed["at_night"]).lower() in ("yes", "on", "true", "1")
    found = reader.read("medicine", lambda typed: medicines.read(typed, first, at_night=at_night)) or ()
    for times in found:
        reader.check("medicine", lambda times=times: checking.medicine(content, times, today))  # type: ignore[misc]
    return found


def _late(form: Mapping[str, str], reader: _Reader) -> dict[str, str]:
    """The choices for past steps; one that does not exist is a problem."""
    known = {choice.value for choice in WhenLate}
    given = {name.removeprefix(LATE): chosen for name, chosen in form.items() if name.startswith(LATE) and chosen}
    if not set(given.values()) <= known:
        reader.problems["late"] = "For each past step choose skip, send or fold."
    return {step: chosen for step, chosen in given.items() if chosen in known}
