"""Reading what people type instead of tapping: commands, and numbers in digits or words. Pure.

Commands are exact: a phrase of `content/replies/words.yaml` and nothing else but politeness. Numbers are exact too:
a sentence that merely holds a number is not an answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, time
from typing import Literal

from bot.text import normalise, tokens
from content.model import Phrasings, Question

Bad = Literal["bad"]
"""A number, but none that can be meant: negative, broken, too large, or several."""

MOST_MINUTES = 600

_MENTION = re.compile(r"^\s*/(\w+)(?:@\w+)?")
_NEGATIVE = re.compile(r"(?:^|[^\w.])[-\u2212]\s*\d|(?:^|\s)minus\s")
_OF_TEN = re.compile(r"(\d+(?:\.\d+)?)\s*(?:/|out of|of|by|me(?:in?)? se|में से)\s*10\b")
_TEN_OF = re.compile(r"\b10\s*(?:me(?:in?)? se|में से)\s*(\d+(?:\.\d+)?)")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_CLOCK = re.compile(r"(?<!\d)(\d{1,2})(?:\s*[:.]\s*(\d{2}))?(?![\d:.])")
_DAY_MONTH = re.compile(r"^(\d{1,2})\s*[/.\- ]\s*(\d{1,2})(?:\s*[/.\- ]\s*(?:\d{2}|\d{4}))?$")
_DAY_NAME = re.compile(r"^(\d{1,2})(?:st|nd|rd|th)?\s+([^\W\d_][^\s\d]*)(?:\s+\d{4})?$")


def _set(words: str) -> frozenset[str]:
    return frozenset(token for word in words.split() for token in tokens(word))


_POLITE = _set("please pls plz kindly ok okay now sir madam maam ji bhai saathi kripya ab कृपया जी अब साथी")
_FILLER = _POLITE | _set(
    "pain level score is my it its about around approx only today i have had walked walk for a an the am and "
    "dard ka ki ke hai h he hain tha thi lagbhag karib kareeb sirf aaj abhi mera meri chala chali chale number bas "
    "दर्द का की के है हैं था थी लगभग करीब सिर्फ आज अभी मेरा मेरी चला चली चले अंक नंबर बस"
)

_BETWEEN = _set("or to between ya se aur and या से और")

_NUMBER_WORDS: dict[int, str] = {
    0: "zero shunya sunya शून्य ज़ीरो",
    1: "one ek एक",
    2: "two do दो",
    3: "three teen tin तीन",
    4: "four char chaar चार",
    5: "five panch paanch paach pach पाँच पांच",
    6: "six chhe chhah chah cheh chhai छह छः छे छै",
    7: "seven saat sat सात",
    8: "eight aath aat ath आठ",
    9: "nine nau नौ",
    10: "ten das dus दस",
    12: "twelve barah बारह",
    15: "fifteen pandrah pandra पंद्रह पन्द्रह",
    20: "twenty bees bis बीस",
    25: "twentyfive pachees pachis पच्चीस",
    30: "thirty tees tis तीस",
    40: "forty chalis chaalis चालीस",
    45: "fortyfive paintalis पैंतालीस",
    50: "fifty pachas pachaas पचास",
    60: "sixty साठ",
    90: "ninety nabbe नब्बे",
}
"""`saath` is missing: it is a slip for 7 and also means 60."""

_FRACTIONS: dict[float, str] = {
    0.25: "quarter",
    0.5: "half aadha adha aadhe adhe आधा आधे",
    0.75: "paun pauna paune पौन पौना पौने",
    1.25: "sava sawa सवा",
    1.5: "dedh der डेढ़",
    2.5: "dhai adhai ढाई अढ़ाई",
}
_NUMBERS: dict[str, float] = {
    token: float(value)
    for table in (_NUMBER_WORDS, _FRACTIONS)
    for value, words in table.items()
    for token in _set(words)
}
_HOUR = _set("hour hours hr hrs ghanta ghante ghanto घंटा घंटे घण्टा घण्टे")
_MINUTE = _set("minute minutes min mins mint minat m मिनट मिनिट")
_NONE = frozenset(
    " ".join(tokens(phrase))
    for phrase in (
        "none", "nil", "nothing", "not at all", "kuch nahi", "kuchh nahi", "bilkul nahi", "कुछ नहीं", "बिल्कुल नहीं",
    )
)  # fmt: skip
_NO_PAIN = frozenset(
    " ".join(tokens(phrase))
    for phrase in (
        "no pain", "no pain at all", "no pain today", "dard nahi", "dard nahi hai", "koi dard nahi",
        "koi dard nahi hai", "bilkul dard nahi",
        "दर्द नहीं", "दर्द नहीं है", "कोई दर्द नहीं", "कोई दर्द नहीं है", "बिल्कुल दर्द नहीं",
    )
)  # fmt: skip
_NO_WALK = frozenset(
    " ".join(tokens(phrase))
    for phrase in (
        "no", "not walked", "did not walk", "didn't walk", "no walk", "nahi", "nahi chala", "nahi chali", "nahin",
        "nahi chal paya", "nahi chal payi", "नहीं", "नहीं चला", "नहीं चली", "नहीं चल पाया", "नहीं चल पाई",
    )
)  # fmt: skip
_MINUS = _set("minus")
_HALF_PAST = _set("saadhe sadhe साढ़े")
_CLOCK_WORDS = (
    _FILLER
    | _HALF_PAST
    | _MINUTE
    | _set("am pm a.m p.m at o clock oclock baje bje bajay subah shaam sham morning evening बजे सुबह शाम को ko")
)
_MONTHS: dict[str, int] = {
    token: number
    for number, names in enumerate(
        (
            "january jan janvari जनवरी",
            "february feb farvari फ़रवरी फरवरी",
            "march mar मार्च",
            "april apr aprail अप्रैल",
            "may mai मई",
            "june jun जून",
            "july jul julai जुलाई",
            "august aug agast अगस्त",
            "september sep sept sitambar सितंबर सितम्बर",
            "october oct aktubar अक्टूबर अक्तूबर",
            "november nov navambar नवंबर नवम्बर",
            "december dec disambar दिसंबर दिसम्बर",
        ),
        start=1,
    )
    for token in _set(names)
}


def plain(text: str) -> str:
    """The words of `text` in normal form, without punctuation; a bot's name behind a slash command is dropped."""
    return " ".join(tokens(_MENTION.sub(r"\1 ", text)))


