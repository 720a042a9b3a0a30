"""The guard of tests/support/internet.py, tried from each side."""

from __future__ import annotations

import asyncio
import socket

import asyncpg
import pytest

from tests.support import internet
from tests.support.internet import InternetRefusedError

FAR = "192.0.2.7"
"""An address for documentation (RFC 5737): nobody answers there."""


def test_a_plain_connection_is_refused() -> None:
    """Code that opens a socket itself cannot leave the machine."""
    with socket.socket() as plain, pytest.raises(InternetRefusedError):
        plain.connect((FAR, 80))
    internet.refused.clear()


def test_a_datagram_is_refused() -> None:
    """A datagram needs no connection and is refused all the same."""
    with socket.socket(type=socket.SOCK_DGRAM) as plain, pytest.raises(InternetRefusedError):
        plain.sendto(b"hello", (FAR, 53))
    internet.refused.clear()


@pytest.mark.asyncio
async def test_asyncio_is_refused() -> None:
    """A connection made by the event loop is refused."""
    with pytest.raises(InternetRefusedError):
        await asyncio.open_connection(FAR, 443)
    internet.refused.clear()


@pytest.mark.asyncio
async def test_a_name_is_not_even_looked_up() -> None:
    """Asking a name server would leave the machine too."""
    with pytest.raises(InternetRefusedError):
        await asyncio.open_connection("saathi.invalid", 443)
    internet.refused.clear()


@pytest.mark.asyncio
async def test_the_database_driver_is_refused() -> None:
    """A wrong database address cannot reach somebody's server."""
    with pytest.raises(InternetRefusedError):
        await asyncpg.connect(host=FAR, user="postgres", database="postgres", timeout=5)
    internet.refused.clear()


def test_a_swallowed_refusal_is_remembered() -> None:
    """Code that catches every error does not hide that it tried."""
    with socket.socket() as plain, pytest.raises(InternetRefusedError):
        plain.connect((FAR, 80))
    assert internet.refused == [f"a connection to {FAR} port 80"]
    internet.refused.clear()


@pytest.mark.asyncio
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_loopback_works(host: str) -> None:
    """A server of the test itself can be reached."""

    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"yes")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection(host, port, family=socket.AF_INET)
        assert await reader.read() == b"yes"
        writer.close()
        await writer.wait_closed()
