"""The audit trail of what staff do."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import audit

SYSTEM = "system"
"""The actor of what is done at the command line of the machine."""


def actor(staff_id: int) -> str:
    """How the audit trail names a member of staff."""
    return f"staff:{staff_id}"


async def note(
    conn: AsyncConnection, who: str, action: str, now: datetime, enrolment_id: int | None = None, **detail: int | str
) -> None:
    """Add a line; `who` is `actor(...)` or SYSTEM, `detail` holds ids and short names only."""
    await conn.execute(insert(audit).values(at=now, actor=who, action=action, enrolment_id=enrolment_id, detail=detail))
