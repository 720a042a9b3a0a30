"""What the words around a symptom make of it: denied, asked about, long ago, supposed, over, or better (rules 5.3)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from bot.triage import elsewhere, grammar, lexicon
from bot.triage.patterns import Hit
from bot.triage.reading import Message
from bot.triage.spelling import latin
from content.model import Tier

Effect = Literal["report", "confirm", "card", "silent", "better"]

_NAMED = frozenset("TROUBLE SMALL FEVER CHILL COUGH VOMIT DIZZY PUS SMELL RASH ITCH SWELL LUMP BLEED RED".split())
"""What may stand between a symptom and the 'not' that denies both: "chakkar ulti kuch nahi"."""
_OF_PEOPLE = (frozenset(lexicon.BODY) - {"BREATH", "VOICE", "TOILET"}) | {"FALL", "ACCIDENT", "INJURY", "JERK", "PAIN"}
"""What a thing cannot have, or may have done to somebody."""
_NEAR_THING = 60
"""Letters before a symptom in which the thing must stand."""
_AROUND = 12
REACH = 6


@dataclass(frozen=True, slots=True)
class Finding:
    """What a symptom counts for, and by which rule."""

    effect: Effect
    rule: str


REPORT = Finding("report", "reported: a phrase of the sign (5.2)")
_CARRIER = Finding("report", "reported by a carer (5.3.7)")
_DENIED = Finding("silent", "denied: a 'not' governs the symptom (5.3.1)")
LISTED = Finding("silent", "denied in a list (5.3.8)")
LISTED_AND = Finding("confirm", "perhaps denied together with what follows, so ask (5.3.8, 5.3.11)")
LISTED_UNSURE = Finding("confirm", "perhaps denied in a list, so ask (5.3.8, 5.3.11)")
_ASKED = Finding("card", "asked about, not reported (5.3.4)")
_ASKED_UNSURE = Finding("confirm", "asked whether it is normal: may be a report, so ask (5.3.4, 5.3.11)")
_IF = Finding("card", "only supposed: if, in case (5.3.6)")
_IF_UNSURE = Finding("confirm", "said with 'if' but perhaps happening, so ask (5.3.6, 5.3.11)")
_PAST = Finding("silent", "long ago or before surgery (5.3.5)")
_OVER = Finding("silent", "was there and is over (5.3.5)")
_OVER_UNSURE = Finding("confirm", "said to be over, but too grave to pass by, so ask (5.3.5)")
_STORY = Finding("silent", "seen on television or read, not felt (5.3.4)")
_STORY_UNSURE = Finding("confirm", "perhaps only seen on television or read, so ask (5.3.4, 5.3.11)")
_JEST = Finding("silent", "said with a laugh (5.2)")
_JEST_UNSURE = Finding("confirm", "said with a laugh, but too grave to pass by, so ask (5.2, 5.3.11)")
_ELSE = Finding("silent", "told of somebody else, long over or only asked about (5.3.4, 5.3.5)")
_ANIMAL = Finding("silent", "told of an animal (5.2)")
_THING = Finding("silent", "told of a thing (5.2)")
_BETTER = Finding("better", "said to be getting better (5.3.9)")


@dataclass(frozen=True, slots=True)
class Own:
    """What the phrase itself says with the small words: that is part of the symptom, not about it (5.3.1)."""

    condition: bool
    past: bool
    better: bool
    question: bool


@lru_cache(maxsize=8192)
def own_words(forms: str) -> Own:
    """What a phrase says, from its grammar forms."""
    return Own(
        bool(grammar.IF.search(forms) or grammar.MIGHT.search(forms)),
        bool(re.search(r"\b(before|pehle|pahle|phle|had|tha)\b", forms)),
        bool(grammar.IMPROVING.search(forms) or re.search(r"\b(better|theek|less|kam)\b", forms)),
        bool(re.search(r"\b(what|how|kya|kaise|risk|why)\b", forms)),
    )


def judge(
    message: Message, places: tuple[int, ...], consumed: frozenset[int], own: Own, *, grave: bool, holds_not: bool
) -> Finding:
    """What a symptom at `places` counts for. `consumed`: places of a 'not' that belongs to another symptom.

    `grave`: an emergency, which doubt never silences. `own`: what its phrase says. `holds_not`: it has a 'not' itself.
    """
    if not holds_not and denied(message, places, consumed):
        return _DENIED
    before, inside, after = _around(message, places)
    whole = " ".join(text for text in (before, inside, after) if text)
    if (told := _told_elsewhere(message, places, before, inside, whole, grave=grave)) is not None:
        return told
    finding = None
    if not own.condition:
        finding = _supposed(whole, _spoken(message, places), grave=grave)
    if finding is None and not own.question:
        finding = _asked(whole, inside, after, grave=grave)
    if finding is None and not own.past:
        finding = _past(message, places)
    if finding is None and not own.better:
        finding = _over_or_better(message, places, whole, after, grave=grave)
    if finding is not None:
        return finding
    return _CARRIER if re.search(r"\bpapa\b", whole) else REPORT


def _over_or_better(
    message: Message, places: tuple[int, ...], whole: str, after: str, *, grave: bool
) -> Finding | None:
    ended = [_ended(message, run, grave=grave) for run in _runs(message, places)]
    finding = next((found for found in ended if found), None)
    if finding is None and not grave and grammar.FADED.search(after):
        return _OVER
    return _BETTER if finding is None and _improving(whole) else finding


def _told_elsewhere(
    message: Message, places: tuple[int, ...], before: str, inside: str, whole: str, *, grave: bool
) -> Finding | None:
    """What is told of a story, of somebody else, of a thing, or with a laugh."""
    if elsewhere.IN_STORY.search(before) and not elsewhere.MINE.search(f"{before} {inside}"):
        return _STORY
    if elsewhere.STORY.search(whole) and not elsewhere.OURS.search(_clause(message, _clauses(message, places))):
        return _STORY_UNSURE if elsewhere.OURS.search(whole) else _STORY
    if (nobody := _of_nobody_here(message, places, before, whole)) is not None:
        return nobody
    if elsewhere.JEST.search(whole):
        return _JEST_UNSURE if grave else _JEST
    return None


def _of_nobody_here(message: Message, places: tuple[int, ...], before: str, whole: str) -> Finding | None:
    """What is told of a neighbour's past, of an animal or of a thing."""
    others = elsewhere.SOMEONE_ELSE.sub(" ", whole)
    over_or_asked = (elsewhere.ONCE_THERE, grammar.ASKS_ABOUT, grammar.ASKS)
    if others != whole and not elsewhere.OURS.search(others) and any(each.search(others) for each in over_or_asked):
        return _ELSE
    keys = {key for place in places for key in message.words[place].keys}
    if elsewhere.ANIMAL.search(before) and not elsewhere.OURS.search(_clause(message, _clauses(message, places))):
        return _ANIMAL
    thing = elsewhere.THING.search(before[-_NEAR_THING:])
    if thing and not keys & _OF_PEOPLE and not elsewhere.SOMEBODY.search(thing.group()):
        return _THING
    return None


