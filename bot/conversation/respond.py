"""What we say next: the order in which an event is looked at. Pure.

Triage comes first, whoever writes and whatever was asked before; then the words that stop, start or change the
language; then what we asked; then commands; then questions; and what nobody knows goes to the care team.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from bot.channels.inbound import Inbound, Kind
from bot.conversation import words
from bot.conversation.flows import (
    alarm,
    checkin,
    consent,
    correction,
    dose,
    language,
    link,
    media,
    menu,
    question,
    staff,
    subscription,
    times,
)
from bot.conversation.model import AwaitConsent, AwaitFactor, Context, State
from bot.conversation.turn import Turn
from bot.conversation.wishes import Block, Effect, OpenAlert
from bot.staff.questions import human_time

Step = Callable[[Turn], bool]

_NEVER = datetime.min.replace(tzinfo=UTC)


def respond(state: State, event: Inbound, context: Context) -> tuple[State, tuple[Effect, ...]]:
    """The state after `event`, and what has to be done, in this order."""
    turn = Turn(state, event, context)
    # Whoever answers it: what a photo shows is kept for the care team, if this chat may send it some.
    media.keep(turn)
    for step in ORDER:
        if step(turn):
            break
    _renew(turn)
    return turn.result()


def _renew(turn: Turn) -> None:
    """A notice that has changed is put to those who agreed to it, where no question of ours is open."""
    if turn.context.outdated and not _with_human(turn) and checkin.newest_asked_at(turn) is None:
        consent.renew(turn)


def _presence(turn: Turn) -> bool:
    """Blocked or back: noted, never answered."""
    if turn.event.kind is Kind.BLOCKED:
        turn.do(Block())
    return turn.event.kind in (Kind.BLOCKED, Kind.UNBLOCKED)


def _pressed(turn: Turn) -> bool:
    if turn.event.kind is not Kind.BUTTON or turn.event.data is None:
        return False
    press(turn, turn.event.data)
    return True


def _link(turn: Turn) -> bool:
    """A link, or a code as somebody types it."""
    found = turn.context.link
    if found is None or not found.fresh:
        return False
    if turn.context.address.language:
        link.open_up(turn, found.typed)
    else:
        language.ask(turn, token=found.typed)
    return True


def _red_flag(turn: Turn) -> bool:
    """Red flags first. What a human is told in a chat they have, or tells a patient, is not lost by it unnoticed."""
    if not alarm.handle(turn):
        return False
    if _with_human(turn) and not any(isinstance(effect, OpenAlert) and effect.shared for effect in turn.effects):
        question.pass_on(turn)
    staff.not_passed(turn)
    return True


def _human_has_it(turn: Turn) -> bool:
    """A human has the chat: we are quiet, and what is written goes to the team.

    Red flags, buttons, links and the first commands came before this; the other commands, and answers to what we
    asked since the human took the chat, are understood as always.
    """
    if not _with_human(turn):
        return False
    steps = (*(_ANSWERS if _asked_since(turn) else ()), menu.late)
    if not any(step(turn) for step in steps):
        question.pass_on(turn)
    return True


def _with_human(turn: Turn) -> bool:
    return turn.context.human_until is not None and turn.context.human_until > turn.now


def _asked_since(turn: Turn) -> bool:
    """Whether we said something in this chat, or a check-in came, after the human had answered."""
    until = turn.context.human_until
    asked = (turn.state.spoke_at, checkin.newest_asked_at(turn), dose.newest_asked_at(turn))
    newest = [instant for instant in asked if instant is not None]
    return until is not None and any(instant > until - human_time(turn.context.content) for instant in newest)


def _open_questions(turn: Turn) -> bool:
    """What we asked last, a check-in, something with buttons or a reminder to take medicine: the newest one first."""
    offers = turn.state.offers
    asked: tuple[tuple[datetime | None, Step], ...] = (
        (offers.at if offers else None, _offered),
        (checkin.newest_asked_at(turn), checkin.typed),
        (dose.newest_asked_at(turn), dose.typed),
    )
    newest_first = sorted(asked, key=lambda one: one[0] or _NEVER, reverse=True)
    return any(step(turn) for _, step in newest_first)


def _offered(turn: Turn) -> bool:
    """Typing what a button of our last message says is pressing it."""
    data = turn.offered()
    if data is None:
        return False
    press(turn, data)
    return True


def _stray_number(turn: Turn) -> bool:
    """A number, and no question it could answer."""
    if not words.is_bare_number(turn.text):
        return False
    turn.say("nothing-open")
    return True


def _question(turn: Turn) -> bool:
    """Anything else is a question. If a notice or the second factor waits, say so again."""
    question.ask(turn, turn.text)
    if isinstance(turn.state.pending, AwaitConsent):
        consent.remind(turn)
    elif isinstance(turn.state.pending, AwaitFactor):
        link.remind(turn)
    return True


_ANSWERS: tuple[Step, ...] = (
    alarm.typed,
    link.factor,
    consent.typed,
    times.typed,
    _open_questions,
    correction.typed,
)
"""Typed answers to what we asked."""

ORDER: tuple[Step, ...] = (
    _presence,
    _red_flag,
    _pressed,
    staff.handle,
    _link,
    menu.early,
    link.contact,
    _human_has_it,
    media.handle,
    media.unreadable,
    alarm.typed,
    language.first,
    *_ANSWERS,
    staff.otherwise,
    menu.late,
    question.awaited,
    question.sources_typed,
    _stray_number,
    _question,
)


def press(turn: Turn, data: str) -> None:
    """What a button carries: `1<kind>:...`. Anything else is of an older version, and is never guessed at."""
    match data.split(":"):
        case ["1a" | "1d" as kind, *_]:
            (checkin.press if kind == "1a" else dose.press)(turn, data)
        case ["1l", ("en" | "hi" | "hi-Latn") as chosen]:
            language.choose(turn, chosen)
        case ["1c", purpose, enrolment_id, answer]:
            consent.press(turn, purpose, enrolment_id, answer)
        case ["1s", sign, answer]:
            alarm.press(turn, sign, answer)
        case ["1q", faq]:
            question.choose(turn, faq)
        case ["1f", faq, helped]:
            question.feedback(turn, faq, helped)
        case ["1r", faq]:
            question.sources(turn, faq)
        case ["1h", ""]:
            question.hand_over_asked(turn)
        case ["1x", *what]:
            staff.press(turn, what)
        case _:
            _press_setting(turn, data)


def _press_setting(turn: Turn, data: str) -> None:
    match data.split(":"):
        case ["1m", button]:
            menu.press(turn, button)
        case ["1w", whom]:
            subscription.pause_whom(turn, whom)
        case ["1p", whom, days]:
            subscription.pause_for(turn, whom, days)
        case ["1k", enrolment_id]:
            subscription.keep_for(turn, enrolment_id)
        case ["1t", button]:
            times.press(turn, button)
        case _:
            turn.say("button-old")
