"""Enrolling in a real browser, as a nurse does it: five fields, a look at the messages, the card, the printer."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from scheduler import enrolments, people
from scheduler.store.engine import Store
from tests.web.conftest import DESKTOP, SMALL, Eyes
from tests.web.staffed import BOT, Pass, from_outside, log_in_from_outside

pytestmark = pytest.mark.browser

IMAGES = Path(__file__).parents[2] / "docs" / "images"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where pictures go: docs/images with SAATHI_TEST_SCREENSHOTS=1."""
    found = IMAGES if os.environ.get("SAATHI_TEST_SCREENSHOTS") == "1" else tmp_path
    found.mkdir(parents=True, exist_ok=True)
    return found


@pytest.fixture
def nurse(eyes: Eyes) -> Pass:
    """Somebody logged in, on a system with Telegram."""
    return log_in_from_outside(eyes, telegram=True)


def visit(eyes: Eyes, passed: Pass, path: str, size: tuple[int, int] = DESKTOP, *, scripts: bool = True) -> Page:
    """A page of the console in a browser of its own."""
    page = eyes.open("/about", size, scripts=scripts)
    page.context.add_cookies([{"name": passed.cookie, "value": passed.token, "url": eyes.url}])
    page.goto(eyes.url + path)
    return page


def fill(page: Page, *, day: str = "2026-11-20") -> None:
    """The five fields."""
    page.get_by_label("Name").fill("Kamla Example")
    page.get_by_label("Phone").fill("90000 00077")
    page.get_by_label("हिन्दी").check()
    page.get_by_label("Lumbar microdiscectomy").check()
    page.get_by_label("Day of surgery").fill(day)
    page.get_by_label("Time of surgery").fill("07:30")


def take(page: Page, file: Path, *, whole: bool = False) -> None:
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement.blur()")
    page.screenshot(path=file, full_page=whole)


def no_sideways_scroll(page: Page) -> None:
    wide, window = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= window


@pytest.mark.parametrize(("size", "label"), [(DESKTOP, "desktop"), (SMALL, "small")])
def test_from_five_fields_to_the_printed_card(
    eyes: Eyes, nurse: Pass, folder: Path, size: tuple[int, int], label: str
) -> None:
    """The whole way on a desktop and at 360 pixels, with pictures."""
    page = visit(eyes, nurse, "/enrol", size)
    expect(page.locator("[data-echo]")).to_have_text("Friday, 20 November 2026, today")
    fill(page)
    no_sideways_scroll(page)
    take(page, folder / f"enrol-form-{label}.png", whole=True)
    page.get_by_role("button", name="Show the messages").click()
    expect(page.locator(".shown").first).to_contain_text("नमस्ते")
    no_sideways_scroll(page)
    take(page, folder / f"enrol-preview-{label}.png")
    page.get_by_role("button", name="Save and show the card").first.click()
    expect(page.locator("[data-connection]")).to_have_text("Not connected yet")
    expect(page.locator(".qr").first).to_be_visible()
    expect(page.locator(".handle").first).to_have_text(f"@{BOT}")
    assert page.locator(".side").first.get_attribute("lang") == "hi"
    no_sideways_scroll(page)
    take(page, folder / f"card-{label}.png", whole=label == "small")
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    assert pdf_pages(pdf) == [(298, 420)] * 2
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 397, "height": 559})
    box = page.locator(".qr").first.bounding_box()
    assert box
    assert box["width"] >= 25 / 25.4 * 96
    expect(page.locator(".bar")).to_be_hidden()
    for side in page.locator(".side").all():
        assert side.evaluate("e => e.scrollHeight <= e.clientHeight + 1"), "the text does not fit on the paper"
    if label == "desktop":
        page.locator(".side").first.screenshot(path=folder / "card-print-hi.png")
        page.locator(".side").last.screenshot(path=folder / "card-print-en.png")


def pdf_pages(pdf: bytes) -> list[tuple[int, int]]:
    """Width and height of each page, in whole points."""
    found = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]", pdf)
    return [(round(float(width)), round(float(height))) for width, height in found]


def test_without_scripts_nothing_is_missing(eyes: Eyes, nurse: Pass) -> None:
    """The form, the choices, the card and its state work as plain pages."""
    page = visit(eyes, nurse, "/enrol", SMALL, scripts=False)
    page.get_by_role("button", name="Show the messages").click()
    expect(page.locator(".problem")).to_have_count(4)
    # The browser notes that the form was refused (422); that is what was asked for.
    assert all("422" in complaint for complaint in eyes.complaints)
    eyes.complaints.clear()
    fill(page, day="14/11/2026")
    page.get_by_text("More", exact=True).click()
    page.get_by_label("Medicine times").fill("8:00 for 3 days: Tablet A")
    page.get_by_role("button", name="Show the messages").click()
    page.get_by_label("Send now").first.check()
    page.get_by_role("button", name="with these choices").click()
    expect(page.locator(".effect").first).to_contain_text("It leaves on Fri 20 November")
    page.get_by_role("button", name="Save and show the card").first.click()
    expect(page.locator("[data-connection]")).to_have_text("Not connected yet")
    expect(page.locator(".code").first).to_be_visible()


def test_the_live_line_follows_and_a_choice_shows_at_once(eyes: Eyes, nurse: Pass) -> None:
    """With scripts a changed choice shows its message without a button, and the card says when somebody connects."""
    page = visit(eyes, nurse, "/enrol")
    fill(page, day="14 Nov 2026")
    page.get_by_role("button", name="Yesterday").click()
    expect(page.get_by_label("Day of surgery")).to_have_value("19 Nov 2026")
    page.get_by_label("Day of surgery").fill("14 Nov 2026")
    expect(page.locator("[data-echo]")).to_contain_text("6 days ago")
    page.get_by_role("button", name="Show the messages").click()
    page.get_by_label("Send now").first.check()
    expect(page.locator(".effect").first).to_contain_text("It leaves on Fri 20 November")
    page.get_by_role("button", name="Save and show the card").first.click()
    expect(page.locator("[data-print]")).to_be_visible()
    the_patient_connects(eyes)
    expect(page.locator(".connection-yes")).to_contain_text("waiting for a yes", timeout=15_000)


def the_patient_connects(eyes: Eyes) -> None:
    """The newest patient's phone opens the link and answers rightly."""

    async def inside(store: Store) -> None:
        now = eyes.app.clock.now()
        async with store.write() as conn:
            view = (await enrolments.everybody(conn, store.keys))[-1]
            address_id = await people.ensure_address(conn, store.keys, "simulator", "kamla", now)
            await enrolments.connect(conn, view.id, view.person_id, address_id, "patient", now)

    from_outside(eyes, inside)
