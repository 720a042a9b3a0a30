"""`saathi content check`: the rules across entries and files, and which entries nobody has signed.

Each rule is a small function in `content/rules`; this is the list of them, and what turns their findings into problems
with a file and a line.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import yaml

from content.composing import compose, find, line_of
from content.loader import Content, Problem
from content.model import Signed
from content.rules import answering, journeys, promises, questions, references, writing
from content.rules.base import Finding, Rule

RULES: tuple[Rule, ...] = (
    references.required_files,
    references.steps_have_own_ids,
    references.sources_exist,
    references.sources_given,
    references.names_exist,
    references.placeholders_known,
    references.placeholders_agree,
    references.one_meaning_each,
    writing.languages_differ,
    writing.scripts_fit,
    writing.phrasings_in_script,
    writing.english_is_easy,
    writing.hindi_is_short,
    writing.fits_a_message,
    writing.answers_are_short,
    writing.labels_fit,
    writing.choices_fit,
    promises.no_promises,
    journeys.budget_of_plan,
    journeys.budget_of_day,
    journeys.one_step_a_slot,
    journeys.days_ascend,
    journeys.topics_complete,
    journeys.hours_make_sense,
    journeys.lock_screen_is_private,
    questions.covers_exist,
    questions.topics_covered,
    questions.routes_honoured,
    questions.followers_exist,
    questions.operations_exist,
    questions.outside_is_outside,
    answering.phrasings_given,
    answering.phrasings_belong_to_one,
    answering.sign_phrases_given,
    answering.emergencies_act_first,
    answering.notices_complete,
)


def check(content: Content) -> list[Problem]:
    """Everything the rules do not accept, in the order of files and lines. Empty: the content may be sent."""
    locate = _Locating(content)
    return sorted({locate.problem(finding) for rule in RULES for finding in rule(content)})


def unsigned(content: Content, today: date) -> list[Problem]:
    """Every entry without a clinician's signature that is valid on the day `today` (a local date).

    With SAATHI_REQUIRE_SIGNED_CONTENT=true nothing is sent while this list is not empty.
    """
    locate = _Locating(content)
    found = ((kind, entry_id, _why_unsigned(entry.review, today)) for kind, entry_id, entry in _reviewed(content))
    return sorted(
        locate.problem(Finding(kind, entry_id, ("review",), why)) for kind, entry_id, why in found if why is not None
    )


def _reviewed(content: Content) -> Iterator[tuple[str, str, Any]]:
    if ("defaults", "defaults") in content.lines:
        yield "defaults", "defaults", content.defaults
    for kind, entries in (
        ("question", content.questions),
        ("watching", content.watching),
        ("journey", content.journeys),
        ("faq", content.faq),
        ("sign", content.signs),
        ("reply", content.replies),
        ("notice", content.notices),
    ):
        for entry_id, entry in entries.items():
            yield kind, entry_id, entry


def _why_unsigned(review: Signed | str, today: date) -> str | None:
    if not isinstance(review, Signed):
        return "No clinician has signed this entry."
    if review.on > today:
        return f"The signature is dated {review.on}, which is still to come."
    if review.expires < today:
        return f"The signature of {review.by} ended on {review.expires}: it has to be reviewed again."
    return None


class _Locating:
    """Finds the line of a field. Files are read again for that, and only those in which something was found."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._nodes: dict[str, yaml.Node | None] = {}

    def problem(self, finding: Finding) -> Problem:
        """The finding with its file and the line of its field, or of its entry if the file has changed meanwhile."""
        if finding.kind == "file":
            return Problem(f"content/{finding.id}", 1, finding.sentence)
        file, line = self._content.lines[finding.kind, finding.id]
        entry = self._entry(finding.kind, file, line)
        return Problem(file, find(entry, finding.place)[0] if entry and finding.place else line, finding.sentence)

    def _entry(self, kind: str, file: str, line: int) -> yaml.Node | None:
        root = self._node(file)
        if root is None or kind in ("journey", "defaults"):
            return root
        if isinstance(root, yaml.MappingNode):
            return next((value for key, value in root.value if line_of(key) == line), None)
        return next((item for item in root.value if line_of(item) == line), None)

    def _node(self, file: str) -> yaml.Node | None:
        if file not in self._nodes:
            path = self._content.root / file.removeprefix("content/")
            text = path.read_text(encoding="utf-8-sig") if path.is_file() else ""
            self._nodes[file] = compose(text, file)[0]
        return self._nodes[file]
