"""Plays a dialogue file: people type and tap, the clock moves, and what we say is compared.

The events go through the real inbox, the messages through the real outbox and dispatcher. How a file reads is
explained in `tests/dialogues/README.md`.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from bot.channels.inbound import Inbound, Kind
from bot.inbox import Inbox, Received
from bot.staff import accounts
from bot.staff.watch import Watch
from bot.store import reading
from content.composing import compose, value_of
from scheduler import enrolments, links, people
from scheduler.enrolments import NewEnrolment
from scheduler.plans import MedicineTimes
from scheduler.sender import Button, Outgoing
from tests.dialogues.members import Member
from tests.dialogues.transcript import Line, Noting, page
from tests.support.answering import shipped_answering
from tests.support.world import INDIA, World, shipped

_ids = itertools.count(1)
CONSOLE = "https://console.example"


def local(day: date, clock: str) -> datetime:
    """An instant by the wall clock of Lucknow, in UTC."""
    return datetime.combine(day, time.fromisoformat(clock.zfill(5)), UTC) - INDIA


@dataclass
class Talk:
    """Phones on one side, the real parts on the other."""

    world: World
    inbox: Inbox
    taken: int = 0
    """How many of the messages seen were compared already."""

    @classmethod
    def build(cls, url: str, start: datetime) -> Talk:
        """The shipped content on an empty database."""
        content = shipped()
        phone = Noting()
        world = World.build(url, content=content, start=start, phone=phone)
        phone.clock = world.clock
        return cls(world, Inbox(world.store, content, world.clock, shipped_answering(), CONSOLE))

    def event(self, chat: str, kind: Kind = Kind.TEXT, text: str = "", **more: Any) -> Inbound:
        """What somebody does now, not yet handed in."""
        return Inbound(self.world.phone.channel, f"e{next(_ids)}", chat, kind, self.world.clock.now(), text, **more)

    async def hand_in(self, event: Inbound) -> list[Outgoing]:
        """Hand in an event; what we answer."""
        before = len(self.world.phone.seen)
        if isinstance(self.world.phone, Noting):
            self.world.phone.heard(event)
        await self.inbox.receive(event)
        await self.world.dispatcher.drain()
        return self.world.phone.seen[before:]

    async def says(self, chat: str, text: str, **more: Any) -> list[Outgoing]:
        """Somebody writes; what we answer."""
        return await self.hand_in(self.event(chat, text=text, **more))

    async def taps(self, chat: str, label: str, under: str | None = None) -> list[Outgoing]:
        """Somebody taps a button of the newest message that has it; what we answer."""
        button, provider_id = self.button(chat, label, under)
        return await self.hand_in(self.event(chat, Kind.BUTTON, button.label, data=button.data, reply_to=provider_id))

    def button(self, chat: str, label: str, under: str | None = None) -> tuple[Button, str]:
        """The newest button with this label, under a message that holds `under`, and that message's id."""
        seen = list(enumerate(self.world.phone.seen))
        for number, outgoing in reversed(seen):
            if outgoing.to == chat and (under is None or under in outgoing.body.text):
                for button in outgoing.body.buttons:
                    if button.label == label:
                        return button, f"p{number}"
        raise AssertionError(f"no message in this chat has a button '{label}'")

    def message(self, chat: str, fragment: str) -> str:
        """The provider's id of the newest message that holds `fragment`."""
        for number, outgoing in reversed(list(enumerate(self.world.phone.seen))):
            if outgoing.to == chat and fragment in outgoing.body.text:
                return f"p{number}"
        raise AssertionError(f"no message in this chat says '{fragment}'")

    async def again(self, event: Inbound) -> Received:
        """Hand in an event a second time."""
        return await self.inbox.receive(replace(event))

    async def employ(self, name: str, role: str = "nurse", chat: str | None = None) -> Member:
        """Somebody who works here; with a chat, it is linked already."""
        async with self.world.store.write() as conn:
            keys, now = self.world.store.keys, self.world.clock.now()
            login = f"{name}-{next(_ids)}".replace(" ", "")
            staff_id = (await accounts.add(conn, keys, name, login, role, now)).staff_id
        member = Member(self.world, staff_id)
        if chat is not None:
            await self.says(chat, f"/start s_{await member.code()}", language_hint="en")
        return member

    async def enrol(self, **values: Any) -> enrolments.Enrolled:
        """Staff enrol somebody."""
        async with self.world.store.write() as conn:
            return await enrolments.enrol(
                conn, self.world.store.keys, self.world.content, NewEnrolment(**values), self.world.clock.now()
            )


