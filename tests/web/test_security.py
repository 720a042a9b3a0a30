"""What protects the person at the browser, whatever page it is."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.web import requests, security
from bot.web.requests import RequestError
from bot.web.security import OwnPagesOnly, SecurityHeaders

WEB = Path(security.__file__).parent


async def _echo(request: Request) -> Response:
    try:
        return JSONResponse(dict(await requests.fields(request)))
    except RequestError as error:
        return JSONResponse({"error": str(error)}, error.status)


def _client() -> httpx.AsyncClient:
    app = Starlette(
        routes=[Route("/echo", _echo, methods=["POST"])],
        middleware=[Middleware(SecurityHeaders), Middleware(OwnPagesOnly)],
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://saathi.example.org")


@pytest.mark.asyncio
async def test_every_answer_forbids_what_is_inline_or_from_elsewhere() -> None:
    """The policy allows own files only, and nothing is kept by the browser."""
    async with _client() as client:
        answer = await client.post("/echo", data={"a": "b"})
        missing = await client.get("/nowhere")
    for found in (answer, missing):
        policy = found.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
        assert "unsafe" not in policy
        assert found.headers["x-content-type-options"] == "nosniff"
        assert found.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({}, False),
        ({"sec-fetch-site": "same-origin"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"sec-fetch-site": "cross-site"}, True),
        ({"sec-fetch-site": "same-site"}, True),
        ({"origin": "http://saathi.example.org"}, False),
        ({"origin": "http://evil.example.org"}, True),
        ({"origin": "null"}, True),
    ],
)
@pytest.mark.asyncio
async def test_another_sites_page_cannot_post_here(headers: dict[str, str], refused: bool) -> None:
    """A form on a foreign page is refused before anything reads it; programs that are no browser are not."""
    async with _client() as client:
        answer = await client.post("/echo", data={"a": "b"}, headers=headers)
    assert (answer.status_code == 403) == refused
    assert security.foreign(Headers({"host": "saathi.example.org", **headers})) == refused


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b'{"text": ', "application/json", 400),
        (b"[1, 2]", "application/json", 400),
        (b'{"text": 3}', "application/json", 400),
        (b'{"text": "\xff\xfe"}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"x" * (requests.MOST_BYTES + 1), "application/x-www-form-urlencoded", 413),
    ],
)
@pytest.mark.asyncio
async def test_a_broken_body_gets_one_sentence(body: bytes, kind: str, status: int) -> None:
    """Broken JSON, the wrong shape, bytes that are no text, and too much of it are each refused with what to do."""
    async with _client() as client:
        answer = await client.post("/echo", content=body, headers={"content-type": kind})
    assert answer.status_code == status
    assert answer.json()["error"].endswith(".")
    assert len(answer.json()["error"]) < 120


@pytest.mark.asyncio
async def test_a_body_without_an_end_is_cut_off() -> None:
    """A body whose length nobody declares is read no further than the limit."""

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"a" * 65536

    async with _client() as client:
        answer = await client.post("/echo", content=endless())
    assert answer.status_code == 413


@pytest.mark.asyncio
async def test_broken_bytes_in_a_form_become_replacement_marks() -> None:
    """Broken UTF-8 and half characters reach the inbox as text that can be stored."""
    async with _client() as client:
        form = await client.post(
            "/echo", content=b"text=%ff%fe+ok", headers={"content-type": "application/x-www-form-urlencoded"}
        )
        half = await client.post(
            "/echo", content=json.dumps({"text": "\ud83d ok"}), headers={"content-type": "application/json"}
        )
    assert form.json() == {"text": "\ufffd\ufffd ok"}
    assert half.json() == {"text": "\ufffd ok"}


def test_nothing_in_the_templates_is_inline() -> None:
    """No template has a style, a handler or a script of its own: the policy would drop it."""
    for template in WEB.glob("templates/**/*.html"):
        html = template.read_text(encoding="utf-8")
        for banned in (" style=", "<style", " onclick", " onload", "javascript:", "| safe", "autoescape false"):
            assert banned not in html, f"{template.name}: {banned}"
        assert html.count("<script") == html.count('<script type="module" src="/static/')
