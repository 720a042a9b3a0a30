"""What the demo page shows, as plain values, and how instants and states become words. Pure: no store, no HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby
from zoneinfo import ZoneInfo

from bot.web.labels import MONTHS, WEEKDAYS, words


@dataclass(frozen=True, slots=True)
class Person:
    """One entry of the switcher: somebody whose phone can be held."""

    key: str
    name: str
    note: str
    """A few words under the name: 'day 5', 'no link'."""
    mark: str
    """One or two letters for the round mark."""
    tone: int
    """Number of its colour, 0-5."""
    alerts: int = 0


@dataclass(frozen=True, slots=True)
class Tap:
    """A button under a message."""

    label: str
    data: str


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message on the phone."""

    key: str
    mine: bool
    """Written on this phone, so it stands on the right."""
    text: str
    at: datetime
    """Local time of the patient."""
    buttons: tuple[Tap, ...] = ()
    reply_to: str = ""
    """What a press of one of the buttons answers to."""
    waiting: bool = False
    """Written, but not yet read by Saathi."""
    attachment: str = ""
    """photo, sticker, voice or other; empty for words and buttons."""
    pressed: bool = False
    """A button was pressed rather than words typed."""
    picture: str = ""
    """Where the picture above the text is found; empty without one."""


@dataclass(frozen=True, slots=True)
class BubbleDay:
    """The bubbles of one local day under one label."""

    key: str
    label: str
    bubbles: tuple[Bubble, ...]


@dataclass(frozen=True, slots=True)
class Phone:
    """The phone on the left."""

    key: str
    now: datetime
    """The set time, local to this patient."""
    language: str
    words: dict[str, str]
    """The phone's own labels, in its language."""
    days: tuple[BubbleDay, ...]
    blocked: bool = False
    start: str = ""
    """The command a Start button sends; empty where the chat has begun."""


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One reminder of the plan, or one other message that left."""

    key: str
    at: datetime
    topic: str
    line: str
    state: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PlanDay:
    """The reminders of one local day."""

    key: str
    label: str
    number: str
    """'day 5', counted from surgery."""
    rows: tuple[PlanRow, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """One answer on the trend of a scale."""

    x: float
    y: float
    value: int
    label: str


@dataclass(frozen=True, slots=True)
class Trend:
    """A scale question over time, drawn into a box of 260 x 112."""

    question: str
    points: tuple[Point, ...]
    path: str
    summary: str
    """The same in words, for those who don't see it."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One label and its value."""

    label: str
    value: str
    good: bool | None = None
    """Whether it is a yes or a no, where it is one."""


@dataclass(frozen=True, slots=True)
class Case:
    """An alert or a handed-over question, for staff."""

    key: str
    title: str
    tier: str
    """emergency, same_day, routine; empty for a question."""
    words: str
    at: str
    state: str
    """In words: 'open', 'seen by Sister Example'."""
    open: bool = False
    """Staff can still do something."""


@dataclass(frozen=True, slots=True)
class Surgery:
    """One enrolment as the right side shows it."""

    key: str
    name: str
    title: str
    state: str
    state_words: str
    facts: tuple[Fact, ...]
    consents: tuple[Fact, ...]
    earlier: tuple[PlanDay, ...]
    earlier_words: str
    today: PlanDay | None
    coming: tuple[PlanDay, ...]
    trends: tuple[Trend, ...] = ()
    answers: tuple[Fact, ...] = ()
    """Newest first."""
    link: str = ""
    """Deep link of an invited patient, until it is used."""
    code: str = ""
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Page:
    """Everything the page shows."""

    people: tuple[Person, ...]
    chosen: Person
    now: datetime
    """The set time, local to the chosen person."""
    phone: Phone
    surgeries: tuple[Surgery, ...]
    alerts: tuple[Case, ...]
    questions: tuple[Case, ...]
    next_at: datetime | None = None
    """When the next message to this person is due, local."""


STATES = {
    "planned": "Planned",
    "held": "On hold",
    "released": "On its way",
    "queued": "On its way",
    "sending": "On its way",
    "sent": "Sent",
    "skipped": "Left out",
    "folded": "Part of another message",
    "expired": "Too late, not sent",
    "cancelled": "Cancelled",
    "failed": "Could not be sent",
    "unknown": "Not known if it arrived",
}
"""A reminder's or message's state in words."""

TONES = 6
"""How many colours the marks of people have."""


_SENTENCE_END = re.compile(r"[.!?।](?= )")


def state_words(state: str) -> str:
    """`state` in words staff read; a state nobody named is shown as it is."""
    return STATES.get(state, state.replace("_", " ").capitalize())