@dataclass
class Player:
    """One dialogue being played."""

    talk: Talk
    chat: str = "phone"
    people: dict[str, Any] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    waiting: list[Outgoing] = field(default_factory=list)
    """What we said since they did something, not yet compared."""
    elsewhere: list[Outgoing] = field(default_factory=list)
    """What went to other chats by what they did, not yet compared."""
    arrived: list[Outgoing] = field(default_factory=list)
    """What arrived while the clock moved."""
    watch: Watch | None = None
    """Looks after alerts while the clock moves, if the file says `watched: yes`."""

    async def play(self, steps: list[dict[str, Any]]) -> None:
        """Every step in turn; a reply nobody expected fails."""
        for number, step in enumerate(steps, start=1):
            (name, value), *rest = step.items()
            try:
                if name not in ("we", "also") and (self.waiting or self.elsewhere):
                    raise AssertionError(f"we also said: {_show(self.waiting + self.elsewhere)}")
                await getattr(self, f"_{name}")(value, **dict(rest))
            except AssertionError as error:
                raise AssertionError(f"step {number}, {name}: {value!r}: {error}") from error
        left = self.waiting + self.elsewhere
        assert not left, f"at the end we also said: {_show(left)}"

    def _said(self, messages: list[Outgoing]) -> None:
        self.waiting = [outgoing for outgoing in messages if outgoing.to == self.chat]
        self.elsewhere = [outgoing for outgoing in messages if outgoing.to != self.chat]

    async def _they(self, text: str, answering: str | None = None) -> None:
        reply_to = self.talk.message(self.chat, answering) if answering else None
        self._said(await self.talk.says(self.chat, self._fill(str(text)), reply_to=reply_to))

    async def _tap(self, label: str, under: str | None = None) -> None:
        self._said(await self.talk.taps(self.chat, str(label), under))

    async def _press(self, data: str) -> None:
        self._said(await self.talk.hand_in(self.talk.event(self.chat, Kind.BUTTON, "", data=data)))

    async def _send(self, kind: str, caption: str = "", phone: str | None = None) -> None:
        event = self.talk.event(self.chat, Kind(kind), caption, own_phone=phone)
        self._said(await self.talk.hand_in(event))

    async def _console(
        self, who: str, acknowledge: str | None = None, answer: str | None = None, close: str | None = None
    ) -> None:
        """A member of staff works in the console: on the newest alert, or the oldest open question."""
        before = len(self.talk.world.phone.seen)
        member = self.members[who]
        self._note(who, acknowledge=acknowledge, answer=answer, close=close)
        async with self.talk.world.store.read() as conn:
            keys = self.talk.world.store.keys
            cases = await reading.alerts(conn, keys)
            asked = await reading.question_list(conn, keys)
        if acknowledge is not None:
            await member.acknowledge(cases[0].id)
        if close is not None:
            await member.close(cases[0].id, close)
        if answer is not None:
            await member.answer(asked[0].id, answer)
        await self.talk.world.dispatcher.drain()
        self._said(self.talk.world.phone.seen[before:])

    async def _code(self, who: str) -> None:
        """A member of staff makes a code that links a chat; it stands for `{who.code}`."""
        self.codes[who] = await self.members[who].code()

    async def _disable(self, who: str) -> None:
        await self.members[who].disable()

    async def _phone(self, name: str) -> None:
        self.chat = name

    async def _until(self, moment: str) -> None:
        day, clock = str(moment).split()
        before = len(self.talk.world.phone.seen)
        await self._pass(local(date.fromisoformat(day), clock))
        self.arrived = [outgoing for outgoing in self.talk.world.phone.seen[before:] if outgoing.to == self.chat]

    async def _pass(self, moment: datetime) -> None:
        """Let time pass, with whoever looks after alerts."""
        world, watch = self.talk.world, self.watch
        while watch and (due := await watch.next_due()) and due <= moment:
            await world.until(max(due, world.clock.now()))
            while await watch.tick():
                await world.dispatcher.drain()
        await world.until(moment)

    def _note(self, who: str, **did: str | None) -> None:
        """Keep for the transcript what was done in the console."""
        phone = self.talk.world.phone
        if isinstance(phone, Noting):
            text = "; ".join(f"{verb}: {value}" for verb, value in did.items() if value is not None)
            phone.lines.append(Line(self.talk.world.clock.now(), "", f"{who} - {text}"))

    async def _came(self, expected: list[str] | str) -> None:
        if expected == "nothing":
            assert not self.arrived, f"there came: {_show(self.arrived)}"
            return
        rest = iter(self.arrived)
        for fragment in _list(expected):
            assert any(fragment in outgoing.body.text for outgoing in rest), (
                f"'{fragment}' did not come, but: {_show(self.arrived)}"
            )

    async def _we(self, expected: list[Any] | str) -> None:
        waiting, self.waiting = self.waiting, []
        if expected == "nothing":
            assert not waiting, f"we said: {_show(waiting)}"
            return
        wanted = _list(expected)
        assert len(waiting) == len(wanted), f"{len(wanted)} expected, we said: {_show(waiting)}"
        for outgoing, one in zip(waiting, wanted, strict=True):
            assert outgoing.to == self.chat, f"said to {outgoing.to}"
            _compare(outgoing, one if isinstance(one, dict) else {"says": one})

    async def _also(self, expected: dict[str, Any]) -> None:
        """What went to other chats: all of it, by chat."""
        there, self.elsewhere = self.elsewhere, []
        assert {outgoing.to for outgoing in there} == set(expected), f"it went elsewhere: {_show(there)}"
        for chat, messages in expected.items():
            came = [outgoing for outgoing in there if outgoing.to == chat]
            wanted = _list(messages)
            assert len(came) == len(wanted), f"{len(wanted)} expected in {chat}, there came: {_show(came)}"
            for outgoing, one in zip(came, wanted, strict=True):
                _compare(outgoing, one if isinstance(one, dict) else {"says": one, "kind": outgoing.kind})

    async def _staff(self, seen: dict[str, Any]) -> None:
        async with self.talk.world.store.read() as conn:
            keys = self.talk.world.store.keys
            cases = reversed(await reading.alerts(conn, keys))
            # A further sign of the same patient joins the open case.
            alerts = [sign for case in cases for sign in (case.sign, *(report.sign for report in case.reports))]
            questions = [question.text for question in reversed(await reading.questions(conn, keys))]
            notes = [note.kind for note in await reading.notices(conn)]
        assert alerts == seen.get("alerts", alerts), f"alerts: {alerts}"
        assert questions == seen.get("questions", questions), f"questions: {questions}"
        assert notes == seen.get("notices", notes), f"notices: {notes}"

    async def _noted(self, expected: dict[str, dict[str, Any]]) -> None:
        """The answers stored for a patient: the newest of each question."""
        for who, wanted in expected.items():
            async with self.talk.world.store.read() as conn:
                stored = await reading.answers(conn, self.people[who].enrolment_id)
            newest = {answer.question: answer.value for answer in stored}
            assert newest == {name: str(value) for name, value in wanted.items()}, f"stored: {newest}"

    async def _human(self, moment: str) -> None:
        """A human takes this chat until then."""
        from sqlalchemy import update

        from bot.store.tables import conversation

        day, clock = str(moment).split()
        async with self.talk.world.store.write() as conn:
            address = await people.find_address(
                conn, self.talk.world.store.keys, self.talk.world.phone.channel, self.chat
            )
            await conn.execute(
                update(conversation)
                .where(conversation.c.address_id == address)
                .values(human_until=local(date.fromisoformat(day), clock))
            )

    async def _new_code(self, who: str) -> None:
        """Staff issue a new link; the old one no longer works. Afterwards `{who.old}` is the old code."""
        old = self.people[who]
        async with self.talk.world.store.write() as conn:
            issued = await links.issue(conn, self.talk.world.store.keys, old.enrolment_id, self.talk.world.clock.now())
        self.people[f"{who}-old"] = old
        self.people[who] = replace(old, token=issued.token, code=issued.code)

    def _fill(self, text: str) -> str:
        for name, enrolled in self.people.items():
            text = text.replace(f"{{{name}.token}}", enrolled.token).replace(f"{{{name}.code}}", enrolled.code)
        for name, code in self.codes.items():
            text = text.replace(f"{{{name}.code}}", code)
        return text


