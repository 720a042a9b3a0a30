"""The demo in a real browser, on a desktop and 360 pixels wide, by mouse, by keyboard and without scripts."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.pictures.images import drawn
from tests.web.conftest import DESKTOP, SMALL, Eyes

pytestmark = pytest.mark.browser

IMAGES = Path(__file__).parents[2] / "docs" / "images"


def lines(page: Page, whose: str) -> Locator:
    return page.locator(f".line.{whose}")


def say(page: Page, text: str) -> None:
    """Type and send, and wait until it stands in the chat with an answer below it."""
    before = lines(page, "theirs").count()
    page.locator("[data-say] textarea").fill(text)
    page.locator(".send").click()
    expect(lines(page, "mine").last).to_contain_text(text)
    expect(lines(page, "theirs")).not_to_have_count(before)


def choose(page: Page, note: str) -> None:
    page.locator(".person", has_text=note).first.click()
    page.wait_for_load_state()


def hindi_reader(eyes: Eyes, size: tuple[int, int] = DESKTOP) -> Page:
    """The page of the first patient whose phone is in Hindi."""
    page = eyes.open("/demo", size)
    for person in [link.get_attribute("href") for link in page.locator(".person").all()]:
        page.goto(f"{eyes.url}{person}")
        if page.locator(".phone").get_attribute("lang") == "hi" and lines(page, "theirs").count():
            return page
    pytest.fail("no sample patient reads Hindi")


def no_sideways_scroll(page: Page) -> None:
    wide, window = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= window


def test_typing_tapping_and_moving_the_clock(eyes: Eyes) -> None:
    """Somebody types, taps a button and moves the clock; the phone and the plan follow without a reload."""
    page = eyes.open("/demo?chat=stranger")
    page.get_by_role("button", name="Start").click()
    expect(lines(page, "theirs").first).to_be_visible()
    page.locator(".taps button", has_text="English").last.click()
    expect(lines(page, "mine").last).to_contain_text("English")
    say(page, "What is minimally invasive spine surgery?")
    choose(page, "day ")
    before = lines(page, "theirs").count()
    time = page.locator(".status-time").inner_text()
    page.get_by_role("button", name="Next message").click()
    expect(lines(page, "theirs")).not_to_have_count(before)
    expect(page.locator(".status-time")).not_to_have_text(time)
    page.get_by_role("button", name="+1 day").click()
    expect(page.locator(".set")).to_contain_text("Sun 22 Nov")


def test_a_newcomer_joins_in_hindi(eyes: Eyes) -> None:
    """The whole way in on the phone: link, language, year of birth, two yeses; then the plan is followed."""
    page = eyes.open("/demo")
    choose(page, "not connected")
    born = page.locator(".facts div", has_text="Born").locator("dd").inner_text()
    expect(page.locator(".badge")).to_have_text("Not connected yet")
    expect(page.locator(".code")).to_have_text(re.compile(r"^\w{4}-\w{4}$"))
    page.locator("[data-start] button").click()
    page.locator(".taps button", has_text="हिन्दी").click()
    expect(page.locator(".phone [data-say] textarea")).to_have_attribute("placeholder", "संदेश लिखें")
    until_quiet(page)
    say(page, born)
    for _ in range(2):
        until_quiet(page)
        page.get_by_role("button", name="हाँ, मंज़ूर है").last.click()
    expect(page.locator(".badge")).to_have_text("Followed")
    expect(page.locator(".consents .given")).to_have_count(2)
    expect(page.locator(".row .state", has_text="Planned").first).to_be_visible()


def test_the_newest_message_is_in_sight(eyes: Eyes) -> None:
    """A long chat opens at its end, and stays there when something comes."""
    page = eyes.open("/demo")
    expect(lines(page, "theirs").last).to_be_in_viewport()
    say(page, "hello")
    expect(lines(page, "theirs").last).to_be_in_viewport()


def test_somebody_elses_doing_arrives_by_itself(eyes: Eyes) -> None:
    """A second window shows within a second or two what was done in the first, and keeps what is being typed."""
    watching, doing = eyes.open("/demo"), eyes.open("/demo")
    watching.locator("[data-say] textarea").fill("half a sent")
    before = lines(watching, "mine").count()
    say(doing, "hello from the other window")
    expect(lines(watching, "mine")).to_have_count(before + 1)
    expect(watching.locator("[data-say] textarea")).to_have_value("half a sent")


def test_hindi_is_set_in_letters_that_exist_with_room_above(eyes: Eyes) -> None:
    """A Hindi chat is marked as Hindi, and its lines leave room for the marks above and below."""
    page = hindi_reader(eyes)
    text = page.locator(".theirs p:lang(hi)").last
    expect(text).to_be_visible()
    height, size = text.evaluate(
        "e => [parseFloat(getComputedStyle(e).lineHeight), parseFloat(getComputedStyle(e).fontSize)]"
    )
    assert height >= 1.55 * size
    expect(page.locator(".gist:lang(hi)").first).to_be_attached()
    expect(page.locator("[data-say] textarea")).to_have_attribute("placeholder", "संदेश लिखें")


@pytest.mark.parametrize("path", ["/about", "/demo", "/demo?chat=stranger"])
def test_nothing_scrolls_sideways_at_360_pixels(eyes: Eyes, path: str) -> None:
    """Phone and plan fit a small screen, each under its own tab."""
    page = eyes.open(path, SMALL)
    no_sideways_scroll(page)
    if path.startswith("/demo"):
        expect(page.locator(".phone")).to_be_visible()
        expect(page.locator(".plan")).to_be_hidden()
        page.get_by_text("Ward", exact=True).click()
        expect(page.locator(".phone")).to_be_hidden()
        expect(page.locator(".plan")).to_be_visible()
        no_sideways_scroll(page)


def test_everything_is_reached_by_keyboard(eyes: Eyes) -> None:
    """Tab, Enter and Escape are enough: start, write, use the menu, block and unblock, move the clock."""
    page = eyes.open("/demo?chat=stranger")
    tab_to(page, "[data-start] button")
    page.keyboard.press("Enter")
    expect(page.locator("[data-say] textarea")).to_be_focused()
    page.keyboard.type("hello")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("again")
    before = lines(page, "mine").count()
    page.keyboard.press("Enter")
    expect(lines(page, "mine")).to_have_count(before + 1)
    expect(lines(page, "mine").last.locator("p")).to_have_text("hello\nagain", use_inner_text=True)
    expect(page.locator("[data-say] textarea")).to_be_focused()
    tab_to(page, ".menu summary", backwards=True)
    page.keyboard.press("Enter")
    expect(page.locator(".menu .popup")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".menu .popup")).to_be_hidden()
    expect(page.locator(".menu summary")).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, ".menu .popup button")
    page.keyboard.press("Enter")
    expect(page.locator(".composer-blocked")).to_be_visible()
    tab_to(page, ".composer-blocked button")
    page.keyboard.press("Enter")
    expect(page.locator("[data-say] textarea")).to_be_visible()
    time = page.locator(".status-time").inner_text()
    tab_to(page, ".clock button[value=hour]", backwards=True)
    page.keyboard.press("Enter")
    expect(page.locator(".status-time")).not_to_have_text(time)
    expect(page.locator(".clock button[value=hour]")).to_be_focused()


def tab_to(page: Page, selector: str, *, backwards: bool = False) -> None:
    for _ in range(200):
        if page.locator(selector).first.evaluate("e => e === document.activeElement"):
            return
        page.keyboard.press("Shift+Tab" if backwards else "Tab")
    pytest.fail(f"{selector} cannot be reached by Tab")


def test_it_works_without_scripts(eyes: Eyes) -> None:
    """With scripts off the same page works as plain forms."""
    page = eyes.open("/demo", scripts=False)
    page.locator("[data-say] textarea").fill("hello")
    page.locator(".send").click()
    expect(lines(page, "mine").last).to_contain_text("hello")
    expect(lines(page, "theirs").last).to_be_in_viewport()
    page.locator(".clock button[value=hour]").click()
    expect(page.locator(".status-time")).to_contain_text("10:")
    page.locator(".attach summary").click()
    wound: FilePayload = {"name": "wound.png", "mimeType": "image/png", "buffer": drawn()}
    page.locator(".attach input[type=file]").set_input_files(wound)
    page.locator(".upload button").click()
    expect(page.locator(".attached-photo")).to_be_visible()


def test_a_text_that_is_html_runs_nothing(eyes: Eyes) -> None:
    """What somebody writes is shown as written, on the phone and among the alerts."""
    page = eyes.open("/demo")
    say(page, "<img src=x onerror=\"document.title='owned'\"> peshab nahi ho raha")
    expect(page.locator(".case blockquote").first).to_contain_text("<img src=x")
    assert page.locator(".log img").count() == 0
    assert page.title() == "Saathi demo"


def test_refusals_are_said_on_the_page(eyes: Eyes) -> None:
    """A refused form shows its sentence where it is seen and heard, and keeps what was typed."""
    page = eyes.open("/demo")
    page.locator("[data-say] textarea").evaluate("e => e.removeAttribute('maxlength')")
    page.locator("[data-say] textarea").fill("a" * 10_001)
    page.locator(".send").click()
    expect(page.get_by_role("alert")).to_contain_text("at most 10,000 characters")
    assert len(page.locator("[data-say] textarea").input_value()) == 10_001
    assert all("413" in complaint for complaint in eyes.complaints)
    eyes.complaints.clear()


def test_opened_parts_stay_open_when_news_come(eyes: Eyes) -> None:
    """The past days that somebody opened stay open while the plan changes."""
    page = eyes.open("/demo")
    page.locator(".earlier summary").click()
    expect(page.locator(".earlier .row").first).to_be_visible()
    page.get_by_role("button", name="Next message").click()
    expect(page.locator(".status-time")).not_to_have_text("09:10")
    expect(page.locator(".earlier .row").first).to_be_visible()


def test_pictures_for_the_readme(eyes: Eyes, tmp_path: Path) -> None:
    """English and Hindi, desktop and 360 pixels; with SAATHI_TEST_SCREENSHOTS=1 they go to docs/images."""
    folder = IMAGES if os.environ.get("SAATHI_TEST_SCREENSHOTS") == "1" else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    hindi = hindi_reader(eyes)
    to_next_checkin(hindi)
    say(hindi, "peshab nahi ho raha")
    take(hindi, folder / "demo-desktop-hi.png")
    small = eyes.open(_path(hindi), SMALL)
    take(small, folder / "demo-small-hi.png")
    small.get_by_text("Ward", exact=True).click()
    take(small, folder / "demo-small-plan-hi.png")
    english = eyes.open("/demo")
    to_next_checkin(english)
    to_next_checkin(english)
    for pain in ("3", "2"):
        lines(english, "theirs").last.get_by_role("button", name=pain, exact=True).click()
        expect(lines(english, "mine").last).to_contain_text(pain)
        until_quiet(english)
    take(english, folder / "demo-desktop-en.png")
    take(eyes.open(_path(english), SMALL), folder / "demo-small-en.png")


def take(page: Page, file: Path) -> None:
    """A picture of what is seen, with nothing pointed at."""
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement.blur()")
    page.screenshot(path=file)
    assert file.read_bytes().startswith(b"\x89PNG")


def to_next_checkin(page: Page) -> None:
    """Move the clock from message to message until one asks something."""
    for _ in range(12):
        page.get_by_role("button", name="Next message").click()
        until_quiet(page)
        if lines(page, "theirs").last.locator(".taps").count():
            return
    pytest.fail("no check-in came")


def until_quiet(page: Page) -> None:
    """Wait until what was pressed is done, and the page has then asked and heard that nothing is new."""
    expect(page.locator("body")).not_to_have_class(re.compile("busy"))
    # The first answer may be to a question asked before.
    for _ in range(2):
        with page.expect_response(lambda answer: "/demo/api/state" in answer.url and answer.status == 304):
            pass


def _path(page: Page) -> str:
    return str(page.locator(".person.chosen").get_attribute("href"))
