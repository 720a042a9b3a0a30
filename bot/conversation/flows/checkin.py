"""Answers to check-ins: tapped or typed, on time, late or corrected; the next question follows until all are asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.conversation import words
from bot.conversation.flows import alarm
from bot.conversation.model import Asking, Offer
from bot.conversation.turn import Turn
from bot.conversation.wishes import RecordAnswer
from content.model import Question, Tier
from scheduler.buttons import AnswerButton, answer_data, parse_answer, question_buttons
from scheduler.enrolments import EnrolmentView
from scheduler.reminders import SentCheckin
from scheduler.rendering import first_name

TYPED_WITHIN = timedelta(days=3)
"""A typed answer belongs to a check-in at most this old; a tapped one to any."""


@dataclass(frozen=True, slots=True)
class Open:
    """A question of a check-in that was asked in this chat."""

    checkin: SentCheckin
    enrolment: EnrolmentView
    question: Question


def press(turn: Turn, data: str) -> None:
    """An answer was tapped, perhaps days later, perhaps for the second time."""
    button = parse_answer(data)
    asked = _asked(turn, button) if button else None
    if button is None or asked is None:
        turn.say("button-other" if button and _foreign(turn, button) else "button-old")
        return
    value = _valid(asked.question, button.answer)
    if value is None:
        turn.say("button-old")
        return
    _take(turn, asked, value)


def typed(turn: Turn) -> bool:
    """A typed answer to the newest open question; what is no answer goes on its way."""
    candidates = _open(turn)
    if not candidates:
        return False
    newest = candidates[0]
    value = _read(turn, newest.question)
    if value is None:
        return False
    if value == "bad":
        turn.say_text(turn.about(newest.enrolment) + turn.words(_range_reply(newest.question)))
        return True
    others = [o for o in candidates if o.enrolment.id != newest.enrolment.id and _read(turn, o.question) == value]
    if others and not _replied_to(turn, newest):
        _ask_whom(turn, [newest, *others], value)
    else:
        _take(turn, newest, value)
    return True


def newest_asked_at(turn: Turn) -> datetime | None:
    """When the newest check-in with an open question left."""
    candidates = _open(turn)
    return candidates[0].checkin.sent_at if candidates else None


# ---------------------------------------------------------------- taking an answer


def _take(turn: Turn, asked: Open, value: str) -> None:
    before = turn.context.answers.get((asked.checkin.reminder_id, asked.question.id))
    if before == value:
        turn.say_text(turn.words("checkin-same", after=_shown(turn, asked.question, value)))
        return
    turn.do(RecordAnswer(asked.enrolment.id, asked.checkin.reminder_id, asked.question.id, value))
    sign = _alarming(asked.question, value)
    urgent = None
    if sign:
        tier = turn.context.content.signs[sign].tier
        rule = f"check-in {asked.question.id}={value}"
        alarm.report(turn, sign, tier, rule, _shown(turn, asked.question, value), asked.enrolment)
        urgent = tier
    if before is not None:
        parts = [
            turn.words(
                "checkin-changed",
                before=_shown(turn, asked.question, before),
                after=_shown(turn, asked.question, value),
            )
        ]
        turn.say_text(turn.about(asked.enrolment) + "\n".join(parts), enrolment=asked.enrolment)
    else:
        _go_on(turn, asked, urgent)


def _go_on(turn: Turn, asked: Open, urgent: Tier | None) -> None:
    """Thanks and the next question. After an emergency nothing follows: the fixed reply stands alone."""
    if urgent is Tier.EMERGENCY:
        return
    lines = [] if urgent else [_thanks(turn, asked.question)]
    lines += _for_which_day(turn, asked)
    following = _following(turn, asked)
    offers: list[Offer] = []
    if following:
        turn.remember(asking=Asking(reminder_id=asked.checkin.reminder_id, question=following.id))
        lines.append("\n" + _fill(turn, asked.enrolment, following.ask[turn.language]))
        buttons = question_buttons(following, asked.checkin.reminder_id, turn.language)
        offers = [Offer(label=button.label, data=button.data) for button in buttons]
    else:
        turn.remember(asking=None)
        if not urgent:
            lines.append(turn.words("checkin-done"))
    if lines:
        turn.say_text((turn.about(asked.enrolment) + "\n".join(lines)).strip(), offers, enrolment=asked.enrolment)


def _thanks(turn: Turn, question: Question) -> str:
    if question.thanks is None:
        return turn.words("checkin-thanks")
    return turn.context.content.fill(question.thanks[turn.language])


def _for_which_day(turn: Turn, asked: Open) -> list[str]:
    days = turn.days_ago(asked.checkin.sent_at, asked.enrolment.zone)
    if days == 0:
        return []
    return [turn.words("checkin-yesterday") if days == 1 else turn.words("checkin-earlier", days=days)]


def _following(turn: Turn, asked: Open) -> Question | None:
    """The next question of the check-in that has no answer yet."""
    questions = _questions(turn, asked.checkin, asked.enrolment)
    position = next((i for i, q in enumerate(questions) if q.id == asked.question.id), len(questions))
    answered = turn.context.answers
    return next((q for q in questions[position + 1 :] if (asked.checkin.reminder_id, q.id) not in answered), None)


def _fill(turn: Turn, enrolment: EnrolmentView, text: str) -> str:
    return turn.context.content.fill(text, name=first_name(enrolment.name), day=enrolment.day(turn.now))


def _alarming(question: Question, value: str) -> str | None:
    """The sign an answer reports, if any."""
    if question.kind == "choice":
        return next((option.sign for option in question.choices if option.id == value), None)
    if question.alert_at is not None and int(value) >= question.alert_at:
        return question.sign
    return None


def _shown(turn: Turn, question: Question, value: str) -> str:
    if question.kind == "choice":
        return next((o.label[turn.language] for o in question.choices if o.id == value), value)
    return value


def _ask_whom(turn: Turn, candidates: list[Open], value: str) -> None:
    offers = [
        Offer(label=first_name(o.enrolment.name), data=answer_data(o.checkin.reminder_id, o.question.id, value))
        for o in candidates
    ]
    turn.say("checkin-for-whom", more=offers)


# ---------------------------------------------------------------- which question is meant


def _open(turn: Turn) -> list[Open]:
    """Per patient the newest check-in with an unanswered question we asked; the one replied to, else newest, first."""
    found: list[Open] = []
    replied = turn.context.replied
    for checkin in turn.context.checkins:
        enrolment = turn.enrolment(checkin.enrolment_id)
        meant = replied is not None and replied.reminder_id == checkin.reminder_id
        recent = turn.now - checkin.sent_at <= TYPED_WITHIN
        if enrolment is None or not (recent or meant):
            continue
        question = _awaited(turn, checkin, enrolment)
        if question and meant:
            return [Open(checkin, enrolment, question)]
        if question and all(other.enrolment.id != enrolment.id for other in found):
            found.append(Open(checkin, enrolment, question))
    return found


def _awaited(turn: Turn, checkin: SentCheckin, enrolment: EnrolmentView) -> Question | None:
    """The question of a check-in we asked and got no answer to; the one replied to also if it has one."""
    questions = _questions(turn, checkin, enrolment)
    replied, asking = turn.context.replied, turn.state.asking
    if replied and replied.reminder_id == checkin.reminder_id:
        wanted = replied.question or (questions[0].id if questions else None)
        return next((q for q in questions if q.id == wanted), None)
    if questions and (checkin.reminder_id, questions[0].id) not in turn.context.answers:
        return questions[0]
    if asking and asking.reminder_id == checkin.reminder_id:
        unanswered = (checkin.reminder_id, asking.question) not in turn.context.answers
        return next((q for q in questions if q.id == asking.question and unanswered), None)
    return None


def _questions(turn: Turn, checkin: SentCheckin, enrolment: EnrolmentView) -> tuple[Question, ...]:
    content = turn.context.content
    journey = content.journeys.get(enrolment.journey)
    step = next((s for s in journey.steps if s.id == checkin.step), None) if journey else None
    return tuple(content.questions[q] for q in step.ask if q in content.questions) if step else ()


def _asked(turn: Turn, button: AnswerButton) -> Open | None:
    for checkin in turn.context.checkins:
        enrolment = turn.enrolment(checkin.enrolment_id)
        if checkin.reminder_id == button.reminder_id and enrolment:
            questions = _questions(turn, checkin, enrolment)
            question = next((q for q in questions if q.id == button.question), None)
            return Open(checkin, enrolment, question) if question else None
    return None


def _foreign(turn: Turn, button: AnswerButton) -> bool:
    own = {c.reminder_id for c in turn.context.checkins if turn.enrolment(c.enrolment_id)}
    return button.reminder_id not in own


def _replied_to(turn: Turn, asked: Open) -> bool:
    return turn.context.replied is not None and turn.context.replied.reminder_id == asked.checkin.reminder_id


# ---------------------------------------------------------------- reading a value


def _read(turn: Turn, question: Question) -> str | None:
    """The value as it is stored, 'bad' for a number that cannot be meant, nothing if this is no answer."""
    if question.kind == "choice":
        return words.choice(turn.text, question, turn.context.commands)
    number = words.scale(turn.text, question) if question.kind == "scale" else words.minutes(turn.text)
    return None if number is None else str(number)


def _range_reply(question: Question) -> str:
    return "checkin-scale-range" if question.kind == "scale" else "checkin-minutes-range"


def _valid(question: Question, answer: str) -> str | None:
    """The answer of a button, if the question still has it."""
    if question.kind == "choice":
        return answer if any(option.id == answer for option in question.choices) else None
    if not (answer.isascii() and answer.isdigit() and len(answer) <= 3):
        return None
    most = 10 if question.kind == "scale" else words.MOST_MINUTES
    return str(int(answer)) if int(answer) <= most else None
