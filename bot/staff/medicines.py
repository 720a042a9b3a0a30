"""Medicine times as staff copy them from a prescription, one line for each: `8:00, 14:00, 20:00 for 7 days`. Pure.

A name may stand before or behind, exactly as on the prescription. Saathi never reads it as anything but words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, time, timedelta

from bot.staff import values
from scheduler.errors import BadRequestError
from scheduler.plans import MedicineTimes

MOST_LINES = 12
MOST_TIMES = 8
MAX_LABEL = 80
LONGEST = 2000
"""Characters of all lines together."""

_AT = r"\d{1,2}(?:[:.]\d{2})?(?:\s*(?:am|pm|a\.m\.|p\.m\.|baje|बजे))?"
_TIMES = re.compile(
    rf"(?P<times>(?<![\w.:/-]){_AT}(?:\s*(?:,|;|&|\+|/|\band\b|और|\s)\s*{_AT})*)"
    r"\s*,?\s*(?:(?:for|x|×|-|–|—|:)\s*)?(?P<number>(?<![:.\d])\d{1,3})\s*"
    r"(?P<unit>days?|d\b|weeks?|din\b|दिनों|दिन|हफ़्ते|हफ्ते)(?:\s+(?:तक|tak))?"
    r"(?:\s*,?\s*(?:from|से)\s+(?P<first>[\w./\- ]+?\d{2,4})(?=\s*(?:$|[:,;–—]|-\s)))?",
    re.IGNORECASE,
)
_ONE = re.compile(_AT, re.IGNORECASE)
_BARE = re.compile(r"\d{1,2}")
_EDGES = " \t:;,–—-•*"


def read(text: str, first_on: date, *, at_night: bool) -> tuple[MedicineTimes, ...]:
    """The medicine times of all lines; those without a first day (`from 3 Mar 2026`) begin on `first_on`.

    Raises BadRequestError, naming the line that cannot be read.
    """
    lines = [values.clean(line) for line in re.split(r"[\r\n]+", text)]
    lines = [line for line in lines if line]
    if len(lines) > MOST_LINES:
        raise BadRequestError(f"Enter at most {MOST_LINES} lines of medicine times.")
    return tuple(_line(line, number, first_on, at_night) for number, line in enumerate(lines, 1))


def write(medicine: Iterable[MedicineTimes]) -> str:
    """Medicine times as lines that `read` reads as the same; the agreement to be woken stands beside them."""
    lines: dict[tuple[date, int, str | None], set[time]] = {}
    for times in medicine:
        lines.setdefault((times.first_on, times.days, times.label), set()).update(times.at)
    return "\n".join(
        f"{', '.join(f'{one:%H:%M}' for one in _in_order(tuple(at)))} for {days} days from {first_on.isoformat()}"
        + (f": {label}" if label else "")
        for (first_on, days, label), at in lines.items()
    )


def usual_first_day(surgery_on: date, today: date) -> date:
    """When times begin if nobody says: today, or the day after surgery if that is still to come."""
    return max(today, surgery_on + timedelta(days=1))


def _line(typed: str, number: int, first_on: date, at_night: bool) -> MedicineTimes:
    line = values.western(typed)
    found = _TIMES.search(line)
    if found is None:
        raise BadRequestError(f"Line {number} cannot be read: write it like 8:00, 14:00, 20:00 for 7 days.")
    if line[: found.start()].strip(_EDGES) and any(_BARE.fullmatch(one) for one in _ONE.findall(found["times"])):
        # 'Tablet 10 for 5 days' names a strength, not ten o'clock.
        raise BadRequestError(f"Line {number} has a time without minutes behind the name: write it like 8:00.")
    days = int(found["number"]) * (7 if found["unit"].lower()[:4] in ("week", "हफ़्", "हफ्त") else 1)
    try:
        at = tuple(values.clock(one) for one in _ONE.findall(found["times"]))
        first = values.day(found["first"]) if found["first"] else first_on
    except BadRequestError as error:
        raise BadRequestError(f"Line {number}: {error}") from error
    if len(at) > MOST_TIMES:
        raise BadRequestError(f"Line {number} has more than {MOST_TIMES} times a day: check it.")
    # The name is kept as typed, digits and all.
    label = _name(typed, line, found)
    if len(label) > MAX_LABEL:
        raise BadRequestError(f"The name in line {number} is too long: use at most {MAX_LABEL} letters.")
    return MedicineTimes(_in_order(at), first, days, label or None, at_night)


def _name(typed: str, line: str, found: re.Match[str]) -> str:
    """What stands before or behind the times. Digits are one letter each, so places in both texts are the same."""
    text = typed if len(typed) == len(line) else line
    before, behind = text[: found.start()].strip(_EDGES), text[found.end() :].strip(_EDGES)
    return " ".join(part for part in (before, behind) if part)


def _in_order(at: tuple[time, ...]) -> tuple[time, ...]:
    return tuple(sorted(set(at)))