class Commands:
    """Finds the command a message is, if it is one."""

    def __init__(self, words: Mapping[str, Phrasings]) -> None:
        """`words`: command -> phrasings, as in `content/replies/words.yaml`."""
        self._commands = {plain(phrase): name for name, phrasings in words.items() for phrase in phrasings.all()}
        self._phrases = {name: frozenset(map(plain, phrasings.all())) for name, phrasings in words.items()}

    def find(self, text: str) -> str | None:
        """The command `text` is, and nothing else."""
        said = plain(text)
        return self._commands.get(said) or self._commands.get(polite_core(said))

    def means(self, text: str, phrases: Iterable[str], command: str | None = None) -> bool:
        """Whether `text` is one of `phrases`, or a phrase of `command`."""
        said = plain(text)
        accepted = {plain(phrase) for phrase in phrases} | self._phrases.get(command or "", frozenset())
        return bool(said) and (said in accepted or polite_core(said) in accepted)


def polite_core(said: str) -> str:
    """Normalised words without the polite ones; all of them if nothing else is left."""
    return " ".join(word for word in said.split() if word not in _POLITE) or said


def without(text: str, phrases: Iterable[str]) -> Iterator[str]:
    """What is left of `text` when one of `phrases` stands at its beginning or end; nothing if none does."""
    said = tokens(text)
    for phrase in phrases:
        cut = tokens(phrase)
        if cut and len(said) > len(cut):
            if said[: len(cut)] == cut:
                yield " ".join(said[len(cut) :])
            if said[-len(cut) :] == cut:
                yield " ".join(said[: -len(cut)])


def is_slash(text: str) -> bool:
    """Whether `text` is meant as a command of the messenger, like `/menu`."""
    return bool(_MENTION.match(text))


def is_bare_number(text: str) -> bool:
    """Whether `text` is a number and nothing else."""
    return bool(tokens(text)) and all(_numeric(token) is not None for token in tokens(text))


def scale(text: str, question: Question) -> int | Bad | None:
    """An answer from 0 to 10; nothing if `text` is no number."""
    said = " ".join(tokens(text))
    if said in _NONE or ("pain" in question.id and said in _NO_PAIN):
        return 0
    of_ten = _of_ten(text)
    value = _single(text) if of_ten is None else of_ten
    if value is None or isinstance(value, str):
        return value
    return int(value) if value == int(value) and 0 <= value <= 10 else "bad"


