"""How hard a text is to read: the Flesch-Kincaid grade of English, and the length of Hindi sentences.

Grade 6 is the target because 90 popular spine pages averaged grade 12.8, and short words with sentences under
15 words brought three quarters of pages to grade 6 (sources JUBRIL21, BAUMANN, NIH-READ). For Hindi no proven
formula is known, so sentences are measured: 12 words on average.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from functools import cache

from content.rules.lists import counts, reasons

_BRACES = re.compile(r"\{[a-z0-9_]+\}")
# Flesch counts a sentence for each independent thought, so a colon or semicolon ends one, as a line break does in chat.
_SENTENCE_END = re.compile(r"[.!?;:।॥…]+[\"'”’)\]*_]*(?=\s|$)|\n+")
_ABBREVIATIONS = re.compile(r"\b(Dr|Mr|Mrs|Ms|No|vs|approx|e\.g|i\.e|a\.m|p\.m|डॉ|रु)\.", re.IGNORECASE)
_ENGLISH_WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)*|\d+(?:[.,:/]\d+)*")
_ANY_WORD = re.compile(r"[\w\u0900-\u0963\u0966-\u097f]+(?:[-'’.,:/][\w\u0900-\u0963\u0966-\u097f]+)*")

_VOWELS = re.compile(r"[aeiouy]+")
_SILENT_IN_COMPOUND = re.compile(
    r"(?<=[aeiouy][bcdfgkmnprstvz])e(?=(?:ful|fully|ly|ment|less|ness|thing|time|one|what|where|how|body|day|work|side|"
    r"room|town|line|land|back|bone|self|ground|wife|care|guard|man|most|fore|taker|giver)s?$)"
)
_SILENT_ED = re.compile(r"(?<=[^tdel])ed$|(?<=[aeiouylr]l)ed$")
_SILENT_ES = re.compile(r"(?<=[^sxzcgl])es$|(?<=[aeiouy]l)es$")
_SILENT_E = re.compile(r"(?<=[^lre])e$|(?<=[aeiouylr][lr])e$")
_APART = re.compile(
    r"ia(?!ge)(?<!cia)(?<!tia)(?<!sia)|io(?!n|us|r)|iu|eo(?!us|p|n)|(?<![gq])ua(?!r)|[aeiouy]ing|iet|ie(?=nt|nc)(?<![ct]ie)|ier$|"
    r"[uo]e[rl]$|uou|creat|ism$"
)


@cache
def _known() -> Mapping[str, int]:
    return counts("syllables.yaml")


def syllables(word: str, known: Mapping[str, int] | None = None) -> int:
    """How many syllables an English word has, at least 1; a number counts as one, since it is seen at a glance.

    `known` holds the words the rules get wrong (`content/rules/syllables.yaml` if not given).
    """
    known = _known() if known is None else known
    word = re.sub(r"['’](s|re|ve|ll|m|d)$", "", word.lower())
    word = re.sub(r"[^a-z]", "", word)
    if not word:
        return 1
    if word in known:
        return known[word]
    if word.endswith("s") and word[:-1] in known:
        return known[word[:-1]]
    stem = _SILENT_IN_COMPOUND.sub("", word)
    stem = _SILENT_ED.sub("", stem) if len(stem) > 3 else stem
    if not stem.endswith(("ches", "shes")):
        stem = _SILENT_ES.sub("", stem)
    stem = _SILENT_E.sub("", stem) if len(stem) > 2 else stem
    return max(len(_VOWELS.findall(stem)) + len(_APART.findall(stem)), 1)


def sentences(text: str) -> list[str]:
    """The sentences of a text in any of the languages; a line break, a colon and a danda end one."""
    text = _ABBREVIATIONS.sub(r"\1", text)
    return [part.strip() for part in _SENTENCE_END.split(text) if _ANY_WORD.search(part)]


def words(text: str) -> list[str]:
    """The words of a text in any of the languages; numbers count, signs and pictures do not."""
    return _ANY_WORD.findall(text)


def grade(text: str, everyday: AbstractSet[str] | None = None) -> float:
    """The Flesch-Kincaid grade of an English text: years of school in the United States. An empty text has grade 0.

    A placeholder counts as one short word. A word in `everyday` (`content/rules/hard_words.yaml` if not given) counts
    two syllables at most: patients hear it daily, and no shorter word says the same.
    """
    everyday = reasons("hard_words.yaml").keys() if everyday is None else everyday
    text = _BRACES.sub("it", text)
    parts = sentences(text)
    found = _ENGLISH_WORD.findall(text)
    if not parts or not found:
        return 0.0
    sounds = sum(_counted(word, everyday) for word in found)
    return 0.39 * len(found) / len(parts) + 11.8 * sounds / len(found) - 15.59


def _counted(word: str, everyday: AbstractSet[str]) -> int:
    lower = word.lower()
    sounds = syllables(lower)
    known = lower in everyday or lower.removesuffix("s") in everyday
    return min(sounds, 2) if known else sounds


def sentence_length(text: str) -> float:
    """The average number of words in a sentence; a placeholder counts as one word. An empty text has length 0."""
    text = _BRACES.sub("it", text)
    parts = sentences(text)
    return sum(len(words(part)) for part in parts) / len(parts) if parts else 0.0
