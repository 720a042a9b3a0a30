"""The console in a real browser: a nurse's way from the list to a patient, on a desktop and 360 pixels wide."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.web.conftest import DESKTOP, SMALL, Eyes
from tests.web.test_demo_browser import IMAGES, lines, no_sideways_scroll, say, take, to_next_checkin, until_quiet

pytestmark = pytest.mark.browser

ASHA, RAMESH = "/demo?chat=asha", "/demo?chat=ramesh"
QUESTION = "Which colour may my bedroom curtains have?"
PICTURES = (("/", "list"), ("/patients/1", "patient"), ("/alerts", "alerts"), ("/questions", "questions"))


def in_console(eyes: Eyes, size: tuple[int, int] = DESKTOP, *, scripts: bool = True) -> Page:
    """The list of patients, opened from the demo as the made-up nurse."""
    page = eyes.open("/demo?chat=stranger", scripts=scripts)
    page.get_by_role("button", name="Open the ward's console").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Patients")
    page.set_viewport_size({"width": size[0], "height": size[1]})
    return page


def trouble(eyes: Eyes, path: str = RAMESH, words: str = "peshab nahi ho raha") -> Page:
    """A patient's phone on which something alarming was just written."""
    phone = eyes.open(path)
    say(phone, words)
    return phone


def hand_over(eyes: Eyes, path: str = ASHA) -> Page:
    """A patient's phone on which a question was just handed over to the team."""
    phone = eyes.open(path)
    say(phone, "TEAM")
    say(phone, QUESTION)
    expect(phone.locator(".case.asked").first).to_contain_text(QUESTION)
    return phone


def test_a_nurse_sees_who_needs_her_first_and_acknowledges(eyes: Eyes) -> None:
    """The alert stands on top of the list; acknowledging it on the patient's page is told to the patient's phone."""
    phone = trouble(eyes)
    page = in_console(eyes)
    first = page.locator(".roster tbody tr").first
    expect(first).to_contain_text("Ramesh Example")
    expect(first).to_contain_text("Emergency alert")
    expect(page.locator(".count-alerts")).to_contain_text("1")
    first.get_by_role("link").click()
    expect(page.locator(".case blockquote")).to_have_text("peshab nahi ho raha")
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.get_by_role("status")).to_contain_text("The patient is told")
    expect(page.locator(".case .done")).to_contain_text("Seen by Sister Example")
    expect(page.locator(".count-alerts")).to_have_count(0)
    expect(lines(phone, "theirs").last).to_contain_text("Sister Example")
    page.locator(".closing select").select_option("called")
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("closed")


def test_an_answer_typed_on_the_ward_reaches_the_phone(eyes: Eyes) -> None:
    """A question handed over is answered under the nurse's name, and no longer waits."""
    phone = hand_over(eyes)
    page = in_console(eyes)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Questions").click()
    expect(page.locator(".case blockquote")).to_have_text(QUESTION)
    page.get_by_label("Your answer").fill("Any colour you like.\nSleep well.")
    page.get_by_role("button", name="Send answer").click()
    expect(page.locator(".calm")).to_be_visible()
    expect(phone.locator(".line.theirs", has_text="Any colour you like.").last).to_contain_text("Sister Example")


def test_moving_the_surgery_shows_first_what_it_changes(eyes: Eyes) -> None:
    """Before the dates are saved the page says in numbers what happens to the messages."""
    page = in_console(eyes)
    page.get_by_role("link", name="Asha Example").click()
    page.get_by_text("Move surgery or discharge").click()
    page.get_by_label("Surgery", exact=True).fill("2026-11-10")
    page.get_by_role("button", name="See what changes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Move the dates?")
    expect(page.locator(".effects li").first).to_contain_text("to another time")
    page.get_by_role("button", name="Move the dates").click()
    expect(page.get_by_role("status")).to_contain_text("dates are moved")
    expect(page.locator(".day-mark")).to_contain_text("Day 10")
    expect(page.locator(".traces li").first).to_contain_text("Dates moved")


def test_a_page_left_open_shows_what_is_new(eyes: Eyes) -> None:
    """An alert arrives on the open list by itself, in the title too, and what is being typed stays."""
    page = in_console(eyes)
    page.get_by_label("Search by name").fill("ram")
    trouble(eyes)
    page.bring_to_front()
    expect(page.locator(".needs .pill-red")).to_contain_text("Emergency alert", timeout=20_000)
    expect(page.get_by_label("Search by name")).to_have_value("ram")
    assert page.title().startswith("(1)")


def test_no_page_scrolls_sideways_at_360_pixels(eyes: Eyes) -> None:
    """Everything fits a small phone."""
    trouble(eyes)
    hand_over(eyes)
    page = in_console(eyes, SMALL)
    for path in ("/", "/patients/1", "/patients/3", "/alerts", "/questions"):
        page.goto(eyes.url + path)
        no_sideways_scroll(page)


def test_the_console_works_without_scripts(eyes: Eyes) -> None:
    """With scripts off a nurse pauses and resumes a patient all the same."""
    page = in_console(eyes, scripts=False)
    page.get_by_role("link", name="Asha Example").click()
    page.get_by_text("Pause messages").click()
    page.get_by_label("For how many days?").fill("2")
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.locator(".patient-head")).to_contain_text("Paused until Sun 22 Nov")
    page.get_by_role("button", name="Resume messages now").click()
    expect(page.locator(".patient-head")).to_contain_text("Followed")


def test_keyboard_alone_reaches_the_patient(eyes: Eyes) -> None:
    """The skip link, then Tab and Enter, lead to the first patient; focus is always seen."""
    page = in_console(eyes)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.locator(".roster .patient a").first.evaluate("e => e === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.locator(".patient-head")).to_be_visible()


def test_pictures_of_the_console(eyes: Eyes, tmp_path: Path) -> None:
    """List, patient, alerts and questions, desktop and 360 pixels; with SAATHI_TEST_SCREENSHOTS=1 in docs/images."""
    folder = IMAGES if os.environ.get("SAATHI_TEST_SCREENSHOTS") == "1" else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    asha = eyes.open(ASHA)
    to_next_checkin(asha)
    to_next_checkin(asha)
    for pain in ("3", "2"):
        lines(asha, "theirs").last.get_by_role("button", name=pain, exact=True).click()
        expect(lines(asha, "mine").last).to_contain_text(pain)
        until_quiet(asha)
    until_quiet(trouble(eyes))
    until_quiet(hand_over(eyes))
    for size, name in ((DESKTOP, "desktop"), (SMALL, "small")):
        page = in_console(eyes, size)
        for path, what in PICTURES:
            page.goto(eyes.url + path)
            take(page, folder / f"console-{what}-{name}.png")
