"""The guard that keeps the tests on this machine.

It stands in front of every connect, datagram and name look-up of Python's `socket` module (asyncio and asyncpg go
through it), and refuses all that leave the machine. What has its own network code escapes it (uvloop, a browser, a
subprocess that is not Python); for those that listen to them, the proxy variables point nowhere.

It is no audit hook: such a hook runs inside every `sys.settrace`, and two threads that start at once while coverage is
measured would fail with "another trace function is being installed".
"""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any

refused: list[str] = []
"""What was refused since the guard's fixture last looked: a test fails for it even if it caught the error."""

_NOWHERE = "http://127.0.0.1:9"
_PROXIES = ("http_proxy", "https_proxy", "all_proxy")
_LOOKUPS = ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr")


class InternetRefusedError(RuntimeError):
    """A test tried to leave the machine."""


def install() -> None:
    """Refuse, from now until this process ends, whatever is not loopback or a socket file. Call it once."""
    for name in _PROXIES:
        os.environ[name] = os.environ[name.upper()] = _NOWHERE
    os.environ["no_proxy"] = os.environ["NO_PROXY"] = "localhost,127.0.0.1,::1"
    for name in _LOOKUPS:
        setattr(socket, name, _guarded_lookup(getattr(socket, name)))
    # The address comes first for connect, last for sendto, and fourth or not at all for sendmsg.
    for name, place in (("connect", 0), ("connect_ex", 0), ("sendto", -1), ("sendmsg", 3)):
        setattr(socket.socket, name, _guarded_call(getattr(socket.socket, name), place))


def _guarded_lookup(look_up: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(look_up)
    def guarded(host: Any, *args: Any, **more: Any) -> Any:
        if not _is_here(host, numbers_too=True):
            _refuse(f"a look-up of the name {host}")
        return look_up(host, *args, **more)

    return guarded


def _guarded_call(call: Callable[..., Any], place: int) -> Callable[..., Any]:
    @wraps(call)
    def guarded(self: socket.socket, *args: Any) -> Any:
        address = args[place] if place < len(args) else None
        inet = self.family in (socket.AF_INET, socket.AF_INET6)
        if inet and isinstance(address, tuple) and not _is_here(address[0]):
            _refuse(f"a connection to {address[0]} port {address[1]}")
        return call(self, *args)

    return guarded


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
