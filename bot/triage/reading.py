"""A message as triage sees it: words with their keys, cut into sentences and clauses; numbers with their meaning."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.text import normalise
from bot.triage import grammar
from bot.triage.numbers import Amount, NumberAtom, amounts
from bot.triage.spelling import Reading, Speller

_TOKEN = re.compile(r"\d+(?:\.\d+)?|(?:[^\W\d_]|[\u0900-\u0963\u0971-\u097f])+|[^\w\s]+")
_LINE = re.compile(r"[\r\n\u2028\u2029]+")
_HYPHEN = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")
_HEAD_NEXT = frozenset("dard drd me bhari bhaari phat fat ghoom ghum chakra chakara pain".split())
_DRUNK = frozenset("gaya gya liya lia li kar ke lo lun lunga lungi lijiye rahe".split())
_PAPER = frozenset("the this my your that discharge admission paper appointment pay".split())
_TAG_BEFORE = frozenset("hai hu tha gaya liya diya raha".split())
_JOINED = {
    re.compile(r"\b(?:can|could) not\b"): "cannot",
    re.compile(r"\b(?:get|gets|got|getting|stand|stands|standing|wake|wakes|waking) up\b"): "getup",
    re.compile(r"\bthrow(?:s|n)? up\b"): "throwup",
    re.compile(r"\bthrew up\b"): "threwup",
    re.compile(r"\bthrowing up\b"): "throwingup",
    re.compile(r"\b(?:gave|give|gives|given|giving) up\b"): "gaveup",
    re.compile(r"\bbe (?=jaan|jan|hosh|dum|dam)"): "be",
    re.compile(r"\bchal (?:phir|fir)\b"): "chalna",
}
"""Words that mean something else together."""
_MAY_JOIN = re.compile(r" (?:not|up|jaan|jan|hosh|dum|dam|phir|fir)\b")
"""Without one of these no words are together: one look instead of one for each."""
_LONG = 1200
"""Letters that are judged together; hardly anybody writes more in one message."""
_OVERLAP = 200
_WEIGHTLESS = frozenset({"HO", "SUDDEN", "#"})


@dataclass(frozen=True, slots=True)
class Word:
    """One word: as typed, its grammar form, its keys, and where it stands."""

    surface: str
    form: str
    keys: tuple[str, ...]
    filler: bool
    known: bool
    hard: int
    """Number of the sentence."""
    soft: int
    """Number of the clause, counted through the whole message."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message read: `joiners[n]` is what stands before clause n: "," "and" "or" "but" "." or nothing."""

    words: tuple[Word, ...]
    joiners: tuple[str, ...]
    at: dict[str, list[int]]
    """Key -> places of the words that have it."""
    clauses: tuple[tuple[int, int], ...]
    """Clause -> first place, and the place after its last."""
    weight: tuple[int, ...]
    """weight[n] - weight[m]: how many words that carry meaning stand from place m up to before n."""
    asked: frozenset[int] = frozenset()
    """The sentences that end with a question mark."""


@dataclass
class _Cutter:
    """Puts words together and numbers sentences and clauses while the tokens go by."""

    words: list[Word] = field(default_factory=list)
    joiners: list[str] = field(default_factory=lambda: [""])
    hard: int = 0
    soft: int = 0
    empty: bool = True
    asked: set[int] = field(default_factory=set)

    def cut(self, joiner: str, *, sentence: bool) -> None:
        """Begin a new clause, and a new sentence if `sentence`; several boundaries in a row are one."""
        if self.empty:
            if joiner in {"or", "but", "and"}:
                self.joiners[-1] = joiner
            if sentence and self.words:
                self.hard += 1
            return
        self.hard += sentence
        self.soft += 1
        self.joiners.append(joiner)
        self.empty = True

    def add(self, surface: str, reading: Reading) -> None:
        """Put one word at the end."""
        self.words.append(
            Word(surface, reading.form, reading.keys, reading.filler, reading.known, self.hard, self.soft)
        )
        self.empty = False


