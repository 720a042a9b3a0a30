"""A link or code from the ward: whose it is, the second factor, and only then the patient's name."""

from __future__ import annotations

from bot.conversation import words
from bot.conversation.flows import consent
from bot.conversation.model import AwaitFactor, FoundLink
from bot.conversation.turn import Turn
from bot.conversation.wishes import Audit, OpenLink, TellStaff, UseLink, WrongTry
from scheduler.enrolments import EnrolmentView
from scheduler.links import MAX_WRONG_TRIES, LinkView


def open_up(turn: Turn, typed: str) -> None:
    """Somebody came with a link or code: ask for the second factor, or say kindly why it does not work."""
    link, enrolment, refusal = _judge(turn)
    if refusal or link is None or enrolment is None:
        _refuse(turn, refusal or "link-unknown", link)
        return
    turn.remember(pending=AwaitFactor(token=typed))
    if turn.context.desk is None:
        turn.do(OpenLink(link.id))
        turn.say(_prompt(enrolment))
    else:
        # Staff who try out a card must not take it from the patient: it is bound to a chat by the second factor only.
        turn.say_text(f"{turn.words('staff-as-family')}\n\n{turn.words(_prompt(enrolment))}")


def contact(turn: Turn) -> bool:
    """The sender's own phone number, shared while the second factor is awaited: it may stand in for the year."""
    found = turn.context.link
    if not isinstance(turn.state.pending, AwaitFactor) or found is None or found.own_phone is None:
        return False
    link, enrolment, refusal = _judge(turn)
    if refusal or link is None or enrolment is None:
        turn.remember(pending=None)
        _refuse(turn, refusal or "link-unknown", link)
    elif found.own_phone:
        _connect(turn, link, enrolment)
    else:
        _wrong(turn, link)
    return True


def factor(turn: Turn) -> bool:
    """The answer to the second factor; anything without a digit is not one and goes its own way."""
    pending = turn.state.pending
    if not isinstance(pending, AwaitFactor):
        return False
    link, enrolment, refusal = _judge(turn)
    if refusal or link is None or enrolment is None:
        turn.remember(pending=None)
        _refuse(turn, refusal or "link-unknown", link)
        return True
    given = _given(turn.text, enrolment)
    if given is None:
        return False
    if given == "bad":
        turn.say("year-unclear" if enrolment.year_of_birth else "surgery-day-unclear")
    elif given == _expected(enrolment):
        _connect(turn, link, enrolment)
    else:
        _wrong(turn, link)
    return True


def remind(turn: Turn) -> None:
    """After something else was answered: the second factor is still open."""
    found = turn.context.link
    if found and found.enrolment:
        turn.say(_prompt(found.enrolment))


def _judge(turn: Turn) -> tuple[LinkView | None, EnrolmentView | None, str | None]:
    """The link, its enrolment, and the reply that refuses it, if any."""
    found: FoundLink | None = turn.context.link
    if found is None or found.view is None or found.enrolment is None:
        return None, None, "link-unknown"
    link = found.view
    here = turn.context.address.id
    reasons = {
        "link-connected": link.used_at is not None and turn.enrolment(link.enrolment_id) is not None,
        "link-used": link.used_at is not None,
        "link-revoked": link.revoked_at is not None or found.enrolment.state == "ended",
        "link-locked": link.wrong_tries >= MAX_WRONG_TRIES,
        "link-expired": link.expires_at <= turn.now,
        "link-other": link.opened_by not in (None, here),
    }
    return link, found.enrolment, next((reply for reply, holds in reasons.items() if holds), None)


_STAFF_KNOW = {"link-other": "link-forwarded", "link-used": "link-reused"}
"""Refusal -> the notice for staff. A member of staff who tries out a card is no news to them."""


def _refuse(turn: Turn, reply: str, link: LinkView | None) -> None:
    turn.say(reply)
    if reply in _STAFF_KNOW and link and turn.context.desk is None:
        turn.do(TellStaff(_STAFF_KNOW[reply], link.enrolment_id))
    if reply != "link-connected":
        detail: dict[str, str | int] = {"why": reply} | ({"link": link.id} if link else {})
        turn.do(Audit("link refused", link.enrolment_id if link else None, detail))


def _prompt(enrolment: EnrolmentView) -> str:
    return "ask-year" if enrolment.year_of_birth else "ask-surgery-day"


def _given(text: str, enrolment: EnrolmentView) -> int | tuple[int, int] | words.Bad | None:
    return words.year(text) if enrolment.year_of_birth else words.day_and_month(text)


def _expected(enrolment: EnrolmentView) -> int | tuple[int, int]:
    return enrolment.year_of_birth or (enrolment.surgery_on.day, enrolment.surgery_on.month)


def _connect(turn: Turn, link: LinkView, enrolment: EnrolmentView) -> None:
    turn.do(UseLink(link.id, enrolment.id, enrolment.person_id, link.role))
    turn.do(Audit("link used", enrolment.id, {"link": link.id}))
    consent.ask(turn, enrolment, "reminders")


def _wrong(turn: Turn, link: LinkView) -> None:
    left = MAX_WRONG_TRIES - link.wrong_tries - 1
    turn.do(WrongTry(link.id))
    turn.do(Audit("link wrong try", link.enrolment_id, {"link": link.id, "left": left}))
    if left > 0:
        turn.say("year-wrong", left=left)
        return
    turn.remember(pending=None)
    turn.do(Audit("link locked", link.enrolment_id, {"link": link.id}))
    turn.do(TellStaff("link-locked", link.enrolment_id))
    turn.say("link-locked")
