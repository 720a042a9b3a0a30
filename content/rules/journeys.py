"""Rules about recovery plans: budget, order, hours, completeness, and what a locked phone shows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from content.loader import Content
from content.model import Anchor, Journey, Slot, Topic
from content.rules.base import Finding, Said, filled, fold, pattern, texts
from content.rules.lists import reasons

FEWEST, MOST = 25, 35
"""Proactive messages in 90 days, besides medicine times: what patients in trials kept reading."""
LAST_DAY_FROM = 84
USUAL_STAYS = range(4)
"""Days from surgery to discharge for which the budget of a day is proven; for others the planner moves what is over."""
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def budget_of_plan(content: Content) -> Iterator[Finding]:
    """A plan has 25 to 35 messages from day 0 to day 90."""
    for journey in content.journeys.values():
        count = sum(step.day >= 0 for step in journey.steps)
        if not FEWEST <= count <= MOST:
            sentence = f"The plan has {count} messages from day 0 to 90; between {FEWEST} and {MOST} are read."
            yield Finding("journey", journey.id, ("steps",), sentence)


def budget_of_day(content: Content) -> Iterator[Finding]:
    """No day has more messages than `per_day`, for every usual day of discharge."""
    for journey in content.journeys.values():
        reported: set[int] = set()
        for stay in USUAL_STAYS:
            counted = Counter(_day(journey, number, stay) for number in range(len(journey.steps)))
            for number in range(len(journey.steps)):
                day = _day(journey, number, stay)
                if counted[day] > journey.per_day and day not in reported:
                    reported.add(day)
                    sentence = (
                        f"Day {day} has {counted[day]} messages when discharge is on day {stay}; "
                        f"`per_day` allows {journey.per_day}."
                    )
                    yield Finding("journey", journey.id, ("steps", number, "day"), sentence)


def _day(journey: Journey, number: int, stay: int) -> int:
    step = journey.steps[number]
    return step.day + (stay if step.anchor is Anchor.DISCHARGE else 0)


def one_step_a_slot(content: Content) -> Iterator[Finding]:
    """No two steps fall on the same day and slot."""
    for journey in content.journeys.values():
        seen: dict[tuple[Anchor, int, Slot], str] = {}
        for number, step in enumerate(journey.steps):
            first = seen.setdefault((step.anchor, step.day, step.slot), step.id)
            if first != step.id:
                sentence = f"`{first}` already leaves in this slot of this day: two messages would arrive together."
                yield Finding("journey", journey.id, ("steps", number, "slot"), sentence)


def days_ascend(content: Content) -> Iterator[Finding]:
    """The steps of a plan stand in the order of their days, those from surgery and those from discharge each."""
    for journey in content.journeys.values():
        last: dict[Anchor, int] = {}
        for number, step in enumerate(journey.steps):
            if step.day < last.get(step.anchor, step.day):
                sentence = f"Day {step.day} stands after day {last[step.anchor]}: put the steps in order."
                yield Finding("journey", journey.id, ("steps", number, "day"), sentence)
            last[step.anchor] = step.day


def topics_complete(content: Content) -> Iterator[Finding]:
    """A plan carries medicine, warning, activity, check-in and logistics steps, and reaches day 84 or later."""
    for journey in content.journeys.values():
        present = {step.topic for step in journey.steps}
        for topic in Topic:
            if topic not in present:
                yield Finding("journey", journey.id, ("steps",), f"The plan has no step about {topic.value}.")
        last = max((step.day for step in journey.steps), default=0)
        if last < LAST_DAY_FROM:
            sentence = f"The plan ends on day {last}: it must reach day {LAST_DAY_FROM} to 90."
            yield Finding("journey", journey.id, ("steps",), sentence)


def hours_make_sense(content: Content) -> Iterator[Finding]:
    """Slots are times of day, in order, outside the quiet hours; every topic says what happens when late."""
    if ("defaults", "defaults") not in content.lines:
        return
    slots = content.defaults.slots
    times = slots.model_dump()
    wrong = [name for name, time in times.items() if not _CLOCK.fullmatch(time)]
    for name in wrong:
        yield Finding("defaults", "defaults", ("slots", name), "Write a time as in '09:00', in quotes.")
    if wrong:
        return
    for slot in Slot:
        if not slots.quiet_until <= times[slot.value] < slots.quiet_from:
            sentence = f"{times[slot.value]} is in the quiet hours ({slots.quiet_from} to {slots.quiet_until})."
            yield Finding("defaults", "defaults", ("slots", slot.value), sentence)
    in_order = [times[slot.value] for slot in Slot]
    if in_order != sorted(set(in_order)):
        yield Finding("defaults", "defaults", ("slots",), "The slots must follow each other through the day.")
    for topic in Topic:
        if topic not in content.defaults.when_late:
            sentence = f"Say what happens to a late step about {topic.value}: skip, send or fold."
            yield Finding("defaults", "defaults", ("when_late",), sentence)


def lock_screen_is_private(content: Content) -> Iterator[Finding]:
    """The first line of a planned message names no part of the body, illness or operation."""
    for said in texts(content):
        if said.role != "step":
            continue
        for language, text in said.languages():
            found = _shown(content, said, language, text)
            if found:
                sentence = f"The first line says `{found}`, and a locked phone shows it: begin with a neutral line."
                yield said.finding(sentence, language)


def _shown(content: Content, said: Said, language: str, text: str) -> str | None:
    first = fold(filled(content, said, language, text).split("\n", 1)[0])
    matches = (pattern(word).search(first) for word in reasons("lock_screen.yaml"))
    return next((match.group() for match in matches if match), None)
