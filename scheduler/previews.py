"""What staff see before they save: the plan and every text of it, by the same functions that plan and send. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from content.loader import Content
from content.model import WhenLate
from scheduler.plans import MEDICINE_STEP, Facts, Occurrence, medicine_names, occurrences, settle_late
from scheduler.rendering import Reading, render
from scheduler.sender import Body

PICTURED = "with a picture of the patient's own answers (pain, walking), once they gave two"
"""How staff are told of what no preview can show yet."""


@dataclass(frozen=True, slots=True)
class Previewed:
    """One message of a plan."""

    occurrence: Occurrence
    at: datetime
    """When it leaves, UTC: its time, or at once if that has just passed."""
    body: Body | None
    """Nothing where it is left out or rides along with another."""
    pictured: bool = False
    """It comes with a picture of the patient's own answers, if by then there are two to one of its questions."""


def preview(
    content: Content, journey: str, facts: Facts, language: str, name: str, now: datetime | None = None
) -> tuple[Previewed, ...]:
    """Every message of a plan in order of time, as it will be sent if nothing changes.

    With `now`, what is already past then is settled as on the day somebody joins late.
    """
    plan = occurrences(content.journeys[journey], content.defaults, facts)
    if now is not None:
        plan = settle_late(plan, content.journeys[journey], content.defaults, facts, now)
    riding = {o.key: [r.step for r in plan if r.folded_into == o.key] for o in plan}

    def shown(o: Occurrence) -> Body | None:
        if o.late in (WhenLate.SKIP, WhenLate.FOLD):
            return None
        names = medicine_names(facts.medicine, o.occurrence) if o.step == MEDICINE_STEP else None
        return render(
            content,
            Reading(
                reminder_id=0,
                journey=journey,
                step=o.step,
                language=language,
                name=name,
                surgery_on=facts.surgery_on,
                due_at=o.due_at,
                now=o.due_at,
                zone=facts.zone,
                folded=riding[o.key],
                medicine=names,
            ),
        )

    steps = content.steps

    def pictured(o: Occurrence) -> bool:
        step = steps.get((journey, o.step))
        return step is not None and step.picture is not None

    return tuple(Previewed(o, max(o.due_at, now) if now else o.due_at, shown(o), pictured(o)) for o in plan)
