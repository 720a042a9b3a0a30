"""What was saved from answered questions, as files a clinician reads and copies from into `content/faq/`. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import yaml

from bot.language import detect
from bot.staff.learning import Lesson

PHRASINGS = "phrasings.yaml"
ITEMS = "drafts.yaml"

_LABEL = 24
"""Letters of an item's label (WhatsApp list row)."""

_HEADS = {
    PHRASINGS: """\
# Questions patients asked that belong to an answer there is: id of the answer -> language -> phrasings.
# Copy the good ones to `phrasings` of that answer in content/faq/, then run: saathi content check
# Names and numbers were taken out ("…"): write such a line anew, or leave it out.
""",
    ITEMS: """\
# Drafts of new answers, from what staff answered: no patient gets any of this before it stands in content/faq/.
# Of each: write the missing language, shorten label and question, choose the route (head of content/faq/about.yaml),
# name the sources, add phrasings; it stays `review: pending` until a clinician has signed it.
# Names and numbers were taken out ("…"). Then run: saathi content check
""",
}


def files(lessons: Iterable[Lesson]) -> dict[str, str]:
    """The text of each file by its name; one for which there is nothing holds its head alone."""
    lessons = list(lessons)
    made = {PHRASINGS: _phrasings(lessons), ITEMS: [_item(one) for one in lessons if one.faq is None]}
    return {name: _HEADS[name] + (_dumped(value) if value else "") for name, value in made.items()}


def _phrasings(lessons: Iterable[Lesson]) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {}
    for one in lessons:
        if one.faq is not None:
            said = found.setdefault(one.faq, {}).setdefault(one.language, [])
            if one.phrasing not in said:
                said.append(one.phrasing)
    return found


def _item(one: Lesson) -> dict[str, Any]:
    reply = one.reply or ""
    return {
        "id": f"draft-{one.question_id}",
        "route": "T",
        "label": {one.language: one.phrasing[:_LABEL]},
        "question": {one.language: one.phrasing},
        "answer": {detect(reply): reply},
        "phrasings": {one.language: [one.phrasing]},
        "sources": [],
        "review": "pending",
    }


def _dumped(value: object) -> str:
    return yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=110)
