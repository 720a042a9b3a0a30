"""The picture a patient gets of their own answers: pain as lines, walking as bars, over the days since surgery. Pure.

It holds digits and marks only. Words stand in the message, in the patient's language and script: the font that comes
with Pillow has no Devanagari. The same answers give the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

PAIN = {"pain-back": "#d43a2f", "pain-leg": "#2b6cc4"}
"""Questions answered on a scale of 0 to 10, and their colours; the legend of the message names the same."""
WALKING = "walking-minutes"
GREEN = "#2f9e6e"
SERIES = (*PAIN, WALKING)

SIZE = (800, 600)
"""Pixels: sharp on a phone, some 20 kB, and drawn in about ten milliseconds."""

_INK, _SOFT, _GRID, _PAPER = "#1d3b36", "#5c7570", "#dbe6e3", "#ffffff"
_LEFT, _RIGHT = 88, 780
_ONE = (48, 518)
_TWO = ((48, 300), (374, 518))
"""Top and bottom of the panels, where there is one and where there are two."""
_MARKS = {"pain-back": 15, "pain-leg": 10}
"""Half the width of a mark; where both are at one place, both are seen."""
_APART = 64
"""Between two numbers over bars."""
_FEWEST_DAYS = 7


class Value(NamedTuple):
    """An answer: on which day after surgery, and what."""

    day: int
    value: int


def drawn(answers: Mapping[str, Sequence[Value]]) -> tuple[bytes, tuple[str, ...]] | None:
    """The picture as PNG, and which questions it shows, in the order of SERIES.

    Of each question the last answer of a day counts; one that was not answered on two days is left out. Nothing if
    none was.
    """
    known = {question: _by_day(answers.get(question, ())) for question in SERIES}
    shown = {question: values for question, values in known.items() if len(values) > 1}
    if not shown:
        return None
    days = [value.day for values in shown.values() for value in values]
    image = Image.new("RGB", SIZE, _PAPER)
    sheet = _Sheet(ImageDraw.Draw(image), min(days), max(*days, min(days) + _FEWEST_DAYS))
    pain = {question: shown[question] for question in PAIN if question in shown}
    walks = shown.get(WALKING)
    panels = _TWO if pain and walks else (_ONE, _ONE)
    if pain:
        sheet.lines(panels[0], pain)
    if walks:
        sheet.bars(panels[-1], walks)
    sheet.days(panels[-1][1])
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue(), tuple(shown)


def _by_day(values: Sequence[Value]) -> list[Value]:
    return [Value(day, value) for day, value in sorted(dict(values).items())]


@dataclass(frozen=True, slots=True)
class _Sheet:
    """The paper, and which days it spans."""

    draw: ImageDraw.ImageDraw
    first: int
    last: int

    def lines(self, panel: tuple[int, int], series: Mapping[str, Sequence[Value]]) -> None:
        """Pain: a line each, the newest value written beside its mark."""
        self._scale(panel, 10, 5)
        for question, values in series.items():
            points = [(self._x(one.day), _y(panel, one.value, 10)) for one in values]
            self.draw.line(points, PAIN[question], 7, joint="curve")
            for x, y in points:
                self._mark(x, y, question)
        ends = [(_y(panel, values[-1].value, 10), question, values[-1]) for question, values in series.items()]
        for number, (y, question, newest) in enumerate(sorted(ends)):
            # Two that end at the same height: one is written above its mark, the other below.
            above = number == 0 if len(ends) > 1 else y > panel[0] + 50
            self._number((self._x(newest.day), y - 36 if above else y + 36), newest.value, PAIN[question], 36)

    def bars(self, panel: tuple[int, int], values: Sequence[Value]) -> None:
        """Walking: a bar a day, its minutes above it."""
        top = _round_up(max(one.value for one in values))
        self._scale(panel, top, top // 2)
        half = min(22, max(7, round((_RIGHT - _LEFT) / (self.last - self.first + 1) * 0.36)))
        written = float("inf")
        # The newest first: where bars stand close together, the minutes of an older one give way.
        for one in reversed(values):
            x, y = self._x(one.day), _y(panel, one.value, top)
            self.draw.rounded_rectangle((x - half, min(y, panel[1] - 3), x + half, panel[1]), 4, GREEN)
            if written - x >= _APART:
                written = x
                self._number((x, y - 22), one.value, GREEN, 32)

    def days(self, bottom: int) -> None:
        """The days under everything."""
        step = next(step for step in (1, 2, 7, 14, 28) if (self.last - self.first) / step <= 8 or step == 28)
        for day in range(-(-self.first // step) * step, self.last + 1, step):
            x = self._x(day)
            self.draw.line(((x, bottom), (x, bottom + 10)), _SOFT, 3)
            self.draw.text((x, bottom + 42), str(day), _INK, _font(36), anchor="mm")

    def _scale(self, panel: tuple[int, int], top: int, step: int) -> None:
        for value in range(0, top + 1, step):
            y = _y(panel, value, top)
            self.draw.line(((_LEFT, y), (_RIGHT, y)), _GRID if value else _SOFT, 3)
            self.draw.text((_LEFT - 14, y), str(value), _SOFT, _font(36), anchor="rm")

    def _mark(self, x: float, y: float, question: str) -> None:
        """A round mark for the back and a square one for the leg: colour is not all that tells them apart."""
        half = _MARKS[question]
        box = (x - half, y - half, x + half, y + half)
        if question == "pain-back":
            self.draw.ellipse(box, PAIN[question], _PAPER, 2)
        else:
            self.draw.rectangle(box, PAIN[question], _PAPER, 2)

    def _number(self, place: tuple[float, float], number: int, colour: str, size: int) -> None:
        font = _font(size)
        self.draw.text(place, str(number), colour, font, anchor="mm", stroke_width=3, stroke_fill=_PAPER)

    def _x(self, day: int) -> float:
        left, right = _LEFT + 40, _RIGHT - 40
        return left + (day - self.first) / (self.last - self.first) * (right - left)


def _y(panel: tuple[int, int], value: int, top: int) -> float:
    return panel[1] - min(value, top) / top * (panel[1] - panel[0])


def _round_up(most: int) -> int:
    """The top of the scale of minutes: an even number of tens, so that its half is round as well."""
    return max(20, -(-most // 20) * 20)


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    found = _FONTS.get(size)
    if found is None:
        found = _FONTS[size] = ImageFont.load_default(size)
    return found


_FONTS: dict[int, ImageFont.FreeTypeFont | ImageFont.ImageFont] = {}
