"""Loads what a conversation needs to know, in the transaction of its event."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.answering import Answering
from bot.channels.inbound import Inbound, Kind
from bot.conversation.model import AwaitAnswer, AwaitFactor, AwaitLanguage, Context, FoundLink, Replied, State
from bot.conversation.words import Commands
from bot.staff import desk, tokens
from bot.staff.desk import Desk
from bot.staff.telling import PRESS, Chat
from bot.staff.tokens import Purpose
from bot.store.tables import answer
from bot.triage import Triage
from content.loader import Content
from scheduler import enrolments, links, outbox, reminders
from scheduler.buttons import parse_answer
from scheduler.clock import Clock
from scheduler.crypto import KeyRing
from scheduler.errors import BadRequestError
from scheduler.people import AddressView, normal_phone
from scheduler.reminders import SentCheckin
from scheduler.store.tables import consent, message, person

TYPED_SINCE = timedelta(days=4)
TAPPED_SINCE = timedelta(days=120)
"""A plan ends 90 days after surgery; buttons work for as long as it may last, and a while longer."""

_LONGEST_LINK = 300
_PAYLOAD = re.compile(r"^\s*/start(?:@\w+)?\s+(\S+)\s*$", re.IGNORECASE)
_IN_URL = re.compile(r"https?://\S+[?&]start=([A-Za-z0-9_-]{8,64})")
_LETTERS = "[A-HJ-KM-NP-Z2-9]{4}"
_CODE = re.compile(rf"\b({_LETTERS})\s?[-\u2010-\u2015]\s?({_LETTERS})\b", re.IGNORECASE)
_WHOLE_CODE = re.compile(rf"^\W*(?:(?:start|code)\W+)?({_LETTERS})(\s?)({_LETTERS})\W*$", re.IGNORECASE)
_TOKEN = re.compile(r"^[A-Za-z0-9_-]{24}$")
_STAFF_CODE = re.compile(r"^s_([A-Za-z0-9]{8})$")
"""A code of staff as their deep link carries it. A patient's token is longer, whatever it begins with."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What stays the same for every event."""

    content: Content
    commands: Commands
    triage: Triage
    answering: Answering
    keys: KeyRing
    clock: Clock


@dataclass(frozen=True, slots=True)
class Candidate:
    """What might be a link; a certain one is answered even if nobody knows it."""

    typed: str
    certain: bool


async def load(
    conn: AsyncConnection,
    parts: Parts,
    event: Inbound,
    address: AddressView,
    state: State,
    human_until: datetime | None,
) -> Context:
    """All that `respond` needs for `event`."""
    now, keys = parts.clock.now(), parts.keys
    here = await enrolments.at_address(conn, keys, address.id)
    tapped = event.kind is Kind.BUTTON or event.reply_to is not None
    candidate = link_in(event.text) if event.kind is Kind.TEXT else None
    link = await _link(conn, keys, event, state, candidate)
    asked = await reminders.sent_checkins(conn, address.id, now - (TAPPED_SINCE if tapped else TYPED_SINCE))
    return Context(
        now=now,
        content=parts.content,
        commands=parts.commands,
        triage=parts.triage,
        answering=parts.answering,
        address=address,
        enrolments=here,
        agreed=await _agreed(conn, [enrolment.id for enrolment in here]),
        link=link,
        checkins=tuple(asked),
        answers=await _answers(conn, asked),
        replied=await _replied(conn, keys, event, address),
        human_until=human_until,
        desk=await _desk(conn, parts, event, address, state),
        staff_code=await _staff_code(conn, parts, candidate, link),
    )


def link_in(text: str) -> Candidate | None:
    """The token or code in a message, if it may hold one."""
    if len(text) > _LONGEST_LINK:
        return None
    if match := _IN_URL.search(text) or _PAYLOAD.match(text):
        return Candidate(match[1], certain=True)
    if match := _CODE.search(text):
        return _code(match[1] + match[2], certain=True)
    if match := _WHOLE_CODE.match(text):
        return _code(match[1] + match[3], certain=not match[2])
    return Candidate(text.strip(), certain=False) if _TOKEN.match(text.strip()) else None


def _code(letters: str, *, certain: bool) -> Candidate:
    """Letters alone may be words; then it is a code only if somebody issued it."""
    mixed = any(c.isdigit() for c in letters) and any(c.isalpha() for c in letters)
    return Candidate(letters, certain=certain and mixed)


