"""Passwords of staff: hashed with Argon2id away from the event loop, and refused when somebody would guess them.

No rules about capitals and signs, which make passwords worse (NIST SP 800-63B, 5.1.1.2); length and a look at what
guessers try first instead.
"""

from __future__ import annotations

import asyncio
import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12
LONGEST = 200

AT_ONCE = 2
"""Each takes 64 MiB for as long as it runs: a flood of logins waits here instead of filling the memory."""

_WORDS = (
    "password passwort passw pass mypassword qwerty qwertyuiop asdfghjkl zxcvbnm qwertyuiopasdfghjkl abcdefghijkl "
    "abcdefghijklm letmein welcome admin administrator root changeme secret iloveyou sunshine princess monkey dragon "
    "football baseball superman batman india bharat lucknow hospital doctor nurse sister clinic spine surgery saathi "
    "telegram whatsapp krishna ganesh jaishreeram omnamahshivaya test testtest default guest login"
)
_GUESSED_FIRST = re.compile(f"(?:{'|'.join(_WORDS.split())}){{1,2}}")
"""One or two such words with digits and signs around are among the first guesses, however long it gets."""
_DISGUISE = str.maketrans("@4301$5", "aaeoiss")

_OWN_WORD = 3
"""A part of the name or login this short may appear by chance."""
_LEFT_OVER = 8
"""So many letters must be left when one's own name and login are taken out."""
_DIFFERENT = 5


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a password was right."""

    right: bool
    rehashed: str | None = None
    """The same password under newer parameters, if the stored hash is under older ones."""


class Passwords:
    """Hashes and checks. The same work is done for a login that does not exist."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        """Hash with `hasher`; by default Argon2id with 64 MiB and 3 rounds (RFC 9106, second recommendation)."""
        self._hasher = hasher or PasswordHasher()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._nobodys: str | None = None

    async def hash(self, password: str) -> str:
        """What to store for `password`."""
        async with self._slots:
            return await asyncio.to_thread(self._hasher.hash, _normal(password))

    async def check(self, hashed: str | None, password: str) -> Verdict:
        """Whether `password` is the one that was hashed; never for nothing, which takes as long all the same."""
        async with self._slots:
            return await asyncio.to_thread(self._check, hashed, password)

    def _check(self, hashed: str | None, password: str) -> Verdict:
        # Made before the first check of any kind, so that the first unknown login takes no longer than others.
        self._nobodys = self._nobodys or self._hasher.hash("nobody has this password")
        if len(password) > LONGEST:
            # Nobody has one as long; an endless one is not worth hashing.
            hashed, password = None, ""
        password = _normal(password)
        try:
            self._hasher.verify(hashed or self._nobodys, password)
        except (VerificationError, InvalidHashError):
            return Verdict(right=False)
        if hashed is None:
            return Verdict(right=False)
        again = self._hasher.hash(password) if self._hasher.check_needs_rehash(hashed) else None
        return Verdict(right=True, rehashed=again)


def problem(password: str, *own: str) -> str | None:
    """Why `password` cannot be chosen, in a sentence, or nothing; `own` are the member's name and login."""
    password = _normal(password)
    if len(password) < SHORTEST:
        return f"Choose at least {SHORTEST} letters: three or four words in a row are easy to remember."
    if len(password) > LONGEST:
        return f"Choose at most {LONGEST} letters."
    small = password.casefold()
    if len(set(small)) < _DIFFERENT:
        return "This password repeats itself: choose three or four different words."
    if _is_guessed_first(small):
        return "This is one of the first passwords that others try: choose three or four words nobody would expect."
    if len(_without(small, own)) < _LEFT_OVER:
        return "This password is made of your own name or login: choose something nobody knows about you."
    return None


def _is_guessed_first(small: str) -> bool:
    if not any(letter.isalpha() for letter in small):
        # Digits and signs only: a phone number, a date, a row of the keyboard.
        return len(small) < SHORTEST + 4 or _is_row(small)
    plain = re.sub(r"[\W\d_]+", "", small)
    disguised = re.sub(r"[\W\d_]+", "", small.rstrip("0123456789!.?#*-_").translate(_DISGUISE))
    return any(_GUESSED_FIRST.fullmatch(word) for word in (plain, disguised))


def _is_row(small: str) -> bool:
    digits = [int(letter) for letter in small if letter.isdecimal()]
    steps = {(after - before) % 10 for before, after in pairwise(digits)}
    return len(steps) <= 1


def _without(small: str, own: tuple[str, ...]) -> str:
    words = {word for text in own for word in re.split(r"[\W_]+", text.casefold()) if len(word) > _OWN_WORD}
    for word in sorted(words | {text.casefold() for text in own if len(text) > _OWN_WORD}, key=len, reverse=True):
        small = small.replace(word, "")
    return re.sub(r"[\W_]+", "", small)


def _normal(password: str) -> str:
    """The same letters typed on another keyboard are the same password."""
    # Half a character, which a form can carry, has no bytes to be hashed.
    return unicodedata.normalize("NFKC", password).encode("utf-8", "replace").decode()
