"""A red flag becomes a case, or joins the open case of the same patient: nothing that was written is lost.

A graver sign raises the case and starts its clock anew; a new sign is told to those who know of the case; the same
words again are kept and ring nobody a second time.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from sqlalchemy import and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.staff import ringing
from bot.store.tables import alert, alert_report
from bot.store.whom import opened
from content.model import Tier
from scheduler.crypto import KeyRing
from scheduler.store.statements import insert_one
from scheduler.store.types import AnyRow


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody wrote or tapped, judged."""

    address_id: int
    enrolment_id: int | None
    inbound_id: int
    sign: str
    tier: str
    """emergency, same_day"""
    rule: str
    words: str
    shared: bool
    """Whether staff may see it."""


class Follows(Enum):
    """What staff must be told of it."""

    ALERT = auto()
    """A new case."""
    GRAVER = auto()
    """The case is more urgent than it was; its clock runs anew."""
    ANEW = auto()
    """The clock had done all it does, and runs again."""
    MORE = auto()
    """Another sign, no graver one."""
    AGAIN = auto()
    """The same words as somebody has seen already."""
    NOTHING = auto()


@dataclass(frozen=True, slots=True)
class Taken:
    """The case it is in now, and what follows."""

    alert_id: int
    follows: Follows


async def take(conn: AsyncConnection, keys: KeyRing, report: Report, same_for: timedelta, now: datetime) -> Taken:
    """Store it. `same_for`: so long the very same words make no new case after somebody has seen them."""
    cases = [_Known(row, await _kept(conn, keys, row)) for row in await _cases(conn, report, now - same_for)]
    going = next((case for case in cases if case.row.state == "open"), None)
    seen = next((case for case in cases if case.row.state != "open" and case.has(report.words)), None)
    case = going or seen
    if case is None:
        return Taken(await _open(conn, keys, report, now), Follows.ALERT)
    await _add(conn, keys, report, case.row.id, now)
    if case is seen:
        return Taken(case.row.id, Follows.AGAIN)
    follows = _follows(case, report)
    if follows in (Follows.GRAVER, Follows.ANEW):
        await _start_anew(conn, case.row, report, now)
    return Taken(case.row.id, follows)


@dataclass(frozen=True, slots=True)
class _Kept:
    sign: str
    words: str | None


@dataclass(frozen=True, slots=True)
class _Known:
    row: AnyRow
    kept: tuple[_Kept, ...]

    def has(self, words: str) -> bool:
        return any(one.words is not None and _same(one.words, words) for one in self.kept)

    def has_sign(self, sign: str) -> bool:
        return any(one.sign == sign for one in self.kept)


def _follows(case: _Known, report: Report) -> Follows:
    if report.tier == Tier.EMERGENCY and case.row.tier != Tier.EMERGENCY:
        return Follows.GRAVER
    if case.row.shared and case.row.due_at is None:
        return Follows.ANEW
    return Follows.NOTHING if case.has_sign(report.sign) or case.has(report.words) else Follows.MORE


def _same(one: str, other: str) -> bool:
    first, second = ("".join(unicodedata.normalize("NFKC", text).casefold().split()) for text in (one, other))
    return first == second


async def _cases(conn: AsyncConnection, report: Report, seen_since: datetime) -> list[AnyRow]:
    """The cases it may join, locked: of the same patient, or of a chat nobody knows the patient of."""
    if report.enrolment_id is not None:
        same = alert.c.enrolment_id == report.enrolment_id
    else:
        same = and_(alert.c.enrolment_id.is_(None), alert.c.address_id == report.address_id)
    lately = and_(alert.c.state == "acknowledged", alert.c.acknowledged_at >= seen_since)
    rows = await conn.execute(
        select(alert)
        # What was not shared stays so, whatever comes after it.
        .where(same, alert.c.shared == report.shared, or_(alert.c.state == "open", lately))
        .order_by(alert.c.id.desc())
        .with_for_update()
    )
    return list(rows)


async def _kept(conn: AsyncConnection, keys: KeyRing, row: AnyRow) -> tuple[_Kept, ...]:
    rows = await conn.execute(
        select(alert_report.c.sign, alert_report.c.words).where(alert_report.c.alert_id == row.id)
    )
    further = (_Kept(one.sign, opened(keys, "alert_report.words", one.words)) for one in rows)
    return (_Kept(row.sign, opened(keys, "alert.words", row.words)), *further)


async def _open(conn: AsyncConnection, keys: KeyRing, report: Report, now: datetime) -> int:
    return await insert_one(
        conn,
        alert,
        address_id=report.address_id,
        enrolment_id=report.enrolment_id,
        inbound_id=report.inbound_id,
        sign=report.sign,
        tier=report.tier,
        rule=report.rule[:120],
        words=keys.seal("alert.words", report.words),
        shared=report.shared,
        state="open",
        created_at=now,
        lap=1,
        clock_at=now if report.shared else None,
        due_at=now if report.shared else None,
    )


async def _add(conn: AsyncConnection, keys: KeyRing, report: Report, alert_id: int, now: datetime) -> None:
    await insert_one(
        conn,
        alert_report,
        alert_id=alert_id,
        address_id=report.address_id,
        inbound_id=report.inbound_id,
        sign=report.sign,
        tier=report.tier,
        rule=report.rule[:120],
        words=keys.seal("alert_report.words", report.words),
        created_at=now,
    )


async def _start_anew(conn: AsyncConnection, row: AnyRow, report: Report, now: datetime) -> None:
    tier = Tier.EMERGENCY.value if Tier.EMERGENCY in (row.tier, report.tier) else report.tier
    values = {"tier": tier, "lap": row.lap + 1, "clock_at": now, "due_at": now} if row.shared else {"tier": tier}
    await conn.execute(update(alert).where(alert.c.id == row.id).values(values))
    await ringing.call_back(conn, row.id, ringing.OUTDATED)