def minutes(text: str) -> int | Bad | None:
    """Minutes, written as `20`, `20 min`, `half an hour`, `dedh ghanta`; nothing if `text` is no duration."""
    said = " ".join(tokens(text))
    if said in _NONE or said in _NO_WALK:
        return 0
    words = [token for token in tokens(text) if token not in _FILLER]
    if not words or any(_numeric(word) is None and word not in _HOUR | _MINUTE for word in words):
        return None
    if all(word in _MINUTE for word in words):
        return None
    if _NEGATIVE.search(normalise(text)):
        return "bad"
    total = _duration(words)
    return int(total) if total is not None and total == int(total) and total <= MOST_MINUTES else "bad"


def choice(text: str, question: Question, commands: Commands) -> str | None:
    """The id of the choice `text` names: its label or words in any language, or a common yes, no or not sure."""
    for option in question.choices:
        label = option.label
        names = (label.en, label.hi, label.hi_latn or label.hi, *option.words)
        common = {"yes": "yes", "no": "no", "unsure": "unsure", "not-sure": "unsure"}.get(option.id)
        if commands.means(text, names, common):
            return option.id
    return None


def year(text: str) -> int | Bad | None:
    """A year of four digits, in any script; nothing if there is no digit at all."""
    said = normalise(text)
    found = {int(match) for match in _YEAR.findall(said)}
    if len(found) == 1:
        return found.pop()
    return "bad" if any(character.isdigit() for character in said) else None


def day_and_month(text: str) -> tuple[int, int] | Bad | None:
    """A day and month like `14/3` or `14 March`; nothing if there is no digit at all."""
    said = normalise(text)
    if match := _DAY_MONTH.match(said):
        return _real_day(int(match[1]), int(match[2]))
    if (match := _DAY_NAME.match(said)) and match[2] in _MONTHS:
        return _real_day(int(match[1]), _MONTHS[match[2]])
    return "bad" if any(character.isdigit() for character in said) else None


def clock(text: str, part: Literal["morning", "evening"]) -> time | Bad | None:
    """A local time of day: `8`, `8:30`, `6 pm`, `shaam 6 baje`, `saadhe aath`; nothing if `text` is no time."""
    words = tokens(text)
    known = [word for word in words if _numeric(word) is not None]
    if not known or any(word not in _CLOCK_WORDS and _numeric(word) is None for word in words):
        return None
    match = _CLOCK.search(normalise(text))
    if match:
        hour, minute = int(match[1]), int(match[2] or 0)
    else:
        hour, minute = int(_numeric(known[0]) or 0), 0
    if _HALF_PAST & set(words):
        minute = 30
    afternoon = part == "evening" or "pm" in words
    if afternoon and hour < 12:
        hour += 12
    return time(hour, minute) if hour < 24 and minute < 60 else "bad"


def _real_day(day: int, month: int) -> tuple[int, int] | Bad:
    try:
        date(2000, month, day)  # a leap year: 29 February is a day
    except ValueError:
        return "bad"
    return day, month


def _numeric(token: str) -> float | None:
    if token in _NUMBERS:
        return _NUMBERS[token]
    return float(token) if token[0].isdigit() else None


def _of_ten(text: str) -> float | None:
    """The first number of `7/10`, `five out of ten`, `10 me se 7`, where nothing else but filler stands around it."""
    said = " ".join(_in_digits(word) for word in normalise(text).split())
    for pattern in (_TEN_OF, _OF_TEN):
        match = pattern.search(said)
        if match and not _NEGATIVE.search(said):
            rest = tokens(said[: match.start()] + " " + said[match.end() :])
            if all(token in _FILLER for token in rest):
                return float(match[1])
    return None


def _in_digits(word: str) -> str:
    """A whole number in words as digits; any other word as it is."""
    value = _NUMBERS.get(next(iter(tokens(word)), ""))
    return str(int(value)) if value is not None and value == int(value) and len(tokens(word)) == 1 else word


def _single(text: str) -> float | Bad | None:
    words = [token for token in tokens(text) if token not in _FILLER | _MINUS | _BETWEEN]
    values = [_numeric(word) for word in words]
    if not values or any(value is None for value in values):
        return None
    if len(values) > 1 or _NEGATIVE.search(normalise(text)):
        return "bad"
    return values[0]


def _duration(words: list[str]) -> float | None:
    """Minutes of numbers with units; nothing if two numbers stand without a unit between them."""
    total, waiting = 0.0, None
    for word in words:
        value = _numeric(word)
        if value is not None:
            if waiting is not None:
                return None
            waiting = value
        elif word in _HOUR:
            total += 60 * (1 if waiting is None else waiting)
            waiting = None
        else:
            total += waiting or 0
            waiting = None
    return total + (waiting or 0)
