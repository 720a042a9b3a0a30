"""HTTP/1.1 as far as a Bot API server needs it, and quick: what a benchmark measures must be the client.

Requests on one connection are answered one after the other. Bodies come with a length or in chunks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import cast

LONGEST_HEAD = 32 * 1024
LONGEST_BODY = 50 * 2**20
"""Bot API: files of at most 50 MB are taken."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked. Names of headers are in lower case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Reply:
    """What it is answered."""

    status: int
    body: bytes
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


class Drop:
    """No answer: the connection breaks."""


Answer = Reply | Drop | type[Drop]
Handler = Callable[[Request], "Answer | Awaitable[Answer]"]


class _BadRequestError(Exception):
    pass


class Connection(asyncio.Protocol):
    """One client's connection."""

    def __init__(self, handler: Handler, connections: set[Connection]) -> None:
        self._handler = handler
        self._connections = connections
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no children of asyncio's class.
        self._transport = cast(asyncio.Transport, transport)
        self._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Whoever has gone is not waited for: a long poll of a dead client ends here."""
        self._connections.discard(self)
        self._transport = None
        if self._task is not None:
            self._task.cancel()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._task is None:
            self._go_on()

    def abort(self) -> None:
        """Break it, now."""
        if self._transport is not None:
            self._transport.abort()

    def _go_on(self) -> None:
        """Answer every whole request that has come."""
        while self._transport is not None and not self._transport.is_closing():
            try:
                request = self._next()
            except (_BadRequestError, ValueError, UnicodeError, IndexError):
                self._write(Reply(400, b"Bad Request", "text/plain"), keep=False)
                return
            if request is None:
                return
            keep = request.headers.get("connection", "").lower() != "close"
            answer = self._handler(request)
            if isinstance(answer, Reply):
                self._write(answer, keep)
            elif isinstance(answer, Drop) or answer is Drop:
                self.abort()
            else:
                assert isinstance(answer, Awaitable)
                self._task = asyncio.ensure_future(self._later(answer, keep))
                return

    async def _later(self, answer: Awaitable[Answer], keep: bool) -> None:
        with suppress(asyncio.CancelledError):
            reply = await answer
            if isinstance(reply, Reply):
                self._write(reply, keep)
            else:
                self.abort()
        self._task = None
        if self._transport is not None:
            self._go_on()

    def _write(self, reply: Reply, keep: bool) -> None:
        if self._transport is None:
            return
        more = "".join(f"{name}: {value}\r\n" for name, value in reply.headers.items())
        if not keep:
            more += "Connection: close\r\n"
        head = (
            f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}\r\nContent-Type: {reply.kind}\r\n"
            f"Content-Length: {len(reply.body)}\r\n{more}\r\n"
        )
        self._transport.write(head.encode() + reply.body)
        if not keep:
            self._transport.close()

    def _next(self) -> Request | None:
        """The next whole request; nothing if more must come first."""
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > LONGEST_HEAD:
                raise _BadRequestError
            return None
        first, *lines = bytes(self._buffer[:end]).decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        taken = self._body(headers, end + 4)
        if taken is None:
            return None
        body, stop = taken
        del self._buffer[:stop]
        path, _, query = target.partition("?")
        return Request(method, path, query, headers, body)

    def _body(self, headers: dict[str, str], start: int) -> tuple[bytes, int] | None:
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return self._chunks(start)
        length = int(headers.get("content-length", "0"))
        if not 0 <= length <= LONGEST_BODY:
            raise _BadRequestError
        stop = start + length
        return None if len(self._buffer) < stop else (bytes(self._buffer[start:stop]), stop)

    def _chunks(self, start: int) -> tuple[bytes, int] | None:
        body = bytearray()
        while (end := self._buffer.find(b"\r\n", start)) >= 0:
            size = int(bytes(self._buffer[start:end]).partition(b";")[0], 16)
            start = end + 2
            if len(self._buffer) < start + size + 2:
                return None
            if size == 0:
                return bytes(body), start + 2
            body += self._buffer[start : start + size]
            start += size + 2
        return None
