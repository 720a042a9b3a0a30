"""A small, valid content folder that tests break in one place each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from content.checks import check
from content.loader import Content, ContentError, Problem, load

REVIEW = "review: pending"

SOURCES = """\
- id: BOOK
  grade: A
  title: A book
  url: https://example.org/book
"""

CLINIC = """\
- id: hospital_phone
  default: "0522-000-0100"
  meaning: The care team's telephone.
- id: lift_kg
  default: 5
  meaning: What patients may lift.
  unit: kg
  sources: [BOOK]
"""

CHECKINS = f"""\
- id: pain
  ask: {{en: How much does it hurt?, hi: कितना दर्द है?}}
  kind: scale
  alert_at: 8
  sign: RF01
  sources: [BOOK]
  {REVIEW}
- id: walk
  ask: {{en: Did you walk today?, hi: क्या आप आज चले?}}
  kind: choice
  choices:
    - {{id: "yes", label: {{en: "Yes", hi: हाँ}}}}
    - {{id: not-yet, label: {{en: Not yet, hi: अभी नहीं}}, sign: RF01}}
  {REVIEW}
"""

DEFAULTS = f"""\
slots:
  {{morning: "09:00", midday: "12:00", afternoon: "15:00", evening: "19:00", quiet_from: "21:00", quiet_until: "08:00"}}
when_late: {{medicine: skip, warning: fold, activity: skip, checkin: skip, logistics: fold}}
usual_stay_days: 1
medicine_late_minutes: 60
medicine_text: {{en: "{{day_date}}, {{time}}: your medicine.", hi: "{{day_date}}, {{time}}: आपकी दवा।"}}
medicine_named_text: {{en: "{{day_date}}, {{time}}: {{medicine}}.", hi: "{{day_date}}, {{time}}: {{medicine}}।"}}
medicine_sources: [BOOK]
{REVIEW}
"""

FAQ = f"""\
- id: what-is-it
  covers: [{", ".join(f"S{number}" for number in range(1, 37))}]
  route: G
  label: {{en: What is it?, hi: यह क्या है?}}
  question: {{en: What is it?, hi: यह क्या है?}}
  answer:
    en: The cut is small. You may go home soon. Call {{hospital_phone}} if you have a question.
    hi: चीरा छोटा होता है। आप जल्दी घर जा सकते हैं। सवाल हो तो {{hospital_phone}} पर फ़ोन करें।
  phrasings:
    en: [what is it]
    hi: [यह क्या है]
    hi-Latn: [yeh kya hai]
  sources: [BOOK]
  {REVIEW}
"""

QUESTIONS = f"""\
- id: the-rest
  covers: [{", ".join(f"Q{number}" for number in range(1, 133))}]
  route: T
  label: {{en: And the rest?, hi: और बाकी?}}
  question: {{en: And the rest?, hi: और बाकी?}}
  answer:
    en: Your own team can tell you that.
    hi: यह आपकी टीम बता सकती है।
  phrasings:
    en: [and the rest]
    hi: [और बाकी]
    hi-Latn: [aur baaki]
  sources: [BOOK]
  {REVIEW}
"""

OUTSIDE = """\
- id: weather
  reply: hello
  phrasings: {en: [will it rain], hi: [बारिश होगी क्या], hi-Latn: [barish hogi kya]}
"""

PROCEDURES = """\
- id: disc
  short: {en: disc surgery, hi: डिस्क सर्जरी}
  journey: disc
  words: {en: [disc surgery], hi: [डिस्क सर्जरी], hi-Latn: [disc ki surgery]}
"""

SIGNS = f"""\
- id: RF01
  name: {{en: Leg weakness, hi: पैर में कमज़ोरी}}
  tier: emergency
  phrases:
    en: [I cannot move my leg]
    hi: [पैर नहीं हिल रहा]
    hi-Latn: [pair nahi hil raha]
  reply: emergency
  sources: [BOOK]
  {REVIEW}
