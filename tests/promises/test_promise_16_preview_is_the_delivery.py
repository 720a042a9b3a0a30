"""Promise 16: what staff see before saving is what is sent: days, times, language, text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from scheduler import people, previews
from scheduler.outbox import open_body
from scheduler.plans import Facts, MedicineTimes
from scheduler.sender import Body, Button
from scheduler.store.tables import message
from tests.support.world import World, india, shipped

pytestmark = pytest.mark.asyncio

SURGERY = date(2026, 3, 12)
JOURNEYS = ("lumbar-microdiscectomy", "mis-decompression", "mis-tlif")
MEDICINE = (
    MedicineTimes((time(8), time(14), time(20)), SURGERY, 7),
    MedicineTimes((time(8), time(23)), SURGERY + timedelta(days=2), 3, label="Tablet A", at_night=True),
    MedicineTimes((time(8),), SURGERY + timedelta(days=4), 20, label="Tablet B"),
)

Delivered = tuple[datetime, str, Body]


def _same_for_all(body: Body) -> Body:
    """The buttons of a check-in name the reminder's row, which a preview does not have."""
    return Body(body.text, tuple(Button(b.label, re.sub(r"^(\w+:)\d+", r"\g<1>0", b.data)) for b in body.buttons))


def _promised(journey: str, facts: Facts, language: str, since: datetime) -> list[Delivered]:
    shown = previews.preview(shipped(), journey, facts, language, "Asha Example", since)
    return [
        (p.at, p.occurrence.topic.value, _same_for_all(p.body))
        for p in sorted(shown, key=lambda p: p.at)
        if p.body and p.occurrence.expires_at > since
    ]


async def _delivered(world: World, enrolment_id: int) -> list[Delivered]:
    rows = sorted(await world.messages(message.c.enrolment_id == enrolment_id), key=lambda r: (r.sent_at, r.id))
    return [(r.sent_at, r.kind, _same_for_all(open_body(world.store.keys, r.body))) for r in rows]


@pytest.mark.parametrize("join", [-9, 5])
async def test_every_message_is_as_it_was_shown(make_world: Callable[..., World], join: int) -> None:
    """Each plan that ships, in both languages, joined before surgery or five days after: same texts, same minutes."""
    start = datetime.combine(SURGERY + timedelta(days=join), time(), india(1).tzinfo) + timedelta(hours=5)
    world = make_world(content=shipped(), start=start - timedelta(hours=1))
    chosen: dict[str, Any] = {
        "surgery_on": SURGERY,
        "surgery_time": time(10, 30),
        "discharge_on": SURGERY + timedelta(days=2),
        "morning": time(8, 30),
        "evening": time(19),
        "medicine": MEDICINE,
        "late_choices": {"warning": "fold", "activity": "fold", "logistics": "send"},
    }
    cases = [(journey, language) for journey in JOURNEYS for language in ("en", "hi")]
    for journey, language in cases:
        await world.enrol(journey=journey, language=language, **chosen)
    world.clock.set(start)
    for number in range(len(cases)):
        await world.join(number + 1, f"chat-{number}")
    await world.until(start + timedelta(days=120))
    for number, (journey, language) in enumerate(cases):
        facts = Facts(zone="Asia/Kolkata", **chosen)
        delivered = await _delivered(world, number + 1)
        assert delivered == _promised(journey, facts, language, start), (journey, language)
        assert len(delivered) > 40
        assert [m.body.text for m in world.phone.seen if m.to == f"chat-{number}"] == [b.text for _, _, b in delivered]


async def test_what_was_shown_before_a_change_is_what_comes_after_it(make_world: Callable[..., World]) -> None:
    """Staff preview another date and another language, save it, and that is what is sent from then on."""
    journey = JOURNEYS[0]
    world = make_world(content=shipped(), start=india(5, "10:00"))
    enrolment_id, address_id = await world.patient(journey=journey, surgery_on=SURGERY)
    await world.until(india(10, "12:00"))
    sent = {(r.step, r.occurrence) for r in await world.plan(enrolment_id) if r.state == "sent"}
    assert sent
    facts = Facts(surgery_on=SURGERY + timedelta(days=6), zone="Asia/Kolkata")
    shown = previews.preview(shipped(), journey, facts, "hi", "Asha Example")
    promised = [(p.occurrence.due_at, p.body.text) for p in shown if p.body and p.occurrence.key not in sent]
    async with world.store.write() as conn:
        await people.set_chat_language(conn, address_id, "hi")
    await world.change(enrolment_id, surgery_on=facts.surgery_on)
    already = len(world.phone.seen)
    await world.until(india(10, "12:00") + timedelta(days=120))
    delivered = [(at, body.text) for at, _, body in await _delivered(world, enrolment_id)]
    assert delivered[already:] == promised


async def test_what_staff_left_out_is_shown_as_left_out(make_world: Callable[..., World]) -> None:
    """A past step that staff skip has no text in the preview and is not sent; its choice is stored with it."""
    journey = JOURNEYS[0]
    start = datetime.combine(SURGERY + timedelta(days=5), time(6), india(1).tzinfo)
    world = make_world(content=shipped(), start=start)
    choices = dict.fromkeys(("warning", "activity", "logistics", "checkin", "medicine"), "skip")
    choices |= {step.id: "skip" for step in shipped().journeys[journey].steps}
    enrolment_id, _ = await world.patient(journey=journey, surgery_on=SURGERY, late_choices=choices)
    facts = Facts(surgery_on=SURGERY, zone="Asia/Kolkata", late_choices=choices)
    shown = previews.preview(shipped(), journey, facts, "en", "Asha Example", start)
    left_out = {p.occurrence.step for p in shown if p.body is None}
    states = await world.states(enrolment_id)
    assert left_out == {step for step, state in states.items() if state == "skipped"}
    assert left_out
    await world.until(start + timedelta(days=120))
    assert len(world.phone.seen) == len(shown) - len(left_out)


async def test_a_clinics_own_numbers_are_in_both(make_world: Callable[..., World]) -> None:
    """Another hospital's telephone is in the preview and in the message."""
    content = replace(shipped(), clinic={**shipped().clinic, "hospital_phone": "0522-0000000"})
    world = make_world(content=content, start=india(5, "10:00"))
    await world.patient(journey=JOURNEYS[1], surgery_on=SURGERY)
    await world.until(india(20, "12:00"))
    shown = previews.preview(content, JOURNEYS[1], Facts(SURGERY, "Asia/Kolkata"), "en", "Asha Example")
    texts = {p.body.text for p in shown if p.body}
    assert set(world.phone.texts) <= texts
    assert any("0522-0000000" in text for text in world.phone.texts)
