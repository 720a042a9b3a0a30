"""`saathi staff`: who may use the console. Works while Saathi runs, and before it ever ran."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from bot import settings as settings_module
from bot.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from scheduler.crypto import KeyRing

    Work = Callable[[AsyncConnection, KeyRing, datetime], Awaitable["T"]]

T = TypeVar("T")

staff = typer.Typer(no_args_is_help=True, help="Who may use the console.")

_EVERYWHERE = {"0.0.0.0", "::", ""}  # noqa: S104 - nothing is opened here, only named
_Login = Annotated[str, typer.Argument(help="The login, as `saathi staff list` shows it.")]


@staff.command()
def add(
    name: Annotated[str, typer.Argument(help='The name as patients read it, such as "Sister Example".')],
    login: Annotated[str, typer.Argument(help="A login without spaces.")],
    role: Annotated[str, typer.Option(help="nurse, clinician, admin or auditor.")] = "nurse",
) -> None:
    """Add somebody, and print the one-time link by which they choose a password."""
    settings = settings_module.load()
    from bot.staff import accounts, trail

    async def work(conn: AsyncConnection, keys: KeyRing, now: datetime) -> str:
        added = await accounts.add(conn, keys, name, login, role, now)
        await trail.note(conn, trail.SYSTEM, "staff added", now, staff=added.staff_id, role=role)
        return added.token

    _print_link(settings, _done(settings, work))


@staff.command("list")
def list_() -> None:
    """Print everybody: login, name, role, state."""
    settings = settings_module.load()
    from bot.staff import accounts

    async def work(conn: AsyncConnection, keys: KeyRing, _now: datetime) -> tuple[accounts.Staff, ...]:
        return await accounts.everybody(conn, keys)

    members = _done(settings, work)
    if not members:
        typer.echo('Nobody yet: saathi staff add "Your Name" yourlogin --role admin')
    for member in members:
        state = "disabled" if member.disabled else "invited" if member.invited else "active"
        chat = "chat linked" if member.address_id else "no chat linked"
        typer.echo(f"{member.login}\t{member.name}\t{member.role}\t{state}\t{chat}")


@staff.command()
def disable(login: _Login) -> None:
    """Shut somebody out at once: browsers are logged out, the chat is unlinked, links stop working."""
    settings = settings_module.load()
    from bot.staff import accounts, trail

    async def work(conn: AsyncConnection, keys: KeyRing, now: datetime) -> None:
        staff_id = await _id_of(conn, keys, login)
        await accounts.disable(conn, staff_id, now)
        await trail.note(conn, trail.SYSTEM, "staff disabled", now, staff=staff_id)

    _done(settings, work)
    typer.echo("Disabled. Whoever was logged in with this login is out.")


@staff.command()
def enable(login: _Login) -> None:
    """Let somebody who was disabled back in, by a new one-time link."""
    settings = settings_module.load()
    from bot.staff import accounts, trail

    async def work(conn: AsyncConnection, keys: KeyRing, now: datetime) -> str:
        staff_id = await _id_of(conn, keys, login)
        token = await accounts.enable(conn, keys, staff_id, now)
        await trail.note(conn, trail.SYSTEM, "staff enabled", now, staff=staff_id)
        return token

    _print_link(settings, _done(settings, work))


@staff.command()
def invite(login: _Login) -> None:
    """Print a new one-time link, for somebody who lost the first one or forgot the password."""
    settings = settings_module.load()
    from bot.staff import accounts, trail

    async def work(conn: AsyncConnection, keys: KeyRing, now: datetime) -> str:
        staff_id = await _id_of(conn, keys, login)
        token = await accounts.invite(conn, keys, staff_id, now)
        await trail.note(conn, trail.SYSTEM, "staff invited", now, staff=staff_id)
        return token

    _print_link(settings, _done(settings, work))


@staff.command()
def rota() -> None:
    """Print who is on call for the next 7 days."""
    settings = settings_module.load()
    from bot.staff import accounts, rotas
    from bot.web.console.duty import Turn, turns

    async def work(conn: AsyncConnection, keys: KeyRing, now: datetime) -> tuple[bool, list[Turn]]:
        names = {one.id: one.name for one in await accounts.everybody(conn, keys)}
        found = await rotas.load(conn)
        return found.empty, turns(found, now, settings.timezone, names)

    empty, coming = _done(settings, work)
    if empty:
        typer.echo("There is no rota: alerts go to everybody who may see them and has linked a chat.")
    for turn in coming:
        typer.echo(f"{turn.begins}\t{turn.ends}\t{turn.who or 'nobody: everybody is told at once'}")


def _done(settings: Settings, work: Work[T]) -> T:
    """Do `work` in one transaction, beside a running Saathi if there is one."""
    from bot.commands.visiting import visiting
    from scheduler.clock import SystemClock

    async def inside() -> T:
        async with visiting(settings) as store, store.write() as conn:
            return await work(conn, store.keys, SystemClock().now())

    return asyncio.run(inside())


async def _id_of(conn: AsyncConnection, keys: KeyRing, login: str) -> int:
    from bot.staff import accounts
    from scheduler.errors import NotFoundError

    found = await accounts.by_login(conn, keys, login)
    if found is None:
        raise NotFoundError("Nobody has this login: saathi staff list prints those there are.")
    return found.id


def _print_link(settings: Settings, token: str) -> None:
    typer.echo("Give this link to them and to nobody else. It works once, for seven days:")
    typer.echo(f"{address(settings)}/invitation/{token}")


def address(settings: Settings) -> str:
    """Where staff find the console: the public address, else the one `saathi run` listens at."""
    if settings.public_url:
        return settings.public_url
    host = "127.0.0.1" if settings.host in _EVERYWHERE else settings.host
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
