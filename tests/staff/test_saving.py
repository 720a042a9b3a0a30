"""Saving an enrolment: once for each form, whatever happens at the same time."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from bot.staff import saving
from bot.staff.saving import Alike, Saved
from bot.store.tables import audit
from scheduler.enrolments import NewEnrolment
from scheduler.store.tables import enrolment
from tests.support.world import JOURNEY, SURGERY, World

pytestmark = pytest.mark.asyncio

NONCE = "0" * 32


def asked(name: str = "Asha Example", **more: object) -> NewEnrolment:
    values = {"language": "hi", "journey": JOURNEY, "surgery_on": SURGERY, "phone": "+919000000001"} | more
    return NewEnrolment(name=name, **values)  # type: ignore[arg-type]


async def save(world: World, request: NewEnrolment, nonce: str = NONCE, *, another: bool = False) -> Saved | Alike:
    async with world.store.write() as conn:
        return await saving.save(
            conn, world.store.keys, world.content, request, world.clock.now(), nonce=nonce, staff_id=1, another=another
        )


async def count(world: World) -> int:
    async with world.store.read() as conn:
        return await conn.scalar(select(func.count()).select_from(enrolment)) or 0


async def test_one_form_at_once_in_two_requests_makes_one_enrolment(world: World) -> None:
    """One of them saves; the other makes a fresh card, or is told by the database that it came second."""
    found = await asyncio.gather(save(world, asked()), save(world, asked()), return_exceptions=True)
    assert all(isinstance(one, Saved | IntegrityError) for one in found)
    assert [one.new for one in found if isinstance(one, Saved)].count(True) == 1
    again = await save(world, asked())
    assert isinstance(again, Saved)
    assert (again.new, again.ticket is not None) == (False, True)
    assert await count(world) == 1


async def test_the_same_operation_in_another_form_is_not_saved_by_accident(world: World) -> None:
    """It is returned instead, unless staff say that it is another patient."""
    first = await save(world, asked())
    assert isinstance(first, Saved)
    found = await save(world, asked(), "1" * 32)
    assert isinstance(found, Alike)
    assert (found.same, found.view.id) == (True, first.enrolment_id)
    assert await count(world) == 1
    assert isinstance(await save(world, asked("Ramesh Example"), "1" * 32, another=True), Saved)
    assert await count(world) == 2


async def test_only_operations_that_are_near_are_alike(sqlite_world: World) -> None:
    """The surest comes first; another phone, or months between, is nobody to point at."""
    await save(sqlite_world, asked(surgery_on=SURGERY + timedelta(days=20)))
    await save(sqlite_world, asked())
    async with sqlite_world.store.read() as conn:
        near = await saving.alike(conn, sqlite_world.store.keys, asked())
        far = await saving.alike(conn, sqlite_world.store.keys, asked(surgery_on=SURGERY + timedelta(days=120)))
        other = await saving.alike(conn, sqlite_world.store.keys, asked(phone="+919000000002"))
        none = await saving.alike(conn, sqlite_world.store.keys, asked(phone=None))
    assert [one.same for one in near] == [True, False]
    assert (far, other, none) == ((), (), ())


async def test_the_trail_names_the_member_of_staff_and_no_patient(sqlite_world: World) -> None:
    """Ids and short names only."""
    await save(sqlite_world, asked())
    async with sqlite_world.store.read() as conn:
        (row,) = (await conn.execute(select(audit))).all()
    assert (row.actor, row.action, row.enrolment_id) == ("staff:1", "enrolled", 1)
    assert set(row.detail) == {"link", "by"}
