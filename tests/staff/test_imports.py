"""`saathi enrol`: lists as hospitals really have them, a verdict for each row, and a second run that changes little."""

from __future__ import annotations

import asyncio
import json
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from bot import bootstrap
from bot.cli import cli
from bot.commands.visiting import visiting
from bot.lock import alone_in
from bot.serve import serve
from bot.settings import Settings
from bot.staff import sheets
from bot.staff.imports import Import, Verdict, alike
from bot.store.tables import audit
from scheduler import enrolments, links, reminders
from scheduler.clock import SystemClock
from scheduler.errors import BadRequestError
from scheduler.store.engine import Store
from scheduler.store.tables import enrolment, link
from tests.support.answering import shipped_answering
from tests.support.world import World, shipped
from tests.web.staffed import BOT, telegram_is_up

HEADER = "name,phone,language,procedure,surgery_at,year_of_birth"
ASHA = "Asha Example,90000 00001,hi,TLIF,2026-03-02 10:30,1968"


def file(*lines: str, header: str = HEADER) -> bytes:
    return "\n".join((header, *lines)).encode()


async def take(world: World, data: bytes, *, dry: bool = False, new_cards: bool = False) -> list[Verdict]:
    work = Import(world.store, shipped(), world.clock, "Asia/Kolkata", dry=dry, new_cards=new_cards)
    return [verdict async for verdict in work.take(sheets.read(data))]


async def count(world: World, table: Any = enrolment) -> int:
    async with world.store.read() as conn:
        return await conn.scalar(select(func.count()).select_from(table)) or 0


async def state_of(world: World, code: str | None) -> str:
    """How the link behind a code stands."""
    async with world.store.read() as conn:
        found = await links.find(conn, world.store.keys, code or "")
    assert found is not None
    return found.state(world.clock.now())


async def everybody(world: World) -> tuple[enrolments.EnrolmentView, ...]:
    async with world.store.read() as conn:
        return await enrolments.everybody(conn, world.store.keys)


HINDI = "नाम;फ़ोन;भाषा;ऑपरेशन;ऑपरेशन की तारीख;जन्म वर्ष\nआशा उदाहरण;९०००० ००००१;हिन्दी;फ्यूज़न;२ मार्च २०२६;१९६८"
ENGLISH = f"{HEADER}\n{ASHA}"
ENCODED = {
    "utf-8": ENGLISH.encode(),
    "utf-8 with a mark": ENGLISH.encode("utf-8-sig"),
    "utf-16": ENGLISH.encode("utf-16"),
    "utf-16 without a mark": ENGLISH.encode("utf-16-le"),
    "windows": ENGLISH.replace("Asha", "Ashá").encode("cp1252"),
    "old line ends": ENGLISH.replace("\n", "\r\n").encode(),
    "semicolons": ENGLISH.replace(",", ";").encode(),
    "tabs": ENGLISH.replace(",", "\t").encode("utf-16"),
    "quoted": b'"Name","Phone No.","Language","Procedure","Date of surgery","YOB"\n'
    b'"Asha, Example","9000000001","hi","TLIF","2/3/2026","1968"',
    "hindi": HINDI.encode("utf-8-sig"),
    "excel's note": ("sep=;\n" + ENGLISH.replace(",", ";")).encode(),
    "empty lines": ("\n\n" + ENGLISH + "\n\n,,,,,\n").encode(),
    "more columns": f"ward,{HEADER}\n3B,{ASHA}".encode(),
}


@pytest.mark.parametrize("data", ENCODED.values(), ids=ENCODED.keys())
def test_a_list_is_read_however_it_was_saved(data: bytes) -> None:
    """Encodings, separators, Hindi names of columns, and columns nobody asked for."""
    (row,) = sheets.read(data).rows
    assert row.cells["name"].strip('"')
    assert not row.too_many
    assert all(row.cells[column] for column in ("phone", "surgery_at", "year_of_birth"))


REFUSED = {
    "empty": (b"", "The file is empty"),
    "only spaces": (b" \n \n", "The file is empty"),
    "no patients": (HEADER.encode(), "holds no patients"),
    "no phone": (b"name,language,procedure,surgery_at\na,b,c,d", "missing: phone"),
    "no header": (ASHA.encode(), "first line must name"),
    "twice": (f"{HEADER},mobile\n{ASHA},1".encode(), "phone is there twice"),
    "workbook": (b"PK\x03\x04" + b"\0" * 50, "workbook"),
    "binary": (b"\x89PNG\r\n\0\1\2" + b"abc" * 50, "not a text file"),
    "other letters": (b"\x81\x8d\x8f", "save the list as CSV UTF-8"),
    "half of utf-16": (b"\xff\xfea", "save the list as CSV UTF-8"),
    "endless cell": (f'{HEADER}\n"{"x" * 200_000}'.encode(), "quotation mark"),
}


