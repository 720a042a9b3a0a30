"""The consent notices: a separate yes for reminders and for sharing with the care team, then the welcome."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal, cast

from bot.conversation.model import AwaitConsent, Offer
from bot.conversation.turn import Turn
from bot.conversation.wishes import Agree, Audit, Withdraw
from scheduler.enrolments import EnrolmentView
from scheduler.rendering import first_name

Purpose = Literal["reminders", "sharing"]
PURPOSES: tuple[Purpose, ...] = ("reminders", "sharing")

RENEW_EVERY = timedelta(days=3)


def ask(turn: Turn, enrolment: EnrolmentView, purpose: Purpose, *, joining: bool = False) -> None:
    """Show the notice of one purpose with yes and no. Nothing is ticked beforehand."""
    turn.remember(pending=AwaitConsent(enrolment_id=enrolment.id, purpose=purpose, joining=joining))
    turn.say_text(_notice(turn, enrolment, purpose), _choices(turn, enrolment, purpose), enrolment=enrolment)


def _notice(turn: Turn, enrolment: EnrolmentView, purpose: Purpose) -> str:
    content = turn.context.content
    return content.fill(content.notices[purpose].text[turn.language], name=first_name(enrolment.name))


def _choices(turn: Turn, enrolment: EnrolmentView, purpose: Purpose) -> list[Offer]:
    answers = ("agree", "yes"), ("decline", "no")
    return [turn.offer(button, f"1c:{purpose}:{enrolment.id}:{answer}") for button, answer in answers]


def typed(turn: Turn) -> bool:
    """A typed yes or no to the notice that is open."""
    pending = turn.state.pending
    if not isinstance(pending, AwaitConsent):
        return False
    for button, command, answer in (("agree", "yes", "yes"), ("decline", "no", "no")):
        entry = turn.context.content.buttons[button]
        phrases = (entry.label.en, entry.label.hi, *entry.words)
        if turn.context.commands.means(turn.text, phrases, command):
            press(turn, pending.purpose, str(pending.enrolment_id), answer)
            return True
    return False


def press(turn: Turn, purpose: str, enrolment_id: str, answer: str) -> None:
    """A yes or no to a notice, tapped or typed, also to one shown earlier."""
    enrolment = turn.enrolment(int(enrolment_id)) if enrolment_id.isascii() and enrolment_id.isdigit() else None
    if enrolment is None or purpose not in ("reminders", "sharing") or answer not in ("yes", "no"):
        turn.say("button-other")
        return
    if enrolment.state == "ended":
        turn.say("all-over")
        return
    if answer == "yes" and purpose == "reminders" and turn.context.address.stopped_at is not None:
        turn.say("menu-stopped")
    elif answer == "yes":
        _accept(turn, enrolment, cast("Purpose", purpose))
    else:
        _decline(turn, enrolment, cast("Purpose", purpose))


def remind(turn: Turn) -> None:
    """After something else was answered: the notice is still open."""
    pending = turn.state.pending
    if isinstance(pending, AwaitConsent):
        prefix = f"1c:{pending.purpose}:{pending.enrolment_id}"
        turn.say("consent-unclear", data={"agree": f"{prefix}:yes", "decline": f"{prefix}:no"})


def renew(turn: Turn) -> None:
    """After an answer: a notice whose text has changed since somebody said yes, until they say yes or no to it.

    Only where nothing else waits for an answer, and once in RENEW_EVERY; the yes they gave counts meanwhile.
    """
    last, waits = turn.state.renewed_at, turn.offers or turn.state.pending or turn.state.confirm or turn.state.asking
    shown_lately = last is not None and turn.now - last < RENEW_EVERY
    open_to = [
        (e, purpose) for e in turn.context.living for purpose in PURPOSES if (e.id, purpose) in turn.context.outdated
    ]
    if not open_to or waits or shown_lately or not turn.answered or turn.context.address.stopped_at is not None:
        return
    enrolment, purpose = open_to[0]
    turn.remember(renewed_at=turn.now)
    turn.say_text(
        f"{turn.words('consent-changed')}\n\n{_notice(turn, enrolment, purpose)}", _choices(turn, enrolment, purpose)
    )


def stop_sharing(turn: Turn) -> None:
    """Take back the yes to sharing, for everybody followed in this chat; as easy as giving it."""
    for enrolment in turn.context.living:
        turn.do(Withdraw(enrolment.id, enrolment.person_id, "sharing", "said so in the chat"))
        turn.do(Audit("consent withdrawn", enrolment.id, {"purpose": "sharing"}))
    turn.say("sharing-stopped" if turn.context.living else "start-nothing")


def share(turn: Turn) -> None:
    """Show the notice on sharing again to whoever has not agreed to it."""
    open_to = [e for e in turn.context.living if (e.id, "sharing") not in turn.context.agreed]
    if open_to:
        ask(turn, open_to[0], "sharing")
    else:
        turn.say("sharing-on" if turn.context.living else "start-nothing")


def _accept(turn: Turn, enrolment: EnrolmentView, purpose: Purpose) -> None:
    turn.do(Agree(enrolment.id, enrolment.person_id, purpose, turn.language))
    turn.do(Audit("consent given", enrolment.id, {"purpose": purpose}))
    if purpose == "reminders" and (enrolment.id, "sharing") not in turn.context.agreed:
        ask(turn, enrolment, "sharing", joining=True)
    elif purpose == "sharing" and not _joining(turn, enrolment):
        turn.remember(pending=None)
        turn.say("sharing-on")
    else:
        _welcome(turn, enrolment)


def _decline(turn: Turn, enrolment: EnrolmentView, purpose: Purpose) -> None:
    turn.do(Withdraw(enrolment.id, enrolment.person_id, purpose, "said no to the notice"))
    turn.do(Audit("consent declined", enrolment.id, {"purpose": purpose}))
    if purpose == "reminders":
        turn.remember(pending=None)
        turn.say("declined", enrolment=enrolment)
        return
    if _joining(turn, enrolment):
        turn.say("sharing-declined", enrolment=enrolment)
        _welcome(turn, enrolment)
    else:
        turn.remember(pending=None)
        turn.say("sharing-stopped", enrolment=enrolment)


def _joining(turn: Turn, enrolment: EnrolmentView) -> bool:
    """Whether this answer ends the two questions of joining: then follows the welcome."""
    pending = turn.state.pending
    waited = isinstance(pending, AwaitConsent) and pending.enrolment_id == enrolment.id and pending.joining
    return waited and (enrolment.id, "reminders") in turn.context.agreed


def _welcome(turn: Turn, enrolment: EnrolmentView) -> None:
    turn.remember(pending=None)
    turn.say(
        "welcome",
        enrolment=enrolment,
        name=first_name(enrolment.name),
        morning=f"{enrolment.morning:%H:%M}",
        evening=f"{enrolment.evening:%H:%M}",
    )
