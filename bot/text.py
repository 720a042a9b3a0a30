"""What people typed, made comparable: one normal form for triage, FAQ, commands and language detection."""

from __future__ import annotations

import re
import unicodedata

_NUKTA = "\u093c"
_CHANDRABINDU = "\u0901"
_ANUSVARA = "\u0902"
_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201b": "'", "\u2032": "'", "`": "'", "\u00b4": "'"})
_REPEATED = re.compile(r"([^\W\d_])\1{2,}")
_SPACES = re.compile(r"\s+")
_TOKEN = re.compile(r"\d+(?:\.\d+)?|(?:[^\W\d_]|[\u0900-\u0963\u0970-\u097f])+")


def normalise(text: str) -> str:
    """The normal form of `text`: what is compared, never what is shown or stored.

    NFKC, lower case, ASCII digits, straight apostrophes, no control, bidirectional, zero-width or surrogate code
    points, no nukta, chandrabindu as anusvara, three or more equal letters in a row as two, one space between words.
    Line breaks and tabs count as spaces. Applying it twice changes nothing. Any string is accepted.
    """
    folded = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).lower())
    kept = unicodedata.normalize("NFKC", folded.translate(_KEPT)).translate(_QUOTES).replace(_NUKTA, "")
    return _SPACES.sub(" ", _REPEATED.sub(r"\1\1", kept)).strip()


def tokens(text: str) -> tuple[str, ...]:
    """The words and numbers of `text`, normalised: letters with their marks, or digits with one decimal point.

    Punctuation, emoji and apostrophes separate nothing else: `can't` is `cant`, `102.5°F` is `102.5`, `f`.
    """
    return tuple(_TOKEN.findall(normalise(text).replace("'", "")))


def _character(character: str) -> str:
    """What one decomposed code point becomes: itself, a space, another letter, or nothing."""
    if character.isspace():
        return " "
    if character == _NUKTA:
        return ""
    if character == _CHANDRABINDU:
        return _ANUSVARA
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.digit(character))
    if category in {"Cc", "Cf", "Cs", "Co", "Cn"}:
        return ""
    if category == "Mn" and not "\u0900" <= character <= "\u097f":
        return ""  # accents and stacked marks on Latin letters carry nothing here
    return character


class _Kept(dict[int, str]):
    """Code point -> what it becomes, worked out once for each."""

    def __missing__(self, code: int) -> str:
        self[code] = kept = _character(chr(code))
        return kept


_KEPT = _Kept()