@pytest.mark.parametrize(("data", "says"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_list_is_refused_in_one_sentence(data: bytes, says: str) -> None:
    """The sentence says what to do."""
    with pytest.raises(BadRequestError, match=says):
        sheets.read(data)


ROWS = {
    "shortened phone": ("A Example,9.19E+11,hi,TLIF,2/3/2026,1968", "Excel has shortened"),
    "formula": ("=1+1,9000000009,hi,TLIF,2/3/2026,1968", "cannot begin with ="),
    "unknown procedure": ("A Example,9000000009,hi,microdisectomy,2/3/2026,1968", "lumbar-microdiscectomy if you mean"),
    "too long ago": ("A Example,9000000009,hi,TLIF,1/1/2020,1968", "more than 90 days ago"),
    "five years ahead": ("A Example,9000000009,hi,TLIF,1/1/2031,1968", "more than a year ahead"),
    "language": ("A Example,9000000009,fr,TLIF,2/3/2026,1968", "Choose the language"),
    "empty cells": (",,,,,", None),
    "too few cells": ("A Example,9000000009", "Choose the language"),
    "too many cells": ("A Example,9000000009,hi,TLIF,2/3/2026,1968,Lucknow, UP", "more cells than"),
    "two-digit year": ("A Example,9000000009,hi,TLIF,2/3/2026,68", "four digits"),
}


@pytest.mark.asyncio
@pytest.mark.parametrize(("row", "says"), ROWS.values(), ids=ROWS.keys())
async def test_one_bad_row_stops_no_other(sqlite_world: World, row: str, says: str | None) -> None:
    """It is rejected with one sentence; the rows around it are enrolled. A dry run says the same."""
    other = ASHA.replace("00001", "00002")
    data = file(ASHA, row, other)
    dry = await take(sqlite_world, data, dry=True)
    assert await count(sqlite_world) == 0
    done = await take(sqlite_world, data)
    assert [(v.row, v.verdict, v.reason) for v in dry] == [(v.row, v.verdict, v.reason) for v in done]
    assert all(v.code is None and v.telegram_link is None for v in dry)
    if says is None:
        assert [v.verdict for v in done] == ["created", "created"]
        return
    assert [v.verdict for v in done] == ["created", "rejected", "created"]
    assert says in (done[1].reason or "")
    assert [v.row for v in done] == [2, 3, 4]
    assert await count(sqlite_world) == 2


@pytest.mark.asyncio
async def test_dates_with_the_month_first_make_the_others_unclear(sqlite_world: World) -> None:
    """A list from an American spreadsheet would enrol patients for the wrong month."""
    data = file(
        ASHA.replace("2026-03-02 10:30", "3/14/2026"),
        ASHA.replace("2026-03-02 10:30", "3/2/2026").replace("00001", "00002"),
        ASHA.replace("00001", "00003"),
    )
    found = await take(sqlite_world, data)
    assert [v.verdict for v in found] == ["rejected", "rejected", "created"]
    assert "day first" in (found[0].reason or "")
    assert "unclear" in (found[1].reason or "")


@pytest.mark.asyncio
async def test_a_row_becomes_a_patient_with_a_plan_and_a_code(world: World) -> None:
    """Everything of the row arrives; the code opens the link; the trail names the file."""
    data = file(
        f"{ASHA},4/3/2026,7:00 pm,8:00 for 3 days|20:00 for 2 days", header=f"{HEADER},discharge,evening,medicine"
    )
    (done,) = await take(world, data)
    (view,) = await everybody(world)
    assert (view.name, view.language, view.journey, view.year_of_birth) == ("Asha Example", "hi", "mis-tlif", 1968)
    assert (view.surgery_on, view.surgery_time) == (date(2026, 3, 2), time(10, 30))
    assert (view.discharge_on, view.evening) == (date(2026, 3, 4), time(19))
    async with world.store.read() as conn:
        found = await links.find(conn, world.store.keys, done.code or "")
        plan = await reminders.plan_of(conn, view.id)
        trail = (await conn.execute(select(audit))).all()
    assert found is not None
    assert found.enrolment_id == view.id
    assert sum(one.step == "medicine" for one in plan) == 5
    assert [(row.actor, row.action, row.detail["by"]) for row in trail] == [("system", "enrolled", "file")]
    assert set(done.as_json()) == {"row", "verdict", "reason", "code", "telegram_link", "whatsapp_link"}


@pytest.mark.asyncio
async def test_the_same_list_twice_makes_nobody_twice(world: World) -> None:
    """The second run updates; a card that was handed out goes on working, unless new ones are asked for."""
    (first,) = await take(world, file(ASHA))
    (dry,) = await take(world, file(ASHA), dry=True)
    (second,) = await take(world, file(ASHA))
    assert (second.verdict, second.reason) == (dry.verdict, dry.reason) == (
        "updated", "nothing changed; already has a card",
    )  # fmt: skip
    assert (second.code, second.telegram_link) == (None, None)
    assert await count(world) == 1
    assert await state_of(world, first.code) == "not opened"
    (third,) = await take(world, file(ASHA), new_cards=True)
    assert (third.reason, await state_of(world, third.code)) == ("nothing changed", "not opened")
    assert await state_of(world, first.code) == "revoked"


@pytest.mark.asyncio
async def test_a_card_that_does_not_work_any_more_is_replaced(sqlite_world: World) -> None:
    """Where the card has expired, the same list brings a new code."""
    (first,) = await take(sqlite_world, file(ASHA))
    sqlite_world.clock.set(sqlite_world.clock.now() + links.LIFETIME)
    (second,) = await take(sqlite_world, file(ASHA))
    assert await state_of(sqlite_world, first.code) == "revoked"
    assert await state_of(sqlite_world, second.code) == "not opened"


@pytest.mark.asyncio
async def test_what_differs_is_changed_and_planned_again(world: World) -> None:
    """Language, times, discharge and spelling follow the list; what is unsent equals the new plan."""
    await take(world, file(ASHA))
    row = "Asha Devi Example,90000 00001,en,TLIF,2/3/2026 9:00,1969,8:30"
    (done,) = await take(world, file(row, header=f"{HEADER},morning"))
    assert done.verdict == "updated"
    assert done.reason == "changed: name, year of birth, surgery time, morning, language; already has a card"
    (view,) = await everybody(world)
    assert (view.name, view.language, view.year_of_birth) == ("Asha Devi Example", "en", 1969)
    async with world.store.read() as conn:
        plan = await reminders.plan_of(conn, view.id)
    at = {(one.due_at + timedelta(hours=5, minutes=30)).time() for one in plan if one.state == "held"}
    assert time(8, 30) in at
    assert time(9) not in at


@pytest.mark.asyncio
async def test_a_connected_patient_gets_no_new_link_and_keeps_the_language(world: World) -> None:
    """What they chose on the phone counts more than the list."""
    await take(world, file(ASHA))
    (view,) = await everybody(world)
    world.content = shipped()
    await world.join(view.id)
    before = await count(world, link)
    (done,) = await take(world, file(ASHA.replace(",hi,", ",en,")))
    assert (done.verdict, done.reason, done.code) == ("updated", "nothing changed", None)
    assert await count(world, link) == before
    assert (await everybody(world))[0].language == "hi"


@pytest.mark.asyncio
async def test_a_slip_in_a_phone_number_changes_no_other_patient(sqlite_world: World) -> None:
    """Another name with the same phone, procedure and day is rejected, in the file and against the database."""
    await take(sqlite_world, file(ASHA))
    other = ASHA.replace("Asha", "Ramesh")
    (done,) = await take(sqlite_world, file(other))
    assert "Another patient" in (done.reason or "")
    twice = await take(sqlite_world, file(ASHA, ASHA))
    assert [v.verdict for v in twice] == ["updated", "rejected"]
    assert "row 2" in (twice[1].reason or "")


@pytest.mark.asyncio
async def test_who_has_ended_is_not_enrolled_again_by_a_list(sqlite_world: World) -> None:
    """An old list must not bring a finished follow-up back."""
    await take(sqlite_world, file(ASHA))
    await sqlite_world.end(1)
    (done,) = await take(sqlite_world, file(ASHA))
    assert done.verdict == "rejected"
    assert "has ended" in (done.reason or "")


@pytest.mark.asyncio
async def test_a_family_may_share_a_phone(sqlite_world: World) -> None:
    """The same phone on another day, or for another procedure, is another patient."""
    rows = ASHA, ASHA.replace("Asha", "Ramesh").replace("03-02", "03-01"), ASHA.replace("TLIF", "laminectomy")
    assert [v.verdict for v in await take(sqlite_world, file(*rows))] == ["created"] * 3


@pytest.mark.asyncio
async def test_telegram_links_are_there_once_the_bot_has_a_name(sqlite_world: World) -> None:
    """The link of a row opens the bot with the token whose code the row shows."""
    await telegram_is_up(sqlite_world.store)
    (done,) = await take(sqlite_world, file(ASHA))
    assert (done.telegram_link or "").startswith(f"https://t.me/{BOT}?start=")
    token = (done.telegram_link or "").partition("?start=")[2]
    async with sqlite_world.store.read() as conn:
        found = await links.find(conn, sqlite_world.store.keys, token)
        by_code = await links.find(conn, sqlite_world.store.keys, done.code or "")
    assert found == by_code is not None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Asha Example", "Asha Devi Example", True),
        ("Smt. Asha Example", "asha example", True),
        ("Kamla Example", "Kamala Example", True),
        ("Asha Example", "आशा उदाहरण", True),
        ("Asha Example", "Ramesh Example", False),
        ("Asha Example", "Usha Example", False),
    ],
)
def test_names_are_compared_by_what_people_are_called(one: str, other: str, same: bool) -> None:
    """Family names are shared by half a ward."""
    assert alike(one, other) is same


