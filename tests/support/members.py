"""Members of staff for tests: added, with a password where one is needed, hashed cheaply."""

from __future__ import annotations

from datetime import datetime

from argon2 import PasswordHasher

from bot.staff import accounts
from bot.staff.accounts import Staff
from bot.staff.passwords import Passwords
from scheduler.store.engine import Store

PASSWORD = "mango river seven lamps"

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""The same algorithm with little work: tests log in hundreds of times."""

_HASHED = CHEAP.hash(PASSWORD)


def cheap_passwords() -> Passwords:
    """Passwords that cost little."""
    return Passwords(CHEAP)


async def member(
    store: Store,
    now: datetime,
    login: str = "sister",
    role: str = "nurse",
    *,
    name: str = "Sister Example",
    password: bool = True,
) -> Staff:
    """A new member of staff, whose password is PASSWORD."""
    async with store.write() as conn:
        added = await accounts.add(conn, store.keys, name, login, role, now)
        if password:
            await accounts.set_password(conn, added.staff_id, _HASHED, now)
        return await accounts.by_id(conn, store.keys, added.staff_id)