def goes_on(finding: Finding, hit: Hit) -> Finding:
    """What a report is in a fragment that goes on from an answer: "and fever?" asks, "and no urine?" does not."""
    if finding.effect != "report" or hit.holds_not:
        return finding
    return _ASKED_UNSURE if hit.pattern.tier is Tier.EMERGENCY else _ASKED


def denied(message: Message, places: tuple[int, ...], consumed: frozenset[int]) -> bool:
    """Whether a 'not' outside the phrase governs it: "no fever", "bukhar nahi hai", "saans me koi dikkat nahi".

    A phrase found across clauses is denied by the end of any of them: "seene me dard nahi, saans theek hai".
    """
    runs = _runs(message, places)
    if any(_denied_after(message, run, consumed) for run in runs[:-1]) or _denied_inside(message, places, consumed):
        return True
    within = any(
        message.words[place].soft == message.words[place - 1].soft and _denied_before(message, place, consumed)
        for place in places[1:]
    )
    return within or _denied_before(message, places[0], consumed) or _denied_after(message, places, consumed)


def _runs(message: Message, places: tuple[int, ...]) -> list[tuple[int, ...]]:
    """The places, those of each clause together."""
    found: dict[int, tuple[int, ...]] = {}
    for place in places:
        clause = message.words[place].soft
        found[clause] = (*found.get(clause, ()), place)
    return list(found.values())


