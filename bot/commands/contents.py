"""`saathi content`: check the words, and read a whole journey as a patient would get it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from bot import settings as settings_module
from bot.commands import drafting, measuring
from content.checks import check as check_content
from content.loader import ContentError, Problem
from content.loader import load as load_content
from scheduler import previews
from scheduler.plans import Facts
from scheduler.sender import Body

contents = typer.Typer(no_args_is_help=True, help="The words: check them, preview them, measure them.")
contents.command()(measuring.evaluate)
contents.command()(measuring.coverage)
contents.command()(drafting.drafts)

LANGUAGES = ("en", "hi", "hi-Latn")


@contents.command()
def check() -> None:
    """Say everything that is wrong with the content, each with file and line."""
    try:
        content = load_content(clinic_file=settings_module.load().clinic_file)
    except ContentError as error:
        _report(list(error.problems))
        raise typer.Exit(1) from None
    problems = check_content(content)
    if problems:
        _report(problems)
        raise typer.Exit(1)
    typer.echo(
        f"The content is in order: {len(content.journeys)} journeys, {len(content.faq)} answers, "
        f"{len(content.signs)} warning signs, {len(content.replies)} replies; version {content.version}."
    )


def _report(problems: list[Problem]) -> None:
    for problem in problems:
        typer.echo(str(problem), err=True)
    typer.echo(f"{len(problems)} problem{'s' if len(problems) != 1 else ''}.", err=True)


@contents.command()
def preview(
    journey: Annotated[str, typer.Argument(help="Id of the journey.")],
    surgery: Annotated[datetime, typer.Option(help="Day of surgery.", formats=["%Y-%m-%d"])],
    language: Annotated[str, typer.Option(help="en, hi or hi-Latn.")] = "en",
    surgery_time: Annotated[datetime | None, typer.Option(help="Time of surgery, local.", formats=["%H:%M"])] = None,
    discharge: Annotated[datetime | None, typer.Option(help="Day of going home.", formats=["%Y-%m-%d"])] = None,
    name: Annotated[str, typer.Option(help="What the patient is called in the messages.")] = "Asha",
) -> None:
    """Print every message of a journey with its local date and time, exactly as it would be sent."""
    settings = settings_module.load()
    content = load_content(clinic_file=settings.clinic_file)
    if journey not in content.journeys:
        raise typer.BadParameter(f"choose one of {', '.join(content.journeys)}.", param_hint="JOURNEY")
    if language not in LANGUAGES:
        raise typer.BadParameter(f"choose one of {', '.join(LANGUAGES)}.", param_hint="--language")
    facts = Facts(
        surgery_on=surgery.date(),
        zone=settings.timezone,
        surgery_time=surgery_time.time() if surgery_time else None,
        discharge_on=discharge.date() if discharge else None,
    )
    plan = previews.preview(content, journey, facts, language, name)
    for message in plan:
        typer.echo(_shown(message, facts))
    typer.echo(f"{len(plan)} messages, times in {settings.timezone}, content version {content.version}.")


def _shown(message: previews.Previewed, facts: Facts) -> str:
    occurrence, body = message.occurrence, message.body or Body("(left out)")
    local = occurrence.due_at.astimezone(ZoneInfo(facts.zone))
    day = (local.date() - facts.surgery_on).days
    head = f"{local:%a %d %b %Y, %H:%M}  day {day}  {occurrence.topic}  {occurrence.step}"
    text = "\n".join(f"    {line}" for line in body.text.splitlines())
    buttons = " ".join(f"[{button.label}]" for button in body.buttons)
    picture = [f"    ({previews.PICTURED})"] if message.pictured else []
    return "\n".join([head, text, *([f"    {buttons}"] if buttons else []), *picture, ""])
