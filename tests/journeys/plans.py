"""A journey as people read it: which message comes on which day and at which time of day."""

from __future__ import annotations

from collections import defaultdict

from content.model import Anchor, Journey, Slot, Step
from tests.support.world import shipped

IDS = ("lumbar-microdiscectomy", "mis-decompression", "mis-tlif")
PHASES = {
    "week 1": range(8),
    "week 2": range(8, 15),
    "weeks 3 to 6": range(15, 43),
    "weeks 7 to 13": range(43, 91),
}
STAYS = range(5)
"""Days from surgery to discharge that are usual for these operations."""


def journey(journey_id: str) -> Journey:
    return shipped().journeys[journey_id]


def step(journey_id: str, step_id: str) -> Step:
    return next(s for s in journey(journey_id).steps if s.id == step_id)


def day_of(step: Step, stay: int) -> int:
    """The day after surgery a step falls on, for somebody who goes home on day `stay`."""
    return step.day + (stay if step.anchor is Anchor.DISCHARGE else 0)


def by_day(journey_id: str, stay: int) -> dict[int, list[Step]]:
    """Steps of each day, in the order of the day."""
    days: dict[int, list[Step]] = defaultdict(list)
    order = list(Slot)
    for s in sorted(journey(journey_id).steps, key=lambda s: order.index(s.slot)):
        days[day_of(s, stay)].append(s)
    return dict(sorted(days.items()))


def table(journey_id: str, stay: int) -> str:
    """The plan, one day a line: `day 3: evening wound-check-1`."""
    return "\n".join(
        f"day {day}: " + ", ".join(f"{s.slot.value} {s.id}" for s in steps)
        for day, steps in by_day(journey_id, stay).items()
    )


def said(text: str) -> str:
    """The text as a patient of the sample clinic reads it."""
    return shipped().fill(text, name="Asha", day=1, time="08:00", day_date="Mon 5 January", medicine="what was typed")