def _denied_inside(message: Message, places: tuple[int, ...], consumed: frozenset[int]) -> bool:
    """Whether a statement ends with a 'not' among the words: "seene me dard nahi hai saans bhi theek"."""
    for place in range(places[0] + 1, places[-1]):
        word, following = message.words[place], message.words[place + 1]
        if (
            word.form == "nahi"
            and place not in consumed
            and place not in places
            and following.form in grammar.ENDS_STATEMENT
        ):
            return True
    return False


def _clauses(message: Message, places: tuple[int, ...]) -> set[int]:
    return {message.words[place].soft for place in places}


def _denied_before(message: Message, first: int, consumed: frozenset[int]) -> bool:
    start = message.words[first]
    for place in range(first - 1, max(-1, first - 1 - REACH), -1):
        word = message.words[place]
        if word.soft != start.soft and not (word.soft == start.soft - 1 and message.joiners[start.soft] == "or"):
            return False
        if word.form in grammar.BEFORE_ONLY or (place > 0 and word.form == "nahi" and place == first - 1):
            return place not in consumed and _is_plain_no(message, place)
        if word.form not in grammar.BEFORE_FILL and word.soft == start.soft:
            return False
    return False


def _is_plain_no(message: Message, place: int) -> bool:
    following = [word.form for word in message.words[place + 1 : place + 3]]
    return following[:1] not in (["doubt"], ["only"], ["just"], ["relief"], ["able"], ["longer"], ["matter"])


def _denied_after(message: Message, places: tuple[int, ...], consumed: frozenset[int]) -> bool:
    last = message.words[places[-1]]
    for place in range(places[-1] + 1, min(len(message.words), places[-1] + 2 + REACH)):
        word = message.words[place]
        if word.hard != last.hard:
            return False
        if word.form in grammar.AFTER or word.form in {"not", "never"}:
            return place not in consumed and _ends_in_denial(message, place, places[-1])
        if word.soft != last.soft:
            return False
        echo = len(word.form) > 3 and word.form[1:] == message.words[place - 1].form[1:]  # "bukhar vukhar kuch nahi"
        if word.form not in grammar.AFTER_FILL and word.keys[0] not in _NAMED and not echo:
            return False
    return False


def _ends_in_denial(message: Message, place: int, last: int) -> bool:
    """Whether the 'not' at `place` ends the statement, instead of saying that the trouble will not stop."""
    word = message.words[place]
    crossed = word.soft != message.words[last].soft
    following = message.words[place + 1] if place + 1 < len(message.words) else None
    ends = following is None or following.soft != word.soft
    if crossed or word.form == "no":
        return ends or (following is not None and following.form in {"hai", "is"})
    if word.form in {"not", "never"}:
        return ends or (
            following is not None and following.form in {"there", "present", "now", "anymore", "hai", "any"}
        )
    if following is None or ends:
        return True
    if following.form in {"able", "kar", "pata"} or grammar.GOES_ON.match(following.form):
        return False
    return not (following.form == "ho" and _goes_on_later(message, place + 1))


def _goes_on_later(message: Message, place: int) -> bool:
    following = message.words[place + 1 : place + 2]
    return bool(following) and (following[0].form == "able" or bool(grammar.GOES_ON.match(following[0].form)))


def _around(message: Message, places: tuple[int, ...]) -> tuple[str, str, str]:
    """The forms before, within and after, in the same sentence and at most twelve words away."""
    first, last = places[0], places[-1]
    hard = {message.words[first].hard, message.words[last].hard}
    begin, end = first, last + 1
    while begin > 0 and message.words[begin - 1].hard in hard and first - begin < _AROUND:
        begin -= 1
    while end < len(message.words) and message.words[end].hard in hard and end - last <= _AROUND:
        end += 1
    cut = begin > 0 and message.words[begin - 1].hard in hard
    text = [word.form for word in message.words[begin:end]]
    before, inside, after = text[: first - begin], text[first - begin : last + 1 - begin], text[last + 1 - begin :]
    return ("~ " if cut else "") + " ".join(before), " ".join(inside), " ".join(after)


def _spoken(message: Message, places: tuple[int, ...]) -> str:
    """The words from the symptom on, in Latin letters, with their endings."""
    words = message.words[places[0] : places[-1] + 1 + REACH]
    return " ".join(latin(word.surface) for word in words)


