"""How instants, states and texts become what the demo page shows."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bot.web import page
from bot.web.labels import words
from bot.web.page import Bubble, PlanRow
from bot.web.templates import Templates, script, shape, whole_numbers

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("day", "language", "words"),
    [
        (date(2026, 11, 20), "en", "Today"),
        (date(2026, 11, 19), "hi", "बीता कल"),
        (date(2026, 11, 21), "en", "Tomorrow"),
        (date(2026, 11, 24), "en", "Tue 24 Nov"),
        (date(2026, 11, 24), "hi", "मंगल 24 नव"),
    ],
)
def test_a_day_is_named_as_people_name_it(day: date, language: str, words: str) -> None:
    """Days nearby are today, yesterday and tomorrow; others have weekday and date, in the phone's language."""
    assert page.day_words(day, TODAY, language) == words


def test_a_greeting_alone_is_not_what_a_message_is_about() -> None:
    """The plan shows the first line that says something, not 'Namaste Asha,'."""
    assert page.gist("Namaste Asha,\n\nToday walk a little.\nRest.") == "Today walk a little."
    assert page.gist("नमस्ते आशा।\n\nआज थोड़ा चलें।") == "आज थोड़ा चलें।"
    assert page.gist("Hello Asha. Your recovery tip for today:\nWalk a little.") == "Walk a little."
    assert page.gist("Today walk a little.") == "Today walk a little."
    assert page.gist("") == ""


def test_a_long_line_is_cut_after_a_sentence_or_a_word() -> None:
    """Nobody sees half a word, nor a sentence that begins and does not end."""
    assert page.first_line("Walk a little. Rest after it. Then walk", limit=32) == "Walk a little. Rest after it."
    assert page.first_line("थोड़ा चलें। फिर आराम करें।", limit=20) == "थोड़ा चलें।"
    assert page.first_line("one two three four", limit=11) == "one two …"


def test_every_state_has_words_and_an_unknown_one_is_shown_as_it_is() -> None:
    """A state that comes later is readable before anybody names it here."""
    assert page.state_words("expired") == "Too late, not sent"
    assert page.state_words("on_loan") == "On loan"


def test_the_plan_is_grouped_by_local_day() -> None:
    """Rows stand in order of time under their day, and split into before, today and after."""
    rows = [_row("b", 20, 9), _row("a", 20, 8), _row("c", 19, 8), _row("d", 22, 8)]
    earlier, today, coming = page.split_days(page.plan_days(rows, date(2026, 11, 17), TODAY), TODAY)
    assert [day.label for day in earlier] == ["Yesterday"]
    assert today is not None
    assert [row.key for row in today.rows] == ["a", "b"]
    assert today.number == "day 3"
    assert [day.label for day in coming] == ["Sun 22 Nov"]
    assert page.count_words([*earlier, today]) == "3 sent"


def test_bubbles_are_grouped_by_day_in_their_order() -> None:
    """The chat's order is kept; a day label comes before the first message of each day."""
    bubbles = [Bubble(str(n), False, "x", datetime(2026, 11, day, 9, tzinfo=UTC)) for n, day in enumerate((19, 20, 20))]
    days = page.bubble_days(bubbles, TODAY, "en")
    assert [(day.label, len(day.bubbles)) for day in days] == [("Yesterday", 1), ("Today", 2)]


def test_a_trend_keeps_its_box_and_says_the_same_in_words() -> None:
    """Every point lies inside the picture, and those who do not see it hear the values."""
    trend = page.trend(
        "Pain", [(datetime(2026, 11, day, 9, tzinfo=UTC), value) for day, value in ((18, 10), (19, 0), (20, 4))]
    )
    assert trend is not None
    assert all(0 <= point.x <= 260 and 0 <= point.y <= 112 for point in trend.points)
    assert trend.points[0].y < trend.points[2].y < trend.points[1].y
    assert "18 Nov: 10, 19 Nov: 0, 20 Nov: 4" in trend.summary
    assert page.trend("Pain", [(datetime(2026, 11, 18, 9, tzinfo=UTC), 4)]) is None


def test_letters_tell_the_language() -> None:
    """Devanagari is marked as Hindi for fonts and screen readers, Hinglish and numbers are not."""
    assert script("नमस्ते, आशा जी! 112") == "hi"
    assert script("dard ho raha hai") == "en"
    assert script("5") == "en"


def test_buttons_are_laid_out_by_what_stands_on_them() -> None:
    """A scale stands in rows of numbers, short answers in two columns, longer ones below each other."""
    assert shape([page.Tap(str(n), "x") for n in range(11)]) == "eleven"
    assert shape([page.Tap(word, "x") for word in ("Yes", "No")]) == "two"
    assert shape([page.Tap(word, "x") for word in ("Yes", "No", "Not sure")]) == "three"
    assert shape([page.Tap("Dry and clean, as before", "x")]) == "one"
    assert shape([page.Tap("Ask the care team", "x"), page.Tap("No", "x")]) == "one"


def test_text_from_anybody_is_escaped() -> None:
    """A message that is HTML stays text."""
    at = datetime(2026, 11, 20, 9, tzinfo=UTC)
    evil = "<script>alert(1)</script>\nline two"
    bubble = Bubble("1", True, evil, at, (page.Tap('"><img src=x>', '"><b>'),), '"><i>')
    phone = page.Phone("k", at, "en", words("en"), page.bubble_days([bubble], TODAY, "en"))
    html = Templates().part("demo/phone.html", "log", phone)
    assert "<script" not in html
    assert "<img src=x" not in html
    assert "<b>" not in html
    assert "<i>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\nline two" in html


def test_a_telephone_number_is_not_split_and_hides_no_markup() -> None:
    """A number stays on one line; everything around it is escaped like all text."""
    assert whole_numbers("Call 0522-000-0112. <b>1-2</b>") == (
        'Call <span class="whole">0522-000-0112</span>. &lt;b&gt;1-2&lt;/b&gt;'
    )


def _row(key: str, day: int, hour: int) -> PlanRow:
    return PlanRow(key, datetime(2026, 11, day, hour, tzinfo=UTC), "activity", "Walk.", "sent")
