"""Red flags: before everything, in every state, for anybody. The state of the talk stays as it is."""

from __future__ import annotations

from datetime import timedelta

from bot.channels.inbound import Kind
from bot.conversation.model import Confirm
from bot.conversation.turn import Turn
from bot.conversation.wishes import OpenAlert
from bot.language import detect
from bot.triage import Verdict, is_guess
from content.model import Sign, Tier
from scheduler.enrolments import EnrolmentView

WAITS = timedelta(hours=12)
"""So long a typed 'yes' may still answer 'is this so?'."""


def handle(turn: Turn) -> bool:
    """Judge what was written, captions too; send the fixed reply, or ask once."""
    if (turn.event.kind is Kind.BUTTON and turn.event.data is not None) or _is_a_link(turn):
        return False
    only = turn.context.only
    day = only.day(turn.now) if only else None
    verdict = turn.context.triage.judge(_without_codes(turn), day=day, journey=only.journey if only else None)
    if verdict.outcome == "none" or verdict.sign is None:
        return False
    turn.language = _language(turn, turn.text)
    if verdict.outcome == "confirm":
        _ask(turn, verdict)
    else:
        report(turn, verdict.sign, verdict.tier, _rule(verdict), turn.text, only)
    return True


def _without_codes(turn: Turn) -> str:
    """What was written beside the token of a link that was issued (an address holds one too), or a code of staff.

    Their letters are chance, and by chance look like a sign: "bukHo7wW..." is no fever.
    """
    link, text = turn.context.link, turn.text
    codes = [link.typed] if link and link.fresh and link.view else []
    for code in (*codes, turn.context.staff_code or ""):
        text = text.replace(code, " ") if code else text
    return text


def _is_a_link(turn: Turn) -> bool:
    """A code or token that somebody was given, and nothing else: its eight letters may look like words or a fever."""
    found = turn.context.link
    if found is None or found.view is None or not found.fresh:
        return False
    typed, code = ("".join(filter(str.isalnum, text)).lower() for text in (turn.text, found.typed))
    return typed in (code, f"start{code}")


def report(turn: Turn, sign_id: str, tier: Tier, rule: str, words: str, enrolment: EnrolmentView | None) -> None:
    """Open an alert and send the sign's fixed reply, as one urgent message."""
    sign = turn.context.content.signs[sign_id]
    # A danger to life is shown to staff whatever was agreed (DPDP Act 2023, section 7; the notice says so).
    shared = tier is Tier.EMERGENCY or turn.context.shares(enrolment)
    turn.do(OpenAlert(enrolment.id if enrolment else None, sign_id, tier.value, rule, words, shared))
    text = fixed_reply(turn, sign, tier, enrolment, guessed=is_guess(rule))
    if not shared:
        text = text.replace(turn.words("team-told"), turn.words("team-not-told"))
    turn.say_text(text, enrolment=enrolment, kind="urgent")


def fixed_reply(turn: Turn, sign: Sign, tier: Tier, enrolment: EnrolmentView | None, *, guessed: bool = False) -> str:
    """The sign's own reply; where the report is milder or stronger, or the sign guessed, the common one of the tier."""
    reply = sign.reply
    if guessed or tier is not sign.tier:
        reply = "emergency" if tier is Tier.EMERGENCY else "same-day"
    content = turn.context.content
    operation = content.journeys[enrolment.journey].short[turn.language] if enrolment else turn.words("word-operation")
    return turn.words(reply, operation=operation)


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
    data = {answer: f"1s:{sign.id}:{answer}" for answer in ("yes", "no")}
    offers = [turn.offer(answer, data[answer]) for answer in ("yes", "no")]
    reply = turn.context.triage.reply(verdict) or "confirm"
    turn.say_text(turn.words(reply, sign=sign.name[turn.language]), offers)


def _settle(turn: Turn, sign_id: str, asked: Confirm | None, *, yes: bool) -> None:
    turn.remember(confirm=None)
    if asked:
        turn.language = _language(turn, asked.words)
    if not yes:
        turn.say("not-confirmed")
        return
    tier = Tier(asked.tier) if asked else turn.context.content.signs[sign_id].tier
    tier = tier if tier in (Tier.SAME_DAY, Tier.EMERGENCY) else turn.context.content.signs[sign_id].tier
    words = asked.words if asked else turn.text
    report(turn, sign_id, tier, f"confirmed {asked.rule if asked else ''}".strip(), words, turn.context.only)


def _rule(verdict: Verdict) -> str:
    return next((match.rule for match in verdict.matches if match.sign == verdict.sign), "")


def _language(turn: Turn, words: str) -> str:
    """The language they wrote the alarm in, unless it only looks English in a chat that chose Hindi."""
    written = detect(words)
    chosen = turn.context.address.language
    return chosen if chosen and written == "en" else written
