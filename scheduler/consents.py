"""One yes to one notice for one purpose, and its end. Nothing proactive leaves without a current yes to `reminders`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from content.loader import Content
from scheduler.store.tables import consent

REMINDERS = "reminders"
SHARING = "sharing"
RENEWED = "agreed to the new notice"


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who reads the messages of an enrolment."""

    enrolment_id: int
    person_id: int


@dataclass(frozen=True, slots=True)
class ConsentView:
    """One line of somebody's consent record."""

    purpose: str
    version: str
    language: str
    given_at: datetime
    withdrawn_at: datetime | None
    withdrawn_how: str | None


async def give(
    conn: AsyncConnection,
    content: Content,
    enrolment_id: int,
    person_id: int,
    purpose: str,
    language: str,
    now: datetime,
) -> None:
    """Record a yes to the present notice of `purpose`. A second yes to the same changes nothing.

    A yes to an earlier text of the notice ends with it: the record shows both.
    """
    newest = content.notices[purpose].version
    held = await conn.scalar(
        _of(enrolment_id, person_id, purpose)
        .with_only_columns(consent.c.version)
        .where(consent.c.withdrawn_at.is_(None))
    )
    if held == newest:
        return
    if held is not None:
        await end(conn, enrolment_id, person_id, purpose, now, RENEWED)
    await conn.execute(
        insert(consent).values(
            person_id=person_id,
            enrolment_id=enrolment_id,
            purpose=purpose,
            version=newest,
            language=language,
            given_at=now,
        )
    )


async def end(conn: AsyncConnection, enrolment_id: int, person_id: int, purpose: str, now: datetime, how: str) -> None:
    """Withdraw a yes; `how` is the short reason in the record. Nothing to withdraw is no error."""
    await conn.execute(
        update(consent)
        .where(
            consent.c.enrolment_id == enrolment_id,
            consent.c.person_id == person_id,
            consent.c.purpose == purpose,
            consent.c.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=now, withdrawn_how=how)
    )


async def current(conn: AsyncConnection, enrolment_id: int, person_id: int, purpose: str) -> bool:
    """Whether a yes to `purpose` holds now."""
    found = await conn.execute(_of(enrolment_id, person_id, purpose).where(consent.c.withdrawn_at.is_(None)).limit(1))
    return found.first() is not None


async def ever_given(conn: AsyncConnection, enrolment_id: int, person_id: int, purpose: str) -> bool:
    """Whether a yes to `purpose` was ever given."""
    return (await conn.execute(_of(enrolment_id, person_id, purpose).limit(1))).first() is not None


async def history(conn: AsyncConnection, enrolment_id: int) -> list[ConsentView]:
    """The consent record of an enrolment, oldest first."""
    rows = await conn.execute(select(consent).where(consent.c.enrolment_id == enrolment_id).order_by(consent.c.id))
    return [
        ConsentView(row.purpose, row.version, row.language, row.given_at, row.withdrawn_at, row.withdrawn_how)
        for row in rows
    ]


def _of(enrolment_id: int, person_id: int, purpose: str) -> Select[Any]:
    return select(consent.c.id).where(
        consent.c.enrolment_id == enrolment_id, consent.c.person_id == person_id, consent.c.purpose == purpose
    )
