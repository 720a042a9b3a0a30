"""The buttons of a check-in question, and what they carry back. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from content.model import Button as Label
from content.model import Question
from scheduler.sender import Button

VERSION = "1"
"""First character of all button data; a button of another version is answered kindly, never guessed at."""

MINUTES = (0, 5, 10, 15, 20, 30, 45, 60)
"""What a question for minutes offers to tap; any other number can be typed."""

DOSE_WORDS = {"taken": "dose-taken", "later": "dose-later", "skipped": "dose-skipped"}
"""What can be said about a medicine time -> the button of the content that says it."""


@dataclass(frozen=True, slots=True)
class AnswerButton:
    """A tapped answer: which check-in, which question, which answer (a number, or the id of a choice)."""

    reminder_id: int
    question: str
    answer: str


def answer_data(reminder_id: int, question: str, answer: str) -> str:
    """What an answer button carries. Telegram allows 64 bytes; raises ValueError above that."""
    data = f"{VERSION}a:{reminder_id}:{question}:{answer}"
    if len(data.encode()) > 64:
        raise ValueError(f"the button data of question '{question}' is longer than 64 bytes: shorten its ids")
    return data


def parse_answer(data: str) -> AnswerButton | None:
    """What `answer_data` wrote; nothing for any other button."""
    match data.split(":"):
        case [head, reminder, question, answer] if head == f"{VERSION}a" and reminder.isascii() and reminder.isdigit():
            return AnswerButton(int(reminder), question, answer)
    return None


@dataclass(frozen=True, slots=True)
class DoseButton:
    """What was tapped under a reminder of a medicine time."""

    reminder_id: int
    said: str
    """taken, later, skipped"""


def dose_buttons(labels: Mapping[str, Label], reminder_id: int, language: str, *, again: bool) -> tuple[Button, ...]:
    """Taken, later, skipped, as `labels` (buttons of the content by id) say it; `again`: it has come back already."""
    shown = [said for said in DOSE_WORDS if not (again and said == "later")]
    return tuple(Button(labels[DOSE_WORDS[said]].label[language], f"{VERSION}d:{reminder_id}:{said}") for said in shown)


def parse_dose(data: str) -> DoseButton | None:
    """What `dose_buttons` wrote; nothing for any other button."""
    match data.split(":"):
        case [head, reminder, said] if head == f"{VERSION}d" and reminder.isascii() and reminder.isdigit():
            return DoseButton(int(reminder), said) if said in DOSE_WORDS else None
    return None


def question_buttons(question: Question, reminder_id: int, language: str) -> tuple[Button, ...]:
    """The answers to tap: 0 to 10, common minutes, or the choices in `language`."""
    if question.kind == "choice":
        pairs = [(choice.label[language], choice.id) for choice in question.choices]
    else:
        numbers = range(11) if question.kind == "scale" else MINUTES
        pairs = [(str(number), str(number)) for number in numbers]
    return tuple(Button(label, answer_data(reminder_id, question.id, answer)) for label, answer in pairs)
