"""Rules about answers, warning signs and notices: who finds them, and what comes first in an emergency."""

from __future__ import annotations

import re
from collections.abc import Iterator

from content.loader import Content
from content.model import Phrasings, Tier
from content.reading import sentences, words
from content.rules.base import LANGUAGE_NAMES, Finding, fold

_PURPOSES = ("reminders", "sharing")
_NUMBER = re.compile(r"(?<!\d)(112|108)(?!\d)")
_ACTION = {
    "en": re.compile(r"\b(call|phone|ring|dial|go)\b"),
    "hi": re.compile(r"(कॉल|फोन|डायल|जाएं|जाइए|मिलाएं|मिलाइए|लगाएं|लगाइए)"),
    "hi-Latn": re.compile(r"\b(call|phone|fon|dial|jaayen|jaiye|jaaiye|jayen|milaye|milaiye|lagaye|lagaiye)"),
}


def phrasings_given(content: Content) -> Iterator[Finding]:
    """Every answer has example phrasings in English, Hindi and Hinglish."""
    for item in content.faq.values():
        for language, phrases in _forms(item.phrasings):
            if not phrases:
                sentence = f"There is no {LANGUAGE_NAMES[language]} phrasing: add some under `{language}:`."
                yield Finding("faq", item.id, ("phrasings",), sentence)


def _forms(phrasings: Phrasings) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return (("en", phrasings.en), ("hi", phrasings.hi), ("hi-Latn", phrasings.hi_latn))


def phrasings_belong_to_one(content: Content) -> Iterator[Finding]:
    """No phrasing, whatever its capitals and signs, belongs to two answers."""
    owner: dict[str, str] = {}
    for item in content.faq.values():
        for language, phrases in _forms(item.phrasings):
            for number, phrase in enumerate(phrases):
                key = " ".join(words(fold(phrase))) or phrase  # A picture alone has no words.
                first = owner.setdefault(key, item.id)
                if first != item.id:
                    sentence = f"`{phrase}` already leads to the answer `{first}`: keep it under one of the two."
                    yield Finding("faq", item.id, ("phrasings", language, number), sentence)


def sign_phrases_given(content: Content) -> Iterator[Finding]:
    """Every warning sign has phrases in English, Hindi and Hinglish."""
    for sign in content.signs.values():
        for language, phrases in _forms(sign.phrases):
            if not phrases:
                sentence = f"There is no {LANGUAGE_NAMES[language]} phrase: people in need write in all three."
                yield Finding("sign", sign.id, ("phrases",), sentence)


def emergencies_act_first(content: Content) -> Iterator[Finding]:
    """The reply to an emergency begins with what to do and 112 or 108, before any explanation."""
    urgent = {sign.reply for sign in content.signs.values() if sign.tier is Tier.EMERGENCY}
    urgent |= {name for name in content.replies if name == "emergency" or name.startswith("emergency-")}
    for name in sorted(urgent & content.replies.keys()):
        text = content.replies[name].text
        for language in ("en", "hi", *(["hi-Latn"] if text.hi_latn else [])):
            first = fold((sentences(text[language]) or [""])[0])
            if not _NUMBER.search(first) or not _ACTION[language].search(first):
                sentence = "An emergency reply begins with the action and the number, as in `Call 112 or 108 now`."
                yield Finding("reply", name, ("text", language), sentence)


def notices_complete(content: Content) -> Iterator[Finding]:
    """There is a consent notice for every purpose."""
    if not content.notices:
        return
    for purpose in _PURPOSES:
        if purpose not in content.notices:
            yield Finding("file", "notices.yaml", (), f"The notice for the purpose `{purpose}` is missing.")
