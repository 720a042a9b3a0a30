"""The page that says what the answers cover is the one the command writes."""

from __future__ import annotations

from pathlib import Path

from bot.faq.coverage import page
from content.loader import Content
from content.rules.questions import SMALL_TALK, topics

FEWEST_PHRASINGS = 8


def test_the_page_is_up_to_date(content: Content) -> None:
    """docs/coverage.md is what `saathi content coverage` would write."""
    written = Path(__file__).parents[2] / "docs" / "coverage.md"
    assert written.read_text(encoding="utf-8") == page(content)


def test_everything_is_covered(content: Content) -> None:
    """All 36 statements and 132 questions have answers, and those that lead to the care team do."""
    assert len(topics()) == 36 + 132
    for name, topic in topics().items():
        routes = {item.route for item in content.faq.values() if name in item.covers}
        assert routes, name
        assert topic.route != "T" or routes == {"T"}, name


def test_answers_are_asked_in_many_ways(content: Content) -> None:
    """Every answer has eight phrasings or more in each of the three forms, and two or three that follow on it."""
    for item in content.faq.values():
        if item.id.startswith(SMALL_TALK):
            continue
        forms = (item.phrasings.en, item.phrasings.hi, item.phrasings.hi_latn)
        assert min(map(len, forms)) >= FEWEST_PHRASINGS, item.id
        assert 2 <= len(item.next) <= 3, item.id


def test_the_commonest_are_answered_in_hinglish(content: Content) -> None:
    """Sixty answers or more have a text in simple Hindi in Latin letters."""
    assert sum(item.answer.hi_latn is not None for item in content.faq.values()) >= 60


def test_each_operation_has_its_answers(content: Content) -> None:
    """All six operations are explained, and what is said about them differs."""
    assert len(content.procedures) == 6
    for procedure in content.procedures.values():
        own = [item for item in content.faq.values() if any(procedure.id in v.procedures for v in item.variants)]
        assert own or procedure.prefix or procedure.id == "lumbar-microdiscectomy", procedure.id