def read(path: Path) -> Any:
    """A dialogue file, in the YAML of the content: a bare `no` or `8:00` is a text."""
    node, problems = compose(path.read_text(encoding="utf-8"), path.name)
    assert node is not None, problems
    value, problems = value_of(node, path.name)
    assert not problems, problems
    return value


async def play(path: Path, url: str) -> Player:
    """Play one file on the database at `url`. Raises AssertionError naming the step that went otherwise."""
    script = read(path)
    day, clock = script["starts"].split()
    talk = Talk.build(url, local(date.fromisoformat(day), clock))
    player = Player(talk)
    if script.get("watched") == "yes":
        player.watch = Watch(talk.world.store, talk.world.content, talk.world.clock, public_url=CONSOLE)
    try:
        for name, patient in script.get("patients", {}).items():
            player.people[name] = await talk.enrol(**_patient(patient))
        for name, member in script.get("staff", {}).items():
            player.members[name] = await talk.employ(
                member["name"], member.get("role", "nurse"), None if member.get("linked") == "no" else name
            )
        if isinstance(talk.world.phone, Noting):
            talk.world.phone.lines.clear()
        await player.play(script["story"])
    finally:
        await talk.world.close()
    return player


def told(path: Path, player: Player) -> str | None:
    """The page that tells the story that was played; nothing if the file does not ask for one."""
    script = read(path)
    phone = player.talk.world.phone
    if "transcript" not in script or not isinstance(phone, Noting):
        return None
    secrets = {one.token: "(the link on the card)" for one in player.people.values()}
    chats = script["transcript"]
    return "\n".join([*page(chats["title"], script["about"], chats, secrets, phone.lines), ""])


