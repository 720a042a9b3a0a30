"""The yes or no question about a warning sign: asked, answered, or after some minutes of silence an alert by itself.

Each question is a row with the instant at which silence counts as a report, so a restart forgets nothing, and of
several processes that look one acts.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.language import of_report
from bot.staff import alerts, clinic, reports, telling
from bot.staff.fixed import fixed_reply
from bot.staff.reports import Report, Taken
from bot.staff.ringing import Place
from bot.staff.telling import Teller
from bot.store.tables import confirmation, conversation
from bot.store.whom import opened, patients
from content.loader import Content
from content.model import Tier
from scheduler.crypto import KeyRing
from scheduler.policy import URGENT
from scheduler.store.statements import insert_new
from scheduler.store.tables import address
from scheduler.store.types import AnyRow

UNANSWERED = "no answer to the question: "
"""How the rule of an alert begins that silence opened."""

log = structlog.get_logger(__name__)

_REMEMBERED = timedelta(hours=12)


async def ask(conn: AsyncConnection, keys: KeyRing, content: Content, report: Report, now: datetime) -> None:
    """Note that it was asked whether `report` is so. Asked again while it waits, the first question's time holds."""
    await conn.execute(
        insert_new(conn, confirmation).values(
            address_id=report.address_id,
            enrolment_id=report.enrolment_id,
            inbound_id=report.inbound_id,
            sign=report.sign,
            tier=report.tier,
            rule=report.rule[:120],
            words=keys.seal("confirmation.words", report.words),
            shared=report.shared,
            state="waiting",
            asked_at=now,
            due_at=now + clinic.confirm_within(content),
        )
    )


async def settle(conn: AsyncConnection, address_id: int, sign: str, answer: str, now: datetime) -> None:
    """It was answered, yes or no; nothing happens where nothing waits."""
    await conn.execute(
        update(confirmation)
        .where(confirmation.c.address_id == address_id, confirmation.c.sign == sign, confirmation.c.state == "waiting")
        .values(state=answer, settled_at=now)
    )


async def silent(conn: AsyncConnection, address_id: int, now: datetime) -> frozenset[str]:
    """The signs of which silence made an alert in this chat lately, one that staff may see."""
    mine = confirmation.c.address_id == address_id, confirmation.c.shared
    rows = await conn.execute(
        select(confirmation.c.sign, confirmation.c.state)
        .where(*mine, confirmation.c.asked_at > now - _REMEMBERED)
        .order_by(confirmation.c.id)
    )
    newest = {row.sign: row.state for row in rows}
    return frozenset(sign for sign, state in newest.items() if state == "silent")


async def due(conn: AsyncConnection, now: datetime, limit: int = 200) -> list[int]:
    """The questions whose time is over by `now`, the oldest first."""
    query = select(confirmation.c.id).where(confirmation.c.state == "waiting", confirmation.c.due_at <= now)
    return list(await conn.scalars(query.order_by(confirmation.c.due_at, confirmation.c.id).limit(limit)))


async def next_due(conn: AsyncConnection) -> datetime | None:
    """When the next question's time is over, UTC."""
    query = select(func.min(confirmation.c.due_at)).where(confirmation.c.state == "waiting")
    found: datetime | None = await conn.scalar(query)
    return found


async def give_up(conn: AsyncConnection, place: Place, confirmation_id: int, now: datetime) -> bool:
    """Take silence for a yes: open the alert and tell the patient. False if it was answered, or is being dealt with."""
    which = confirmation.c.id == confirmation_id
    here = select(confirmation.c.address_id).where(which).scalar_subquery()
    # The chat's lock first, as every inbound event takes it: an answer that is just coming in is seen here, or sees us.
    await conn.execute(select(conversation.c.address_id).where(conversation.c.address_id == here).with_for_update())
    query = select(confirmation).where(which, confirmation.c.state == "waiting").with_for_update(skip_locked=True)
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        return False
    await conn.execute(update(confirmation).where(which).values(state="silent", settled_at=now))
    words = opened(place.keys, "confirmation.words", row.words) or ""
    report = Report(
        address_id=row.address_id,
        enrolment_id=row.enrolment_id,
        inbound_id=row.inbound_id,
        sign=row.sign,
        tier=row.tier,
        rule=UNANSWERED + row.rule,
        words=words,
        shared=row.shared,
    )
    taken = await reports.take(conn, place.keys, report, clinic.same_words(place.content), now)
    await _tell_staff(conn, place, taken, words, now)
    await _tell(conn, place, row, words, now)
    return True


async def put_off(conn: AsyncConnection, confirmation_id: int, until: datetime) -> None:
    """Look at it again then."""
    await conn.execute(
        update(confirmation)
        .where(confirmation.c.id == confirmation_id, confirmation.c.state == "waiting")
        .values(due_at=until)
    )


async def _tell_staff(conn: AsyncConnection, place: Place, taken: Taken, words: str, now: datetime) -> None:
    """Undone and logged if it fails: the patient hears all the same, and the case's own clock tells staff."""
    try:
        async with conn.begin_nested():
            await alerts.follow(conn, place, taken, words, now)
    except SQLAlchemyError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the patient comes first
        log.error("staff_not_told", what="unanswered question", alert_id=taken.alert_id, error=type(error).__name__)


async def _tell(conn: AsyncConnection, place: Place, row: AnyRow, words: str, now: datetime) -> None:
    """The fixed reply to the sign, as after a yes, and why it comes."""
    chosen = await conn.scalar(select(address.c.language).where(address.c.id == row.address_id))
    language = of_report(words, chosen)
    whom = (await patients(conn, place.keys, [row.enrolment_id])).get(row.enrolment_id)
    content = place.content
    text = fixed_reply(
        content, language, row.sign, Tier(row.tier), row.rule, whom.journey if whom else None, shared=row.shared
    )
    why = content.fill(content.replies["confirm-silent"].text[language])
    chat = await telling.chat_at(conn, row.address_id, language)
    teller = Teller(conn, place.keys, content, now)
    await teller.say(chat, URGENT, f"{text}\n\n{why}", enrolment_id=row.enrolment_id)
