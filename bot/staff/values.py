"""Reading single values as staff type them: names, phones, dates, times, languages, procedures. Pure.

Each function returns the value or raises BadRequestError with one sentence that says what to do. No sentence repeats a
name or a number of a patient.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterator
from datetime import date, time

from bot.text import tokens
from content.loader import Content
from content.model import Journey
from scheduler import people
from scheduler.checking import MAX_NAME
from scheduler.errors import BadRequestError

LANGUAGES = {
    "en": "en english eng angrezi अंग्रेज़ी अंग्रेजी इंग्लिश",
    "hi": "hi hindi hin हिन्दी हिंदी हिंदि hinglish हिंग्लिश",
}
"""How a language is written in a list. Hinglish is chosen by the patient in the chat; until then Hindi fits best."""

_MONTHS = (
    "january jan जनवरी",
    "february feb फ़रवरी",
    "march mar मार्च",
    "april apr अप्रैल",
    "may मई",
    "june jun जून",
    "july jul जुलाई",
    "august aug अगस्त",
    "september sep sept सितंबर सितम्बर",
    "october oct अक्टूबर अक्तूबर",
    "november nov नवंबर नवम्बर",
    "december dec दिसंबर दिसम्बर",
)
_MONTH = {word: number for number, names in enumerate(_MONTHS, 1) for name in names.split() for word in tokens(name)}
_LANGUAGE = {word: code for code, names in LANGUAGES.items() for name in names.split() for word in tokens(name)}

_FORMULA = ("=", "+", "-", "@", "|", "%")
_EXPONENT = re.compile(r"^\d+([.,]\d+)?e\+?\d+$", re.IGNORECASE)
_WHOLE = re.compile(r"^(\d+)\.0+$")
_PHONE = re.compile(r"^[+(\d][\d\s().+\-\u2010-\u2015]*$")
_ISO = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$")
_NUMBERS = re.compile(r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})$")
_DAY_MONTH = re.compile(r"^(\d{1,2})(?:st|nd|rd|th)?[\s\-./]*([^\W\d_][^\s\d,.\-/]*)[\s,.\-/]*(\d{4}|\d{2})$")
_MONTH_DAY = re.compile(r"^([^\W\d_][^\s\d,.\-/]*)[\s.\-]*(\d{1,2})(?:st|nd|rd|th)?[\s,]+(\d{4})$")
_CLOCK = re.compile(r"^(\d{1,2})(?:[:.](\d{2}))?(?::\d{2}(?:\.\d+)?)?$")
_WORDS_AM = frozenset(word for name in "am a.m a.m. सुबह subah".split() for word in (name, *tokens(name)))
_WORDS_PM = frozenset(word for name in "pm p.m p.m. शाम दोपहर रात shaam sham dopahar raat".split() for word in (name,))
_WORDS_CLOCK = frozenset("baje बजे o'clock oclock hrs hr h at को".split())
_BEHIND_DATE = re.compile(
    r"^(?P<day>\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|.*?\d{4}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2}(?!\d))[\sT,]+(?:at\s+)?(?P<time>.*\d.*)$",
    re.IGNORECASE,
)
_SURROUNDING = frozenset(
    "mis lumbar l1 l2 l3 l4 l5 s1 1 2 3 4 5 level levels single double left right lt rt l r bilateral both for of at "
    "the surgery operation op minimally invasive का की ऑपरेशन सर्जरी".split()
)
"""Words around a procedure's name that do not make another procedure of it. 'Cervical' is none of them."""
_ELSEWHERE = frozenset(
    token for word in "cervical thoracic dorsal neck acdf acdr गर्दन".split() for token in tokens(word)
)
"""Operations on another part of the spine: there the nearest name is no suggestion."""
_SURROUNDING_TOKENS = frozenset(token for word in _SURROUNDING for token in tokens(word))


def clean(text: str) -> str:
    """`text` without what cannot be seen: control and zero-width characters, spaces around and doubled."""
    kept = "".join(" " if c.isspace() else c for c in unicodedata.normalize("NFC", text) if c.isspace() or _visible(c))
    return " ".join(kept.split())


def _visible(c: str) -> bool:
    # The joiners are part of how Hindi is written.
    return c in "\u200c\u200d" or unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn"}


def western(text: str) -> str:
    """`text` with the digits 0-9 in place of Devanagari and other ones, full-width signs made plain."""
    return "".join(
        str(unicodedata.digit(c)) if unicodedata.category(c) == "Nd" else c for c in unicodedata.normalize("NFKC", text)
    )


