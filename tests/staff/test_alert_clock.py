"""The clock of an alert through the real parts in set time: silence, crashes, blocked chats, a channel that is down."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import event, func, select

from bot.staff import ringing
from bot.staff.escalation import LOOK
from bot.staff.ringing import Place
from bot.staff.tables import alert_notice, alert_truth
from bot.staff.watch import Watch
from bot.store.tables import alert
from scheduler.dispatcher import Dispatcher
from scheduler.store.tables import message
from tests.dialogues.chats import START
from tests.dialogues.player import CONSOLE, Talk, local
from tests.staff.clockwork import MINUTE, Killed, Ward, staffed, three

DANGER = "peshab nahi ho raha"
TODAY = "my wound is red and has pus"
NOBODY_YET = ("Nobody has answered yet", "किसी ने जवाब नहीं", "Abhi tak kisi ne jawab nahi")


@pytest.fixture
def ward(talk: Talk) -> Ward:
    """An empty ward, on either kind of database."""
    return staffed(talk)


@pytest.mark.asyncio
async def test_everybody_silent_goes_up_the_ladder_and_tells_the_patient_the_truth(ward: Ward) -> None:
    """0 and 5 minutes on call, 10 the backup, 15 the next, 20 everybody and the number for the patient, once."""
    await three(ward)
    await ward.talk.says("phone", DANGER)
    await ward.until(START + 60 * MINUTE)
    assert ward.times("nurse") == [0, 5, 10, 15, 20, 50]
    assert ward.times("doctor") == [10, 15, 20, 50]
    assert ward.times("admin") == [15, 20, 50]
    assert ward.times("phone", *NOBODY_YET) == [20]
    told = next(out for _, out in ward.line.arrived if out.to == "phone" and "0522-000-0112" in out.body.text)
    assert told.kind == "urgent"
    again = [out for at, out in ward.line.arrived if out.to == "nurse" and at == START + 5 * MINUTE]
    assert again[0].body.text.startswith("STILL NOT ANSWERED after 5 minutes.\nEMERGENCY")
    assert [button.label for button in again[0].body.buttons] == ["Acknowledge", "Open"]
    case = await ward.case()
    assert (case.stage, case.notified_to, case.notified_at) == ("notified", "Sister Example", START)
    assert [step.what for step in case.steps].count("unanswered") == 1


@pytest.mark.asyncio
async def test_who_acknowledges_ends_the_ringing(ward: Ward) -> None:
    """After the press nobody is rung, what was still queued never leaves, the patient hears who has seen it."""
    nurse, _, _ = await three(ward)
    await ward.talk.says("phone", DANGER)
    await ward.until(START + 11 * MINUTE)
    ward.line.down = True
    await ward.until(START + 15 * MINUTE)
    assert await nurse.acknowledge(1)
    ward.line.down = False
    await ward.until(START + 90 * MINUTE)
    assert max(ward.times("nurse", "EMERGENCY")) < 15
    assert max(ward.times("doctor", "EMERGENCY")) < 15
    assert ward.times("admin") == [], "the alert had not reached them, so its end is no news"
    assert ward.times("phone", *NOBODY_YET) == []
    assert len(ward.times("phone", "dekh liya", "has seen")) == 1
    assert len(ward.times("doctor", "Sister Example has seen this alert")) == 1
    case = await ward.case()
    assert (case.stage, case.acknowledged_by) == ("acknowledged", "Sister Example")


@pytest.mark.asyncio
async def test_a_blocked_bot_passes_to_the_next_at_once(ward: Ward) -> None:
    """The person on call has blocked the bot: the backup is told within seconds, not after ten minutes."""
    await three(ward)
    ward.line.blocked = {"nurse"}
    await ward.talk.says("phone", DANGER)
    await ward.until(START + 4 * MINUTE)
    assert ward.times("doctor")[0] <= 2 * LOOK / MINUTE
    assert ward.times("phone", *NOBODY_YET) == []
    await ward.talk.says("other", DANGER)
    assert ward.times("doctor", since=ward.now)[-1] == 0, "known to be blocked, the backup is first in line"


@pytest.mark.asyncio
async def test_nobody_linked_tells_the_patient_at_once(ward: Ward) -> None:
    """No staff chat at all: the number is shown at once, once, in the patient's own language."""
    await ward.talk.employ("Sister Example")
    await ward.talk.says("phone", "मुझे पेशाब नहीं हो रहा है")
    await ward.until(START + 60 * MINUTE)
    assert ward.times("phone", "अभी तक किसी ने जवाब नहीं दिया है। अभी 0522-000-0112") == [0]
    assert (await ward.case()).stage == "open"


