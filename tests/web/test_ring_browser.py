"""Trouble on a phone rings on the ward, in a real browser: tone, bell, acknowledge, and what the patient then reads."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.web.conftest import Eyes
from tests.web.test_console_browser import ASHA, RAMESH
from tests.web.test_demo_browser import IMAGES, lines, say, take, until_quiet

pytestmark = pytest.mark.browser

EARS = """
window.rung = [];
window.AudioContext = class {
  currentTime = 0;
  destination = {};
  resume() {}
  close() {}
  createOscillator() {
    const tone = { frequency: {}, connect: (to) => to, start: () => window.rung.push(tone.frequency.value), stop() {} };
    return tone;
  }
  createGain() {
    return { gain: { setValueAtTime() {}, exponentialRampToValueAtTime() {} }, connect: (to) => to };
  }
};
const usual = window.setInterval;
window.setInterval = (work, every) => usual(work, every === 8000 ? 200 : every);
"""
"""Hears the tones of a page instead of the loudspeaker, and lets it ask for news more often than each eight seconds."""


def on_the_ward(eyes: Eyes) -> Page:
    """The list of patients, as the made-up nurse sees it, with ears."""
    page = eyes.open("/demo?chat=stranger")
    page.add_init_script(EARS)
    page.get_by_role("button", name="Open the ward's console").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Patients")
    return page


def tones(page: Page) -> list[int]:
    """What was heard so far, in hertz."""
    heard: list[int] = page.evaluate("window.rung")
    return heard


def test_trouble_rings_is_acknowledged_and_the_phone_reads_who_has_seen_it(eyes: Eyes, tmp_path: Path) -> None:
    """The whole way; with SAATHI_TEST_SCREENSHOTS=1 its three pictures go to docs/images."""
    folder = IMAGES if os.environ.get("SAATHI_TEST_SCREENSHOTS") == "1" else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    ward = on_the_ward(eyes)
    bell = ward.locator("[data-ring]")
    expect(bell).not_to_contain_text("alert has come")

    # Nobody has switched the sound on: a new alert is shown all the same.
    asha = eyes.open(ASHA)
    say(asha, "I have chest pain")
    expect(bell).to_contain_text("A new alert has come.", timeout=20_000)
    assert tones(ward) == []

    # Switched on, it sounds once to show how, and again for the next alert.
    ward.get_by_role("button", name="Ring when an alert comes").click()
    assert tones(ward) == [880, 660, 880, 660]
    phone = eyes.open(RAMESH)
    say(phone, "peshab nahi ho raha")
    expect(lines(phone, "theirs").last).to_contain_text("112")
    until_quiet(phone)
    take(phone, folder / "story-trouble.png")
    ward.wait_for_function("window.rung.length === 8", timeout=20_000)
    expect(ward.locator(".roster tbody tr").first).to_contain_text("Emergency alert", timeout=20_000)
    take(ward, folder / "story-ring.png")

    # The bell leads to the alert. Whoever acknowledges it ends the ringing, and the patient reads who it was.
    bell.get_by_role("link", name="Open it").click()
    case = ward.locator(".case", has_text="peshab nahi ho raha")
    case.get_by_role("button", name="Acknowledge").click()
    expect(ward.get_by_role("status")).to_contain_text("The patient is told")
    expect(lines(phone, "theirs").last).to_contain_text("Sister Example")
    expect(lines(phone, "theirs").last).to_contain_text("देख लिया")
    until_quiet(phone)
    take(phone, folder / "story-seen.png")
    assert tones(ward) == [], "a page opened anew has not sounded for what was there before"
