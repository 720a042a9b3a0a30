"""Runs a simulation from the first enrolment to the last state."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random

from pydantic import SecretStr

from bot.settings import Settings
from bot.simulate.network import Faults
from bot.simulate.patients import Patients
from bot.simulate.people import invent
from bot.simulate.report import Report, judge, look_for_overdue
from bot.simulate.staff import Staff
from bot.simulate.transcript import Transcript
from bot.simulate.world import START, World
from content.loader import load as load_content

RESTART_EVERY = timedelta(days=3)
"""On average; besides the times when the power fails."""

LAST_REPLIES = timedelta(days=2)
"""After the last follow-up has ended: long enough for every retry and lease to come to its end."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to simulate."""

    patients: int
    days: int
    seed: int
    transcript: Path | None = None


async def simulate_all(plan: Plan, settings: Settings) -> Report:
    """Let `plan.patients` live through `plan.days` days on a database of their own, then end and count everything.

    Of `settings` only the clinic's values are used.
    """
    with tempfile.TemporaryDirectory(prefix="saathi-simulate-") as folder:
        own = settings.model_copy(
            update={
                "data_dir": Path(folder),
                "database_url": SecretStr(""),
                "encryption_keys": SecretStr(""),
                "require_signed_content": False,
            }
        )
        transcript = Transcript(wanted=plan.transcript is not None)
        world = World(own, load_content(clinic_file=own.clinic_file), plan.seed, Faults(), transcript)
        await world.open()
        try:
            report = await _live(world, plan)
        finally:
            await world.close()
    if plan.transcript is not None:
        transcript.write(plan.transcript)
    return report


async def _live(world: World, plan: Plan) -> Report:
    people = invent(plan.patients, plan.seed, START, plan.days, tuple(world.content.journeys))
    staff = Staff(world)
    patients = Patients(world, people, staff)
    for somebody in people:
        names = " and ".join(case.name for case in somebody.cases)
        world.transcript.begin(somebody.address, f"{names}, {somebody.address}", somebody.zone)
        staff.begin(somebody, plan.days)
    patients.begin(plan.days)
    _plan_restarts(world, plan)
    end = START + timedelta(days=plan.days)
    await world.live(end)
    report = Report(plan.patients, plan.days, plan.seed)
    await look_for_overdue(world, report)
    await staff.end_all("the simulation is over")
    world.forget_acts()
    await world.live(end + LAST_REPLIES)
    await judge(world, staff, report)
    return report


def _plan_restarts(world: World, plan: Plan) -> None:
    luck = Random(f"{plan.seed}:restarts")
    for _ in range(int(timedelta(days=plan.days) / RESTART_EVERY)):
        world.at(START + timedelta(minutes=luck.randrange(plan.days * 24 * 60)), world.restart)