async def _link(
    conn: AsyncConnection, keys: KeyRing, event: Inbound, state: State, candidate: Candidate | None
) -> FoundLink | None:
    if candidate and not _STAFF_CODE.match(candidate.typed):
        found = await _look_up(conn, keys, candidate.typed, fresh=True)
        if found.view or candidate.certain:
            return found
    waiting = state.pending.token if isinstance(state.pending, AwaitFactor | AwaitLanguage) else None
    if not waiting:
        return None
    found = await _look_up(conn, keys, waiting, fresh=False)
    return replace(found, own_phone=await _own_phone(conn, keys, event, found))


async def _look_up(conn: AsyncConnection, keys: KeyRing, typed: str, *, fresh: bool) -> FoundLink:
    view = await links.find(conn, keys, typed)
    return FoundLink(typed, view, await enrolments.view(conn, keys, view.enrolment_id) if view else None, fresh)


async def _own_phone(conn: AsyncConnection, keys: KeyRing, event: Inbound, found: FoundLink) -> bool | None:
    """Whether the number the sender shared as their own is the patient's; nothing if there is nothing to compare."""
    if event.own_phone is None or found.enrolment is None:
        return None
    enrolled = await conn.scalar(select(person.c.phone_hash).where(person.c.id == found.enrolment.person_id))
    if enrolled is None:
        return None
    try:
        # Telegram leaves out the plus of an international number.
        number = normal_phone(f"+{event.own_phone.lstrip('+')}")
    except BadRequestError:
        return False
    return bool(keys.hash("phone", number) == enrolled)


async def _staff_code(
    conn: AsyncConnection, parts: Parts, candidate: Candidate | None, link: FoundLink | None
) -> str | None:
    """A staff member's code: named so by its deep link, or typed and known; a patient's link of that code wins."""
    if candidate is None:
        return None
    if match := _STAFF_CODE.match(candidate.typed):
        return match[1]
    if link is not None and link.fresh and link.view is not None:
        return None
    known = await tokens.look(conn, parts.keys, Purpose.CHAT, candidate.typed, parts.clock.now())
    return candidate.typed if known is not None else None


async def _desk(conn: AsyncConnection, parts: Parts, event: Inbound, address: AddressView, state: State) -> Desk | None:
    waiting = state.pending.question_id if isinstance(state.pending, AwaitAnswer) else None
    chat = Chat(address.id, address.channel, address.language or "en")
    return await desk.look(
        conn,
        parts.keys,
        parts.content,
        chat,
        parts.clock.now(),
        reply_to=event.reply_to,
        question_id=_named(event.data) or waiting,
    )


def _named(data: str | None) -> int | None:
    """The question a button for staff is about."""
    match (data or "").split(":"):
        case [head, "answer", number] if head == PRESS and number.isascii() and number.isdigit():
            return int(number)
    return None


async def _agreed(conn: AsyncConnection, enrolment_ids: Sequence[int]) -> frozenset[tuple[int, str]]:
    rows = await conn.execute(
        select(consent.c.enrolment_id, consent.c.purpose).where(
            consent.c.enrolment_id.in_(enrolment_ids), consent.c.withdrawn_at.is_(None)
        )
    )
    return frozenset((row.enrolment_id, row.purpose) for row in rows)


async def _answers(conn: AsyncConnection, asked: Sequence[SentCheckin]) -> dict[tuple[int, str], str]:
    if not asked:
        return {}
    rows = await conn.execute(select(answer).where(answer.c.reminder_id.in_([one.reminder_id for one in asked])))
    return {(row.reminder_id, row.question): row.value for row in rows}


async def _replied(conn: AsyncConnection, keys: KeyRing, event: Inbound, address: AddressView) -> Replied | None:
    """The check-in whose message, or whose later question asked by us, this event answers."""
    if event.reply_to is None or event.kind is Kind.BUTTON:
        return None
    row = (
        await conn.execute(
            select(message.c.reminder_id, message.c.body).where(
                message.c.address_id == address.id, message.c.provider_id == event.reply_to
            )
        )
    ).first()
    if row is None:
        return None
    if row.reminder_id is not None:
        return Replied(row.reminder_id, None)
    buttons = outbox.open_body(keys, row.body).buttons if row.body else ()
    asked = parse_answer(buttons[0].data) if buttons else None
    return Replied(asked.reminder_id, asked.question) if asked else None
