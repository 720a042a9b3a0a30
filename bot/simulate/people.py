"""Who the virtual patients are: their operation, their language, and how they behave. All plainly fictional."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Literal
from zoneinfo import ZoneInfo

from scheduler.plans import MedicineTimes

HOME = "Asia/Kolkata"
_FIRST_NAMES = (
    "Asha",
    "Ravi",
    "Meena",
    "Imran",
    "Sunita",
    "Arjun",
    "Farah",
    "Deepak",
    "Kamla",
    "Joseph",
    "Rukhsana",
    "Vijay",
)
_ELSEWHERE = ("Asia/Dubai", "America/New_York", "Europe/London", "Asia/Kathmandu")
_MORNINGS = (None, None, time(8), time(8, 30), time(9), time(10))
_EVENINGS = (None, None, time(17), time(18), time(19), time(20))


@dataclass(frozen=True, slots=True)
class Temper:
    """How somebody behaves; the numbers are chances between 0 and 1."""

    answers: float
    """A check-in is answered at all."""
    taps: float
    """Answered by a tap rather than by typing."""
    writes: Literal["en", "hi", "hi-Latn"]
    hurry: float
    """Answered within minutes rather than hours."""


@dataclass
class Case:
    """One operation of somebody whose messages come to a phone."""

    name: str
    year_of_birth: int
    journey: str
    language: str
    zone: str
    surgery_on: date
    surgery_time: time | None
    enrolled_at: datetime
    morning: time | None
    evening: time | None
    medicine: tuple[MedicineTimes, ...]
    enrolment_id: int = 0
    token: str = ""


@dataclass
class Somebody:
    """The holder of a phone, with one operation or, in a family, two."""

    number: int
    address: str
    temper: Temper
    cases: list[Case]
    luck: Random
    talking_about: int = 0
    """Which of the cases a link was opened for last."""
    wrong_years_left: int = 0
    """So many times a wrong year of birth is typed first."""
    silent: bool = False
    """Never opens the link at all."""
    stopped: bool = False
    waits_for_link: bool = field(default=False)
    """The link is locked or was refused; staff must give a new one."""

    @property
    def case(self) -> Case:
        """The operation talked about now."""
        return self.cases[self.talking_about]

    @property
    def zone(self) -> ZoneInfo:
        """Where the phone is."""
        return ZoneInfo(self.cases[0].zone)


def invent(count: int, seed: int, start: datetime, days: int, journeys: Sequence[str]) -> list[Somebody]:
    """`count` patients who come within the first part of `days` days from `start`; the same for the same seed."""
    people: list[Somebody] = []
    for number in range(count):
        luck = Random(f"{seed}:person:{number}")
        case = _case(number, luck, start, days, journeys)
        if people and luck.random() < 0.05:
            # A family with one phone.
            people[-1].cases.append(case)
            continue
        people.append(_somebody(number, luck, case))
    return people


def _somebody(number: int, luck: Random, case: Case) -> Somebody:
    writes: Literal["en", "hi", "hi-Latn"] = "en" if case.language == "en" else luck.choice(("hi", "hi-Latn"))
    temper = Temper(
        answers=luck.choice((0.0, 0.2, 0.6, 0.8, 0.95)),
        taps=luck.choice((0.1, 0.7, 0.9)),
        writes=writes,
        hurry=luck.random(),
    )
    return Somebody(
        number=number,
        address=f"phone-{number:04d}",
        temper=temper,
        cases=[case],
        luck=luck,
        wrong_years_left=luck.choices((0, 1, 3), weights=(84, 12, 4))[0],
        silent=luck.random() < 0.04,
    )


def _case(number: int, luck: Random, start: datetime, days: int, journeys: Sequence[str]) -> Case:
    zone = HOME if luck.random() > 0.06 else luck.choice(_ELSEWHERE)
    day = luck.randrange(max(1, int(days * 0.4)))
    enrolled_at = start + timedelta(days=day, minutes=luck.randrange(0, 8 * 60, 5))
    today = enrolled_at.astimezone(ZoneInfo(zone)).date()
    surgery_on = today + timedelta(days=luck.choices((0, 1, 3, -1, -3, -5), weights=(40, 20, 10, 15, 10, 5))[0])
    return Case(
        name=f"{luck.choice(_FIRST_NAMES)} Example {number}",
        year_of_birth=luck.randrange(1945, 2003),
        journey=luck.choice(tuple(journeys)),
        language=luck.choice(("en", "hi", "hi")),
        zone=zone,
        surgery_on=surgery_on,
        surgery_time=luck.choice((None, time(8, 30), time(11), time(16))),
        enrolled_at=enrolled_at,
        morning=luck.choice(_MORNINGS),
        evening=luck.choice(_EVENINGS),
        medicine=some_medicine(luck, max(surgery_on, today)),
    )


def some_medicine(luck: Random, first_on: date) -> tuple[MedicineTimes, ...]:
    """Medicine times as staff would copy them; some lie in the night, where the patient agreed to that."""
    kind = luck.randrange(4)
    if kind == 0:
        return ()
    if kind == 1:
        at, night = (time(6), time(14), time(22)), True
    else:
        at, night = (time(8), time(14), time(20, 30)), False
    return (MedicineTimes(at=at, first_on=first_on, days=luck.choice((3, 5, 7, 10)), at_night=night),)