def initials(name: str) -> str:
    """The first letters of the first two words of `name`, or a question mark."""
    return "".join(part[0] for part in name.split()[:2]).upper() or "?"


def clock_words(at: datetime) -> str:
    """Hours and minutes as a phone shows them: '09:05'."""
    return f"{at:%H:%M}"


def clock_words_of(at: time) -> str:
    """The same of a time of day."""
    return f"{at:%H:%M}"


def day_words(day: date, today: date, language: str = "en") -> str:
    """A day as a chat labels it: 'Today', 'Yesterday', 'Tomorrow', else '5 Nov'."""
    near = {0: "today", -1: "yesterday", 1: "tomorrow"}.get((day - today).days)
    return words(language)[near] if near else date_words(day, language)


def date_words(day: date, language: str = "en") -> str:
    """A date with its weekday: 'Thu 5 Nov'."""
    return f"{WEEKDAYS[language][day.weekday()]} {day.day} {MONTHS[language][day.month - 1]}"


def bubble_days(bubbles: Iterable[Bubble], today: date, language: str) -> tuple[BubbleDay, ...]:
    """Bubbles in their order, grouped by local day."""
    return tuple(
        BubbleDay(day.isoformat(), day_words(day, today, language), tuple(group))
        for day, group in groupby(bubbles, key=lambda bubble: bubble.at.date())
    )


def plan_days(rows: Iterable[PlanRow], surgery_on: date, today: date) -> list[PlanDay]:
    """Rows sorted by time and grouped by local day."""
    ordered = sorted(rows, key=lambda row: (row.at, row.key))
    return [
        PlanDay(day.isoformat(), day_words(day, today), f"day {(day - surgery_on).days}", tuple(group))
        for day, group in groupby(ordered, key=lambda row: row.at.date())
    ]


def split_days(days: Sequence[PlanDay], today: date) -> tuple[tuple[PlanDay, ...], PlanDay | None, tuple[PlanDay, ...]]:
    """The days before today, today if anything is on it, and the days after."""
    mark = today.isoformat()
    return (
        tuple(day for day in days if day.key < mark),
        next((day for day in days if day.key == mark), None),
        tuple(day for day in days if day.key > mark),
    )


def count_words(days: Iterable[PlanDay]) -> str:
    """How many rows are in which state, most first: '9 sent, 1 too late, not sent'."""
    counts: dict[str, int] = {}
    for day in days:
        for row in day.rows:
            word = state_words(row.state).lower()
            counts[word] = counts.get(word, 0) + 1
    return " · ".join(f"{n} {word}" for word, n in sorted(counts.items(), key=lambda item: -item[1]))


def first_line(text: str, limit: int = 110) -> str:
    """The first line of a message that says something; a long one is cut after a sentence, else after a word."""
    line = next((part.strip() for part in text.splitlines() if part.strip()), "")
    if len(line) <= limit:
        return line
    ends = [match.end() for match in _SENTENCE_END.finditer(line, 0, limit) if match.end() > limit // 3]
    if ends:
        return line[: ends[-1]]
    return line[:limit].rsplit(" ", 1)[0].rstrip(" ,;:.-") + " …"


def gist(text: str, limit: int = 110) -> str:
    """What a message is about: its first line, or the next where that only opens ("Hello Asha. Your tip for today:").

    The first line of a reminder never says what it is about, because it shows on a locked phone.
    """
    lines = [part.strip() for part in text.splitlines() if part.strip()]
    opens = len(lines) > 1 and (lines[0].endswith(":") or (len(lines[0]) < 32 and lines[0][-1] in ",!.।"))
    return first_line("\n".join(lines[1:]) if opens else text, limit)


def trend(question: str, values: Sequence[tuple[datetime, int]], top: int = 10) -> Trend | None:
    """A scale's answers as a line; nothing for fewer than two. Values are 0 to `top`, times local."""
    if len(values) < 2:
        return None
    left, right, high, low = 34.0, 244.0, 12.0, 92.0
    step = (right - left) / (len(values) - 1)
    points = tuple(
        Point(
            x=round(left + step * index, 1),
            y=round(low - (low - high) * min(max(value, 0), top) / top, 1),
            value=value,
            label=f"{at.day}/{at.month}",
        )
        for index, (at, value) in enumerate(values)
    )
    path = "M" + " L".join(f"{point.x} {point.y}" for point in points)
    summary = ", ".join(f"{at.day} {MONTHS['en'][at.month - 1]}: {value}" for at, value in values)
    return Trend(question, points, path, f"{question} {summary}")


def local(instant: datetime, zone: str) -> datetime:
    """An instant on the wall clock of `zone`."""
    return instant.astimezone(ZoneInfo(zone))