@pytest.mark.asyncio
async def test_a_channel_that_is_down_loses_nothing(ward: Ward) -> None:
    """Nothing leaves for an hour: nobody's queue fills up, and when it is back each gets the alert once."""
    await three(ward)
    await ward.settle()
    ward.line.down = True
    await ward.talk.says("phone", DANGER)
    await ward.until(START + 60 * MINUTE)
    async with ward.talk.world.store.read() as conn:
        truths = (await conn.execute(select(alert_truth.c.created_at))).scalars().all()
        queued = (
            await conn.execute(select(alert_notice.c.staff_id, func.count()).group_by(alert_notice.c.staff_id))
        ).all()
    assert [at <= START + 3 * MINUTE for at in truths] == [True], "decided in time, for whatever channel they are on"
    assert {count for _, count in queued} == {1}
    assert (await ward.case()).state == "open", "the console shows it"
    ward.line.down = False
    await ward.until(START + 66 * MINUTE)
    for chat in ("nurse", "doctor", "admin"):
        assert len(ward.times(chat, "EMERGENCY")) == 1
    assert len(ward.times("phone", *NOBODY_YET)) == 1


@pytest.mark.asyncio
async def test_a_crash_at_every_step_loses_no_alert_and_tells_none_twice(ward: Ward) -> None:
    """Each step is taken, rolled back, and taken again by a new process; what arrives is what arrives without."""
    await three(ward)
    world = ward.talk.world
    await ward.talk.inbox.receive(ward.talk.event("phone", text=DANGER))
    place = Place(world.store.keys, world.content, public_url=CONSOLE)
    steps = 0
    while ward.now <= START + 60 * MINUTE:
        async with world.store.read() as conn:
            ids = await ringing.due(conn, ward.now)
        for alert_id in ids:
            with suppress(Killed):
                async with world.store.write() as conn:
                    await ringing.advance(conn, place, alert_id, ward.now)
                    raise Killed
            steps += 1
        # The process is dead. Another one begins with nothing in memory.
        ward.watch = Watch(world.store, world.content, world.clock, public_url=CONSOLE)
        world.dispatcher = Dispatcher(world.store, world.content, world.clock, [ward.line])
        await ward.settle()
        found = [await ward.watch.next_due(), await world.dispatcher.next_due()]
        world.clock.set(min(at for at in (*found, ward.now + 5 * MINUTE) if at is not None and at > ward.now))
    assert steps > 10
    assert ward.times("nurse") == [0, 5, 10, 15, 20, 50]
    assert ward.times("doctor") == [10, 15, 20, 50]
    assert ward.times("phone", *NOBODY_YET) == [20]


