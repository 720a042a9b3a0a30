"""Reading what a browser sent: bounded, in UTF-8, and refused in one plain sentence."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from http import HTTPStatus
from urllib.parse import parse_qsl

from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from scheduler.errors import SaathiError

MOST_BYTES = 256 * 1024
"""The largest body of a page's own request: 10,000 Devanagari letters as a form are 90,000 bytes."""


class RequestError(SaathiError):
    """A request that cannot be carried out; the sentence says what to change."""

    def __init__(self, status: HTTPStatus, sentence: str, *, retry_after: int | None = None) -> None:
        """Answer with `status`; `sentence` is for the person who sent it; `retry_after`, in seconds, for programs."""
        self.status = status
        self.retry_after = retry_after
        super().__init__(sentence)


async def body(request: Request, most: int = MOST_BYTES) -> bytes:
    """The body of `request`. Raises RequestError (413) as soon as it is longer than `most` bytes."""
    too_long = RequestError(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"This is too long: send at most {most // 1024} kB at once."
    )
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > most:
        raise too_long
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > most:
            raise too_long
    return bytes(received)


async def fields(request: Request) -> Mapping[str, str]:
    """The named values of a form, or of a flat JSON object with texts in it. Raises RequestError (400, 413).

    May be asked for twice: the guard of the console looks for its own field before the page reads the others.
    """
    read: Mapping[str, str] | None = getattr(request.state, "fields", None)
    if read is None:
        read = await _fields(request)
        request.state.fields = read
    return read


async def upload(request: Request, most: int) -> Mapping[str, str | bytes]:
    """The values of a form with files in it, together at most `most` bytes. Raises RequestError (400, 413)."""
    sent = await body(request, most)

    async def whole() -> AsyncGenerator[bytes, None]:
        yield sent

    try:
        form = await MultiPartParser(request.headers, whole(), max_files=1, max_fields=10).parse()
    except (MultiPartException, KeyError) as error:
        raise RequestError(HTTPStatus.BAD_REQUEST, "This is not a form with a file in it.") from error
    try:
        return {name: value if isinstance(value, str) else await value.read() for name, value in form.items()}
    finally:
        await form.close()


async def _fields(request: Request) -> Mapping[str, str]:
    sent = await body(request)
    if not request.headers.get("content-type", "").startswith("application/json"):
        return dict(parse_qsl(sent.decode("utf-8", "replace"), keep_blank_values=True, errors="replace"))
    try:
        values = json.loads(sent)
    except (ValueError, RecursionError) as error:
        raise RequestError(
            HTTPStatus.BAD_REQUEST, "This is not JSON: check the brackets, quotes and commas."
        ) from error
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        raise RequestError(HTTPStatus.BAD_REQUEST, 'Send one JSON object whose values are texts, like {"chat": "..."}.')
    return {name: _without_broken_halves(value) for name, value in values.items()}


def wants_json(request: Request) -> bool:
    """Whether the answer should be JSON rather than a page for a person."""
    accept = request.headers.get("accept", "")
    if "text/html" in accept:
        return False
    return "application/json" in accept or request.url.path.startswith("/demo/api/")


def _without_broken_halves(text: str) -> str:
    r"""JSON may escape half a character (`\ud83d` alone), which no database stores: it becomes a replacement mark."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
