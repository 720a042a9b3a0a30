"""Loads what a conversation needs to know, in the transaction of its event."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.answering import Answering
from bot.channels.inbound import Inbound, Kind
from bot.conversation.model import (
    AwaitAnswer,
    AwaitFactor,
    AwaitLanguage,
    Context,
    FoundLink,
    LastAnswer,
    Replied,
    State,
)
from bot.conversation.words import Commands
from bot.staff import confirming, desk, tokens
from bot.staff.desk import Desk
from bot.staff.telling import PRESS, Chat
from bot.staff.tokens import Purpose
from bot.store.tables import answer
from bot.store.whom import HOME_ZONE
from bot.triage import Triage
from bot.watching import Given
from content.loader import Content
from scheduler import doses, enrolments, links, outbox, reminders
from scheduler.buttons import parse_answer, parse_dose
from scheduler.clock import Clock
from scheduler.crypto import KeyRing
from scheduler.doses import SentDose
from scheduler.enrolments import EnrolmentView
from scheduler.errors import BadRequestError
from scheduler.people import AddressView, normal_phone
from scheduler.store.tables import consent, message, person, reminder

TYPED_SINCE = timedelta(days=4)
DOSE_SINCE = timedelta(days=1)
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
    zone: str = HOME_ZONE
    """The clinic's."""


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
    given = await _agreed(conn, [enrolment.id for enrolment in here])
    known = await _answers(conn, here) if asked else _Answers({}, {}, None)
    sent = await _doses(conn, event, address, now) if here else []
    return Context(
        now=now,
        content=parts.content,
        commands=parts.commands,
        triage=parts.triage,
        answering=parts.answering,
        address=address,
        enrolments=here,
        agreed=frozenset(given),
        outdated=frozenset(one for one, version in given.items() if version != _newest(parts.content, one[1])),
        link=link,
        checkins=tuple(asked),
        answers=known.values,
        given=known.given,
        last_answer=known.last,
        doses=tuple(sent),
        said=await doses.last(conn, *{one.enrolment_id for one in sent}) if sent else {},
        replied=await _replied(conn, keys, event, address),
        silent=await _silent(conn, event, address, state, now),
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
        zone=parts.zone,
    )


def _named(data: str | None) -> int | None:
    """The question a button for staff is about."""
    match (data or "").split(":"):
        case [head, "answer", number] if head == PRESS and number.isascii() and number.isdigit():
            return int(number)
    return None


async def _agreed(conn: AsyncConnection, enrolment_ids: Sequence[int]) -> dict[tuple[int, str], str]:
    """(enrolment, purpose) with a current yes, and the version of the notice it was given to."""
    rows = await conn.execute(
        select(consent.c.enrolment_id, consent.c.purpose, consent.c.version).where(
            consent.c.enrolment_id.in_(enrolment_ids), consent.c.withdrawn_at.is_(None)
        )
    )
    return {(row.enrolment_id, row.purpose): row.version for row in rows}


def _newest(content: Content, purpose: str) -> str | None:
    notice = content.notices.get(purpose)
    return notice.version if notice else None


class _Answers(NamedTuple):
    """The answers of some enrolments: by check-in and question, by enrolment, and the last one."""

    values: dict[tuple[int, str], str]
    given: dict[int, tuple[Given, ...]]
    last: LastAnswer | None


async def _answers(conn: AsyncConnection, here: Sequence[EnrolmentView]) -> _Answers:
    zones = {one.id: ZoneInfo(one.zone) for one in here}
    rows = (
        await conn.execute(
            select(answer, reminder.c.due_at)
            .join(reminder, reminder.c.id == answer.c.reminder_id)
            .where(answer.c.enrolment_id.in_(zones))
            .order_by(answer.c.answered_at, answer.c.id)
        )
    ).all()
    given: dict[int, tuple[Given, ...]] = {}
    for row in rows:
        on = row.due_at.astimezone(zones[row.enrolment_id]).date()
        one = Given(on, row.reminder_id, row.question, row.value)
        given[row.enrolment_id] = (*given.get(row.enrolment_id, ()), one)
    values = {(row.reminder_id, row.question): row.value for row in rows}
    last = LastAnswer(rows[-1].reminder_id, rows[-1].question, rows[-1].answered_at) if rows else None
    return _Answers(values, given, last)


async def _doses(conn: AsyncConnection, event: Inbound, address: AddressView, now: datetime) -> list[SentDose]:
    if event.kind is Kind.BUTTON and event.data is not None:
        tapped = parse_dose(event.data) is not None
        return await doses.sent(conn, address.id, now - TAPPED_SINCE) if tapped else []
    since = TAPPED_SINCE if event.reply_to is not None else DOSE_SINCE
    return await doses.sent(conn, address.id, now - since) if event.text else []


async def _silent(
    conn: AsyncConnection, event: Inbound, address: AddressView, state: State, now: datetime
) -> frozenset[str]:
    if state.confirm is None and not (event.data or "").startswith("1s:"):
        return frozenset()
    return await confirming.silent(conn, address.id, now)


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