@pytest.mark.asyncio
@pytest.mark.parametrize("minute", [5, 10, 20])
async def test_a_crash_at_every_statement_of_a_step_leaves_it_whole_or_not_begun(ward: Ward, minute: int) -> None:
    """Killed before its n-th statement for every n, the step is simply taken later, and only once."""
    await three(ward)
    world = ward.talk.world
    await ward.talk.says("phone", DANGER)
    await ward.until(START + minute * MINUTE - timedelta(seconds=1))
    world.clock.set(START + minute * MINUTE)
    kills, left = 0, 0
    engine = world.store.engine.sync_engine

    def kill(*_: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise Killed

    for number in range(1, 200):
        left = number
        event.listen(engine, "before_cursor_execute", kill)
        try:
            await Watch(world.store, world.content, world.clock, public_url=CONSOLE).tick()
        except Killed:
            kills += 1
            continue
        finally:
            event.remove(engine, "before_cursor_execute", kill)
        break
    assert kills > 5
    await ward.until(START + 60 * MINUTE)
    assert ward.times("nurse") == [0, 5, 10, 15, 20, 50]
    assert ward.times("phone", *NOBODY_YET) == [20]


@pytest.mark.asyncio
async def test_what_could_not_be_told_with_the_alert_is_told_by_the_clock(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Telling staff fails in the patient's own transaction: the patient has the reply, the next tick rings."""
    await three(ward)
    whole = ringing.advance

    async def broken(*_: Any, **__: Any) -> int:
        raise RuntimeError

    monkeypatch.setattr(ringing, "advance", broken)
    await ward.talk.says("phone", DANGER)
    assert ward.times("nurse") == []
    monkeypatch.setattr(ringing, "advance", whole)
    await ward.settle()
    assert ward.times("nurse") == [0]


@pytest.mark.asyncio
async def test_a_restart_after_a_long_stop_goes_on_where_the_hour_is(ward: Ward) -> None:
    """Nobody ticked for half an hour: at the first look everybody is told and the patient reads the truth."""
    await three(ward)
    await ward.talk.inbox.receive(ward.talk.event("phone", text=DANGER))
    ward.talk.world.clock.set(START + 30 * MINUTE)
    await ward.settle()
    for chat in ("doctor", "admin"):
        assert ward.times(chat) == [30]
    assert ward.times("phone", *NOBODY_YET) == [30]


@pytest.mark.asyncio
async def test_two_tickers_at_once_take_each_step_once(ward: Ward) -> None:
    """Two processes look at the same alerts at the same instants: no chat rings twice, no patient reads it twice."""
    await three(ward)
    world = ward.talk.world
    for chat in ("phone", "second", "third"):
        await ward.talk.says(chat, DANGER)
    other = Watch(world.store, world.content, world.clock, public_url=CONSOLE)
    while ward.now <= START + 25 * MINUTE:
        await asyncio.gather(ward.watch.tick(), other.tick(), ward.watch.tick())
        await ward.settle()
        world.clock.set(ward.now + timedelta(seconds=30))
    async with world.store.read() as conn:
        rows = (
            await conn.execute(
                select(alert_notice.c.alert_id, alert_notice.c.staff_id, message.c.sent_at)
                .join(message, message.c.id == alert_notice.c.message_id)
                .order_by(message.c.sent_at)
            )
        ).all()
    rung = defaultdict(list)
    for row in rows:
        rung[row.alert_id, row.staff_id].append(row.sent_at)
    assert len(rung) == 9
    for times in rung.values():
        assert all(later - sooner >= 5 * MINUTE for sooner, later in pairwise(times))
    for chat in ("phone", "second", "third"):
        assert len(ward.times(chat, *NOBODY_YET)) == 1


@pytest.mark.asyncio
async def test_one_alert_that_cannot_be_told_keeps_no_other_waiting(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is wrong with one, the next one rings; the broken one is tried again."""
    await three(ward)
    for chat in ("phone", "second"):
        await ward.talk.says(chat, DANGER)
    whole = ringing.advance

    async def broken(conn: Any, place: Any, alert_id: int, now: datetime, **more: Any) -> int:
        if alert_id == 1:
            raise RuntimeError
        return await whole(conn, place, alert_id, now, **more)

    monkeypatch.setattr(ringing, "advance", broken)
    await ward.until(START + 8 * MINUTE)
    assert ward.times("nurse") == [0, 0, 5]
    monkeypatch.undo()
    await ward.until(START + 10 * MINUTE)
    assert len(ward.times("nurse")) > 4


@pytest.mark.asyncio
async def test_a_same_day_sign_at_night_waits_and_says_so(ward: Ward) -> None:
    """Written at 23:00: no staff phone rings, the patient reads when the team is told; at 08:00 it rings."""
    await three(ward)
    night = local(START.date(), "23:00")
    ward.talk.world.clock.set(night)
    await ward.talk.says("phone", TODAY)
    await ward.until(night + timedelta(hours=12))
    assert ward.times("nurse", since=night)[:2] == [9 * 60, 9 * 60 + 30]
    (waits,) = [out.body.text for _, out in ward.line.arrived if "told at 08:00" in out.body.text]
    assert "0522-000-0112" in waits
    assert ward.times("phone", "Nobody has answered yet", since=night) == [11 * 60]


@pytest.mark.asyncio
async def test_a_graver_sign_joins_raises_and_starts_the_clock_anew(ward: Ward) -> None:
    """A same-day case that becomes an emergency is one case: told once more at once, and 20 minutes from there."""
    await three(ward)
    await ward.talk.says("phone", TODAY)
    await ward.until(START + 7 * MINUTE)
    assert ward.times("nurse") == [0]
    await ward.talk.says("phone", DANGER)
    await ward.until(START + 40 * MINUTE)
    assert ward.times("nurse") == [0, 7, 12, 17, 22, 27]
    assert ward.times("phone", *NOBODY_YET) == [27]
    told = [out.body.text for at, out in ward.line.arrived if out.to == "nurse" and at == START + 7 * MINUTE]
    assert told[0].startswith("MORE SERIOUS NOW")
    assert TODAY in told[0]
    assert DANGER in told[0]
    case = await ward.case()
    assert (case.tier, case.words, [one.words for one in case.reports]) == ("emergency", TODAY, [DANGER])


@pytest.mark.asyncio
async def test_the_same_text_twice_is_one_case_and_rings_once(ward: Ward) -> None:
    """The words are kept, sealed, as often as they came; nobody is rung for them again."""
    await three(ward)
    await ward.talk.says("phone", DANGER)
    await ward.talk.says("phone", "Peshab  NAHI ho raha")
    await ward.settle()
    assert ward.times("nurse") == [0]
    assert [one.words for one in (await ward.case()).reports] == ["Peshab  NAHI ho raha"]
    async with ward.talk.world.store.read() as conn:
        assert await conn.scalar(select(func.count()).select_from(alert)) == 1


@pytest.mark.asyncio
async def test_a_report_after_the_clock_ran_out_starts_it_again(ward: Ward) -> None:
    """Days later nobody has answered: a new cry of the same patient rings from the beginning."""
    await three(ward)
    await ward.talk.says("phone", DANGER)
    later = START + timedelta(days=2)
    await ward.until(later)
    assert ward.times("nurse")[-1] < 24 * 60
    await ward.talk.says("phone", DANGER)
    await ward.until(later + 21 * MINUTE)
    assert ward.times("nurse", since=later)[-5:] == [0, 5, 10, 15, 20]
    assert ward.times("phone", *NOBODY_YET, since=later)[-1] == 20
