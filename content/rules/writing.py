"""Rules about how a text is written: languages, scripts, reading grade and lengths."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from content.loader import Content
from content.model import Phrasings
from content.reading import grade, sentence_length, sentences, words
from content.rules.base import LANGUAGE_NAMES, READ_ALOUD, Finding, Said, filled, texts, without_braces
from content.rules.lists import read, reasons

_LATIN_WORD = re.compile(r"[A-Za-z]+(?:[-'’][A-Za-z]+)*")
_LATIN = re.compile(r"[A-Za-z]")
_DEVANAGARI = re.compile(r"[\u0900-\u0963\u0966-\u097f]")
_LETTERS = re.compile(r"[^\W\d_]")
_ADDRESS = re.compile(r"https?://\S+|\S+@\S+")

MAX_GRADE = 6.0
MAX_SHORT_GRADE = 10.0
"""For texts of fewer than SHORT words, where one long word decides the grade."""
SHORT = 12
_TINY = 5
MAX_SENTENCE_WORDS = 12.0
MAX_ONLY_SENTENCE_WORDS = 15.0
"""For a Hindi text that is one sentence, where there is nothing to average."""

MESSAGE_CHARACTERS = 1024
"""The body of a WhatsApp message with buttons."""
ANSWER_WORDS = 90
BUTTON_CHARACTERS = 20
"""A WhatsApp reply button."""
LABEL_CHARACTERS = 24
"""A row of a WhatsApp list."""
MOST_CHOICES = 10
"""The rows of a WhatsApp list."""


@cache
def _mixed() -> frozenset[tuple[str, str]]:
    return frozenset((entry["kind"], entry["id"]) for entry in read("mixed.yaml"))


@cache
def _latin_names() -> frozenset[str]:
    return frozenset(word.casefold() for word in reasons("latin.yaml"))


def languages_differ(content: Content) -> Iterator[Finding]:
    """A text in Hindi is not a copy of the English one."""
    for said in texts(content):
        letters = _LATIN.search(without_braces(said.text.en))
        names_only = not _untranslated(said.text.en)
        if said.text.en == said.text.hi and letters and not names_only and (said.kind, said.id) not in _mixed():
            yield said.finding("The Hindi text is a copy of the English one: translate it.", "hi")


def scripts_fit(content: Content) -> Iterator[Finding]:
    """Hindi is in Devanagari, apart from names; English and Hinglish are in Latin letters."""
    for said in texts(content):
        if (said.kind, said.id) in _mixed():
            continue
        for language, text in said.languages():
            if language == "hi":
                latin = _untranslated(text)
                if latin:
                    names = ", ".join(f"`{word}`" for word in latin[:4])
                    yield said.finding(f"The Hindi text has English letters: write {names} in Devanagari.", language)
            elif _DEVANAGARI.search(text):
                yield said.finding(f"The {LANGUAGE_NAMES[language]} text has Devanagari letters in it.", language)


def _untranslated(text: str) -> list[str]:
    bare = _ADDRESS.sub(" ", without_braces(text))
    return [word for word in dict.fromkeys(_LATIN_WORD.findall(bare)) if not _is_name(word)]


def _is_name(word: str) -> bool:
    names = _latin_names()
    return word.casefold() in names or all(part.casefold() in names for part in word.split("-"))


def phrasings_in_script(content: Content) -> Iterator[Finding]:
    """Example phrasings stand under the script they are written in."""
    for kind, entry_id, field, phrasings in _phrasings(content):
        for language, phrases in (("en", phrasings.en), ("hi", phrasings.hi), ("hi-Latn", phrasings.hi_latn)):
            for number, phrase in enumerate(phrases):
                if bool(_DEVANAGARI.search(phrase)) != (language == "hi") and _LETTERS.search(phrase):
                    script = "Latin" if language == "hi" else "Devanagari"
                    sentence = f"A phrasing under `{language}:` is written in {script} letters: move it."
                    yield Finding(kind, entry_id, (field, language, number), sentence)


def _phrasings(content: Content) -> Iterator[tuple[str, str, str, Phrasings]]:
    for item in content.faq.values():
        yield "faq", item.id, "phrasings", item.phrasings
    for sign in content.signs.values():
        yield "sign", sign.id, "phrases", sign.phrases
        yield "sign", sign.id, "same_day_phrases", sign.same_day_phrases
        yield "sign", sign.id, "emergency_phrases", sign.emergency_phrases
        yield "sign", sign.id, "look_alikes", sign.look_alikes
        yield "sign", sign.id, "nouns", sign.nouns


def english_is_easy(content: Content) -> Iterator[Finding]:
    """English messages read at grade 6 or below."""
    for said in texts(content):
        if said.role not in READ_ALOUD or (said.kind, said.id) in _mixed():
            continue
        count = len(words(said.text.en))
        limit = MAX_GRADE if count >= SHORT else MAX_SHORT_GRADE
        found = round(grade(said.text.en), 1)
        if count >= _TINY and found > limit:
            sentence = (
                f"The English text reads at grade {found:.1f}, above {limit:.0f}: use shorter words and sentences."
            )
            yield said.finding(sentence, "en")


def hindi_is_short(content: Content) -> Iterator[Finding]:
    """Hindi sentences have 12 words on average, or fewer."""
    for said in texts(content):
        if said.role not in READ_ALOUD:
            continue
        found = round(sentence_length(said.text.hi), 1)
        limit = MAX_SENTENCE_WORDS if len(sentences(said.text.hi)) > 1 else MAX_ONLY_SENTENCE_WORDS
        if found > limit:
            sentence = f"The Hindi sentences have {found:.1f} words on average, more than {limit:.0f}: shorten them."
            yield said.finding(sentence, "hi")


def fits_a_message(content: Content) -> Iterator[Finding]:
    """A message fits what WhatsApp sends with buttons, once the placeholders are filled."""
    for said in texts(content):
        if said.role not in READ_ALOUD:
            continue
        for language, text in said.languages():
            length = len(filled(content, said, language, text)) + _question_after(content, said, language)
            length += _legend_after(content, said, language)
            if length > MESSAGE_CHARACTERS:
                sentence = f"The message has {length} characters, more than {MESSAGE_CHARACTERS}: make it shorter."
                yield said.finding(sentence, language)


def _question_after(content: Content, said: Said, language: str) -> int:
    """The characters of the question a check-in asks in the same message, with the empty line before it."""
    if said.role != "step":
        return 0
    step = content.journeys[said.id].steps[int(said.place[1])]
    question = content.questions.get(step.ask[0]) if step.ask else None
    if question is None:
        return 0
    asked = Said("question", question.id, ("ask",), "ask", question.ask)
    return len(filled(content, asked, language, question.ask[language])) + len("\n\n")


def _legend_after(content: Content, said: Said, language: str) -> int:
    """The characters of the legend under a picture: the text is its caption, which is no longer than such a message."""
    if said.role != "step" or not content.journeys[said.id].steps[int(said.place[1])].picture:
        return 0
    return sum(
        len(f"\n\n{reply.text[language]}") for name, reply in content.replies.items() if name.startswith("trend")
    )


def answers_are_short(content: Content) -> Iterator[Finding]:
    """An answer has at most 90 words."""
    for said in texts(content):
        if said.role == "answer":
            for language, text in said.languages():
                count = len(words(filled(content, said, language, text)))
                if count > ANSWER_WORDS:
                    yield said.finding(f"The answer has {count} words, more than {ANSWER_WORDS}: shorten it.", language)


def labels_fit(content: Content) -> Iterator[Finding]:
    """Buttons have at most 20 characters, list rows at most 24, and one line."""
    limits = {"button": BUTTON_CHARACTERS, "choice": BUTTON_CHARACTERS, "label": LABEL_CHARACTERS}
    for said in texts(content):
        limit = limits.get(said.role)
        if limit is None:
            continue
        for language, text in said.languages():
            shown = filled(content, said, language, text)
            if len(shown) > limit:
                yield said.finding(f"`{shown}` has {len(shown)} characters; {limit} fit on the phone.", language)
            if "\n" in shown:
                yield said.finding("A button or list row is one line.", language)


def choices_fit(content: Content) -> Iterator[Finding]:
    """A question or reply offers no more than one list holds."""
    for question in content.questions.values():
        if len(question.choices) > MOST_CHOICES:
            yield Finding("question", question.id, ("choices",), f"At most {MOST_CHOICES} choices fit in one message.")
    for reply in content.replies.values():
        if len(reply.buttons) > MOST_CHOICES:
            yield Finding("reply", reply.id, ("buttons",), f"At most {MOST_CHOICES} buttons fit in one message.")
