"""Starts what the command line asks for: the real thing, the demo, a look at its health."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import typer
import uvloop
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from bot import bootstrap, logs, sample
from bot import health as health_module
from bot import settings as settings_module
from bot.channels.telegram import CHANNEL as TELEGRAM
from bot.lock import alone_in
from bot.serve import PARTS, Part, PortTakenError, address_of, listen, serve
from bot.settings import PREFIX, Settings, SettingsError
from content.loader import load as load_content
from scheduler.clock import SettableClock, SystemClock
from scheduler.crypto import KeyRing
from scheduler.store.engine import Store

T = TypeVar("T")

DEMO_FOLDER = "demo"
DEMO_FILES = ("saathi.db", "saathi.db-wal", "saathi.db-shm", settings_module.KEY_FILE)
_NOT_FOR_A_DEMO = ("database_url", "encryption_keys", "telegram_token", "telegram_webhook_secret")
_OTHER_PORTS = 20


def in_loop(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` in an event loop of its own."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def run(settings: Settings, only: Part | None) -> None:
    """Run everything, or one part, until told to stop. Raises SettingsError, StartError and their like."""
    if only is not None and settings.on_sqlite:
        raise SettingsError(
            [f"SQLite serves one process: leave out --only, or set {PREFIX}DATABASE_URL to a PostgreSQL database."]
        )
    logs.configure(settings.log_level, settings.log_format)
    bootstrap.prepare_folder(settings)
    parts: tuple[Part, ...] = PARTS if only is None else (only,)
    if settings.on_sqlite:
        with alone_in(settings.data_dir):
            in_loop(_run(settings, parts))
    else:
        in_loop(_run(settings, parts))


async def _run(settings: Settings, parts: tuple[Part, ...]) -> None:
    listener = listen(settings.host, settings.port) if "web" in parts else None
    async with await bootstrap.build(settings) as app:
        if listener is not None:
            typer.echo(f"Saathi is at {settings.public_url or address_of(listener)}")
        await serve(app, listener, parts=parts)


def demo(chosen: Settings, *, keep: bool) -> None:
    """Run the demo until told to stop; without `keep` it begins anew."""
    folder = chosen.data_dir / DEMO_FOLDER
    # A demo never touches the real database, keys or bot, whatever the environment says.
    settings = chosen.model_copy(update={"data_dir": folder} | dict.fromkeys(_NOT_FOR_A_DEMO, SecretStr("")))
    logs.configure(settings.log_level if "log_level" in chosen.model_fields_set else "warning", settings.log_format)
    bootstrap.prepare_folder(settings)
    with alone_in(folder):
        if not keep:
            for name in DEMO_FILES:
                (folder / name).unlink(missing_ok=True)
        # Made here, so that nobody is told to keep a copy of the keys of a demo.
        KeyRing.load_or_create(settings.key_file)
        going_on = keep and _sqlite_file(settings).exists()
        in_loop(_demo(settings, _demo_listener(chosen), going_on=going_on))


def _demo_listener(chosen: Settings) -> socket.socket:
    try:
        return listen(chosen.host, chosen.port)
    except PortTakenError:
        if "port" in chosen.model_fields_set:
            raise
    for port in range(chosen.port + 1, chosen.port + _OTHER_PORTS):
        try:
            listener = listen(chosen.host, port)
        except PortTakenError:
            continue
        typer.echo(f"Port {chosen.port} is taken, so this is port {port}.")
        return listener
    last = chosen.port + _OTHER_PORTS - 1
    raise PortTakenError(f"The ports {chosen.port} to {last} are all taken: set {PREFIX}PORT.")


async def _demo(settings: Settings, listener: socket.socket, *, going_on: bool) -> None:
    present = SystemClock().now()
    clock = SettableClock(present if going_on else present - sample.HISTORY)
    async with await bootstrap.build(settings, clock=clock) as app:
        if going_on:
            # The clock of last time may have been moved ahead of the machine's.
            clock.set(await sample.last_instant(app) or present)
        else:
            await sample.settle_in(app)
        typer.echo(f"The demo is at {address_of(listener)}/demo  (Ctrl-C stops it; everybody in it is made up)")
        await serve(app, listener, demo=True)


def health(settings: Settings) -> health_module.Health:
    """Look at the system from outside; makes neither a database nor keys."""
    return in_loop(_health(settings))


async def _health(settings: Settings) -> health_module.Health:
    content = load_content(clinic_file=settings.clinic_file)
    now = SystemClock().now()
    if settings.on_sqlite and not _sqlite_file(settings).exists():
        return health_module.Health(
            ok=False,
            problems=("There is no database yet: run saathi run or saathi db upgrade.",),
            warnings=(),
            time=now.isoformat(timespec="seconds"),
            content_version=content.version,
            database="sqlite",
        )
    # Nothing sealed is read here, so any key does.
    store = Store.open(settings.database, KeyRing.generate())
    try:
        return await health_module.look(store, content.version, now, _providers(settings))
    finally:
        await store.close()


def _providers(settings: Settings) -> tuple[str, ...]:
    return (TELEGRAM,) if settings.telegram_token.get_secret_value() else ()


def _sqlite_file(settings: Settings) -> Path:
    return Path(make_url(settings.database).database or "")