def name(text: str) -> str:
    """A patient's name. What a spreadsheet would run as a formula is refused."""
    typed = clean(text)
    typed = typed.lstrip("'` ")
    if typed.startswith(_FORMULA):
        raise BadRequestError(f"A name cannot begin with {typed[0]}: type only the name.")
    if not typed or len(typed) > MAX_NAME:
        raise BadRequestError(f"Enter the patient's name, at most {MAX_NAME} letters.")
    if not any(c.isalpha() for c in typed):
        raise BadRequestError("This is not a name: type the patient's name in letters.")
    return typed


def phone(text: str) -> str:
    """A phone number in E.164. One that a spreadsheet has shortened (9.19E+11) is refused: its digits are lost."""
    typed = western(clean(text)).lstrip("'\"‘’` ").strip()
    if whole := _WHOLE.match(typed):
        typed = whole[1]
    if not typed:
        raise BadRequestError("Enter a phone number, like 90000 00001.")
    if _EXPONENT.match(typed):
        raise BadRequestError(
            "Excel has shortened this phone number and lost digits: format the column as Text, type it again and save."
        )
    if len(re.findall(r"\d{10,}", re.sub(r"[\s\-]", "", typed))) > 1:
        raise BadRequestError("Enter one phone number only: choose the patient's own, or the family's.")
    if not _PHONE.match(typed):
        raise BadRequestError("This is not a phone number: write it like 90000 00001 or +91 90000 00001.")
    return people.normal_phone(typed)


def phone_words(number: str) -> str:
    """A number in E.164 as people read it: +91 90000 00001."""
    return f"{number[:3]} {number[3:8]} {number[8:]}" if re.fullmatch(r"\+91\d{10}", number) else number


def language(text: str) -> str:
    """The language code, en or hi, however the language is called."""
    found = {_LANGUAGE[word] for word in tokens(text) if word in _LANGUAGE}
    if len(found) != 1:
        raise BadRequestError("Choose the language: en (English) or hi (Hindi).")
    return found.pop()


def year_of_birth(text: str, today: date) -> int | None:
    """A year of birth, also out of a whole date of birth; nothing if nothing was given."""
    typed = western(clean(text)).lstrip("'")
    if not typed:
        return None
    if whole := _WHOLE.match(typed):
        typed = whole[1]
    years = re.findall(r"(?<!\d)\d{4}(?!\d)", typed)
    plain = re.fullmatch(r"\d{4}", typed) or _ISO.match(typed) or _NUMBERS.match(typed) or _DAY_MONTH.match(typed)
    if plain is None or len(years) != 1 or not today.year - 120 <= int(years[0]) <= today.year:
        raise BadRequestError("The year of birth must be a year with four digits, like 1968.")
    return int(years[0])


def month_first(text: str) -> bool:
    """Whether a date in numbers can only be read with the month first, as in the United States (3/14/2026)."""
    found = _NUMBERS.match(_date_part(text))
    return found is not None and int(found[1]) <= 12 < int(found[2]) <= 31


def unclear(text: str) -> bool:
    """Whether a date in numbers reads differently with the day or the month first."""
    found = _NUMBERS.match(_date_part(text))
    return found is not None and int(found[1]) <= 12 and int(found[2]) <= 12 and int(found[1]) != int(found[2])


def _date_part(text: str) -> str:
    typed = western(clean(text)).lstrip("'")
    parts = _BEHIND_DATE.match(typed)
    return parts["day"] if parts else typed


def day(text: str) -> date:
    """A date, day first: 2026-03-02, 2/3/2026, 02-03-26, 2 Mar 2026, 2 मार्च 2026."""
    typed = western(clean(text)).lstrip("'").strip()
    if not typed:
        raise BadRequestError("Enter the date, like 2 Mar 2026.")
    if re.fullmatch(r"\d{5}(\.\d+)?", typed):
        raise BadRequestError("Excel has turned this date into a number: format the column as a date and save again.")
    if month_first(typed):
        raise BadRequestError("Write the day first, then the month: 14/3/2026 is the 14th of March.")
    year, month, number = _parts_of_date(typed)
    if month is None:
        raise BadRequestError("This date cannot be read: write it like 2 Mar 2026 or 2026-03-02.")
    try:
        return date(year + 2000 if year < 100 else year, month, number)
    except ValueError as error:
        raise BadRequestError("There is no such day in the calendar: check the date.") from error


def _parts_of_date(typed: str) -> tuple[int, int | None, int]:
    """Year, month (nothing if it cannot be read) and day."""
    if found := _ISO.match(typed):
        return int(found[1]), int(found[2]), int(found[3])
    if found := _NUMBERS.match(typed):
        return int(found[3]), int(found[2]), int(found[1])
    if found := _DAY_MONTH.match(typed):
        return int(found[3]), _month(found[2]), int(found[1])
    if found := _MONTH_DAY.match(typed):
        return int(found[3]), _month(found[1]), int(found[2])
    return 0, None, 0


