"""What every answer carries to protect the person reading it, and who may post."""

from __future__ import annotations

import re
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Nothing inline and nothing from elsewhere, so a text that slips through as HTML still runs nothing."""

HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    # Not 'no-referrer': browsers would then hide the Origin of our own forms, which `foreign` looks at.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
"""On every answer; a page may hold what concerns a patient, so it is not kept anywhere either (`cache-control`)."""

STRICT_TRANSPORT = "max-age=31536000"
"""For a year the browser comes over TLS only, whatever a link says (RFC 6797)."""

_HOST_PORT = re.compile(r":\d*$")
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class SecurityHeaders:
    """Adds `HEADERS` to every answer, and forbids keeping any but static files."""

    def __init__(self, app: ASGIApp, *, over_tls: bool = False) -> None:
        """Wrap `app`; `over_tls` says whether people reach it over TLS, and shall from now on."""
        self._app = app
        self._headers = HEADERS | ({"strict-transport-security": STRICT_TRANSPORT} if over_tls else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
                headers["cache-control"] = "no-cache" if scope["path"].startswith("/static/") else "no-store"
            await send(message)

        await self._app(scope, receive, send_with_headers)


class OwnPagesOnly:
    """Refuses what another site's page makes a browser post here. Programs that are no browser are not concerned."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and scope["method"] not in _SAFE_METHODS and foreign(Headers(scope=scope)):
            refusal = JSONResponse(
                {"error": "This was sent from another site's page: open Saathi's own page and try there."},
                status_code=HTTPStatus.FORBIDDEN,
            )
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)


class OwnHostOnly:
    """Refuses pages under a host name that is not ours, which a foreign page could have pointed here (DNS rebinding).

    What machines ask for (health, metrics, providers' events) goes by other names inside a network, and stays open.
    """

    _FOR_MACHINES = ("/health", "/metrics", "/webhooks/")
    _THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "[::1]"})

    def __init__(self, app: ASGIApp, *, host: str) -> None:
        """Wrap `app`, whose host name is `host`; with an empty one any name is taken."""
        self._app = app
        self._hosts = {host.lower(), *self._THIS_MACHINE} if host else set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and self._hosts and not scope["path"].startswith(self._FOR_MACHINES):
            named = Headers(scope=scope).get("host", "").lower()
            if _HOST_PORT.sub("", named) not in self._hosts:
                refusal = JSONResponse(
                    {"error": "Saathi has another address: ask the person who runs it."},
                    status_code=HTTPStatus.MISDIRECTED_REQUEST,
                )
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)


def foreign(headers: Headers) -> bool:
    """Whether a browser says that a request comes from another site's page (Fetch Metadata, else Origin)."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host")
