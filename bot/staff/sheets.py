"""A list of patients as a file: whatever bytes a spreadsheet wrote, as rows of named cells. Pure.

Understood: UTF-8 with and without its mark, UTF-16, Windows-1252; commas, semicolons, tabs; a first line that names the
columns in English or Hindi. What cannot be understood is refused in one sentence.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.text import tokens
from scheduler.errors import BadRequestError

MOST_BYTES = 20_000_000
MOST_ROWS = 50_000
NEEDED = ("name", "phone", "language", "procedure", "surgery_at")

_HEADERS = {
    "name": "name; patient; patient name; full name; नाम; मरीज़; मरीज़ का नाम; रोगी; रोगी का नाम",
    "phone": (
        "phone; phone no; phone number; mobile; mobile no; mobile number; contact; contact no; contact number; "
        "फ़ोन; फ़ोन नंबर; फोन न; मोबाइल; मोबाइल नंबर; दूरभाष"
    ),
    "language": "language; lang; भाषा",
    "procedure": (
        "procedure; operation; surgery; journey; name of operation; ऑपरेशन; आपरेशन; सर्जरी; प्रक्रिया; ऑपरेशन का नाम"
    ),
    "surgery_at": (
        "surgery at; surgery date; date of surgery; surgery on; surgery date time; surgery date and time; "
        "operation date; date of operation; date; dos; ऑपरेशन की तारीख; ऑपरेशन तारीख; सर्जरी की तारीख; तारीख; दिनांक; "
        "ऑपरेशन का दिन; ऑपरेशन दिनांक; सर्जरी का दिन"
    ),
    "surgery_time": "surgery time; time of surgery; time; operation time; समय; ऑपरेशन का समय; सर्जरी का समय",
    "year_of_birth": (
        "year of birth; birth year; yob; born; date of birth; dob; जन्म वर्ष; जन्म का वर्ष; जन्म का साल; जन्म साल; जन्म; "
        "जन्म तिथि; जन्म की तारीख"
    ),
    "discharge_on": ("discharge on; discharge; discharge date; date of discharge; छुट्टी; छुट्टी की तारीख; छुट्टी का दिन"),
    "morning": "morning; morning time; सुबह; सुबह का समय",
    "evening": "evening; evening time; शाम; शाम का समय",
    "medicine": "medicine; medicine times; medicines; दवा; दवा का समय; दवा के समय",
    "at_night": "at night; agreed at night; रात में; रात को",
}
_COLUMN = {tokens(spelling): column for column, all_ in _HEADERS.items() for spelling in all_.split(";")}
COLUMNS = tuple(_HEADERS)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list."""

    number: int
    """As the spreadsheet counts: the line with the names of the columns is 1."""
    cells: Mapping[str, str]
    too_many: bool = False
    """More cells than there are columns: a comma inside one is not quoted."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A list, read."""

    rows: tuple[Row, ...]
    left_out: tuple[str, ...]
    """Columns nobody here knows."""


def read(data: bytes) -> Sheet:
    """The rows of a file, empty ones left out. Raises BadRequestError for a file that is no such list."""
    lines = _lines(_text(data))
    header = next((line for line in lines if any(cell.strip() for cell in line[1])), None)
    if header is None:
        raise BadRequestError(f"The file is empty: its first line must name the columns {', '.join(NEEDED)}.")
    columns = [_COLUMN.get(tokens(cell.replace("_", " "))) for cell in header[1]]
    _check(columns)
    rows = tuple(
        Row(number, _cells(columns, line), any(cell.strip() for cell in line[len(columns) :]))
        for number, line in lines
        if any(cell.strip() for cell in line)
    )
    if not rows:
        raise BadRequestError("The file names its columns but holds no patients: add a line for each.")
    left = [cell.strip() for cell, column in zip(header[1], columns, strict=True) if column is None and cell.strip()]
    return Sheet(rows, tuple(left))


def _check(columns: Sequence[str | None]) -> None:
    missing = [column for column in NEEDED if column not in columns]
    if len(missing) == len(NEEDED):
        raise BadRequestError(f"The first line must name the columns: {', '.join(NEEDED)}.")
    if missing:
        word = "column is" if len(missing) == 1 else "columns are"
        raise BadRequestError(f"This {word} missing: {', '.join(missing)}.")
    twice = [column for column, times in Counter(filter(None, columns)).items() if times > 1]
    if twice:
        raise BadRequestError(f"The column {twice[0]} is there twice: keep one of them.")


def _cells(columns: Sequence[str | None], line: Sequence[str]) -> dict[str, str]:
    given = dict.fromkeys(COLUMNS, "")
    return given | {column: cell for column, cell in zip(columns, line, strict=False) if column}


def _text(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise BadRequestError(f"The file is too large: at most {MOST_BYTES // 1_000_000} MB; cut it into several.")
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise BadRequestError("This is a workbook, not a CSV file: in the spreadsheet choose 'Save as', CSV UTF-8.")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decoded(data, "utf-16")
    if data.count(0) * 3 > len(data):
        return _decoded(data, "utf-16-le" if data[1:2] == b"\0" else "utf-16-be")
    if b"\0" in data:
        raise BadRequestError("This is not a text file: save the list as CSV UTF-8.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _decoded(data, "cp1252")


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise BadRequestError("The letters in this file cannot be read: save the list as CSV UTF-8.") from error


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of each line, quoted line breaks inside cells understood."""
    first, _, rest = text.partition("\n")
    offset = 1
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:
        # Excel's own note about the separator.
        delimiter, text, offset = first.strip()[4], rest, 2
    else:
        delimiter = _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for number, line in enumerate(reader, offset):
            if number > MOST_ROWS:
                raise BadRequestError(f"The file has more than {MOST_ROWS:,} lines: cut it into several.")
            yield number, line
    except csv.Error as error:
        raise BadRequestError("The file cannot be read as a list: a quotation mark is left open.") from error


def _delimiter(text: str) -> str:
    """The separator by which the first line names most columns that are known."""
    first = next((line for line in text.splitlines() if line.strip()), "")

    def known(delimiter: str) -> int:
        return sum(tokens(cell.replace("_", " ").strip('"')) in _COLUMN for cell in first.split(delimiter))

    return max(",;\t|", key=known)
