"""The ways into the console: login and password, an invitation, a new password.

Each opens its own transactions, because a password is hashed between them, and no transaction should wait for that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.staff import accounts, sessions, throttle, tokens, trail
from bot.staff.accounts import Staff
from bot.staff.passwords import Passwords, problem
from bot.staff.sessions import Opened
from bot.staff.tokens import Purpose
from scheduler.errors import BadRequestError, SaathiError
from scheduler.store.engine import Store

WRONG = "Login or password is wrong. Check both, and whether capitals are locked."
"""The same whether the login exists or not, is disabled or has no password yet."""

TWICE = "The two passwords are not the same: type the new one twice."
USED_UP = "This link was used already or is too old."


class WrongPasswordError(SaathiError):
    """Login and password do not belong together."""


class WaitError(SaathiError):
    """Too many failed tries; `wait` says for how long."""

    def __init__(self, wait: timedelta) -> None:
        """Tell to wait so long."""
        self.wait = wait
        super().__init__(throttle.sentence(wait))

    @property
    def seconds(self) -> int:
        """The wait in whole seconds, rounded up."""
        return throttle.seconds(self.wait)


@dataclass(frozen=True, slots=True)
class From:
    """Where a request comes from."""

    network: str
    """Network address of the browser."""
    token: str
    """The session it holds already, if any; it ends at a login."""


class Door:
    """Lets people in. Raises WaitError after too many failures; nothing is hashed then."""

    def __init__(self, store: Store, passwords: Passwords) -> None:
        """Let people into `store`."""
        self._store = store
        self._passwords = passwords

    async def log_in(self, login: str, password: str, come: From, now: datetime) -> Opened:
        """A new session. Raises WrongPasswordError, WaitError."""
        staff = await self._prove(login, password, come.network, now)
        async with self._store.write(wake=False) as conn:
            # Hashing took a while, in which the account may have been disabled.
            current = await accounts.credentials(conn, self._store.keys, login)
            if current is None or current.staff.disabled:
                raise WrongPasswordError(WRONG)
            await sessions.end_token(conn, self._store.keys, come.token, now)
            await trail.note(conn, trail.actor(staff.id), "logged in", now)
            return await sessions.open(conn, self._store.keys, staff.id, now)

    async def change(self, staff: Staff, password: str, new: tuple[str, str], come: From, now: datetime) -> Opened:
        """Replace a password; every session of the member ends and a new one opens here.

        Raises WrongPasswordError, WaitError, BadRequestError.
        """
        chosen = _chosen(new, staff)
        await self._prove(staff.login, password, come.network, now)
        hashed = await self._passwords.hash(chosen)
        async with self._store.write(wake=False) as conn:
            await accounts.set_password(conn, staff.id, hashed, now)
            await trail.note(conn, trail.actor(staff.id), "password changed", now)
            return await sessions.open(conn, self._store.keys, staff.id, now)

    async def invited(self, token: str, now: datetime) -> Staff | None:
        """Whose invitation this is, if it still works."""
        async with self._store.read() as conn:
            staff_id = await tokens.look(conn, self._store.keys, Purpose.INVITATION, token, now)
            return None if staff_id is None else await accounts.by_id(conn, self._store.keys, staff_id)

    async def accept(self, token: str, new: tuple[str, str], come: From, now: datetime) -> Opened:
        """Choose a password by an invitation and be logged in. Raises BadRequestError."""
        staff = await self.invited(token, now)
        if staff is None:
            raise BadRequestError(USED_UP)
        hashed = await self._passwords.hash(_chosen(new, staff))
        async with self._store.write(wake=False) as conn:
            if await tokens.use(conn, self._store.keys, Purpose.INVITATION, token, now) is None:
                raise BadRequestError(USED_UP)
            await accounts.set_password(conn, staff.id, hashed, now)
            await throttle.forget(conn, self._store.keys, staff.login)
            await sessions.end_token(conn, self._store.keys, come.token, now)
            await trail.note(conn, trail.actor(staff.id), "password chosen", now)
            return await sessions.open(conn, self._store.keys, staff.id, now)

    async def _prove(self, login: str, password: str, network: str, now: datetime) -> Staff:
        keys = self._store.keys
        async with self._store.write(wake=False) as conn:
            wait = await throttle.admit(conn, keys, login, network, now)
        if wait:
            raise WaitError(wait)
        async with self._store.read() as conn:
            found = await accounts.credentials(conn, keys, login)
        known = found.password if found and not found.staff.disabled else None
        verdict = await self._passwords.check(known, password)
        if not verdict.right or found is None or known is None:
            raise WrongPasswordError(WRONG)
        async with self._store.write(wake=False) as conn:
            await throttle.passed(conn, keys, login, network, now)
            if verdict.rehashed:
                await accounts.rehash(conn, found.staff.id, known, verdict.rehashed)
        return found.staff


def _chosen(new: tuple[str, str], staff: Staff) -> str:
    if new[0] != new[1]:
        raise BadRequestError(TWICE)
    sentence = problem(new[0], staff.name, staff.login)
    if sentence:
        raise BadRequestError(sentence)
    return new[0]
