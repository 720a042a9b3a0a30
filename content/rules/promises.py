"""The rule about what is never said: promises, findings, doses, and starting or stopping a medicine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from content.loader import Content
from content.rules.base import Finding, fold, pattern, texts
from content.rules.lists import read

_ASKED = frozenset({"question", "label"})
"""What patients ask may hold the words: "Is it painless?" """
# Only a full stop ends a sentence here: a denial and what it denies may stand on two sides of a colon.
_ENDS = re.compile(r"(?<=[.!?।])\s+|\n{2,}")


class _Forbidden(NamedTuple):
    find: tuple[re.Pattern[str], ...]
    unless: tuple[re.Pattern[str], ...]
    say: str


@cache
def _forbidden() -> tuple[_Forbidden, ...]:
    return tuple(
        _Forbidden(
            tuple(pattern(text) for text in entry["find"]),
            tuple(pattern(exception["pattern"]) for exception in entry.get("unless", ())),
            entry["say"],
        )
        for entry in read("promises.yaml")
    )


def forbidden_in(text: str) -> list[tuple[str, str]]:
    """What a text says and must not: the words, and what to write instead."""
    found = []
    for sentence in _ENDS.split(fold(text)):
        if sentence.rstrip("\"'”) ").endswith("?"):
            continue
        for rule in _forbidden():
            match = next((match for regex in rule.find if (match := regex.search(sentence))), None)
            if match and not any(regex.search(sentence) for regex in rule.unless):
                found.append((" ".join(match.group().split()), rule.say))
    return found


def no_promises(content: Content) -> Iterator[Finding]:
    """No text promises a result, gives a finding or a dose, or starts or stops a medicine."""
    for said in texts(content):
        if said.role in _ASKED:
            continue
        for language, text in said.languages():
            for words, instead in forbidden_in(text):
                yield said.finding(f"It says `{words}`. {instead}", language)
