"""The page docs/coverage.md: which answer covers which statement of the seed and which question. Pure."""

from __future__ import annotations

from collections import defaultdict

from content.loader import Content
from content.model import FaqItem
from content.rules.questions import SMALL_TALK, topics

_HEAD = """# What the answers cover

Written by `saathi content coverage`; `tests/faq/test_coverage.py` fails when it is not up to date. Routes: G general,
G+ general with "your surgeon's advice comes first", T always "ask your care team".
"""


def page(content: Content) -> str:
    """The page as Markdown: statements and questions with their answers, then what is asked beyond them."""
    answers: dict[str, list[FaqItem]] = defaultdict(list)
    for item in content.faq.values():
        for name in item.covers:
            answers[name].append(item)
    lines = [_HEAD, _totals(content), "", "| topic | route | asked | answers |", "| --- | --- | --- | --- |"]
    for name, topic in topics().items():
        found = ", ".join(f"`{item.id}` ({item.route})" for item in answers[name])
        lines.append(f"| {name} | {topic.route or '-'} | {topic.title} | {found} |")
    lines += ["", "## Operations", "", "| operation | journey | answers of its own |", "| --- | --- | --- |"]
    for procedure in content.procedures.values():
        own = [item.id for item in content.faq.values() if any(procedure.id in v.procedures for v in item.variants)]
        lines.append(f"| {procedure.short.en} | {procedure.journey or '-'} | {', '.join(own) or 'by its values'} |")
    beyond = [item for item in content.faq.values() if not item.covers and not item.id.startswith(SMALL_TALK)]
    lines += [
        "",
        "## Beyond the list",
        "",
        *(f"- `{item.id}` ({item.route}): {item.question.en}" for item in beyond),
        "",
    ]
    return "\n".join(lines)


def _totals(content: Content) -> str:
    items = [item for item in content.faq.values() if not item.id.startswith(SMALL_TALK)]
    english, hindi, mixed = (sum(len(_phrasings(item)[form]) for item in items) for form in range(3))
    hinglish = sum(item.answer.hi_latn is not None for item in items)
    return (
        f"{len(items)} answers, {hinglish} of them also in Hinglish; {english} English, {hindi} Hindi and {mixed} "
        f"Hinglish phrasings; {len(content.outside)} subjects that are none of ours."
    )


def _phrasings(item: FaqItem) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    return item.phrasings.en, item.phrasings.hi, item.phrasings.hi_latn
