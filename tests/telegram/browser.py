"""A browser without scripts, as far as the console's forms need one: pages, forms, one cookie."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from types import TracebackType
from typing import Self

import httpx

COOKIE = "__Host-saathi"
"""Real browsers send it over TLS only; here the proxy that ends TLS is left out."""

_DEEP_LINK = re.compile(r"https://t\.me/\w+\?start=[A-Za-z0-9_-]+")


@dataclass
class Form:
    """A form as it would be sent if nobody touched it."""

    action: str
    name: str
    fields: dict[str, str] = field(default_factory=dict)


class _Reader(HTMLParser):
    """Finds the forms of a page, with their hidden, filled in and chosen fields, also those that lie outside them."""

    def __init__(self, address: str = "") -> None:
        """Read the page at `address`, where forms go that do not say otherwise."""
        super().__init__()
        self._address = address
        self.forms: list[Form] = []
        self.outside: list[tuple[str, str, str]] = []
        self._inside: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = Form((given.get("action") or self._address).partition("#")[0], given.get("id", ""))
            self.forms.append(self._inside)
        elif tag == "input" and "name" in given:
            kind = given.get("type", "text")
            if kind in ("radio", "checkbox") and "checked" not in given:
                return
            if "form" in given:
                self.outside.append((given["form"], given["name"], given.get("value", "")))
            elif self._inside is not None:
                self._inside.fields[given["name"]] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = None


class Browser:
    """One member of staff at a computer."""

    def __init__(self, address: str) -> None:
        self._http = httpx.AsyncClient(base_url=address, trust_env=False, timeout=30)
        self._cookie = ""
        self._page = _Reader()
        self.text = ""
        """The page that is shown."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    @property
    def deep_link(self) -> str:
        """The link into Telegram that stands on the page, or in words beside its picture."""
        found = _DEEP_LINK.search(unescape(self.text))
        assert found, "there is no link into Telegram on this page"
        return found[0]

    async def open(self, path: str) -> str:
        """Show a page."""
        return await self._show(await self._http.get(path, headers=self._headers))

    async def send(self, action: str, **typed: str) -> str:
        """Fill in the form that goes to the address `action`, send it and show what comes."""
        form = self._form(action)
        return await self._show(await self._http.post(form.action, data=form.fields | typed, headers=self._headers))

    def action(self, end: str) -> str:
        """The address of the first form that goes to one that ends so."""
        found = [form.action for form in self._page.forms if form.action.endswith(end)]
        assert found, f"there is no form for {end} on this page"
        return found[0]

    def _form(self, action: str) -> Form:
        for form in self._page.forms:
            if form.action == action:
                more = {name: value for owner, name, value in self._page.outside if owner and owner == form.name}
                return Form(form.action, form.name, form.fields | more)
        raise AssertionError(f"there is no form for {action}, but for {[form.action for form in self._page.forms]}")

    @property
    def _headers(self) -> dict[str, str]:
        return {"cookie": f"{COOKIE}={self._cookie}"} if self._cookie else {}

    async def _show(self, answer: httpx.Response) -> str:
        for name, value in answer.headers.multi_items():
            if name == "set-cookie" and value.startswith(f"{COOKIE}="):
                self._cookie = value.removeprefix(f"{COOKIE}=").partition(";")[0]
        if answer.is_redirect:
            return await self.open(answer.headers["location"])
        assert answer.is_success, f"{answer.status_code}: {answer.text[:2000]}"
        self.text = answer.text
        self._page = _Reader(answer.url.path)
        self._page.feed(answer.text)
        return answer.text
