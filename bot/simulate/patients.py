"""What virtual patients do: what comes into their minds on some days, and how they react to what arrives."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, time, timedelta

from bot.channels.inbound import Inbound, Kind
from bot.simulate.ledger import Delivery
from bot.simulate.noise import NOISE
from bot.simulate.people import Somebody
from bot.simulate.reading import Reading
from bot.simulate.staff import Staff
from bot.simulate.world import World
from content.model import Phrasings
from scheduler.buttons import parse_answer
from scheduler.sender import Button

_ABOUT_YEAR = ("ask-year", "year-wrong", "year-unclear")
_ABOUT_SURGERY_DAY = ("ask-surgery-day", "surgery-day-unclear")
_LINK_IS_NO_GOOD = ("link-unknown", "link-expired", "link-used", "link-revoked", "link-other", "link-locked")
_BEGINS_AGAIN = frozenset({"agree", "start", "resume", "yes", "everyone"})
_HABITS: dict[str, float] = {
    "helped": 0.3, "not-helped": 0.1, "hand-over": 0.5, "none-of-these": 0.2, "yes": 0.45, "no": 0.45, "everyone": 0.5,
    "not-stopped": 0.3, "pause-1": 0.3, "pause-3": 0.3, "pause-7": 0.2, "start": 0.15, "care-team": 0.05, "menu": 0.04,
    "time": 0.05, "other": 0.5, "language": 0.02, "resume": 0.1,
    "dose-taken": 0.8, "dose-later": 0.5, "dose-skipped": 0.2,
}  # fmt: skip
"""How likely each button is tapped when it is there."""


class Patients:
    """All virtual patients of a world."""

    def __init__(self, world: World, people: Sequence[Somebody], staff: Staff) -> None:
        """Let `people` live in `world`, looked after by `staff`."""
        self._world = world
        self._staff = staff
        self._reading = Reading(world.content)
        self._by_address = {somebody.address: somebody for somebody in people}
        world.on_arrival = self.react

    def begin(self, days: int) -> None:
        """Put everything that comes to their minds by itself into the next `days` days."""
        for somebody in self._by_address.values():
            if not somebody.silent:
                self._open_links(somebody)
                self._plan_life(somebody, days)

    # What comes to mind by itself

    def _open_links(self, somebody: Somebody) -> None:
        luck = somebody.luck
        for number, case in enumerate(somebody.cases):
            wait = luck.choice((timedelta(minutes=10), timedelta(hours=2), timedelta(days=1), timedelta(days=4)))
            self._world.at(case.enrolled_at + wait, lambda n=number: self._open_link(somebody, n))  # type: ignore[misc]

    async def _open_link(self, somebody: Somebody, number: int) -> None:
        somebody.talking_about = number
        somebody.waits_for_link = False
        if somebody.case.token:
            await self._type(somebody, f"/start {somebody.case.token}")

    def _plan_life(self, somebody: Somebody, days: int) -> None:
        luck = somebody.luck
        first = somebody.cases[0].enrolled_at + timedelta(hours=1)

        def some_day(act: Callable[[], Awaitable[None]], after: int = 0, night: bool = False) -> None:
            day = after + luck.randrange(max(1, days - after))
            clock = (
                time(luck.choice((22, 23, 2, 5)), luck.randrange(60))
                if night
                else time(luck.randrange(7, 22), luck.randrange(60))
            )
            local = datetime.combine(
                (first + timedelta(days=day)).astimezone(somebody.zone).date(), clock, somebody.zone
            )
            self._world.at(local, act)

        def maybe(chance: float, act: Callable[[], Awaitable[None]], after: int = 0) -> bool:
            happens = luck.random() < chance
            if happens:
                some_day(act, after, night=luck.random() < 0.1)
            return happens

        for _ in range(luck.choice((0, 1, 2, 4, 7))):
            some_day(lambda: self._type(somebody, self._question(somebody)), night=luck.random() < 0.1)
        maybe(0.2, lambda: self._type(somebody, self._trouble(somebody)))
        maybe(0.15, lambda: self._stop(somebody))
        maybe(0.12, lambda: self._say(somebody, "pause"))
        maybe(0.06, lambda: self._say(somebody, "resume"))
        maybe(0.2, lambda: self._type(somebody, "/start"))
        maybe(0.15, lambda: self._say(somebody, luck.choice(("english", "hindi", "hinglish"))))
        maybe(0.1, lambda: self._say(somebody, luck.choice(("menu", "help", "time", "care-team", "language"))))
        maybe(0.1, lambda: self._type(somebody, luck.choice(("3", "७", "11", "नहीं", "ok"))))
        maybe(0.02, lambda: self._say(somebody, "delete"))
        maybe(0.04, lambda: self._type(somebody, f"/start {somebody.case.token}"))
        maybe(0.08, lambda: self._block(somebody))
        for _ in range(luck.choice((0, 0, 0, 1, 2))):
            some_day(lambda: self._make_noise(somebody))

    def _question(self, somebody: Somebody) -> str:
        items = tuple(self._world.content.faq.values())
        return self._in_own_words(somebody, somebody.luck.choice(items).phrasings)

    def _trouble(self, somebody: Somebody) -> str:
        signs = tuple(self._world.content.signs.values())
        return self._in_own_words(somebody, somebody.luck.choice(signs).phrases)

    def _in_own_words(self, somebody: Somebody, phrasings: Phrasings) -> str:
        own = {"en": phrasings.en, "hi": phrasings.hi, "hi-Latn": phrasings.hi_latn}[somebody.temper.writes]
        return somebody.luck.choice(own or phrasings.all())

    async def _say(self, somebody: Somebody, command: str) -> None:
        await self._type(somebody, self._in_own_words(somebody, self._world.content.words[command]))

    async def _stop(self, somebody: Somebody) -> None:
        await self._say(somebody, "stop")
        if len(somebody.cases) == 1:
            self._world.stopped.add(somebody.address)
        if somebody.luck.random() < 0.6:
            self._world.at(
                self._world.now + timedelta(hours=somebody.luck.randrange(1, 200)), lambda: self._say_start(somebody)
            )

    async def _say_start(self, somebody: Somebody) -> None:
        await self._say(somebody, "start")

    async def _block(self, somebody: Somebody) -> None:
        self._world.blocked.add(somebody.address)
        # Not every provider tells of a block at once; some first say so when the next message is refused.
        if somebody.luck.random() < 0.5:
            await self._do(somebody, Kind.BLOCKED, "blocks Saathi")
        if somebody.luck.random() < 0.6:
            self._world.at(
                self._world.now + timedelta(hours=somebody.luck.randrange(1, 300)), lambda: self._unblock(somebody)
            )

    async def _unblock(self, somebody: Somebody) -> None:
        self._world.blocked.discard(somebody.address)
        await self._do(somebody, Kind.UNBLOCKED, "unblocks Saathi")

    async def _make_noise(self, somebody: Somebody) -> None:
        kind = somebody.luck.choice(
            (Kind.PHOTO, Kind.STICKER, Kind.VOICE, Kind.OTHER, Kind.TEXT, Kind.TEXT, Kind.BUTTON)
        )
        if kind is Kind.TEXT:
            await self._type(somebody, somebody.luck.choice(NOISE))
        elif kind is Kind.BUTTON:
            await self._tap(
                somebody, Button("old", somebody.luck.choice(("0x:1", "1a:999999:pain:3", "1a:1:pain:3", ""))), None
            )
        else:
            await self._do(somebody, kind, f"sends: {kind}")

    # Reactions

    def react(self, delivery: Delivery) -> None:
        """Somebody looks at a message that arrived."""
        somebody = self._by_address[delivery.address]
        text = delivery.outgoing.body.text
        if self._reading.is_reply(text, *_ABOUT_YEAR):
            self._soon(somebody, lambda: self._tell_year(somebody))
        elif self._reading.is_reply(text, *_ABOUT_SURGERY_DAY):
            day = somebody.case.surgery_on
            self._soon(somebody, lambda: self._type(somebody, f"{day.day}/{day.month}"))
        elif self._reading.is_reply(text, *_LINK_IS_NO_GOOD):
            self._ask_for_link(somebody)
        elif delivery.outgoing.body.buttons:
            self._consider(somebody, delivery)

    def _soon(self, somebody: Somebody, act: Callable[[], Awaitable[None]]) -> None:
        self._world.at(self._world.now + timedelta(minutes=somebody.luck.randrange(5)), act)

    async def _tell_year(self, somebody: Somebody) -> None:
        year = somebody.case.year_of_birth or 1960
        if somebody.wrong_years_left > 0:
            somebody.wrong_years_left -= 1
            year += 1
        await self._type(somebody, str(year))

    def _ask_for_link(self, somebody: Somebody) -> None:
        if somebody.waits_for_link or somebody.luck.random() < 0.5:
            return
        somebody.waits_for_link = True
        number = somebody.talking_about
        self._world.at(self._world.now + timedelta(hours=3), lambda: self._with_new_link(somebody, number))

    async def _with_new_link(self, somebody: Somebody, number: int) -> None:
        await self._staff.new_link(somebody.cases[number], somebody)
        await self._open_link(somebody, number)

    def _consider(self, somebody: Somebody, delivery: Delivery) -> None:
        """Choose a button, or not; then tap it or type what it says."""
        buttons = {self._reading.means(button): button for button in delivery.outgoing.body.buttons}
        luck = somebody.luck
        wait = timedelta(minutes=luck.randrange(1, 10))
        if "agree" in buttons:
            chosen = buttons["agree"] if luck.random() < 0.94 or "decline" not in buttons else buttons["decline"]
        elif f"language-{somebody.case.language}" in buttons:
            chosen = buttons[f"language-{somebody.case.language}"]
        elif "answer" in buttons:
            if luck.random() > somebody.temper.answers:
                return
            chosen = self._how_it_is(somebody, delivery.outgoing.body.buttons)
            if luck.random() > somebody.temper.hurry:
                wait = timedelta(minutes=luck.randrange(10, 30 * 60, 10))
        else:
            meaning, chosen = luck.choice(tuple(buttons.items()))
            chance = 0.5 if meaning.startswith(("morning-", "evening-")) else _HABITS.get(meaning, 0.0)
            if luck.random() > chance:
                return
        when = self._awake(somebody, self._world.now + wait)
        self._world.at(when, lambda: self._answer(somebody, chosen, delivery.provider_id))

    def _how_it_is(self, somebody: Somebody, buttons: Sequence[Button]) -> Button:
        """The answer of somebody who mostly gets better, and now and then does not."""
        luck = somebody.luck
        asked = parse_answer(buttons[0].data)
        question = self._world.content.questions.get(asked.question) if asked else None
        if question is None or question.kind == "minutes" or luck.random() < 0.1:
            return luck.choice(buttons)
        if question.kind == "scale":
            day = (self._world.now.astimezone(somebody.zone).date() - somebody.case.surgery_on).days
            return buttons[max(0, min(len(buttons) - 1, round(luck.gauss(6 - day / 8, 1.5))))]
        harmless = [button for button, choice in zip(buttons, question.choices, strict=False) if choice.sign is None]
        return luck.choice(harmless or list(buttons))

    def _awake(self, somebody: Somebody, when: datetime) -> datetime:
        """`when`, or the morning after for somebody who sleeps then; a few lie awake."""
        local = when.astimezone(somebody.zone)
        if 7 <= local.hour < 23 or somebody.luck.random() < 0.1:
            return when
        morning = local if local.hour < 7 else local + timedelta(days=1)
        return morning.replace(hour=7, minute=somebody.luck.randrange(60))

    async def _answer(self, somebody: Somebody, button: Button, under: str) -> None:
        if somebody.luck.random() < somebody.temper.taps:
            await self._tap(somebody, button, under)
        else:
            await self._type(somebody, button.label, meaning=self._reading.means(button))

    # Through the phone

    async def _type(self, somebody: Somebody, text: str, meaning: str = "") -> None:
        await self._hand_in(somebody, self._world.phone(somebody).event(Kind.TEXT, text=text), text, meaning)

    async def _tap(self, somebody: Somebody, button: Button, under: str | None) -> None:
        event = self._world.phone(somebody).event(Kind.BUTTON, text=button.label, data=button.data, reply_to=under)
        await self._hand_in(somebody, event, f"[{button.label}]", self._reading.means(button))

    async def _do(self, somebody: Somebody, kind: Kind, remark: str) -> None:
        await self._hand_in(somebody, self._world.phone(somebody).event(kind), f"({remark})", "")

    async def _hand_in(self, somebody: Somebody, event: Inbound, shown: str, meaning: str) -> None:
        if event.kind in (Kind.TEXT, Kind.BUTTON) and (self._may_begin_again(event.text) or meaning in _BEGINS_AGAIN):
            self._world.stopped.discard(somebody.address)
        if event.kind is not Kind.BLOCKED:
            # Nobody can write to a bot they block: writing means that they have unblocked it.
            self._world.blocked.discard(somebody.address)
        self._world.transcript.came_in(
            somebody.address, self._world.now, somebody.cases[0].name.split()[0], shown[:300]
        )
        await self._world.hand_in(event)

    def _may_begin_again(self, text: str) -> bool:
        words = self._world.content.words
        return text.startswith("/start") or text in words["start"].all() or text in words["resume"].all()
