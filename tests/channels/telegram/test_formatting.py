"""What a person sees, as Telegram wants it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram import formatting
from scheduler.buttons import question_buttons
from scheduler.sender import Body, Button
from tests.fakes.telegram.formatting import parse
from tests.support.world import shipped


def labels(*shown: str) -> list[list[str]]:
    """Labels laid out in rows."""
    return [[button.label for button in row] for row in formatting.rows([Button(label, "1") for label in shown])]


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn"]) | st.sampled_from("<>&;\"'#b/\n")))
def test_any_text_arrives_as_it_stands(text: str) -> None:
    """Nothing in it is taken for markup."""
    shown, entities = parse(formatting.html(text.strip()), "HTML")
    assert (shown.strip(), entities) == (text.strip(), [])


def test_a_scale_is_two_rows() -> None:
    """0 to 10, six and five."""
    buttons = question_buttons(shipped().questions["pain-back"], 1, "en")
    assert [len(row) for row in formatting.rows(buttons)] == [6, 5]


@pytest.mark.parametrize(
    ("shown", "rows"),
    [
        (("Yes", "No"), [["Yes", "No"]]),
        (("हाँ", "नहीं"), [["हाँ", "नहीं"]]),
        (("8:00", "8:30", "9:00", "10:00"), [["8:00", "8:30", "9:00", "10:00"]]),
        (("Yes, at home", "On the way"), [["Yes, at home", "On the way"]]),
        (("Yes, I agree", "No, thank you"), [["Yes, I agree", "No, thank you"]]),
        (("Still in the hospital", "Yes"), [["Still in the hospital"], ["Yes"]]),
        (("Ask the care team", "Pause", "Stop messages"), [["Ask the care team"], ["Pause", "Stop messages"]]),
    ],
)
def test_short_labels_share_a_row(shown: tuple[str, ...], rows: list[list[str]]) -> None:
    """In order, and so that none is cut off on a small phone."""
    assert labels(*shown) == rows


@given(st.lists(st.text("abc हिन्दी", min_size=1, max_size=24), min_size=1, max_size=40))
def test_no_button_is_lost_or_moved(shown: list[str]) -> None:
    """Rows of at most eight, in order."""
    rows = labels(*shown)
    assert [label for row in rows for label in row] == shown
    assert all(0 < len(row) <= 8 for row in rows)


def test_a_button_telegram_would_refuse_the_message_for_is_left_out() -> None:
    """An alert arrives without its link rather than not at all."""
    links = [Button("Open", "", url) for url in ("http://127.0.0.1:8000/alerts", "http://localhost/", "file:///a.b")]
    assert formatting.keyboard(links[1:]) is None
    link = Button("Open", "", "https://saathi.example.org/alerts#a1")
    shown = formatting.keyboard([Button("Acknowledge", "1x:ack:1"), link])
    assert shown is not None
    assert [(key.callback_data, key.url) for key in shown.inline_keyboard[0]] == [("1x:ack:1", None), (None, link.url)]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (Body("a" * 4096), None),
        (Body("a" * 4097), "longer"),
        (Body("😀" * 2048), None),
        (Body("😀" * 2049), "longer"),
        (Body(" \n\u200b"), "no text"),
        (Body(""), "no text"),
        (Body("?", (Button("Yes", "d" * 64),)), None),
        (Body("?", (Button("Yes", "d" * 65),)), "64 bytes"),
        (Body("?", (Button("Yes", "दर्द" * 6),)), "64 bytes"),
        (Body("?", (Button("Yes", ""),)), "carries nothing"),
        (Body("?", (Button("Open", "", "https://saathi.example.org"),)), None),
        (Body("?", (Button(" ", "1"),)), "shows nothing"),
        (Body("?", tuple(Button("Yes", "1") for _ in range(101))), "more buttons"),
    ],
)
def test_what_telegram_would_refuse_never_leaves(body: Body, said: str | None) -> None:
    """Counted in the strictest way: UTF-16 units of a text, bytes of a button."""
    flaw = formatting.flaw(body)
    assert flaw is None if said is None else said in (flaw or "")
