"""Reminders of medicine times: taken, later or not taken, tapped or typed. Never a word on whether to take it."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.conversation.model import Offer
from bot.conversation.turn import Turn
from bot.conversation.wishes import NoteDose
from scheduler.buttons import DOSE_WORDS, dose_buttons, parse_dose
from scheduler.doses import LATER, Dose, SentDose
from scheduler.enrolments import EnrolmentView
from scheduler.plans import AGAIN_STEP, named_time
from scheduler.policy import local
from scheduler.rendering import first_name

TYPED_WITHIN = timedelta(hours=12)
"""Typed words are about a reminder at most this old; a tap is about its own, however old."""


def press(turn: Turn, data: str) -> None:
    """A button under a reminder was tapped, perhaps late, perhaps for the second time."""
    button = parse_dose(data)
    sent = next((one for one in turn.context.doses if button and one.reminder_id == button.reminder_id), None)
    enrolment = turn.enrolment(sent.enrolment_id) if sent else None
    if button is None or sent is None or enrolment is None:
        turn.say("button-old" if button is None else "button-other")
        return
    _take(turn, sent, enrolment, button.said)


def typed(turn: Turn) -> bool:
    """What a button says, typed: about the reminder replied to, else about the newest one."""
    said = _read(turn)
    candidates = _candidates(turn) if said else []
    if said is None or not candidates:
        return False
    waiting = [one for one in candidates if _last(turn, one) is None]
    if len(waiting) > 1 and not _replied(turn):
        _ask_whom(turn, waiting, said)
        return True
    sent = waiting[0] if waiting else candidates[0]
    enrolment = turn.enrolment(sent.enrolment_id)
    assert enrolment is not None  # noqa: S101 - candidates are of enrolments read here
    _take(turn, sent, enrolment, said)
    return True


def newest_asked_at(turn: Turn) -> datetime | None:
    """When the newest reminder left about which nothing final was said."""
    open_ = [one.sent_at for one in _candidates(turn) if (last := _last(turn, one)) is None or last.said == LATER]
    return max(open_, default=None)


def _candidates(turn: Turn) -> list[SentDose]:
    """Of each patient read here the newest reminder, newest first; only the one replied to, if it is one."""
    replied = turn.context.replied
    found: dict[int, SentDose] = {}
    for one in turn.context.doses:
        if turn.enrolment(one.enrolment_id) is None:
            continue
        if replied is not None and replied.reminder_id == one.reminder_id:
            return [one]
        if turn.now - one.sent_at <= TYPED_WITHIN:
            found.setdefault(one.enrolment_id, one)
    return list(found.values())


def _replied(turn: Turn) -> bool:
    replied = turn.context.replied
    return replied is not None and any(one.reminder_id == replied.reminder_id for one in turn.context.doses)


def _read(turn: Turn) -> str | None:
    buttons = turn.context.content.buttons
    for said, name in DOSE_WORDS.items():
        button = buttons[name]
        if turn.context.commands.means(turn.text, (*button.label.all(), *button.words)):
            return said
    return None


def _ask_whom(turn: Turn, candidates: list[SentDose], said: str) -> None:
    offers = []
    for one in candidates:
        enrolment = turn.enrolment(one.enrolment_id)
        buttons = dose_buttons(turn.context.content.buttons, one.reminder_id, turn.language, again=False)
        data = next(button.data for button in buttons if button.data.endswith(f":{said}"))
        offers.append(Offer(label=first_name(enrolment.name) if enrolment else "", data=data))
    turn.say("checkin-for-whom", more=offers)


def _last(turn: Turn, sent: SentDose) -> Dose | None:
    return turn.context.said.get((sent.enrolment_id, sent.occurrence))


def _take(turn: Turn, sent: SentDose, enrolment: EnrolmentView, said: str) -> None:
    before = _last(turn, sent)
    text = _later(turn, sent, enrolment, before) if said == LATER else _final(turn, sent, enrolment, said, before)
    turn.say_text(turn.about(enrolment) + text, enrolment=enrolment)


def _final(turn: Turn, sent: SentDose, enrolment: EnrolmentView, said: str, before: Dose | None) -> str:
    if before is not None and before.said == said:
        return turn.words("checkin-same", after=_shown(turn, said))
    turn.do(NoteDose(enrolment.id, sent.occurrence, said))
    due = named_time(AGAIN_STEP, sent.occurrence, sent.sent_at, enrolment.zone)
    noted = turn.words(f"dose-{said}-noted", time=_clock(due, enrolment))
    if before is None or before.said == LATER:
        return noted
    changed = turn.words("checkin-changed", before=_shown(turn, before.said), after=_shown(turn, said))
    return f"{changed}\n{noted}"


def _later(turn: Turn, sent: SentDose, enrolment: EnrolmentView, before: Dose | None) -> str:
    if before is not None and before.said == LATER and before.again_at and before.again_at > turn.now:
        return turn.words("dose-later-noted", time=_clock(before.again_at, enrolment))
    again_at = _comes_back(turn, sent, enrolment)
    if again_at is None:
        return turn.words("dose-no-later")
    turn.do(NoteDose(enrolment.id, sent.occurrence, LATER, again_at))
    return turn.words("dose-later-noted", time=_clock(again_at, enrolment))


def _comes_back(turn: Turn, sent: SentDose, enrolment: EnrolmentView) -> datetime | None:
    """When the reminder comes back; nothing if it did already, would be too late, or nothing may leave now."""
    returned = any(one.again and _same(one, sent) for one in turn.context.doses)
    silenced = turn.context.address.stopped_at is not None or enrolment.state != "active"
    agreed = (enrolment.id, "reminders") in turn.context.agreed
    wait = timedelta(minutes=int(turn.context.content.clinic["medicine_again_minutes"]))
    again_at = (turn.now + wait).replace(second=0, microsecond=0)
    if returned or silenced or not agreed or again_at >= sent.expires_at:
        return None
    return again_at


def _same(one: SentDose, other: SentDose) -> bool:
    return (one.enrolment_id, one.occurrence) == (other.enrolment_id, other.occurrence)


def _shown(turn: Turn, said: str) -> str:
    return turn.context.content.buttons[DOSE_WORDS[said]].label[turn.language]


def _clock(instant: datetime, enrolment: EnrolmentView) -> str:
    return f"{local(instant, enrolment.zone):%H:%M}"
