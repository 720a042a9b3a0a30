"""What staff may enter for an enrolment. Pure; each complaint is one sentence that says what to change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from content.loader import Content
from content.model import WhenLate
from scheduler.errors import BadRequestError
from scheduler.people import normal_phone
from scheduler.plans import MedicineTimes
from scheduler.policy import is_quiet_time

if TYPE_CHECKING:
    from scheduler.enrolments import NewEnrolment

MAX_NAME = 80
EARLIEST_SURGERY = timedelta(days=90)
"""Every plan has ended by then."""
LATEST_SURGERY = timedelta(days=365)
MAX_MEDICINE_DAYS = 90


def enrolment(content: Content, request: NewEnrolment, now: datetime) -> str | None:
    """The phone in E.164, if one was given. Raises BadRequestError for the first thing that cannot be."""
    if not request.name.strip() or len(request.name) > MAX_NAME:
        raise BadRequestError(f"Enter the patient's name, at most {MAX_NAME} letters.")
    if request.journey not in content.journeys:
        raise BadRequestError(
            f"There is no plan called '{request.journey}': choose one of {', '.join(content.journeys)}."
        )
    language(request.language)
    try:
        today = now.astimezone(ZoneInfo(request.zone)).date()
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BadRequestError("This time zone is not known: write it like Asia/Kolkata.") from error
    if request.year_of_birth is not None and not today.year - 120 <= request.year_of_birth <= today.year:
        raise BadRequestError("The year of birth must be a year with four digits, like 1968.")
    dates(request.surgery_on, request.discharge_on, request.zone, now)
    for at in filter(None, (request.morning, request.evening)):
        awake(content, at)
    for times in request.medicine:
        medicine(content, times, today)
    late_choices(request.late_choices)
    return normal_phone(request.phone) if request.phone else None


def dates(surgery: date, discharge: date | None, zone: str, now: datetime) -> None:
    """Raise BadRequestError if no plan can be made for these days, or the discharge does not follow the surgery."""
    today = now.astimezone(ZoneInfo(zone)).date()
    if surgery < today - EARLIEST_SURGERY:
        raise BadRequestError("The surgery was more than 90 days ago, when every plan has ended: check the date.")
    if surgery > today + LATEST_SURGERY:
        raise BadRequestError("The surgery date is more than a year ahead: check the year.")
    if discharge is not None and not surgery <= discharge <= surgery + timedelta(days=60):
        raise BadRequestError("The discharge date must be on or up to 60 days after the surgery date.")


def awake(content: Content, at: time) -> None:
    """Raise BadRequestError if a chosen time lies in the quiet hours."""
    slots = content.defaults.slots
    if is_quiet_time(at, slots):
        raise BadRequestError(f"Choose a time between {slots.quiet_until} and {slots.quiet_from}.")


def language(chosen: str) -> None:
    """Raise BadRequestError for a language Saathi does not write."""
    if chosen not in ("en", "hi"):
        raise BadRequestError("The language must be en (English) or hi (Hindi).")


def late_choices(choices: Mapping[str, str]) -> None:
    """Raise BadRequestError for a choice that does not exist."""
    if not set(choices.values()) <= {choice.value for choice in WhenLate}:
        raise BadRequestError("For each past step choose skip, send or fold.")


def medicine(content: Content, times: MedicineTimes, today: date) -> None:
    """Raise BadRequestError for medicine times that cannot be meant, or that wake somebody who was not asked."""
    if not times.at or not 1 <= times.days <= MAX_MEDICINE_DAYS:
        raise BadRequestError(f"Enter at least one medicine time, for 1 to {MAX_MEDICINE_DAYS} days.")
    if not today - EARLIEST_SURGERY <= times.first_on <= today + LATEST_SURGERY:
        raise BadRequestError("The first day of a medicine time is more than 90 days ago or a year ahead: check it.")
    if not times.at_night and any(is_quiet_time(at, content.defaults.slots) for at in times.at):
        raise BadRequestError("A medicine time lies in the quiet hours: ask the patient, and tick that they agreed.")
