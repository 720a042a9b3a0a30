"""The enrol form in a real browser, worked by a nurse, beside a story that runs in this process."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from html import unescape

import pytest
from playwright.sync_api import expect, sync_playwright

ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")
_DEEP_LINK = re.compile(r"https://t\.me/\w+\?start=[A-Za-z0-9_-]+")
_PATIENCE = 30_000
"""Milliseconds until something on a page is missed."""


def chromium() -> str | None:
    """Where Debian's chromium is. SAATHI_TEST_BROWSER=require makes its absence a failure."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None and os.environ.get("SAATHI_TEST_BROWSER") == "require":
        pytest.fail("The story in a browser needs chromium: install the package chromium.")
    return found


async def enrol(program: str, address: str, login: str, password: str) -> str:
    """Log in, fill in the form, look at the messages, save; the link that the card's QR holds.

    In a thread: Playwright brings an event loop of its own.
    """
    return await asyncio.to_thread(_enrol, program, address, login, password)


def _enrol(program: str, address: str, login: str, password: str) -> str:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        expect.set_options(timeout=_PATIENCE)
        page = browser.new_page()
        page.goto(f"{address}/enrol")
        page.locator("[name=login]").fill(login)
        page.locator("[name=password]").fill(password)
        page.locator("[name=password]").press("Enter")
        page.get_by_label("Name").fill("Asha Example")
        page.get_by_label("Phone").fill("90000 00001")
        page.get_by_label("हिन्दी").check()
        page.get_by_label("Lumbar microdiscectomy").check()
        page.get_by_label("Day of surgery").fill("2 Mar 2026")
        page.locator("details summary").first.click()
        page.locator("[name=year_of_birth]").fill("1971")
        page.locator("[name=discharge_on]").fill("4/3/2026")
        page.get_by_role("button", name="Show the messages").click()
        expect(page.locator(".shown").first).to_contain_text("Asha")
        page.get_by_role("button", name="Save and show the card").first.click()
        expect(page.locator("[data-connection]")).to_have_text("Not connected yet")
        found = _DEEP_LINK.search(unescape(page.content()))
        browser.close()
    assert found, "there is no link into Telegram on the card"
    return found[0]
