"""Answers to check-ins: tapped or typed, on time, late or corrected; the next question follows until all are asked.

Each answer is judged by the rules of the content (`bot/watching.py`) together with all that were given before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.conversation import words
from bot.conversation.flows import alarm, question
from bot.conversation.model import Asking, Offer
from bot.conversation.turn import Turn
from bot.conversation.wishes import RecordAnswer, TellStaff
from bot.watching import Finding, Given, findings, gravest
from content.model import Question, Tier
from scheduler.buttons import AnswerButton, answer_data, parse_answer, question_buttons
from scheduler.enrolments import EnrolmentView
from scheduler.policy import local
from scheduler.reminders import SentCheckin
from scheduler.rendering import first_name

CORRECTED_WITHIN = timedelta(hours=1)
"""So long a question that was asked again for a correction waits for its new answer."""

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
    asked = find(turn, button.reminder_id, button.question) if button else None
    if button is None or asked is None:
        turn.say("button-other" if button and _foreign(turn, button) else "button-old")
        return
    value = _valid(asked.question, button.answer)
    if value is None:
        turn.say("button-old")
        return
    take(turn, asked, value)


def typed(turn: Turn) -> bool:
    """A typed answer to the newest open question; what is no answer goes on its way."""
    candidates = _open(turn)
    if not candidates:
        return False
    newest = candidates[0]
    value = read(turn, newest.question, turn.text)
    if value is None:
        return False
    if value == "bad":
        turn.say_text(turn.about(newest.enrolment) + turn.words(_range_reply(newest.question)))
        return True
    elsewhere = [o for o in candidates if o.enrolment.id != newest.enrolment.id]
    others = [o for o in elsewhere if read(turn, o.question, turn.text) == value]
    if others and not _replied_to(turn, newest):
        _ask_whom(turn, [newest, *others], value)
    else:
        take(turn, newest, value)
    return True


def newest_asked_at(turn: Turn) -> datetime | None:
    """When the newest check-in with an open question left."""
    candidates = _open(turn)
    return candidates[0].checkin.sent_at if candidates else None


# ---------------------------------------------------------------- taking an answer


def take(turn: Turn, asked: Open, value: str) -> None:
    """The answer to a question, for the first time or instead of an earlier one."""
    before = turn.context.answers.get((asked.checkin.reminder_id, asked.question.id))
    if before == value:
        same = turn.words("checkin-same", after=_shown(turn, asked.question, value))
        lines, offers = _after_correction(turn, asked, [same])
        turn.say_text("\n".join(lines), offers)
        return
    turn.do(RecordAnswer(asked.enrolment.id, asked.checkin.reminder_id, asked.question.id, value))
    found = _found(turn, asked, value)
    urgent = _report(turn, asked, value, found)
    if before is not None:
        _say_changed(turn, asked, before, value)
    else:
        _go_on(turn, asked, value, urgent, _replies(turn, found))


def _found(turn: Turn, asked: Open, value: str) -> frozenset[Finding]:
    """What the rules find with this answer that they did not find before."""
    before = turn.context.given.get(asked.enrolment.id, ())
    key = asked.checkin.reminder_id, asked.question.id
    on = local(asked.checkin.sent_at, asked.enrolment.zone).date()
    others = [one for one in before if (one.reminder_id, one.question) != key]
    after = [*others, Given(on, *key, value)]
    content, now = turn.context.content, turn.now
    return findings(content, after, (), now) - findings(content, before, (), now)


def _report(turn: Turn, asked: Open, value: str, found: frozenset[Finding]) -> Tier | None:
    """Tell staff what was found; the tier of the alert, if there is one."""
    watching = turn.context.content.watching
    signs = [one for one in found if one.sign is not None]
    if turn.context.shares(asked.enrolment):
        for one in sorted(found - set(signs), key=lambda one: one.rule):
            turn.do(TellStaff(one.rule, asked.enrolment.id))
    worst = gravest(signs)
    if worst is None or worst.sign is None:
        return None
    rules = sorted({one.rule for one in signs}, key=lambda rule: (rule in watching, rule))
    # A bare "yes" says nothing to whoever reads the alert: the question stands before it.
    words = [f"{_fill(turn, asked.enrolment, asked.question.ask[turn.language])} {_shown(turn, asked.question, value)}"]
    # In English, as the console is: nobody knows yet in whose chat it will be read.
    words += [watching[rule].staff.en for rule in rules if rule in watching]
    alarm.report(turn, worst.sign, worst.tier, "; ".join(rules), ". ".join(words), asked.enrolment)
    return worst.tier


def _replies(turn: Turn, found: frozenset[Finding]) -> list[str]:
    """What routine rules say to the patient instead of the usual thanks."""
    watching = turn.context.content.watching
    replies = {watching[one.rule].reply for one in found if one.rule in watching}
    return [turn.words(reply) for reply in sorted(filter(None, replies))]


def _say_changed(turn: Turn, asked: Open, before: str, value: str) -> None:
    """The correction."""
    shown = {"before": _shown(turn, asked.question, before), "after": _shown(turn, asked.question, value)}
    lines = [turn.words("checkin-changed", **shown), *_for_which_day(turn, asked)]
    lines, offers = _after_correction(turn, asked, lines)
    turn.say_text(turn.about(asked.enrolment) + "\n".join(lines), offers, enrolment=asked.enrolment)


def _after_correction(turn: Turn, asked: Open, lines: list[str]) -> tuple[list[str], list[Offer]]:
    """`lines`, and where a question was asked again to correct it, the one that was open before."""
    if turn.state.asking is None or turn.state.asking.again_at is None:
        return lines, []
    return _ask_next(turn, asked, lines)


def _go_on(turn: Turn, asked: Open, value: str, urgent: Tier | None, replies: list[str]) -> None:
    """Thanks and the next question. After an emergency nothing follows: the fixed reply stands alone."""
    if urgent is Tier.EMERGENCY:
        return
    lines = [] if urgent else replies or [_thanks(turn, asked.question)]
    if question.keeps_photos(turn) and any(c.photo and c.id == value for c in asked.question.choices):
        lines.append(turn.words("checkin-photo"))
    lines += _for_which_day(turn, asked)
    lines, offers = _ask_next(turn, asked, lines)
    if not offers and not urgent:
        lines.append(turn.words("checkin-done"))
    if lines:
        turn.say_text((turn.about(asked.enrolment) + "\n".join(lines)).strip(), offers, enrolment=asked.enrolment)


def _ask_next(turn: Turn, asked: Open, lines: list[str]) -> tuple[list[str], list[Offer]]:
    """`lines` and under them the next question of the check-in, with its buttons; as they are if all is answered."""
    following = _following(turn, asked)
    if following is None:
        turn.remember(asking=None)
        return lines, []
    return ask(turn, replace(asked, question=following), lines)


def ask(turn: Turn, asked: Open, lines: list[str], *, again: bool = False) -> tuple[list[str], list[Offer]]:
    """`lines` and under them a question with its buttons; `again`: it has an answer, which is to be corrected."""
    reminder_id = asked.checkin.reminder_id
    again_at = turn.now if again else None
    turn.remember(asking=Asking(reminder_id=reminder_id, question=asked.question.id, again_at=again_at))
    buttons = question_buttons(asked.question, reminder_id, turn.language)
    offers = [Offer(label=button.label, data=button.data) for button in buttons]
    return [*lines, "\n" + _fill(turn, asked.enrolment, asked.question.ask[turn.language])], offers


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
        meant = checkin.reminder_id == (replied.reminder_id if replied else _corrected(turn))
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
    if asking and checkin.reminder_id == _corrected(turn):
        return next((q for q in questions if q.id == asking.question), None)
    if questions and (checkin.reminder_id, questions[0].id) not in turn.context.answers:
        return questions[0]
    if asking and asking.reminder_id == checkin.reminder_id:
        unanswered = (checkin.reminder_id, asking.question) not in turn.context.answers
        return next((q for q in questions if q.id == asking.question and unanswered), None)
    return None


def _corrected(turn: Turn) -> int | None:
    """The check-in of which a question was asked again just now, so that its answer can be corrected."""
    asking = turn.state.asking
    if asking is None or asking.again_at is None or turn.now - asking.again_at > CORRECTED_WITHIN:
        return None
    return asking.reminder_id


def _questions(turn: Turn, checkin: SentCheckin, enrolment: EnrolmentView) -> tuple[Question, ...]:
    content = turn.context.content
    journey = content.journeys.get(enrolment.journey)
    step = next((s for s in journey.steps if s.id == checkin.step), None) if journey else None
    return content.asked(step) if step else ()


def find(turn: Turn, reminder_id: int, question_id: str) -> Open | None:
    """A question of a check-in that left for this chat."""
    for checkin in turn.context.checkins:
        enrolment = turn.enrolment(checkin.enrolment_id)
        if checkin.reminder_id == reminder_id and enrolment:
            questions = _questions(turn, checkin, enrolment)
            found = next((q for q in questions if q.id == question_id), None)
            return Open(checkin, enrolment, found) if found else None
    return None


def _foreign(turn: Turn, button: AnswerButton) -> bool:
    own = {c.reminder_id for c in turn.context.checkins if turn.enrolment(c.enrolment_id)}
    return button.reminder_id not in own


def _replied_to(turn: Turn, asked: Open) -> bool:
    return turn.context.replied is not None and turn.context.replied.reminder_id == asked.checkin.reminder_id


# ---------------------------------------------------------------- reading a value


def read(turn: Turn, asked: Question, text: str) -> str | None:
    """The value as it is stored, 'bad' for a number that cannot be meant, nothing if `text` is no answer."""
    if asked.kind == "choice":
        return words.choice(text, asked, turn.context.commands)
    number = words.scale(text, asked) if asked.kind == "scale" else words.minutes(text)
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
