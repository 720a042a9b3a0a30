"""What the answers to check-ins tell: thresholds, trends and silence, by the rules of the content. Pure.

`findings` looks at all answers a patient has given. What one new or corrected answer adds is the difference of the
findings after and before it. Nothing is ever found from an answer that is missing; only `silence` is about those.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from content.loader import Content
from content.model import Question, Tier
from content.watching import WatchRule

RANK = {Tier.NONE: 0, Tier.ROUTINE: 1, Tier.SAME_DAY: 2, Tier.EMERGENCY: 3}
"""How grave a tier is."""


@dataclass(frozen=True, slots=True, order=True)
class Given:
    """One answer, as it counts now."""

    on: date
    """The patient's local day the check-in was about."""
    reminder_id: int
    """The check-in. Of one day the later one has the greater number."""
    question: str
    value: str
    """The number, or the id of the choice."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One check-in that left."""

    reminder_id: int
    day: int
    """Days after surgery."""
    left_at: datetime
    answered: bool
    """Whether any of its questions has an answer."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something staff should know. Equal findings are the same one."""

    rule: str
    """Id of the rule, or `check-in <question>=<value>` where the question itself says that the answer is a sign."""
    tier: Tier
    sign: str | None
    """The warning sign, where an alert is opened."""
    reminder_id: int
    """The check-in whose answer made it."""
    question: str
    """Empty for silence."""
    value: str
    """The newest of the answers it is made of; empty for silence."""


def findings(content: Content, given: Iterable[Given], asked: Iterable[Asked], now: datetime) -> frozenset[Finding]:
    """Everything the rules find at `now` (UTC) in the answers of one patient, whatever order they come in."""
    ordered = sorted(set(given))
    found = {finding for one in ordered for finding in _reported(content, one)}
    for rule in content.watching.values():
        if rule.kind == "silence":
            found |= _silent(rule, asked, now)
        else:
            found |= _watched(rule, ordered)
    return frozenset(found)


def gravest(found: Collection[Finding]) -> Finding | None:
    """The one that decides what is said; of equally grave ones always the same."""
    return max(found, key=lambda one: (RANK[one.tier], one.question, one.rule), default=None)


def sign_of(question: Question, value: str) -> str | None:
    """The sign that an answer reports by itself, if any."""
    if question.kind == "choice":
        return next((choice.sign for choice in question.choices if choice.id == value), None)
    if question.alert_at is not None and (number := _number(value)) is not None and number >= question.alert_at:
        return question.sign
    return None


def _reported(content: Content, one: Given) -> Iterable[Finding]:
    question = content.questions.get(one.question)
    sign = content.signs.get(sign_of(question, one.value) or "") if question else None
    if sign is not None:
        rule = f"check-in {one.question}={one.value}"
        yield Finding(rule, sign.tier, sign.id, one.reminder_id, one.question, one.value)


def _watched(rule: WatchRule, ordered: list[Given]) -> set[Finding]:
    found = set()
    for question in rule.questions:
        answers = [one for one in ordered if one.question == question]
        for number, one in enumerate(answers):
            if _KINDS[rule.kind](rule, answers[: number + 1]):
                found.add(Finding(rule.id, rule.tier, rule.sign, one.reminder_id, question, one.value))
    return found


def _rose(rule: WatchRule, answers: list[Given]) -> bool:
    """Whether the last answer lies so much above an earlier one of these days."""
    *before, last = answers
    since = last.on - timedelta(days=rule.days or 0)
    now = _number(last.value)
    lately = (_number(one.value) for one in before if one.on >= since)
    return now is not None and any(then is not None and now - then >= (rule.points or 0) for then in lately)


def _stayed(rule: WatchRule, answers: list[Given]) -> bool:
    """Whether the last answers, so many of them, all reach the mark."""
    last = answers[-(rule.times or 1) :]
    numbers = [_number(one.value) for one in last]
    return len(last) == rule.times and all(one is not None and one >= (rule.at_least or 0) for one in numbers)


def _chosen(rule: WatchRule, answers: list[Given]) -> bool:
    return answers[-1].value in rule.answers


_KINDS: Mapping[str, Callable[[WatchRule, list[Given]], bool]] = {
    "rise": _rose,
    "repeated": _stayed,
    "answer": _chosen,
}


def _silent(rule: WatchRule, asked: Iterable[Asked], now: datetime) -> set[Finding]:
    """So many check-ins in a row without an answer, each given time enough."""
    over = sorted(
        (one for one in asked if 0 <= one.day <= (rule.until_day or 0)), key=lambda one: (one.left_at, one.reminder_id)
    )
    patience = timedelta(hours=rule.hours or 0)
    row, last = 0, 0
    for one in over:
        if one.answered:
            row = 0
        elif now - one.left_at >= patience:
            row, last = row + 1, one.reminder_id
    return {Finding(rule.id, rule.tier, rule.sign, last, "", "")} if row >= (rule.times or 0) else set()


def _number(value: str) -> int | None:
    return int(value) if value.isascii() and value.isdigit() else None
