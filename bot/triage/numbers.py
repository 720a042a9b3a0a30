"""Numbers in a message: temperatures in either scale, scores out of ten, counts of tablets.

Thresholds are written in the phrases of `content/triage/`: `>=38C` (body temperature, Celsius), `>=8` (a bare number),
`9..100` (a bare number in a range), `>=3d` (days), `>=6h` (hours), `#` (any number).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bot.triage import grammar
from bot.triage.spelling import Speller, latin

_ATOM = re.compile(r"^(?:(>=|>|<)(\d+(?:\.\d+)?)([Cdh]?)|(\d+)\.\.(\d+))$")
_FAHRENHEIT = frozenset("f fahrenheit farenheit farenhite foreignheight fh".split())
_CELSIUS = frozenset("c celsius centigrade celcius".split())
_DEGREE = frozenset("degree degrees deg digri digree °".split())
_CALLS = frozenset("call dial ambulance number dialed phone helpline par pe ko lagaya milaya".split())
_NUMBER_WORDS = {
    word: value
    for value, words in enumerate(
        "one ek|two do|three teen|four chaar char|five paanch panch|six chhah chhe che|seven saat|eight aath|nine nau"
        "|ten das dus|eleven gyarah gyaarah|twelve barah baarah|thirteen terah|fourteen chaudah|fifteen pandrah pandra"
        "|sixteen solah|seventeen satrah|eighteen atharah|nineteen unnees|twenty bees bis".split("|"),
        start=1,
    )
    for word in words.split()
}
_SCORES_FROM = 8
"""In words only scores this high are taken as bare numbers: "one" and "do" say too many other things."""
_NEAR = 6
_FEVERISH = 100.4
_DAYS = frozenset("day days din dino".split())
_HOURS = frozenset("hour hours hr hrs ghante ghanta ghanton".split())

Kind = Literal["temperature", "bare", "days", "hours"]
_KINDS: dict[str, Kind] = {"C": "temperature", "d": "days", "h": "hours", "": "bare"}


@dataclass(frozen=True, slots=True)
class Amount:
    """What a number means: a body temperature in degrees Celsius, a time in days or hours, or a bare number."""

    kind: Kind
    value: float


@dataclass(frozen=True, slots=True)
class NumberAtom:
    """A condition on a number in a phrase; `key` is how it is written there."""

    key: str
    kind: Kind
    low: float
    high: float
    """At least `low` and below `high`."""

    def fits(self, amount: Amount) -> bool:
        """Whether `amount` is of this kind and within the bounds."""
        return amount.kind == self.kind and self.low <= amount.value < self.high


def parse_atom(written: str) -> NumberAtom | None:
    """The condition `written` in a phrase; nothing when it is an ordinary word."""
    found = _ATOM.match(written)
    if found is None:
        return None
    sign, value, unit, low, high = found.groups()
    if low is not None:
        return NumberAtom(written, "bare", float(low), float(high) + 1e-6)
    kind, number = _KINDS[unit], float(value)
    if sign == "<":
        return NumberAtom(written, kind, 0.0, number - 0.001)
    return NumberAtom(written, kind, number - 0.001 if sign == ">=" else number + 0.001, 101.0)


def amounts(tokens: Sequence[str], speller: Speller) -> dict[int, Amount]:
    """Place of a token -> what the number there means. Numbers with a unit of time, weight and so on mean nothing."""
    found: dict[int, Amount] = {}
    for place, token in enumerate(tokens):
        if token[0].isdigit() and len(token) <= 8:
            amount = _amount(tokens, place, speller)
            if amount is not None:
                found[place] = amount
                if _out_of_ten(tokens, place):
                    found[place + 1] = amount  # the bar of 9/10 is no boundary
        elif latin(token) in _NUMBER_WORDS:
            amount = _in_words(_NUMBER_WORDS[latin(token)], tokens, place, speller)
            if amount is not None:
                found[place] = amount
    return found


def _amount(tokens: Sequence[str], place: int, speller: Speller) -> Amount | None:
    value = float(tokens[place])
    celsius = _celsius(value, tokens, place, speller)
    if celsius is not None:
        return Amount("temperature", celsius)
    following = tokens[place + 1] if place + 1 < len(tokens) else ""
    form = speller.read(following)[0].form if following else ""
    if form in _DAYS | _HOURS:
        return Amount("days" if form in _DAYS else "hours", value)
    if _second_of_ten(tokens, place) or (following and _is_unit(following, speller)):
        return None
    return Amount("bare", value)


def _in_words(value: int, tokens: Sequence[str], place: int, speller: Speller) -> Amount | None:
    following = tokens[place + 1] if place + 1 < len(tokens) else ""
    form = speller.read(following)[0].form if following else ""
    if form in _DAYS | _HOURS:
        return Amount("days" if form in _DAYS else "hours", float(value))
    if value < _SCORES_FROM or (following and _is_unit(following, speller)) or _of_which(tokens, place):
        return None
    return Amount("bare", float(value))


def _celsius(value: float, tokens: Sequence[str], place: int, speller: Speller) -> float | None:
    """`value` as a body temperature: 95-107.9 is Fahrenheit, 35-43 Celsius, where the words around say so."""
    after = [token for token in tokens[place + 1 : place + 4] if token not in {"°", "."}]
    marked = after[:1] and (after[0] in _FAHRENHEIT | _CELSIUS | _DEGREE)
    if after[:1] and not marked and _is_unit(after[0], speller):
        return None
    near = {key for token in tokens[max(0, place - _NEAR) : place + _NEAR] for key in _keys(token, speller)}
    told = bool(marked) or bool(near & {"FEVER", "TEMPERATURE"}) or tokens[place + 1 : place + 2] == ["°"]
    if "." in tokens[place] and _FEVERISH <= value < 108:
        return (value - 32) * 5 / 9
    if set(after[:2]) & _CALLS and not marked:
        return None
    alone = len(tokens) <= 2
    if 95 <= value < 108 and (told or alone):
        return (value - 32) * 5 / 9
    if 35 <= value <= 43 and (told or (alone and value != int(value))):
        return value
    return None


def _keys(token: str, speller: Speller) -> tuple[str, ...]:
    return speller.read(token)[0].keys if token[0].isalpha() or token[0] > "\u0900" else ()


def _is_unit(token: str, speller: Speller) -> bool:
    return bool(token[0].isalpha() or token[0] > "\u0900") and (
        token in grammar.UNITS or speller.read(token)[0].form in grammar.UNITS
    )


def _out_of_ten(tokens: Sequence[str], place: int) -> bool:
    return list(tokens[place + 1 : place + 3]) == ["/", "10"]


def _second_of_ten(tokens: Sequence[str], place: int) -> bool:
    """Whether this is the ten of `9/10`, `9 out of 10`, or of `10 me se 9`."""
    if tokens[place] != "10":
        return False
    before = list(tokens[max(0, place - 2) : place])
    return before[-1:] == ["/"] or before == ["out", "of"] or _of_which(tokens, place)


def _of_which(tokens: Sequence[str], place: int) -> bool:
    """Whether "of which" follows: the ten of `10 me se 9`, or of `do hai das me` at the end."""
    after = list(tokens[place + 1 : place + 3])
    return after[:1] in (["me"], ["mein"], ["में"]) and after[1:] in ([], ["se"], ["से"])