def _patient(values: dict[str, Any]) -> dict[str, Any]:
    medicine = values.get("medicine")
    given = {
        "name": values["name"],
        "language": values.get("language", "en"),
        "journey": values.get("journey", "lumbar-microdiscectomy"),
        "surgery_on": date.fromisoformat(values["surgery"]),
        "year_of_birth": values.get("born"),
        "phone": values.get("phone"),
    }
    if "home" in values:
        given["discharge_on"] = date.fromisoformat(values["home"])
    if medicine:
        times = tuple(time.fromisoformat(at) for at in medicine["at"].split())
        given["medicine"] = (MedicineTimes(times, date.fromisoformat(medicine["from"]), medicine["days"]),)
    return given


def _compare(outgoing: Outgoing, wanted: dict[str, Any]) -> None:
    text = outgoing.body.text
    for fragment in _list(wanted.get("says", [])):
        assert fragment in text, f"we said: {text!r}"
    for fragment in _list(wanted.get("not", [])):
        assert fragment not in text, f"we said: {text!r}"
    if "begins" in wanted:
        assert text.startswith(wanted["begins"]), f"we said: {text!r}"
    labels = [button.label for button in outgoing.body.buttons]
    for label in _list(wanted.get("has", [])):
        assert str(label) in labels, f"the buttons are {labels}"
    if "buttons" in wanted:
        assert labels == [str(label) for label in wanted["buttons"]], f"the buttons are {labels}"
    assert outgoing.kind == wanted.get("kind", "reply"), f"it is of the kind {outgoing.kind}"


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _show(messages: list[Outgoing]) -> str:
    return " | ".join(repr(outgoing.body.text) for outgoing in messages)
