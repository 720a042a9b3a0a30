"""Collects what the demo page shows from the database, opened and in local time. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.bootstrap import App
from bot.store import reading
from bot.web import page
from bot.web.labels import page_language, words
from bot.web.page import Bubble, Case, Page, Person, Phone, Tap
from bot.web.phones import STRANGER, Handset, handsets
from bot.web.states import near_moment
from bot.web.surgeries import Invitation, surgery
from scheduler import people, reminders
from scheduler.people import AddressView

SHOWN = frozenset({"sent", "unknown"})
"""States of a message that stands, or may stand, on the phone."""

_ATTACHMENTS = frozenset({"photo", "sticker", "voice", "other"})
_SILENT = frozenset({"blocked", "unblocked"})


@dataclass(frozen=True, slots=True)
class Gathered:
    """What is needed for one page, still in UTC."""

    now: datetime
    handset: Handset
    address: AddressView | None
    chat: Sequence[reading.ChatLine]


async def gather(app: App, conn: AsyncConnection, key: str, invitations: dict[int, Invitation]) -> Page | None:
    """The page with the phone `key` in hand; nothing if there is no such phone."""
    now = app.clock.now()
    keys = app.store.keys
    everybody = await handsets(conn, keys)
    handset = next((one for one in everybody if one.key == key), None)
    if handset is None:
        return None
    address = chat = None
    if handset.address_id is not None:
        address = await people.open_address(conn, keys, handset.address_id)
        chat = await reading.chat(conn, keys, handset.address_id)
    found = Gathered(now, handset, address, chat or ())
    alerts = await reading.alerts(conn, keys)
    questions = await reading.questions(conn, keys)
    zone = _zone(app, handset)
    plans = [await reminders.plan_of(conn, one.id) for one in handset.enrolments]
    due = [one.due_at for plan in plans for one in plan if one.state == "planned" and one.due_at > now]
    following = min(due) if due else await app.dispatcher.next_due()
    urgent = {alert.address_id for alert in alerts if alert.state == "open"}
    chosen = _person(handset, 0, now, urgent)
    return Page(
        people=tuple(_person(one, number, now, urgent) for number, one in enumerate(everybody)),
        chosen=chosen,
        now=page.local(now, zone),
        phone=_phone(found, zone, invitations),
        surgeries=tuple(
            [
                await surgery(app, conn, one, plan, address, invitations.get(one.id))
                for one, plan in zip(handset.enrolments, plans, strict=True)
            ]
        ),
        alerts=tuple(
            Case(
                key=str(one.id),
                title=app.content.signs[one.sign].name.en if one.sign in app.content.signs else one.sign,
                tier=one.tier,
                words=one.words,
                at=near_moment(one.created_at, now, zone),
                state=_taken(one.state, one.acknowledged_by),
                open=one.state == "open",
            )
            for one in alerts
            if one.address_id == handset.address_id
        ),
        questions=tuple(
            Case(
                key=str(one.id),
                title="Question",
                tier="",
                words=one.text,
                at=near_moment(one.created_at, now, zone),
                state=_taken(one.state, one.closed_by),
                open=one.state == "open",
            )
            for one in questions
            if one.address_id == handset.address_id
        ),
        next_at=page.local(following, zone) if following else None,
    )


def _person(handset: Handset, number: int, now: datetime, urgent: set[int]) -> Person:
    alerts = int(handset.address_id in urgent)
    if handset.key == STRANGER or not handset.enrolments:
        return Person(handset.key, "A stranger", "no link", "?", page.TONES - 2, alerts)
    first = handset.enrolments[0]
    note = "not connected" if first.state == "invited" else f"day {first.day(now)}"
    name = " + ".join(one.name.split()[0] for one in handset.enrolments)
    return Person(handset.key, name, note, page.initials(first.name), number % (page.TONES - 2), alerts)


def _phone(found: Gathered, zone: str, invitations: dict[int, Invitation]) -> Phone:
    handset = found.handset
    spoken = found.address.language if found.address else None
    language = page_language(spoken or (handset.enrolments[0].language if handset.enrolments else "en"))
    now = page.local(found.now, zone)
    bubbles = tuple(bubble for line in found.chat if (bubble := _bubble(line, zone)))
    return Phone(
        key=handset.key,
        now=now,
        language=language,
        words=words(language),
        days=page.bubble_days(bubbles, now.date(), language),
        blocked=bool(found.address and found.address.blocked_at),
        start="" if bubbles else _start(handset, invitations),
    )


def _start(handset: Handset, invitations: dict[int, Invitation]) -> str:
    """What a messenger's Start button sends: with the token, where a link was opened."""
    tokens = [invitations[one.id].token for one in handset.enrolments if one.id in invitations]
    return f"/start {tokens[0]}" if tokens else "/start"


def _bubble(line: reading.ChatLine, zone: str) -> Bubble | None:
    if line.kind in _SILENT or (line.out and line.state not in SHOWN):
        return None
    return Bubble(
        key=f"{'out' if line.out else 'in'}-{line.id}",
        mine=not line.out,
        text=line.text,
        at=page.local(line.at, zone),
        buttons=tuple(Tap(button.label, button.data) for button in line.buttons),
        reply_to=line.provider_id or "",
        attachment=line.kind if not line.out and line.kind in _ATTACHMENTS else "",
        pressed=not line.out and line.kind == "button",
        picture=f"/demo/pictures/{line.id}" if line.out and line.picture else "",
    )


def _zone(app: App, handset: Handset) -> str:
    return handset.enrolments[0].zone if handset.enrolments else app.settings.timezone


def _taken(state: str, by: str | None) -> str:
    """A case's state in words: 'open', 'seen by Sister Example'."""
    words = "seen" if state == "acknowledged" else state
    return f"{words} by {by}" if by else words
