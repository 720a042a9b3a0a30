"""The card: a QR that any camera reads, two sides, and what to do in plain words."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, time, timedelta
from urllib.parse import unquote

import pytest
import segno

from bot.staff import cards
from bot.staff.cards import Ticket
from scheduler.enrolments import EnrolmentView
from tests.support.world import india, shipped

ASHA = EnrolmentView(
    id=7, person_id=7, name="Asha Example", year_of_birth=1968, journey="mis-tlif", surgery_on=date(2026, 3, 2),
    surgery_time=None, discharge_on=None, zone="Asia/Kolkata", language="hi", morning=time(9), evening=time(18, 30),
    state="invited", state_reason=None, paused_until=None, joined_at=None,
)  # fmt: skip
TICKET = Ticket(3, "A-b_" * 6, "ABCD-2345", india(2) + timedelta(days=14))
LONGEST_NAME = "S" * 29 + "Bot"
"""Telegram: a bot's name has at most 32 letters."""


def test_the_square_is_small_enough_for_a_card() -> None:
    """The longest link stays at version 5, so a module is a millimetre on 43 mm of paper; error level M or better."""
    made = segno.make(cards.deep_link(LONGEST_NAME, TICKET.token), error="m", micro=False)
    assert int(made.version) <= 5
    assert made.error in ("M", "Q", "H")
    assert 43 / made.symbol_size(border=4)[0] >= 0.8


def test_the_picture_holds_no_script_and_has_its_light_border() -> None:
    """A data URI of an SVG that scales with the page."""
    picture = unquote(cards.qr("https://t.me/SaathiExampleBot?start=x"))
    assert picture.startswith("data:image/svg+xml")
    assert "script" not in picture
    assert re.search(r"viewBox=.0 0 \d+ \d+.", picture)
    assert "width=" not in picture.partition("viewBox")[0]


@pytest.mark.parametrize(("language", "first"), [("hi", "hi"), ("en", "en")])
def test_the_patients_language_comes_first(language: str, first: str) -> None:
    """Both sides are there, whoever reads it."""
    card = cards.card(shipped(), replace(ASHA, language=language), TICKET, "SaathiExampleBot")
    assert [side.language for side in card.sides] == [first, *({"hi", "en"} - {first})]


def test_the_card_asks_for_what_the_bot_will_ask_for() -> None:
    """The year of birth, or without one the day of surgery; with a QR the camera, without one the code."""
    sides = {
        (bool(year), bool(name)): cards.card(shipped(), replace(ASHA, year_of_birth=year), TICKET, name).sides[1]
        for year in (1968, None)
        for name in ("SaathiExampleBot", None)
    }
    assert sides[True, True].steps[-1] == "Type the year the patient was born."
    assert sides[False, True].steps[-1] == "Type the day and month of the surgery."
    assert "camera" in sides[True, True].steps[0]
    assert "code" in " ".join(sides[True, False].steps)
    assert sides[True, False].by_code == ""
    assert "16 March" in sides[True, True].until


def test_the_card_names_no_operation() -> None:
    """Whoever finds it learns a name and a hospital, nothing else."""
    card = cards.card(shipped(), ASHA, TICKET, "SaathiExampleBot")
    text = repr(card).replace(card.url, "").replace(card.qr, "")
    for word in ("TLIF", "fusion", "1968", "2 March", "Mon 2"):
        assert word not in text
