from __future__ import annotations

import dataclasses
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.settings import Settings
from bot.simulate.ledger import Delivery, Ledger
from bot.simulate.network import Faults, Network
from bot.simulate.people import invent
from bot.simulate.reading import Reading
from bot.simulate.report import Report
from bot.simulate.runner import Plan, simulate_all
from bot.simulate.world import START
from bot.start import in_loop
from scheduler.buttons import answer_data
from scheduler.clock import SettableClock
from scheduler.sender import Body, Button, NotSent, Outgoing, Sent, Unknown, Unreachable
from tests.support.world import shipped

OUTGOING = Outgoing(1, "phone-0001", Body("hello"), "reply", None)
NEVER = Faults(0.0, 0.0, 0.0, 0.0, 0.0)


def test_a_fortnight_of_five_patients_ends_well(tmp_path: Path) -> None:
    """Nothing lost, doubled, or sent at night; every row ended with a reason; the transcript can be read."""
    transcript = tmp_path / "transcript.txt"
    report = in_loop(
        simulate_all(Plan(patients=5, days=14, seed=1, transcript=transcript), Settings(data_dir=tmp_path))
    )
    assert report.findings == []
    assert report.ok
    assert report.messages > 50
    assert report.inbound > 20
    assert report.restarts >= 3
    text = transcript.read_text(encoding="utf-8")
    assert "=== " in text
    assert "Saathi: " in text
    assert "staff enrol" in text
    assert [path.name for path in tmp_path.iterdir()] == ["transcript.txt"]


def test_the_same_seed_invents_the_same_people() -> None:
    """A story can be told again; another seed tells another one."""
    journeys = tuple(shipped().journeys)
    once, again = (invent(20, 7, START, 90, journeys) for _ in range(2))
    other = invent(20, 8, START, 90, journeys)
    assert [one.cases for one in once] == [one.cases for one in again]
    assert [one.cases for one in once] != [one.cases for one in other]
    assert all("Example" in case.name for one in once for case in one.cases)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("fault", "outcome", "arrives"),
    [("not_sent", NotSent, False), ("lost_before", Unknown, False), ("lost_after", Unknown, True)],
)
async def test_the_ledger_knows_what_arrived_whatever_saathi_is_told(fault: str, outcome: type, arrives: bool) -> None:
    """The network fails as asked, and the patient's side keeps its own record."""
    ledger = Ledger()
    clock = SettableClock(START, frozen=True)
    network = Network(1, clock, ledger, dataclasses.replace(NEVER, **{fault: 1.0}))
    assert isinstance(await network.send(OUTGOING), outcome)
    assert bool(ledger.deliveries) is arrives
    assert (1 in ledger.unanswered) is (outcome is Unknown)


@pytest.mark.asyncio
async def test_who_blocks_gets_nothing_and_a_reminder_after_stop_is_noticed() -> None:
    """A blocked phone is unreachable; a planned message to somebody who said STOP is counted."""
    ledger = Ledger()
    network = Network(1, SettableClock(START, frozen=True), ledger, NEVER)
    network.blocked_by = {"phone-0001"}
    assert isinstance(await network.send(OUTGOING), Unreachable)
    network.blocked_by = ()
    network.stopped_by = {"phone-0001"}
    assert isinstance(await network.send(OUTGOING), Sent)
    assert ledger.after_stop == 0
    await network.send(dataclasses.replace(OUTGOING, kind="activity"))
    assert ledger.after_stop == 1


@pytest.mark.parametrize(
    "name", ["lost", "duplicated", "outside_quiet_hours", "after_stop", "quarantined", "unfinished"]
)
def test_one_thing_wrong_is_enough(name: str) -> None:
    """The report is in order only if every count of what must not happen is zero."""
    assert Report(patients=1, days=1, seed=1).ok
    wrong: dict[str, Any] = {name: 1}
    report = Report(patients=1, days=1, seed=1, **wrong)
    assert not report.ok
    assert report.as_json()["ok"] is False


def test_a_virtual_patient_reads_what_the_content_says() -> None:
    """Replies are recognised with their blanks filled, and buttons by what they mean."""
    content = shipped()
    reading = Reading(content)
    wrong = content.fill(content.replies["year-wrong"].text["hi"], left=2)
    assert reading.is_reply(wrong, "year-wrong")
    assert not reading.is_reply(wrong, "ask-year")
    assert reading.means(Button(content.buttons["agree"].label["hi"], "x")) == "agree"
    assert reading.means(Button("3", answer_data(7, "pain-back", "3"))) == "answer"


def test_deliveries_are_handed_out_once() -> None:
    """What somebody has looked at is not new a second time."""
    ledger = Ledger()
    delivery = Delivery("phone-0001", OUTGOING, START + timedelta(days=1), "sim-1", answered=True)
    ledger.arrived(delivery)
    assert ledger.unseen() == [delivery]
    assert ledger.unseen() == []
    assert ledger.deliveries == [delivery]
