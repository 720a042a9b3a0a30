"""The picture of a patient's own answers: what it shows, when it goes along, and who sees it."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import insert

from bot.pictures.trend import GREEN, PAIN, SIZE, Value, drawn
from bot.pictures.trends import Trends
from bot.store.tables import answer, inbound
from scheduler import previews
from scheduler.plans import Facts
from scheduler.rendering import Drawn, Reading, render
from scheduler.sender import Body
from scheduler.splitting import MOST_CAPTION, units
from tests.support.world import SURGERY, World, india, sample_content, shipped, step

ALL = {
    "pain-back": [Value(1, 7), Value(9, 5), Value(21, 3)],
    "pain-leg": [Value(1, 4), Value(21, 3)],
    "walking-minutes": [Value(6, 12), Value(9, 20)],
}


def colours(png: bytes) -> set[str]:
    """Every colour of a picture."""
    image = Image.open(BytesIO(png)).convert("RGB")
    assert image.size == SIZE
    return {"#{:02x}{:02x}{:02x}".format(*colour) for _, colour in image.getcolors(image.width * image.height) or ()}  # type: ignore[misc]


def test_it_shows_what_was_answered_on_two_days_and_nothing_else() -> None:
    """Each question in its own colour; one answered once is left out, and without any there is no picture."""
    found = drawn(ALL)
    assert found is not None
    assert found[1] == ("pain-back", "pain-leg", "walking-minutes")
    assert {*PAIN.values(), GREEN} <= colours(found[0])
    walks = drawn({"pain-back": [Value(1, 7), Value(1, 8)], "walking-minutes": [Value(6, 0), Value(9, 400)]})
    assert walks is not None
    assert walks[1] == ("walking-minutes",)
    assert not set(PAIN.values()) & colours(walks[0])
    assert drawn({"pain-back": [Value(1, 7)], "mood": [Value(1, 2), Value(2, 3)]}) is None
    assert drawn({}) is None


def test_the_same_answers_give_the_same_bytes_and_a_correction_others() -> None:
    """It depends on nothing but the answers; of a day the last one counts."""
    assert drawn(ALL) == drawn(ALL)
    assert drawn(ALL | {"pain-leg": [Value(1, 9), Value(1, 4), Value(21, 3)]}) == drawn(ALL)
    assert drawn(ALL | {"pain-leg": [Value(1, 4), Value(21, 4)]}) != drawn(ALL)


@pytest.mark.parametrize("values", [[Value(-3, 0), Value(90, 10)], [Value(day, day % 11) for day in range(91)]])
def test_any_days_can_be_drawn(values: list[Value]) -> None:
    """From before the operation to the last day, few or many."""
    found = drawn({"pain-back": values, "walking-minutes": [Value(one.day, one.value * 60) for one in values]})
    assert found is not None
    assert len(found[0]) < 60_000


WEEKLY = step("weekly", "activity", 9, picture="trend")


async def answered(world: World, enrolment_id: int, address_id: int, *values: tuple[str, str]) -> None:
    """The patient answered the check-ins of the plan, in this order."""
    plan = [one for one in await world.plan(enrolment_id) if one.topic == "checkin"]
    async with world.store.write() as conn:
        for number, (question, value) in enumerate(values):
            event = {"channel": "simulator", "event_id": f"{enrolment_id}-{number}", "address_id": address_id}
            seen = {"kind": "text", "body": b"x", "happened_at": world.clock.now(), "received_at": world.clock.now()}
            inbound_id = await conn.scalar(
                insert(inbound).values(**event, **seen, state="handled").returning(inbound.c.id)
            )
            await conn.execute(
                insert(answer).values(
                    enrolment_id=enrolment_id, reminder_id=plan[number].id, question=question, value=value,
                    corrected=False, answered_at=world.clock.now(), inbound_id=inbound_id,
                )
            )  # fmt: skip


@pytest.mark.asyncio
async def test_it_goes_along_with_a_weekly_step_once_there_are_two_answers(sqlite_url: str) -> None:
    """Drawn when it is sent, for the patient's own chat; the caregiver and whoever answered once read the text."""
    checks = [step(f"pain-{day}", "checkin", day, ask=["pain-back"]) for day in (1, 3)]
    world = World.build(sqlite_url, content=sample_content(*checks, WEEKLY), drawer=Trends())
    asha, chat = await world.patient()
    await world.join(asha, "chat-son", role="caregiver")
    bhola, other = await world.patient("Bhola Example", "chat-2")
    await world.until(india(4))
    await answered(world, asha, chat, ("pain-back", "7"), ("pain-back", "4"))
    await answered(world, bhola, other, ("pain-back", "5"))
    await world.until(india(12))
    bodies = {one.to: one.body for one in world.phone.seen if one.body.text.find("weekly") >= 0}
    expected = drawn({"pain-back": [Value(1, 7), Value(3, 4)]})
    assert expected is not None
    assert bodies["chat-1"].picture == expected[0]
    assert bodies["chat-1"].text.endswith("🔴 back pain, 0 to 10") or "कमर का दर्द" in bodies["chat-1"].text
    assert "🟦" not in bodies["chat-1"].text
    for chat_name in ("chat-son", "chat-2"):
        assert bodies[chat_name].picture is None
        assert "🔴" not in bodies[chat_name].text
    await world.close()


def test_the_preview_says_that_a_picture_comes_along() -> None:
    """Of the steps that have one, and of no other; weekly from the third week on, without one message more."""
    content = shipped()
    for name, journey in content.journeys.items():
        plan = previews.preview(content, name, Facts(surgery_on=SURGERY, zone="Asia/Kolkata"), "en", "Asha")
        days = [(one.occurrence.due_at + timedelta(hours=5.5)).date() - SURGERY for one in plan if one.pictured]
        weeks = {day.days // 7 for day in days}
        assert {2, 3, 4, 5, 6, 7, 8} <= weeks, name
        assert len(days) == sum(one.picture == "trend" for one in journey.steps)


def test_the_longest_text_with_its_legend_fits_under_a_picture() -> None:
    """The content check measures it, so that no picture is dropped for a long text."""
    content = shipped()
    legend = ("trend", *(f"trend-{question}" for question in (*PAIN, "walking-minutes")))
    for (journey, name), one in content.steps.items():
        for language in ("en", "hi"):
            reading = Reading(0, journey, name, language, "Rameshwari", SURGERY, india(20), india(20), "Asia/Kolkata",
                              picture=Drawn(b"png", legend) if one.picture else None)  # fmt: skip
            body: Body = render(content, reading)
            assert (body.picture is not None) == (one.picture is not None)
            assert units(body.text) <= MOST_CAPTION or not one.picture