def run(folder: Path, *words: str, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    """`saathi enrol` with its own data folder; exit code and output, or the sentence it ends with."""
    monkeypatch.setenv("SAATHI_DATA_DIR", str(folder / "data"))
    monkeypatch.setenv("SAATHI_LOG_LEVEL", "error")
    result = CliRunner().invoke(cli, ["enrol", *words])
    if isinstance(result.exception, BadRequestError | LookupError):
        return 2, str(result.exception)
    return result.exit_code, result.stdout


def today() -> date:
    return SystemClock().now().date()


def test_the_command_prints_a_verdict_for_each_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dry run writes nothing; --json is one object a row; a rejected row makes exit code 1."""
    row = f"Asha Example,9000000001,hi,TLIF,{today().isoformat()},1968"
    path = tmp_path / "list.csv"
    path.write_bytes(file(row, "B Example,1,hi,TLIF,2/3/2026,1968"))
    code, out = run(tmp_path, str(path), "--dry-run", "--json", monkeypatch=monkeypatch)
    assert code == 1
    lines = [json.loads(line) for line in out.splitlines()]
    assert [(line["row"], line["verdict"], line["code"]) for line in lines] == [
        (2, "created", None),
        (3, "rejected", None),
    ]
    path.write_bytes(file(row))
    code, out = run(tmp_path, str(path), monkeypatch=monkeypatch)
    assert code == 0
    assert "1 created, 0 updated, 0 rejected." in out
    code, out = run(tmp_path, str(path), "--json", monkeypatch=monkeypatch)
    assert (code, json.loads(out)["verdict"]) == (0, "updated")


def test_a_file_that_is_none_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder, nothing, an empty file: one sentence each."""
    assert "is a folder" in run(tmp_path, str(tmp_path), monkeypatch=monkeypatch)[1]
    assert "There is no file" in run(tmp_path, str(tmp_path / "gone.csv"), monkeypatch=monkeypatch)[1]
    (tmp_path / "empty.csv").touch()
    assert "The file is empty" in run(tmp_path, str(tmp_path / "empty.csv"), monkeypatch=monkeypatch)[1]


@pytest.mark.asyncio
async def test_a_list_may_come_while_saathi_runs(tmp_path: Path) -> None:
    """A second connection writes beside the running dispatcher, and both see the same patients afterwards."""
    settings = Settings(data_dir=tmp_path / "data", log_level="error")
    bootstrap.prepare_folder(settings)
    with alone_in(settings.data_dir):
        async with await bootstrap.build(settings, content=shipped(), answering=shipped_answering()) as app:
            stop = asyncio.Event()
            running = asyncio.create_task(serve(app, None, parts=("worker",), stop=stop))
            try:
                async with visiting(settings) as store:
                    await _beside(store, app.clock)
                async with app.store.read() as conn:
                    assert len(await enrolments.everybody(conn, app.store.keys)) == 20
            finally:
                stop.set()
                await running


async def _beside(store: Store, clock: Any) -> None:
    rows = [f"P{n} Example,90000{n:05d},hi,TLIF,{clock.now().date().isoformat()},1968" for n in range(20)]
    work = Import(store, shipped(), clock, "Asia/Kolkata", dry=False)
    assert {v.verdict async for v in work.take(sheets.read(file(*rows)))} == {"created"}
