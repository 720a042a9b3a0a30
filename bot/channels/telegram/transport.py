"""How requests travel: python-telegram-bot's request class over aiohttp.

Its own, over httpx, looks at every connection at every request and stalls when thousands of messages are due. What
matters besides speed is what is known after a failure: a request that certainly never left may be sent again, any
other must not be. So the two are different exceptions here. None of them quotes an address, which would hold the token.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from telegram.error import NetworkError, TelegramError
from telegram.request import BaseRequest, RequestData

CONNECT_SECONDS = 5.0
"""Waiting for a free connection and making one, together."""

ANSWER_SECONDS = 12.0
"""Silence after the request has left. With `CONNECT_SECONDS` less than the sender's timeout."""

IDLE_SECONDS = 10.0
"""An unused connection is closed after this: long before Telegram does, for a request written into a connection that
is just being closed may or may not have arrived."""

WAIT_WHEN_UNSAID = 5.0
"""Seconds to wait after a 429 that does not say how long."""

_FORM = "application/x-www-form-urlencoded"
_BEFORE_IT_LEFT = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
    aiohttp.InvalidURL,
)


class NotConnectedError(NetworkError):
    """The request certainly never left: no free connection, no answer to connecting, a wrong name or certificate."""


class LostAnswerError(NetworkError):
    """The request left, at least in part, and what became of it is not known."""


class BadStatusError(NetworkError):
    """An HTTP status that the Bot API has no meaning for; `status` is the number."""

    def __init__(self, status: int) -> None:
        """Say the number only: what came with it may quote what we sent."""
        self.status = status
        super().__init__(f"HTTP {status}")


class TooLargeError(TelegramError):
    """A file has more bytes than are wanted."""

    def __init__(self) -> None:
        """There is nothing to add."""
        super().__init__("too large")


class WaitError(TelegramError):
    """429: nothing was accepted, and nothing will be for `seconds`.

    In place of the library's own, which warns about itself each time it is made.
    """

    def __init__(self, seconds: float) -> None:
        """Keep how long."""
        self.seconds = seconds
        super().__init__(f"HTTP 429: wait {seconds} s")


class AiohttpRequest(BaseRequest):
    """Requests to the Bot API over up to `connections` connections."""

    def __init__(self, connections: int, answer_seconds: float = ANSWER_SECONDS) -> None:
        """Nothing is opened before the first request; `answer_seconds` is what a call may choose otherwise."""
        self._connections = connections
        self._answer_seconds = answer_seconds
        self._session: aiohttp.ClientSession | None = None
        self._timeouts: dict[float | None, aiohttp.ClientTimeout] = {}
        self._proxies: dict[str, str | None] = {}

    @property
    def read_timeout(self) -> float | None:
        """Seconds of silence after which the answer counts as lost."""
        return self._answer_seconds

    async def initialize(self) -> None:
        """Be ready; harmless if it is already."""
        self._open()

    async def shutdown(self) -> None:
        """Close every connection; a later request opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """One request; status and body of the answer. Raises the errors of this module."""
        silence = self._answer_seconds if read_timeout is BaseRequest.DEFAULT_NONE else read_timeout
        files = request_data is not None and request_data.contains_files
        async with self._asked(
            method,
            url,
            silence,
            data=_form(request_data),
            headers=None if files else {"Content-Type": _FORM},
        ) as answer:
            status, payload = answer.status, await answer.read()
            wait = answer.headers.get("Retry-After", "")
        return _judged(status, payload, wait)

    async def fetch(self, url: str, most: int) -> bytes:
        """The file at `url`, of at most `most` bytes. Raises TooLargeError and the errors of this module."""
        content = bytearray()
        async with self._asked("GET", url, self._answer_seconds) as answer:
            if answer.status != HTTPStatus.OK:
                raise BadStatusError(answer.status)
            async for part in answer.content.iter_any():
                content += part
                if len(content) > most:
                    raise TooLargeError
        return bytes(content)

    @asynccontextmanager
    async def _asked(
        self, method: str, url: str, silence: float | None, **more: Any
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """The answer to one request, to be read inside. What goes wrong until the end becomes an error of ours."""
        try:
            async with self._open().request(
                method,
                url,
                timeout=self._timeout(silence),
                proxy=self._proxy(url),
                # A captive portal's redirect is no answer of Telegram's; following it would turn POST into GET.
                allow_redirects=False,
                **more,
            ) as answer:
                yield answer
        except _BEFORE_IT_LEFT as error:
            raise NotConnectedError(type(error).__name__) from None
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise LostAnswerError(type(error).__name__) from None

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The answer as a JSON object. Raises TelegramError, which quotes nothing, if it is none."""
        try:
            answer = json.loads(payload)
        except ValueError:
            raise TelegramError("the answer is not JSON") from None
        if not isinstance(answer, dict):
            raise TelegramError("the answer is not a JSON object")
        return answer

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=self._connections,
                    keepalive_timeout=IDLE_SECONDS,
                    ttl_dns_cache=60,
                    enable_cleanup_closed=False,
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT},
                skip_auto_headers=("Accept-Encoding",),
            )
        return self._session

    def _timeout(self, silence: float | None) -> aiohttp.ClientTimeout:
        kept = self._timeouts.get(silence)
        if kept is None:
            kept = aiohttp.ClientTimeout(total=None, connect=CONNECT_SECONDS, sock_read=silence)
            self._timeouts[silence] = kept
        return kept

    def _proxy(self, url: str) -> str | None:
        """The proxy the machine is told to use (`HTTPS_PROXY` and its like), looked up once for each server."""
        address = urlsplit(url)
        server = f"{address.scheme}://{address.netloc}"
        if server not in self._proxies:
            found: Mapping[str, Any] = {} if proxy_bypass(address.hostname or "") else getproxies()
            self._proxies[server] = found.get(address.scheme) or found.get("all")
        return self._proxies[server]


def _form(request_data: RequestData | None) -> bytes | aiohttp.FormData:
    """The parameters as a form, in parts if a file is among them; aiohttp then says so, and where the parts end."""
    if request_data is None:
        return b""
    if not request_data.contains_files:
        return urlencode(request_data.json_parameters).encode()
    form = aiohttp.FormData(request_data.json_parameters)
    for name, (file_name, content, kind) in request_data.multipart_data.items():
        form.add_field(name, content, filename=file_name, content_type=kind)
    return form


def _judged(status: int, payload: bytes, wait: str) -> tuple[int, bytes]:
    """What the library turns into errors of its own, which know no status, goes on; the rest is an error here."""
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise WaitError(_seconds(payload, wait))
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES or status in _LEFT_TO_THE_LIBRARY:
        return status, payload
    raise BadStatusError(status)


_LEFT_TO_THE_LIBRARY = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.CONFLICT,
    }
)


def _seconds(payload: bytes, header: str) -> float:
    """How long a 429 tells us to wait: in its JSON, else in its header."""
    with suppress(ValueError, KeyError, TypeError):
        return max(float(json.loads(payload)["parameters"]["retry_after"]), 1.0)
    return float(header) if header.isdigit() else WAIT_WHEN_UNSAID