def read(text: str, speller: Speller, atoms: Sequence[NumberAtom]) -> Message:
    """Read the whole of `text`, of any length."""
    for emoji, words in grammar.EMOJI.items():
        if emoji in text:
            text = text.replace(emoji, words)
    plain = _HYPHEN.sub(" ", normalise(_LINE.sub(" , ", text)).replace("'", ""))
    if _MAY_JOIN.search(plain):
        for together, word in _JOINED.items():
            plain = together.sub(word, plain)
    tokens = _TOKEN.findall(plain)
    meanings = amounts(tokens, speller)
    cutter = _Cutter()
    for place, token in enumerate(tokens):
        if token[0].isdigit():
            cutter.add(token, _number(token, meanings.get(place), atoms))
        elif token[0] in "।॥" or not (token[0].isalpha() or "\u0900" <= token[0] <= "\u097f"):
            if place not in meanings:
                _punctuation(cutter, token)
        else:
            following = tokens[place + 1] if place + 1 < len(tokens) else ""
            _word(cutter, token, following, speller)
            amount = meanings.get(place)
            if amount is not None and cutter.words:
                last = cutter.words[-1]
                extra = _number(token, amount, atoms).keys
                cutter.words[-1] = Word(
                    last.surface, last.form, (*last.keys, *extra), False, True, last.hard, last.soft
                )
    return _message(cutter)


def pieces(text: str) -> list[str]:
    """`text`, or if it is long the pieces of it that overlap, cut at spaces, the last one first."""
    if len(text) <= _LONG:
        return [text]
    found, start = [], 0
    while start < len(text):
        end = start + _LONG
        if end < len(text):
            end = max(text.rfind(mark, start + _LONG // 2, end) for mark in " \n") + 1 or end
        found.append(text[start:end])
        if end >= len(text):
            break
        start = max(end - _OVERLAP, start + 1)
        start = text.find(" ", start, end) + 1 or start
    return found[::-1]


def _word(cutter: _Cutter, said: str, following: str, speller: Speller) -> None:
    if said == "sir" and following and speller.read(following)[0].form in _HEAD_NEXT:
        said = "sar"
    elif said == "a" and any(reading.form == "raha" for reading in speller.read(following or "a")):
        said = "aa"
    elif said == "pee" and following in _DRUNK:
        said = "pi"  # "chai pee gaya" drinks
    elif said == "slip" and cutter.words and cutter.words[-1].surface in _PAPER:
        said = "parchi"  # "the slip": a paper, nobody slipped
    readings = speller.read(said)
    form = readings[0].form
    before = cutter.words[-1].form if cutter.words and not cutter.empty else ""
    if form == "na" and before in _TAG_BEFORE and not _denying(cutter):
        return  # "bukhar hai na", a tag; but "na bukhar hai na sujan" denies both
    if form in grammar.BUT or (form == "par" and before in grammar.VERB_END and before):
        cutter.cut("but", sentence=True)
        return
    if form in grammar.AND:
        cutter.cut("or" if form in grammar.EITHER else "and", sentence=False)
        return
    for number, reading in enumerate(readings):
        cutter.add(said if number == 0 else "", reading)


def _denying(cutter: _Cutter) -> bool:
    """Whether a list of denials is under way: "na bukhar hai na sujan", "pus nahi hai na lali"."""
    return any(word.form == "na" for word in cutter.words[-8:]) or any(w.form == "nahi" for w in cutter.words[-3:])


def _punctuation(cutter: _Cutter, mark: str) -> None:
    if ".." in mark:
        cutter.cut(",", sentence=False)
    elif grammar.HARD.search(mark):
        if "?" in mark and cutter.words:
            cutter.asked.add(cutter.words[-1].hard)
        cutter.cut(".", sentence=True)
    elif grammar.SOFT.search(mark):
        cutter.cut("or" if mark == "/" else ",", sentence=False)


def _number(token: str, amount: Amount | None, atoms: Sequence[NumberAtom]) -> Reading:
    keys = ["#", token]
    if amount is not None:
        keys += [atom.key for atom in atoms if atom.fits(amount)]
    return Reading(token, tuple(keys), filler=False, known=True)


def _message(cutter: _Cutter) -> Message:
    at: dict[str, list[int]] = {}
    weight = [0]
    clauses = [(0, 0)] * len(cutter.joiners)
    for place, word in enumerate(cutter.words):
        begin, end = clauses[word.soft]
        clauses[word.soft] = (begin if end else place, place + 1)
        for key in word.keys:
            at.setdefault(key, []).append(place)
        weight.append(weight[-1] + (not word.filler and word.keys[0] not in _WEIGHTLESS))
    return Message(
        tuple(cutter.words), tuple(cutter.joiners), at, tuple(clauses), tuple(weight), frozenset(cutter.asked)
    )