"""

REPLIES = f"""\
- id: emergency
  text:
    en: Call 112 or 108 now. Do not drive yourself.
    hi: अभी 112 या 108 पर फ़ोन करें। ख़ुद गाड़ी न चलाएँ।
  {REVIEW}
- id: hello
  text: {{en: Hello. How can I help?, hi: नमस्ते। मैं क्या मदद करूँ?}}
  buttons: [menu]
  {REVIEW}
"""

BUTTONS = """\
- id: menu
  label: {en: Menu, hi: मेन्यू}
"""

WORDS = """\
stop:
  en: [stop]
  hi: [बंद करो]
  hi-Latn: [band karo]
"""

NOTICES = f"""\
- purpose: reminders
  version: "1"
  text: {{en: May we send you messages?, hi: क्या हम संदेश भेजें?}}
  {REVIEW}
- purpose: sharing
  version: "1"
  text: {{en: May your team see your answers?, hi: क्या टीम आपके जवाब देखे?}}
  {REVIEW}
"""


def step(name: str, day: int, topic: str = "activity", *, slot: str = "morning", more: str = "") -> str:
    """A step of a journey as YAML."""
    return (
        f"  - id: {name}\n    topic: {topic}\n    day: {day}\n    slot: {slot}\n{more}"
        "    text:\n"
        "      en: |-\n        Hello {name}.\n        Walk a little today.\n"
        "      hi: |-\n        नमस्ते {name} जी।\n        आज थोड़ा टहलें।\n"
        "    sources: [BOOK]\n"
    )


def journey() -> str:
    """A plan with 26 messages to day 90."""
    head = (
        "id: disc\ntitle: {en: Disc surgery, hi: डिस्क की सर्जरी}\nshort: {en: disc surgery, hi: डिस्क की सर्जरी}\n"
        f"per_day: 2\n{REVIEW}\nsources: [BOOK]\nsteps:\n"
    )
    steps = [
        step("tablets", 1, "medicine"),
        step("danger", 2, "warning"),
        step("how-is-it", 3, "checkin", more="    ask: [pain, walk]\n"),
        step("visit", 10, "logistics"),
        *(step(f"walk-{day}", day) for day in range(11, 32)),
        step("end", 90),
    ]
    return head + "".join(steps)


@dataclass
class Tree:
    """A content folder on disk."""

    root: Path

    def write(self, file: str, text: str) -> None:
        """Write a file under the folder."""
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def edit(self, file: str, old: str, new: str) -> int:
        """Replace the first `old` in a file; the number of the line it began in."""
        text = (self.root / file).read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {file}"
        self.write(file, text.replace(old, new, 1))
        return text[: text.index(old)].count("\n") + 1

    def load(self, clinic_file: Path | None = None) -> Content:
        """Load it."""
        return load(self.root, clinic_file)

    def refused(self, clinic_file: Path | None = None) -> list[Problem]:
        """The problems it is refused for."""
        with pytest.raises(ContentError) as caught:
            self.load(clinic_file)
        return list(caught.value.problems)

    def problems(self) -> list[Problem]:
        """What the rules find in it."""
        return check(self.load())


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A valid content folder."""
    made = Tree(tmp_path / "content")
    for file, text in {
        "sources.yaml": SOURCES,
        "clinic/hospital.yaml": CLINIC,
        "checkins.yaml": CHECKINS,
        "journeys/defaults.yaml": DEFAULTS,
        "journeys/disc.yaml": journey(),
        "faq/about.yaml": FAQ,
        "faq/questions.yaml": QUESTIONS,
        "triage/signs.yaml": SIGNS,
        "replies/fixed.yaml": REPLIES,
        "replies/buttons.yaml": BUTTONS,
        "replies/words.yaml": WORDS,
        "notices.yaml": NOTICES,
        "outside.yaml": OUTSIDE,
        "procedures.yaml": PROCEDURES,
    }.items():
        made.write(file, text)
    return made