def _supposed(whole: str, spoken: str, *, grave: bool) -> Finding | None:
    might = grammar.MIGHT.search(whole) or grammar.WHEN_IT_HAPPENS.search(spoken)
    condition = grammar.IF.search(whole)
    if not might and not condition:
        return None
    if grave and grammar.REPORTS_STRONG.search(whole):
        return _IF_UNSURE
    if might or grammar.ADVICE.search(whole):
        return _IF
    return _IF_UNSURE


def _asked(whole: str, inside: str, after: str, *, grave: bool) -> Finding | None:
    whole = grammar.JUST_ASKING.sub(" ", whole)
    if grammar.ASKS_ABOUT.search(whole):
        return None if grammar.REPORTS_STRONG.search(whole) else _ASKED
    if not grave and grammar.REPORTS_STRONG.search(whole) is None:
        # "pus hai, kaise saaf karu" reports; "kitna khoon nikalta hai" asks what usually happens
        told = after.startswith("hai") and not inside.endswith(("ta", "ti", "te"))
        mildly = grammar.ASKS_MILDLY.search(whole) and not told
        return _ASKED if mildly or grammar.ASKS.search(whole) else None
    if grammar.ASKS.search(whole) and not grammar.REPORTS.search(whole):
        return _ASKED_UNSURE if grave and grammar.NORMALITY.search(whole) else _ASKED
    return None


def _past(message: Message, places: tuple[int, ...]) -> Finding | None:
    """Long ago by the words of the same clause, or of a clause beside it that has no symptom of its own."""
    clauses = _clauses(message, places)
    here = _clause(message, clauses)
    if grammar.LASTING.search(here) and grammar.AS_EVER.search(_sentence(message, places)):
        return _PAST
    if grammar.NOW.search(here):
        return _PAST if _long_ago(here) and grammar.OVER.search(here) else None
    if _long_ago(here):
        return _PAST
    for beside in (min(clauses) - 1, max(clauses) + 1):
        if not 0 <= beside < len(message.clauses):
            continue
        words = message.words[slice(*message.clauses[beside])]
        if words and words[0].hard == message.words[places[0]].hard and len(words) <= REACH:
            text = " ".join(word.form for word in words)
            if _long_ago(text) and not grammar.NOW.search(text) and _only_time(text):
                return _PAST
    return None


def _sentence(message: Message, places: tuple[int, ...]) -> str:
    hard = message.words[places[0]].hard
    return " ".join(word.form for word in message.words if word.hard == hard)


def _only_time(text: str) -> bool:
    return len(grammar.LONG_AGO.sub("", text).split()) <= 2


def _long_ago(text: str) -> bool:
    return bool(grammar.LONG_AGO.search(text) or (grammar.ONCE.search(text) and grammar.ENDED.search(text)))


def _clause(message: Message, clauses: set[int]) -> str:
    begin, end = message.clauses[min(clauses)][0], message.clauses[max(clauses)][1]
    return " ".join(word.form for word in message.words[begin:end][:80])


def _ended(message: Message, places: tuple[int, ...], *, grave: bool) -> Finding | None:
    """'... tha, ab theek hai': only when that follows at once and speaks of nothing else; or in between."""
    between = (message.words[place] for place in range(places[0], places[-1]) if place not in places)
    if not grave and grammar.OVER.search(" ".join(word.form for word in between)) and not _back(message, places):
        return _OVER
    tail: list[str] = []
    last = message.words[places[-1]]
    for word in message.words[places[-1] + 1 : places[-1] + 13]:
        passes = word.filler or set(word.keys) & grammar.OVER_KEYS or not word.known
        if word.hard > last.hard + 1 or not (passes or (word.form == "nahi" and "tha" in tail)):
            break
        tail.append(word.form)
    if grammar.OVER.search(" ".join(tail)):
        return _OVER_UNSURE if grave else _OVER
    return None


def _back(message: Message, places: tuple[int, ...]) -> bool:
    """Whether what was over has come back."""
    said = " ".join(word.form for word in message.words[places[0] : places[-1] + REACH])
    return bool(re.search(r"\b(?:phir|fir|wapas|laut\w*|again|back|dobara|return\w*)\b", said))


def _improving(whole: str) -> bool:
    found = grammar.IMPROVING.search(whole)
    if found is None:
        return False
    return not grammar.NOT_IMPROVING.search(" ".join(whole[: found.start()].split()[-2:]))
