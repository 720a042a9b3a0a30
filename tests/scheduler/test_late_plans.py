"""Joining late: what is past is left out, sent now, or rides along, as staff or the content chose."""

from __future__ import annotations

from datetime import date, time, timedelta
from itertools import pairwise
from typing import Any

import pytest

from content.model import WhenLate
from scheduler.plans import GAP, MAX_FOLDED, MedicineTimes, Occurrence, occurrences, settle_late
from scheduler.policy import in_quiet_hours
from tests.scheduler.plan_facts import DEFAULTS, MONDAY, ZONE, at, facts, journey, table
from tests.support.world import step

THURSDAY = MONDAY + timedelta(days=3)
STEPS = (
    step("walk", "activity", 1),
    step("wound", "warning", 1, "evening"),
    step("pain", "checkin", 2, "evening", ask=["pain-back"]),
    step("papers", "logistics", 2, "midday"),
    step("sit", "activity", 4),
    step("visit", "logistics", 6),
)


def _settled(
    choices: dict[str, str] | None = None, now: Any = None, steps: Any = STEPS, **more: Any
) -> tuple[Occurrence, ...]:
    given = facts(late_choices=choices or {}, **{k: v for k, v in more.items() if k == "medicine"})
    plan = occurrences(journey(*steps), DEFAULTS, given)
    known = {k: v for k, v in more.items() if k != "medicine"}
    return settle_late(plan, journey(*steps), DEFAULTS, given, now or at(THURSDAY, "10:00"), **known)


def _chosen(result: tuple[Occurrence, ...]) -> dict[str, str | None]:
    return {o.step: o.late.value if o.late else None for o in result}


def test_the_content_decides_by_topic() -> None:
    """With no choice by staff, tips and check-ins are left out, warnings and logistics ride along."""
    assert _chosen(_settled()) == {
        "walk": "skip", "wound": "fold", "pain": "skip", "papers": "fold", "sit": None, "visit": None
    }  # fmt: skip


def test_a_step_may_say_otherwise_and_staff_before_all() -> None:
    """Staff's choice for the step counts first, then theirs for its topic, then the step's own, then the topic's."""
    steps = (step("walk", "activity", 1, when_late="fold"), step("run", "activity", 2), step("sit", "activity", 4))
    assert _chosen(_settled(steps=steps)) == {"walk": "fold", "run": "skip", "sit": None}
    assert _chosen(_settled({"activity": "send"}, steps=steps)) == {"walk": "send", "run": "send", "sit": None}
    mixed = {"activity": "send", "walk": "skip"}
    assert _chosen(_settled(mixed, steps=steps)) == {"walk": "skip", "run": "send", "sit": None}


def test_what_is_not_past_stays_as_it_was() -> None:
    """Before anything is past nothing is settled, and the plan is the plan."""
    early = _settled(now=at(date(2026, 2, 1), "10:00"))
    assert early == occurrences(journey(*STEPS), DEFAULTS, facts())


def test_what_rides_along_names_its_carrier() -> None:
    """A past step rides with the next message that is no medicine time."""
    medicine = MedicineTimes((time(10, 30),), THURSDAY, 1)
    settled = {o.step: o for o in _settled(medicine=(medicine,))}
    assert settled["wound"].folded_into == settled["papers"].folded_into == ("sit", "day 4")


def test_one_message_carries_only_so_much() -> None:
    """Two past steps ride with one message and two with the following; the oldest are left out."""
    steps = [step(f"past-{day}", "warning", day - 6, "morning") for day in range(7)]
    shown = _settled(steps=(*steps, step("next", "activity", 4), step("after", "activity", 5)))
    carriers = [o.folded_into for o in shown if o.late is WhenLate.FOLD]
    assert carriers.count(("next", "day 4")) == carriers.count(("after", "day 5")) == MAX_FOLDED
    assert [o.step for o in shown if o.late is WhenLate.SKIP] == ["past-0", "past-1", "past-2"]


def test_nothing_rides_with_what_has_left() -> None:
    """A message that is out already carries nothing more."""
    settled = {o.step: o for o in _settled(left={("sit", "day 4")})}
    assert settled["wound"].folded_into == ("visit", "day 6")


def test_with_nothing_to_ride_on_it_is_left_out() -> None:
    """After the last step there is no carrier: to ride along then means to be left out."""
    assert _chosen(_settled(now=at(MONDAY + timedelta(days=30), "10:00")))["wound"] == "skip"


@pytest.mark.parametrize("clock", ["10:00", "20:55", "23:10", "03:00"])
def test_sent_now_means_the_next_free_moment_of_the_day(clock: str) -> None:
    """Several past steps that staff want sent come half an hour apart, in the daytime, clear of all that is planned."""
    now = at(THURSDAY, clock)
    shown = _settled({"warning": "send", "activity": "send", "logistics": "send"}, now=now)
    sent = [o for o in shown if o.late is WhenLate.SEND]
    assert {o.step for o in sent} >= {"walk", "wound", "papers"}
    assert all(now < o.due_at < o.expires_at for o in sent)
    assert not [o for o in sent if in_quiet_hours(o.due_at, ZONE, DEFAULTS.slots)]
    coming = sorted(o.due_at for o in shown if o.due_at > now)
    assert all(later - earlier >= GAP for earlier, later in pairwise(coming))


def test_a_past_dose_is_never_made_up_for() -> None:
    """Medicine times that are past are left out, whatever anybody chose."""
    times = MedicineTimes((time(8),), MONDAY, 9)
    chosen = [o.late for o in _settled({"medicine": "send"}, medicine=(times,)) if o.step == "medicine"]
    assert chosen == [WhenLate.SKIP] * 4 + [None] * 5


def test_what_was_decided_before_is_left_alone() -> None:
    """A step in `settled` keeps its own time and choice, past or not."""
    settled = _settled({"warning": "send"}, settled={("wound", "day 1")})
    assert _chosen(settled)["wound"] is None
    assert "03-03 18:30 wound" in table(settled)
