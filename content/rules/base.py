"""What the rules share: findings, the walk over every text, and filling texts with example values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from content.composing import Place
from content.loader import Content, placeholders
from content.model import Text
from content.rules.lists import read

_BRACES = re.compile(r"\{([a-z][a-z0-9_]*)\}")
# A word boundary that knows Devanagari vowel signs; Python's \b would break words at them.
_LETTER = r"[\w\u0900-\u0963\u0966-\u097f]"
_BOUNDARY = rf"(?:(?<!{_LETTER})(?={_LETTER})|(?<={_LETTER})(?!{_LETTER}))"

LANGUAGE_NAMES = {"en": "English", "hi": "Hindi", "hi-Latn": "Hinglish"}


@dataclass(frozen=True)
class Finding:
    """Something a rule does not accept: in which entry, at which field of it, and why, in a plain sentence."""

    kind: str
    """As in `Content.lines`; `file` for a file as a whole, `id` being its path under `content/`."""
    id: str
    place: Place
    sentence: str


Rule = Callable[[Content], Iterator[Finding]]


@dataclass(frozen=True)
class Said:
    """One text of an entry, in all its languages."""

    kind: str
    id: str
    place: Place
    role: str
    """What the text is: step, answer, question, label, title, short, ask, thanks, choice, sign, reply, button, notice,
    medicine or medicine-named."""
    text: Text

    def languages(self) -> Iterator[tuple[str, str]]:
        """Language and text, Hinglish only where it is written."""
        yield "en", self.text.en
        yield "hi", self.text.hi
        if self.text.hi_latn is not None:
            yield "hi-Latn", self.text.hi_latn

    def finding(self, sentence: str, language: str | None = None) -> Finding:
        """A finding at this text, or at one language of it."""
        return Finding(self.kind, self.id, (*self.place, *([language] if language else [])), sentence)


READ_ALOUD = frozenset({"step", "answer", "ask", "thanks", "reply", "notice", "medicine", "medicine-named"})
"""The roles that are whole messages: these are measured for reading."""


def texts(content: Content) -> Iterator[Said]:
    """Every text a patient may read."""
    for journey in content.journeys.values():
        yield Said("journey", journey.id, ("title",), "title", journey.title)
        yield Said("journey", journey.id, ("short",), "short", journey.short)
        for number, step in enumerate(journey.steps):
            yield Said("journey", journey.id, ("steps", number, "text"), "step", step.text)
    for question in content.questions.values():
        yield Said("question", question.id, ("ask",), "ask", question.ask)
        for number, choice in enumerate(question.choices):
            yield Said("question", question.id, ("choices", number, "label"), "choice", choice.label)
        if question.thanks is not None:
            yield Said("question", question.id, ("thanks",), "thanks", question.thanks)
    for rule in content.watching.values():
        yield Said("watching", rule.id, ("staff",), "sign", rule.staff)
    yield from _answers(content)
    yield from _replies(content)


def _answers(content: Content) -> Iterator[Said]:
    for item in content.faq.values():
        yield Said("faq", item.id, ("label",), "label", item.label)
        yield Said("faq", item.id, ("question",), "question", item.question)
        yield Said("faq", item.id, ("answer",), "answer", item.answer)
        for number, variant in enumerate(item.variants):
            yield Said("faq", item.id, ("variants", number, "answer"), "answer", variant.answer)
    for procedure in content.procedures.values():
        yield Said("procedure", procedure.id, ("short",), "short", procedure.short)
    for sign in content.signs.values():
        yield Said("sign", sign.id, ("name",), "sign", sign.name)


def _replies(content: Content) -> Iterator[Said]:
    if ("defaults", "defaults") in content.lines:
        defaults = content.defaults
        yield Said("defaults", "defaults", ("medicine_text",), "medicine", defaults.medicine_text)
        yield Said("defaults", "defaults", ("medicine_named_text",), "medicine-named", defaults.medicine_named_text)
    for reply in content.replies.values():
        yield Said("reply", reply.id, ("text",), "reply", reply.text)
    for button in content.buttons.values():
        yield Said("button", button.id, ("label",), "button", button.label)
    for notice in content.notices.values():
        yield Said("notice", notice.purpose, ("text",), "notice", notice.text)


@cache
def facts(role: str) -> Mapping[str, Mapping[str, str]]:
    """The facts a text of this role may use, each with an example in either language (`content/rules/facts.yaml`)."""
    return {name: fact["example"] for name, fact in read("facts.yaml").items() if role in fact["in"]}


def filled(content: Content, said: Said, language: str, text: str) -> str:
    """The text as a patient would read it, with example facts; a name nobody defined stays as it is."""
    examples = facts(said.role)
    script = "hi" if language == "hi" else "en"
    known = {name: examples[name][script] for name in placeholders(text) if name in examples}
    unknown = {name: "{" + name + "}" for name in placeholders(text) - known.keys() - content.clinic.keys()}
    return content.fill(text, **known, **unknown)


def fold(text: str) -> str:
    """Small letters, one kind of quote, no nukta, one sign for a nasal: what means the same looks the same."""
    text = text.lower().replace("’", "'")
    for whole, plain in (("क़", "क"), ("ख़", "ख"), ("ग़", "ग"), ("ज़", "ज"), ("ड़", "ड"), ("ढ़", "ढ"), ("फ़", "फ")):
        text = text.replace(whole, plain)
    return text.replace("\u093c", "").replace("ँ", "ं")


@cache
def pattern(text: str) -> re.Pattern[str]:
    r"""A pattern from a list, over folded text; `\b` in it is a boundary of words in Devanagari too."""
    return re.compile(fold(text).replace(r"\b", _BOUNDARY))


def without_braces(text: str) -> str:
    """The text with its placeholders taken out."""
    return _BRACES.sub(" ", text)
