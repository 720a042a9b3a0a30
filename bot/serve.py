"""Runs the web pages, the dispatcher, the ticker and the channels in one event loop until somebody says stop.

A stop (SIGTERM, Ctrl-C) is clean: no new work is taken, what is in hand is finished and recorded, then the process
ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import structlog
import uvicorn

from bot.bootstrap import App
from bot.settings import PREFIX
from bot.web.app import create_app
from scheduler.errors import SaathiError

log = structlog.get_logger(__name__)

Part = Literal["web", "worker"]
PARTS: tuple[Part, ...] = ("web", "worker")

_SECONDS_FOR_OPEN_REQUESTS = 5
"""Containers get ten between SIGTERM and SIGKILL."""


class PortTakenError(SaathiError):
    """Somebody else listens where we should."""


class _Server(uvicorn.Server):
    """uvicorn without signal handlers: the whole process stops in one place."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens at `host`:`port` (0: any free port). Raises PortTakenError if that is impossible."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise PortTakenError(
            f"Nothing can listen at {host}:{port}, probably because another program does: set {PREFIX}PORT to another."
        ) from error
    return listener


def address_of(listener: socket.socket) -> str:
    """Where a browser finds what listens on `listener`."""
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def _give_back() -> None:
    """Hand the memory that only building needed back to the system, where the C library can: some 20 MB with glibc."""
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


async def serve(
    app: App,
    listener: socket.socket | None,
    *,
    parts: tuple[Part, ...] = PARTS,
    demo: bool = False,
    stop: asyncio.Event | None = None,
) -> None:
    """Run `parts` of `app` until `stop` is set or the process is told to end; web pages need `listener`.

    If a part ends by itself with an error, the others are stopped and the error goes to the caller.
    """
    stop = stop or asyncio.Event()
    # What was loaded stays to the end: the garbage collector need not go through it over and over.
    gc.freeze()
    _give_back()
    running: list[asyncio.Task[None]] = []
    with _told_to_stop(stop):
        if "worker" in parts:
            app.ticker.start()
            running.append(asyncio.create_task(app.dispatcher.run(stop), name="dispatcher"))
            running.append(asyncio.create_task(app.watch.run(stop), name="alert clock"))
            running.append(asyncio.create_task(app.fetcher.run(stop), name="photos"))
            running += [
                asyncio.create_task(channel.run(app.inbox, app.store, app.clock, stop), name=channel.name)
                for channel in app.channels
            ]
        if "web" in parts and listener is not None:
            running.append(asyncio.create_task(_web(app, listener, demo, stop), name="web"))
        log.info("started", part="+".join(parts), content_version=app.content.version, dialect=app.store.dialect)
        stopping = asyncio.create_task(stop.wait(), name="stop")
        await asyncio.wait([*running, stopping], return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        app.store.wake()
        await stopping
        results = await asyncio.gather(*running, return_exceptions=True)
        if "worker" in parts:
            app.ticker.stop()
    log.info("stopped")
    for result in results:
        if isinstance(result, BaseException):
            raise result


async def _web(app: App, listener: socket.socket, demo: bool, stop: asyncio.Event) -> None:
    config = uvicorn.Config(
        create_app(app, demo=demo),
        log_config=None,
        # An access log would hold what stands in an address.
        access_log=False,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=_SECONDS_FOR_OPEN_REQUESTS,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]), name="uvicorn")
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([task, stopping], return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    stopping.cancel()
    await task


@contextmanager
def _told_to_stop(stop: asyncio.Event) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    handled = []
    for number in (signal.SIGTERM, signal.SIGINT):
        # Only the main thread of a process may handle signals; inside tests the loop runs elsewhere.
        with contextlib.suppress(ValueError, RuntimeError, NotImplementedError):
            loop.add_signal_handler(number, stop.set)
            handled.append(number)
    try:
        yield
    finally:
        for number in handled:
            loop.remove_signal_handler(number)
