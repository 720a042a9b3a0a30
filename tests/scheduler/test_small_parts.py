"""Buttons, the clock, and the instants that are stored."""

from __future__ import annotations

import time as machine
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.model import Question
from scheduler.buttons import MINUTES, AnswerButton, answer_data, parse_answer, question_buttons
from scheduler.clock import SettableClock, SystemClock
from scheduler.rendering import again, first_name, local_date
from scheduler.sender import Body
from scheduler.store.tables import address
from tests.support.world import World, india, shipped

SLUG = st.from_regex(r"[a-z0-9]{1,7}(-[a-z0-9]{1,6})?", fullmatch=True)


@given(st.integers(0, 2**40), SLUG, SLUG)
def test_an_answer_comes_back_as_it_was_offered(reminder_id: int, question: str, answer: str) -> None:
    """What a button carries names the check-in, the question and the answer, in at most 64 bytes."""
    data = answer_data(reminder_id, question, answer)
    assert len(data.encode()) <= 64
    assert parse_answer(data) == AnswerButton(reminder_id, question, answer)


@pytest.mark.parametrize(
    "data",
    ["", "1a", "1a:7:pain", "1a:7:pain:3:4", "0a:7:pain:3", "2a:7:pain:3", "1b:7:pain:3", "1a:x:pain:3", "1a:७:pain:3",
     "1a:-7:pain:3", "1a::pain:3", "hello", ":::", "\ud83d"],
)  # fmt: skip
def test_any_other_button_is_nothing(data: str) -> None:
    """Data of an old or newer version, of another kind, or made up is not guessed at."""
    assert parse_answer(data) is None


@given(st.text())
def test_nothing_anybody_sends_breaks_the_reading_of_buttons(data: str) -> None:
    """Whatever comes back is an answer or nothing, never an exception."""
    assert parse_answer(data) is None or data.startswith("1a:")


def test_data_that_is_too_long_is_refused() -> None:
    """A question with ids too long for a provider's button is found before it is sent."""
    with pytest.raises(ValueError, match="longer than 64 bytes"):
        answer_data(2**40, "q" * 40, "a" * 40)


@pytest.mark.parametrize("language", ["en", "hi"])
def test_every_question_that_ships_has_its_buttons(language: str) -> None:
    """Scales offer 0 to 10, minutes the common ones, choices theirs; every button fits a provider's limit."""
    for question in shipped().questions.values():
        buttons = question_buttons(question, 2**40, language)
        assert [parse_answer(b.data) for b in buttons] == [
            AnswerButton(2**40, question.id, answer) for answer in _answers(question)
        ]
        assert all(b.label for b in buttons)


def _answers(question: Question) -> list[str]:
    if question.kind == "choice":
        return [choice.id for choice in question.choices]
    return [str(number) for number in (range(11) if question.kind == "scale" else MINUTES)]


def test_a_frozen_clock_stands_still_and_a_set_one_runs_on() -> None:
    """The set time passes only where it should."""
    frozen, running = SettableClock(india(3), frozen=True), SettableClock(india(3))
    machine.sleep(0.002)
    assert frozen.now() == india(3)
    assert running.now() > india(3)


def test_a_clock_never_goes_back() -> None:
    """Setting an earlier time changes nothing: leases and plans stay sound."""
    clock = SettableClock(india(3), frozen=True)
    clock.set(india(2))
    clock.advance(timedelta(hours=-1))
    assert clock.now() == india(3)
    clock.advance(timedelta(hours=1))
    assert clock.now() == india(3, "01:00")


def test_clocks_speak_utc() -> None:
    """Whatever zone a clock was set in, it tells UTC."""
    india_zone = timezone(timedelta(hours=5, minutes=30))
    clock = SettableClock(datetime(2026, 3, 3, 9, tzinfo=india_zone))
    clock.set(datetime(2026, 3, 3, 10, tzinfo=india_zone))
    assert clock.now().tzinfo is UTC
    assert SystemClock().now().tzinfo is UTC
    assert SettableClock().now() - SystemClock().now() < timedelta(seconds=5)


@pytest.mark.asyncio
async def test_instants_come_back_in_utc_and_in_order(world: World) -> None:
    """Times of any zone are stored as the same instant, and sort as they happened, on both databases."""
    zones = (UTC, timezone(timedelta(hours=5, minutes=30)), timezone(timedelta(hours=-4)))
    given_ = [datetime(2026, 3, 3, 9, 0, 0, n, tzinfo=zone) for n in (0, 1, 500_000) for zone in zones]
    async with world.store.write() as conn:
        for number, at in enumerate(given_):
            row = {"channel": "x", "value": b"", "value_hash": bytes([number]) * 32, "created_at": at}
            await conn.execute(address.insert().values(**row))
        found = list(
            await conn.scalars(address.select().with_only_columns(address.c.created_at).order_by(address.c.created_at))
        )
    assert found == sorted(given_)
    assert {at.tzinfo for at in found} <= {UTC} or all(at.utcoffset() == timedelta(0) for at in found)


@pytest.mark.asyncio
async def test_an_instant_without_zone_is_refused(world: World) -> None:
    """A time nobody can place is stopped before it is stored."""
    row = {"channel": "x", "value": b"", "value_hash": bytes(32), "created_at": datetime(2026, 3, 3)}  # noqa: DTZ001
    with pytest.raises(Exception, match="time zone"):
        async with world.store.write() as conn:
            await conn.execute(address.insert().values(**row))


def test_a_line_that_says_it_may_be_the_second_stands_there_once() -> None:
    """However often a message is repeated, the line on top is not."""
    once = again(shipped(), Body("look"), "en")
    assert once.text.endswith("\n\nlook")
    assert again(shipped(), once, "en") == once
    assert again(shipped(), Body("देखिए"), "hi").text.endswith("\n\nदेखिए")


@pytest.mark.parametrize(
    ("name", "called"), [("Asha Example", "Asha"), ("  Asha  ", "Asha"), ("आशा देवी", "आशा"), (" ", " ")]
)
def test_people_are_called_by_their_first_name(name: str, called: str) -> None:
    """The first word of what staff typed."""
    assert first_name(name) == called


def test_dates_are_written_as_people_say_them() -> None:
    """In both languages, without leading zeros."""
    day = datetime(2026, 1, 5, tzinfo=UTC).date()
    assert local_date(day, "en") == "Mon 5 January"
    assert local_date(day, "hi") == "सोमवार, 5 जनवरी"
