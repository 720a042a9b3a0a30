"""One enrolment as the right side of the demo page shows it: plan, states with reasons, consents, check-in answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.bootstrap import App
from bot.store import reading
from bot.web import page, states
from bot.web.labels import MONTHS
from bot.web.page import Fact, PlanRow, Surgery, Trend
from content.loader import Content
from content.model import Question
from scheduler import consents
from scheduler.consents import ConsentView
from scheduler.enrolments import EnrolmentView
from scheduler.people import AddressView
from scheduler.plans import named_time
from scheduler.reminders import ReminderView
from scheduler.rendering import Reading, first_name, render

_LANGUAGES = {"en": "English", "hi": "Hindi", "hi-Latn": "Hinglish"}
_PURPOSES = {consents.REMINDERS: "Reminders", consents.SHARING: "Answers shared with the care team"}


@dataclass(frozen=True, slots=True)
class Invitation:
    """The link of a patient who has not connected yet, as on the card they are handed."""

    token: str
    code: str
    url: str


async def surgery(
    app: App,
    conn: AsyncConnection,
    view: EnrolmentView,
    plan: Sequence[ReminderView],
    address: AddressView | None,
    invitation: Invitation | None,
) -> Surgery:
    """Everything about one enrolment; `address` is where its patient reads, if connected."""
    content, now = app.content, app.clock.now()
    today = page.local(now, view.zone).date()
    rows = [plan_row(content, view, one) for one in plan]
    earlier, this_day, coming = page.split_days(page.plan_days(rows, view.surgery_on, today), today)
    given = await consents.history(conn, view.id)
    agreed = any(one.purpose == consents.REMINDERS and not one.withdrawn_at for one in given)
    facts = _standing(view, address, agreed=agreed)
    answers = await reading.answers(conn, view.id)
    scales = scale_values(content, answers, view.zone)
    return Surgery(
        key=str(view.id),
        name=view.name,
        title=content.journeys[view.journey].title.en if view.journey in content.journeys else view.journey,
        state=states.standing(facts).value,
        state_words=states.standing_words(facts),
        facts=_facts(view, now),
        consents=consent_facts(given, view.zone),
        earlier=earlier,
        earlier_words=page.count_words(earlier),
        today=this_day,
        coming=coming,
        trends=trends_of(scales),
        answers=_latest(content, answers, scales, view),
        link=invitation.url if invitation else "",
        code=invitation.code if invitation else "",
        language=view.language,
    )


def plan_row(content: Content, view: EnrolmentView, one: ReminderView) -> PlanRow:
    """A reminder with the first line of its text, in the patient's language."""
    reading_ = Reading(
        reminder_id=one.id,
        journey=view.journey,
        step=one.step,
        language=view.language,
        name=view.name,
        surgery_on=view.surgery_on,
        due_at=named_time(one.step, one.occurrence, one.due_at, view.zone),
        now=one.sent_at or one.due_at,
        zone=view.zone,
    )
    try:
        line = page.gist(render(content, reading_).text)
    except KeyError:
        line = f"{one.step} (no longer in the content)"
    return PlanRow(
        key=str(one.id),
        at=page.local(one.sent_at or one.due_at, view.zone),
        topic=one.topic,
        line=line,
        state=one.state,
        reason=one.reason or "",
    )


def _standing(view: EnrolmentView, address: AddressView | None, *, agreed: bool) -> states.Facts:
    return states.Facts(
        state=view.state,
        reason=view.state_reason,
        paused_until=view.paused_until,
        connected=address is not None,
        agreed=agreed,
        stopped=bool(address and address.stopped_at),
        blocked=bool(address and address.blocked_at),
        zone=view.zone,
    )


def _facts(view: EnrolmentView, now: datetime) -> tuple[Fact, ...]:
    facts = [
        Fact("Surgery", f"{page.date_words(view.surgery_on)} · day {view.day(now)}"),
        Fact("Language", _LANGUAGES.get(view.language, view.language)),
        Fact("Morning and evening", f"{view.morning:%H:%M} · {view.evening:%H:%M}"),
    ]
    if view.year_of_birth:
        facts.insert(0, Fact("Born", str(view.year_of_birth)))
    if view.discharge_on:
        facts.append(Fact("Discharged", page.date_words(view.discharge_on)))
    if view.joined_at:
        facts.append(Fact("Joined", states.moment(view.joined_at, view.zone)))
    if view.state == "ended" and view.state_reason:
        facts.append(Fact("Ended because", view.state_reason))
    return tuple(facts)


def consent_facts(history: Sequence[ConsentView], zone: str) -> tuple[Fact, ...]:
    """The newest word on each purpose."""
    newest = {one.purpose: one for one in history}
    facts = []
    for purpose, label in _PURPOSES.items():
        one = newest.get(purpose)
        if one is None:
            facts.append(Fact(label, "no yes so far", good=False))
        elif one.withdrawn_at:
            how = f" ({one.withdrawn_how})" if one.withdrawn_how else ""
            facts.append(Fact(label, f"taken back {states.moment(one.withdrawn_at, zone)}{how}", good=False))
        else:
            facts.append(Fact(label, f"yes on {states.moment(one.given_at, zone)}\nnotice {one.version}", good=True))
    return tuple(facts)


def scale_values(
    content: Content, answers: Sequence[reading.AnswerView], zone: str
) -> dict[str, list[tuple[datetime, int]]]:
    """The answers to each scale question over local time."""
    values: dict[str, list[tuple[datetime, int]]] = {}
    for one in sorted(answers, key=lambda answer: answer.answered_at):
        question = content.questions.get(one.question)
        if question and question.kind == "scale" and one.value.isdigit():
            values.setdefault(one.question, []).append((page.local(one.answered_at, zone), int(one.value)))
    return values


def trends_of(scales: Mapping[str, Sequence[tuple[datetime, int]]]) -> tuple[Trend, ...]:
    """The scales that were answered more than once, as lines."""
    drawn = (page.trend(f"{scale_name(question)}, 0 to 10", found) for question, found in scales.items())
    return tuple(one for one in drawn if one)


def _latest(
    content: Content, answers: Sequence[reading.AnswerView], scales: Mapping[str, Sequence[object]], view: EnrolmentView
) -> tuple[Fact, ...]:
    """The newest answer to each question that has no trend, newest first, with the question as it was asked."""
    newest: dict[str, Fact] = {}
    for one in sorted(answers, key=lambda answer: answer.answered_at, reverse=True):
        question = content.questions.get(one.question)
        if question is None or one.question in newest or len(scales.get(one.question, ())) > 1:
            continue
        at = page.local(one.answered_at, view.zone)
        asked = content.fill(question.ask.en, name=first_name(view.name), day=(at.date() - view.surgery_on).days)
        newest[one.question] = Fact(
            asked, f"{value_words(question, one.value)} · {at.day} {MONTHS['en'][at.month - 1]}"
        )
    return tuple(newest.values())


def value_words(question: Question, value: str) -> str:
    """An answer as staff read it: '3 of 10', 'Dry and clean'."""
    if question.kind == "scale":
        return f"{value} of 10"
    if question.kind == "minutes":
        return f"{value} min"
    return next((choice.label.en for choice in question.choices if choice.id == value), value)


def scale_name(question: str) -> str:
    """'Leg pain' of 'pain-leg'."""
    return " ".join(reversed(question.split("-", 1))).replace("-", " ").capitalize()
