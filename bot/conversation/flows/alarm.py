"""Red flags: before everything, in every state, for anybody. The state of the talk stays as it is."""

from __future__ import annotations

import re
from datetime import timedelta

from bot.channels.inbound import Kind
from bot.conversation.model import Confirm
from bot.conversation.turn import Turn
from bot.conversation.wishes import AskConfirm, OpenAlert, SettleConfirm
from bot.language import of_report
from bot.staff.fixed import fixed_reply
from bot.triage import Verdict
from content.model import Tier
from scheduler.enrolments import EnrolmentView

WAITS = timedelta(hours=12)
"""So long a typed 'yes' may still answer 'is this so?'."""

_APART = "[\\s\u2010-\u2015-]*"
"""What may stand between the letters of a code that is typed from a card."""


def handle(turn: Turn) -> bool:
    """Judge what was written, captions too; send the fixed reply, or ask once."""
    if turn.event.kind is Kind.BUTTON and turn.event.data is not None:
        return False
    only = turn.context.only
    day = only.day(turn.now) if only else None
    verdict = turn.context.triage.judge(_beside_codes(turn), day=day, journey=only.journey if only else None)
    if verdict.outcome == "none" or verdict.sign is None:
        return False
    turn.language = _language(turn, turn.text)
    if verdict.outcome == "confirm":
        _ask(turn, verdict)
    else:
        report(turn, verdict.sign, verdict.tier, _rule(verdict), turn.text, only)
    return True


def _beside_codes(turn: Turn) -> str:
    """What was written beside the code or token of a link that was issued (an address holds one too), or of staff.

    Their letters are chance, and by chance look like a sign: "bukHo7wW..." is no fever. Codes are typed with and
    without spaces, hyphens and capitals.
    """
    link, text = turn.context.link, turn.text
    codes = [link.typed] if link and link.fresh and link.view else []
    for code in filter(None, (*codes, turn.context.staff_code)):
        letters = re.sub(_APART, "", code)
        text = re.sub(_APART.join(map(re.escape, letters)), " ", text, flags=re.IGNORECASE)
    return text


def report(turn: Turn, sign_id: str, tier: Tier, rule: str, words: str, enrolment: EnrolmentView | None) -> None:
    """Open an alert and send the sign's fixed reply, as one urgent message."""
    shared = _shared(turn, tier, enrolment)
    turn.do(OpenAlert(enrolment.id if enrolment else None, sign_id, tier.value, rule, words, shared))
    journey = enrolment.journey if enrolment else None
    text = fixed_reply(turn.context.content, turn.language, sign_id, tier, rule, journey, shared=shared)
    turn.say_text(text, enrolment=enrolment, kind="urgent")


def press(turn: Turn, sign_id: str, answer: str) -> None:
    """A tapped yes or no to 'is this so?'. The button says which sign, so it counts however old it is."""
    if sign_id not in turn.context.content.signs or answer not in ("yes", "no"):
        turn.say("button-old")
        return
    asked = turn.state.confirm if turn.state.confirm and turn.state.confirm.sign == sign_id else None
    _settle(turn, sign_id, asked, yes=answer == "yes")


def typed(turn: Turn) -> bool:
    """A typed yes or no to 'is this so?', unless something else was asked since."""
    asked = turn.state.confirm
    if asked is None or turn.now - asked.at > WAITS or _asked_since(turn, asked):
        return False
    for button in ("yes", "no"):
        words = turn.context.content.buttons[button].words
        if turn.context.commands.means(turn.text, words, button):
            _settle(turn, asked.sign, asked, yes=button == "yes")
            return True
    return False


def _asked_since(turn: Turn, asked: Confirm) -> bool:
    return bool(turn.context.checkins) and turn.context.checkins[0].sent_at > asked.at


def _ask(turn: Turn, verdict: Verdict) -> None:
    assert verdict.sign is not None  # noqa: S101 - `handle` returned otherwise
    sign = turn.context.content.signs[verdict.sign]
    asked = Confirm(sign=sign.id, tier=verdict.tier.value, rule=_rule(verdict), words=turn.text, at=turn.now)
    turn.remember(confirm=asked)
    only, tier = turn.context.only, _tier(turn, sign.id, asked)
    report = (only.id if only else None, sign.id, tier.value, asked.rule, asked.words, _shared(turn, tier, only))
    turn.do(AskConfirm(*report))
    data = {answer: f"1s:{sign.id}:{answer}" for answer in ("yes", "no")}
    offers = [turn.offer(answer, data[answer]) for answer in ("yes", "no")]
    reply = turn.context.triage.reply(verdict) or "confirm"
    turn.say_text(turn.words(reply, sign=sign.name[turn.language]), offers)


def _settle(turn: Turn, sign_id: str, asked: Confirm | None, *, yes: bool) -> None:
    turn.remember(confirm=None)
    if asked:
        turn.language = _language(turn, asked.words)
    turn.do(SettleConfirm(sign_id, "yes" if yes else "no"))
    if not yes:
        # Silence had made it an alert: that stays, and staff close it.
        turn.say("confirm-late-no" if sign_id in turn.context.silent else "not-confirmed")
        return
    words = asked.words if asked else turn.text
    rule = f"confirmed {asked.rule if asked else ''}".strip()
    report(turn, sign_id, _tier(turn, sign_id, asked), rule, words, turn.context.only)


def _tier(turn: Turn, sign_id: str, asked: Confirm | None) -> Tier:
    """The tier a yes stands for."""
    own = turn.context.content.signs[sign_id].tier
    tier = Tier(asked.tier) if asked else own
    return tier if tier in (Tier.SAME_DAY, Tier.EMERGENCY) else own


def _shared(turn: Turn, tier: Tier, enrolment: EnrolmentView | None) -> bool:
    """Whether staff get to know."""
    # A danger to life is shown to staff whatever was agreed (DPDP Act 2023, section 7; the notice says so).
    return tier is Tier.EMERGENCY or turn.context.shares(enrolment)


def _rule(verdict: Verdict) -> str:
    return next((match.rule for match in verdict.matches if match.sign == verdict.sign), "")


def _language(turn: Turn, words: str) -> str:
    """The language they wrote the alarm in."""
    return of_report(words, turn.context.address.language)
