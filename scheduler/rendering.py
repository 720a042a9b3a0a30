"""The text of a reminder, made at the moment of sending (and by the same function in every preview). Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple

from content.loader import Content
from scheduler.buttons import dose_buttons, question_buttons
from scheduler.plans import AGAIN_STEP, MEDICINE_STEPS
from scheduler.policy import local
from scheduler.sender import Body
from scheduler.splitting import MOST_CAPTION, units

ABOUT = "about"
"""Reply that names the patient above a message, where one chat serves several."""

AGAIN = "sent-again"
"""Reply put above a message that is repeated because nobody knows whether the first arrived."""

RETURNS = "dose-again"
"""Reply put above a reminder of a medicine time that comes back after 'later'."""

_MONTHS_HI = ("जनवरी", "फ़रवरी", "मार्च", "अप्रैल", "मई", "जून", "जुलाई", "अगस्त", "सितंबर", "अक्टूबर", "नवंबर", "दिसंबर")
_DAYS_HI = ("सोमवार", "मंगलवार", "बुधवार", "गुरुवार", "शुक्रवार", "शनिवार", "रविवार")


class Drawn(NamedTuple):
    """A picture for one patient."""

    png: bytes
    legend: tuple[str, ...]
    """Ids of replies that say what is to be seen, a line each; they stand in the message."""


class Reading(NamedTuple):
    """For whom and when a reminder is rendered."""

    reminder_id: int
    journey: str
    step: str
    language: str
    name: str
    surgery_on: date
    due_at: datetime
    now: datetime
    zone: str
    folded: Sequence[str] = ()
    """Steps that ride along."""
    medicine: str | None = None
    """Names staff typed for this medicine time."""
    shared: bool = False
    """Several patients are followed in this chat, or a caregiver reads it: say whom it is about."""
    picture: Drawn | None = None
    """Where the step has a picture, and there is something to show."""


def render(content: Content, reading: Reading) -> Body:
    """The message as the patient sees it; the first question of a check-in comes with its buttons.

    The picture is left out where its legend would make the text too long for a caption. Raises KeyError if the step is
    no longer in the content.
    """
    body = _whole(content, reading)
    if reading.picture is None or units(body.text) <= MOST_CAPTION:
        return body
    return _whole(content, reading._replace(picture=None))


def _whole(content: Content, reading: Reading) -> Body:
    facts = _facts(reading)
    body = _medicine(content, reading) if reading.step in MEDICINE_STEPS else _step_body(content, reading, facts)
    parts = [body.text, *(_step_text(content, reading, step, facts) for step in reading.folded)]
    if reading.shared:
        parts.insert(0, content.fill(content.replies[ABOUT].text[reading.language], name=first_name(reading.name)))
    return replace(body, text="\n\n".join(parts))


def again(content: Content, body: Body, language: str) -> Body:
    """The same message with a line on top that says it may have come before; once, however often it is repeated."""
    note = content.fill(content.replies[AGAIN].text[language])
    return body if body.text.startswith(note) else replace(body, text=f"{note}\n\n{body.text}")


def first_name(name: str) -> str:
    """What the bot calls somebody: the first word of the name."""
    return name.split(maxsplit=1)[0] if name.split() else name


def local_date(day: date, language: str) -> str:
    """A date as people say it: `Mon 5 January`, `सोमवार, 5 जनवरी`."""
    if language == "en":
        return f"{day:%a} {day.day} {day:%B}"
    return f"{_DAYS_HI[day.weekday()]}, {day.day} {_MONTHS_HI[day.month - 1]}"


def _step_body(content: Content, reading: Reading, facts: Mapping[str, object]) -> Body:
    text = _step_text(content, reading, reading.step, facts)
    picture = None
    if reading.picture is not None:
        picture = reading.picture.png
        text = f"{text}\n\n{_legend(content, reading.picture, reading.language)}"
    questions = content.asked(content.steps[reading.journey, reading.step])
    if not questions:
        return Body(text, picture=picture)
    asked = content.fill(questions[0].ask[reading.language], **facts)
    buttons = question_buttons(questions[0], reading.reminder_id, reading.language)
    return Body(f"{text}\n\n{asked}", buttons, picture)


def _legend(content: Content, picture: Drawn, language: str) -> str:
    return "\n".join(content.fill(content.replies[reply].text[language]) for reply in picture.legend)


def _step_text(content: Content, reading: Reading, step: str, facts: Mapping[str, object]) -> str:
    return content.fill(content.steps[reading.journey, step].text[reading.language], **facts)


def _facts(reading: Reading) -> dict[str, object]:
    today = local(reading.now, reading.zone).date()
    return {"name": first_name(reading.name), "day": (today - reading.surgery_on).days}


def _medicine(content: Content, reading: Reading) -> Body:
    returns = reading.step == AGAIN_STEP
    text = _medicine_text(content, reading)
    if returns:
        text = f"{content.fill(content.replies[RETURNS].text[reading.language])}\n\n{text}"
    return Body(text, dose_buttons(content.buttons, reading.reminder_id, reading.language, again=returns))


def _medicine_text(content: Content, reading: Reading) -> str:
    due = local(reading.due_at, reading.zone)
    texts = content.defaults.medicine_named_text if reading.medicine else content.defaults.medicine_text
    return content.fill(
        texts[reading.language],
        name=first_name(reading.name),
        day_date=local_date(due.date(), reading.language),
        time=f"{due:%H:%M}",
        medicine=reading.medicine or "",
    )
