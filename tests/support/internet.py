"""The guard that keeps the tests on this machine.

An audit hook sees every connect, datagram and name look-up that goes through Python's `socket` module (asyncio and
asyncpg included), however it was reached, and refuses all that leave the machine. What has its own network code escapes
it (uvloop, a browser, a subprocess that is not Python); for those that listen to them, the proxy variables point
nowhere.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from contextlib import suppress

refused: list[str] = []
"""What was refused since the guard's fixture last looked: a test fails for it even if it caught the error."""

_NOWHERE = "http://127.0.0.1:9"
_PROXIES = ("http_proxy", "https_proxy", "all_proxy")
_LOOKUPS = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
_SENDS = {"socket.connect", "socket.sendto", "socket.sendmsg"}


class InternetRefusedError(RuntimeError):
    """A test tried to leave the machine."""


def install() -> None:
    """Refuse, from now until this process ends, whatever is not loopback or a socket file. Call it once."""
    for name in _PROXIES:
        os.environ[name] = os.environ[name.upper()] = _NOWHERE
    os.environ["no_proxy"] = os.environ["NO_PROXY"] = "localhost,127.0.0.1,::1"
    sys.addaudithook(_watch)


def _watch(event: str, args: tuple[object, ...]) -> None:
    if event in _SENDS:
        family = getattr(args[0], "family", None)
        address = args[1]
        if family in (socket.AF_INET, socket.AF_INET6) and isinstance(address, tuple) and not _is_here(address[0]):
            _refuse(f"a connection to {address[0]} port {address[1]}")
    elif event in _LOOKUPS and not _is_here(args[0], numbers_too=True):
        _refuse(f"a look-up of the name {args[0]}")


def _is_here(host: object, *, numbers_too: bool = False) -> bool:
    """Whether `host` is this machine. With `numbers_too` any numeric address will do: nobody is asked about it."""
    if isinstance(host, bytes | bytearray):
        host = host.decode()
    if not host or host in ("localhost", socket.gethostname()):
        return True
    with suppress(ValueError):
        return ipaddress.ip_address(str(host).partition("%")[0]).is_loopback or numbers_too
    return False


def _refuse(what: str) -> None:
    refused.append(what)
    raise InternetRefusedError(f"Tests stay on this machine: {what} was refused.")