def _month(word: str) -> int | None:
    found = tokens(word)
    return _MONTH.get(found[0]) if len(found) == 1 else None


def clock(text: str) -> time:
    """A time of day: 8:00, 8.30, 20:00, 8 am, 8:30 PM, सुबह 8 बजे; a plain 8 is 08:00."""
    wrong = BadRequestError("This time cannot be read: write it like 8:00 or 20:30.")
    words = re.findall(r"\d[\d:.]*|[^\s\d]+", western(clean(text)).lower())
    numbers = [word.rstrip(".:") for word in words if word[0].isdigit()]
    others = [word.rstrip(".,") for word in words if not word[0].isdigit()]
    if len(numbers) != 1 or not (found := _CLOCK.match(numbers[0])):
        raise wrong
    hour, minute = int(found[1]), int(found[2] or 0)
    morning = any(word in _WORDS_AM for word in others)
    evening = any(word in _WORDS_PM for word in others)
    if (morning and evening) or any(word not in _WORDS_AM | _WORDS_PM | _WORDS_CLOCK for word in others):
        raise wrong
    if (morning or evening) and not 1 <= hour <= (24 if evening else 12):
        raise wrong
    if evening and hour < 12:
        hour += 12
    elif morning and hour == 12:
        hour = 0
    try:
        return time(hour, minute)
    except ValueError as error:
        raise wrong from error


def moment(text: str) -> tuple[date, time | None]:
    """A date with or without a time behind it: 2026-03-02 10:30, 2/3/2026 10:30 am, 2 Mar 2026."""
    typed = western(clean(text)).lstrip("'").strip()
    parts = _BEHIND_DATE.match(typed)
    if parts is None:
        return day(typed), None
    at = clock(parts["time"])
    return day(parts["day"]), None if at == time() else at


def procedure(text: str, content: Content) -> str:
    """The id of the journey that a procedure's name means; an unknown one is refused with the nearest known."""
    typed = clean(text)
    if not typed:
        raise BadRequestError(f"Choose the procedure: {_all_names(content)}.")
    if typed in content.journeys:
        return typed
    words = tokens(typed)
    known = list(_names(content))
    found = {journey for journey, names in known if names == words}
    found = found or {journey for journey, names in known if _is_about(words, names)}
    found = found or {journey for journey, names in known if words and names[: len(words)] == words}
    if len(found) == 1:
        return found.pop()
    return _suggest(words, known, content)


def _suggest(words: tuple[str, ...], known: list[tuple[str, tuple[str, ...]]], content: Content) -> str:
    several = {journey for journey, names in known if _holds(words, names)}
    if len(several) > 1:
        raise BadRequestError(f"This procedure could mean several plans: choose one of {_all_names(content)}.")
    by_name = {" ".join(names): journey for journey, names in known}
    near = difflib.get_close_matches(" ".join(words), by_name, n=1, cutoff=0.6)
    if near and not _ELSEWHERE & set(words):
        meant = content.journeys[by_name[near[0]]]
        raise BadRequestError(f"This procedure is not known: write {meant.id} if you mean {meant.title.en}.")
    raise BadRequestError(f"There is no plan for this procedure: choose one of {_all_names(content)}.")


def _names(content: Content) -> Iterator[tuple[str, tuple[str, ...]]]:
    for journey in content.journeys.values():
        for spelling in _spellings(journey):
            yield journey.id, tokens(spelling)


def _spellings(journey: Journey) -> Iterator[str]:
    yield from (journey.id, journey.title.en, journey.title.hi, journey.short.en, journey.short.hi)
    if journey.short.hi_latn:
        yield journey.short.hi_latn
    yield from journey.also_called


def _is_about(words: tuple[str, ...], names: tuple[str, ...]) -> bool:
    """Whether `words` hold the name, and beside it only what makes no other operation of it."""
    start = _holds(words, names) - 1
    rest = words[:start] + words[start + len(names) :]
    return start >= 0 and all(word in _SURROUNDING_TOKENS for word in rest)


def _holds(words: tuple[str, ...], names: tuple[str, ...]) -> int:
    """Which word of `words` begins the name, counted from 1; 0 if none does."""
    places = range(len(words) - len(names) + 1)
    return next((start + 1 for start in places if words[start : start + len(names)] == names), 0)


def _all_names(content: Content) -> str:
    return ", ".join(content.journeys)
