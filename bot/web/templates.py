"""Pages from templates. Everything put into one is escaped: texts come from anybody."""

from __future__ import annotations

import re
from collections.abc import Sized
from datetime import datetime
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from bot.web.page import clock_words, date_words, state_words

HERE = Path(__file__).parent

_DEVANAGARI = re.compile("[\u0900-\u097f]")
_LETTER = re.compile(r"[^\W\d_]")
_NUMBER = re.compile(r"(\+?\d{2,5}(?:-\d{2,5})+)")

TOPICS = {
    "medicine": "Pain medicine",
    "warning": "Warning signs",
    "activity": "Activity",
    "checkin": "Check-in",
    "logistics": "Appointments and papers",
}


def script(text: str) -> str:
    """The language whose letters `text` is mostly written in, for fonts and screen readers: hi or en."""
    devanagari = len(_DEVANAGARI.findall(text))
    return "hi" if devanagari * 2 > len(_LETTER.findall(text)) - devanagari else "en"


def whole_numbers(text: str) -> Markup:
    """`text`, escaped, with telephone numbers that no line end splits: somebody may have to dial one in a hurry."""
    parts = _NUMBER.split(text)
    return Markup("").join(
        Markup('<span class="whole">{}</span>').format(part) if at % 2 else escape(part)
        for at, part in enumerate(parts)
    )


def shape(buttons: Sized) -> str:
    """How to lay out the buttons under a message, by what stands on them."""
    labels = [button.label for button in cast("tuple[_Labelled, ...]", buttons)]
    longest = max((len(label) for label in labels), default=0)
    if longest <= 3 and len(labels) > 8:
        return "eleven"
    if longest <= 3 and len(labels) > 3:
        return "grid"
    if longest <= 10 and len(labels) == 3:
        return "three"
    return "two" if len(labels) > 1 and longest <= 12 else "one"


class _Labelled:
    label: str


@cache
def environment() -> Environment:
    """The templates of this package with their filters; a name that is not given is an error.

    One for the process: each template is compiled once.
    """
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        hhmm=clock_words,
        weekday_day=_weekday_day,
        date=date_words,
        script=script,
        shape=shape,
        whole_numbers=whole_numbers,
        state=state_words,
        topic=lambda name: TOPICS.get(name, name),
    )
    return made


class Templates:
    """Renders whole pages, and single parts of them for a page that is already open."""

    def __init__(self) -> None:
        """Read the templates of this package."""
        self._environment = environment()

    def page(self, name: str, **values: object) -> str:
        """The template `name` as a whole page."""
        return self._environment.get_template(name).render(**values)

    def part(self, name: str, macro: str, value: object) -> str:
        """What the macro `macro` of the template `name` makes of `value`."""
        module = cast(ModuleType, self._environment.get_template(name).module)
        return str(getattr(module, macro)(value))


def _weekday_day(at: datetime) -> str:
    return date_words(at.date())
