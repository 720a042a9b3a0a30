"""Guessing becomes slow: failed logins are counted for each account and for each network address.

A try is counted before the password is looked at and taken back when it was right, so that many tries at once are
counted one by one. The wait grows to a quarter of an hour and no further: nobody is locked out for ever. A login that
does not exist is counted like one that does, or the difference would tell which exist.
"""

from __future__ import annotations

import ipaddress
import math
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.staff.accounts import normal_login
from bot.staff.tables import login_try
from scheduler.crypto import KeyRing
from scheduler.store.statements import insert_new

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=24)
"""So long after the last failure counting begins anew."""

ACCOUNT_FAILURES = 5
"""The failure in a row after which an account waits."""
NETWORK_FAILURES = 20
"""The same for a network address: a whole ward may share one."""


def wait_after(failures: int, free: int) -> timedelta:
    """How long to wait after so many failures in a row: from the `free`th on 30 seconds, doubling to 15 minutes."""
    if failures < free:
        return timedelta(0)
    # Beyond a few doublings the longest is reached; larger powers would only overflow.
    return min(FIRST_WAIT * (1 << min(failures - free, 10)), LONGEST_WAIT)


async def admit(conn: AsyncConnection, keys: KeyRing, login: str, network: str, now: datetime) -> timedelta:
    """Let one try happen and count it as failed, or say how long to wait first. Zero means: go on.

    `passed` takes the count back. Tries that are not let through are not counted.
    """
    # Always in this order: two logins that lock the same rows wait for each other once, not for ever.
    counts = [
        (await _locked(conn, key, now), key, free)
        for key, free in (
            (_account(keys, login), ACCOUNT_FAILURES),
            (_network(keys, network), NETWORK_FAILURES),
        )
    ]
    closed = [until - now for (_, until), _, _ in counts if until is not None and until > now]
    if closed:
        return max(closed)
    for (failures, _), key, free in counts:
        wait = wait_after(failures + 1, free)
        await conn.execute(
            update(login_try)
            .where(login_try.c.key_hash == key)
            .values(failures=failures + 1, last_at=now, closed_until=now + wait if wait else None)
        )
    return timedelta(0)


async def passed(conn: AsyncConnection, keys: KeyRing, login: str, network: str, now: datetime) -> None:
    """The try was right: the account starts anew, and the network address has one failure less."""
    await forget(conn, keys, login)
    await conn.execute(
        update(login_try)
        .where(login_try.c.key_hash == _network(keys, network), login_try.c.failures > 0)
        .values(failures=login_try.c.failures - 1, closed_until=None)
    )
    # Whoever is counting one of these just now keeps it.
    old = (
        select(login_try.c.key_hash)
        .where(login_try.c.last_at < now - FORGOTTEN_AFTER)
        .with_for_update(skip_locked=True)
    )
    await conn.execute(delete(login_try).where(login_try.c.key_hash.in_(old)))


async def forget(conn: AsyncConnection, keys: KeyRing, login: str) -> None:
    """The account starts anew: somebody proved to be its owner."""
    await conn.execute(delete(login_try).where(login_try.c.key_hash == _account(keys, login)))


def sentence(wait: timedelta) -> str:
    """What somebody is told who must wait."""
    left = seconds(wait)
    time = f"{left} second{'s' * (left != 1)}" if left < 100 else f"{-(-left // 60)} minutes"
    return f"There were too many failed tries. Wait {time}, then try again."


def seconds(wait: timedelta) -> int:
    """Whole seconds, rounded up: who comes back after them is let try."""
    return max(1, math.ceil(wait.total_seconds()))


async def _locked(conn: AsyncConnection, key: bytes, now: datetime) -> tuple[int, datetime | None]:
    await conn.execute(insert_new(conn, login_try).values(key_hash=key, failures=0, last_at=now))
    row = (await conn.execute(select(login_try).where(login_try.c.key_hash == key).with_for_update())).one()
    if row.last_at < now - FORGOTTEN_AFTER:
        return 0, None
    return row.failures, row.closed_until


def _account(keys: KeyRing, login: str) -> bytes:
    return keys.hash("login_try.account", normal_login(login))


def _network(keys: KeyRing, network: str) -> bytes:
    return keys.hash("login_try.network", _same_network(network))


def _same_network(address: str) -> str:
    """The address itself; of IPv6 the 64 bits a home or ward gets as a whole."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed, 64), strict=False))
