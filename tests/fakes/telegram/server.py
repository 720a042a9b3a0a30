"""The server: `with FakeTelegram() as fake` listens on loopback, in a thread of its own."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self, TypeVar

from tests.fakes.telegram import methods, profile, webhooks
from tests.fakes.telegram.cloud import Cloud, Person, Seen
from tests.fakes.telegram.delivery import Courier
from tests.fakes.telegram.errors import ApiError
from tests.fakes.telegram.faults import ACCEPTED, Fault, Faults
from tests.fakes.telegram.fields import Fields, read
from tests.fakes.telegram.http import Answer, Connection, Reply, Request
from tests.fakes.telegram.people import Chat, User
from tests.fakes.telegram.rates import Rates
from tests.fakes.telegram.updates import Updates, encode

T = TypeVar("T")

TOKEN = "700000001:AAF-made-up-token-of-the-tests-0000001"
USERNAME = "saathi_example_bot"
_TOKEN = re.compile(r"\d{1,20}:[A-Za-z0-9_-]{1,100}")
_METHODS = methods.METHODS | profile.METHODS
_WITH_EVENTS = frozenset(("getupdates", "setwebhook", "deletewebhook", "getwebhookinfo"))
_NOT_FOUND = ApiError(404, "Not Found")


class FakeTelegram:
    """A Bot API server for one bot, and the phones of the people it talks to."""

    def __init__(
        self,
        *,
        token: str = TOKEN,
        username: str = USERNAME,
        now: Callable[[], float] = time.time,
        strict_rates: bool = True,
        query_lifetime: float = 150.0,
        retry_scale: float = 1.0,
        sites: Mapping[str, str] | None = None,
        loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None,
    ) -> None:
        """`now` is the server's clock in seconds since 1970. `strict_rates` off: for what measures a client, and for
        clients whose clocks run ahead. `sites`: see `webhooks.checked`. `retry_scale` shortens waits of deliveries.
        """
        self.token = token
        self._port = 0
        self._loop_factory = loop_factory
        self._sites = dict(sites or {})
        self._retry_scale = retry_scale
        faults = Faults()
        updates = Updates(now, query_lifetime, faults.next_update)
        rates = Rates() if strict_rates else None
        self._cloud = Cloud(token, username, now, rates, query_lifetime, updates, faults)
        self._connections: set[Connection] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listener: asyncio.Server | None = None
        self._courier: Courier | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._live, name="fake-telegram", daemon=True)

    def __enter__(self) -> Self:
        """Listen."""
        self._thread.start()
        assert self._ready.wait(10), "the fake Telegram did not start"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close everything."""
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()

    @property
    def url(self) -> str:
        """What a client takes for https://api.telegram.org."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def username(self) -> str:
        """The bot's public name."""
        return self._cloud.username

    @property
    def faults(self) -> Faults:
        """What is to go wrong."""
        return self._cloud.faults

    @property
    def rates(self) -> Rates | None:
        """The limits that hold."""
        return self._cloud.rates

    @property
    def ledger(self) -> list[Seen]:
        """Everything that reached a phone, in order."""
        return self.run(lambda: list(self._cloud.ledger))

    @property
    def calls(self) -> Counter[str]:
        """Calls of each method, in lower case."""
        return self.run(lambda: Counter(self._cloud.calls))

    @property
    def answers(self) -> Counter[int]:
        """Answers by status: `answers[429]` is how often somebody was told to wait."""
        return self.run(lambda: Counter(self._cloud.answers))

    @property
    def waiting(self) -> list[int]:
        """Updates that the bot has not confirmed."""
        return self.run(lambda: sorted(self._cloud.updates.waiting))

    @property
    def dropped(self) -> list[int]:
        """Updates that nobody fetched in time."""
        return self.run(lambda: list(self._cloud.updates.dropped))

    @property
    def handed(self) -> dict[int, float]:
        """When each update was handed to the bot first."""
        return self.run(lambda: dict(self._cloud.updates.handed))

    @property
    def delivered(self) -> list[tuple[int, int]]:
        """Every delivery to the webhook: update and status, 0 for none."""
        return self.run(lambda: list(self._the_courier.delivered))

    @property
    def commands(self) -> dict[tuple[str, str], list[dict[str, str]]]:
        """The commands that are set, by scope and language."""
        return self.run(lambda: dict(self._cloud.commands))

    @property
    def words(self) -> dict[tuple[str, str], str]:
        """Descriptions and the name, by which and language."""
        return self.run(lambda: dict(self._cloud.words))

    def user(self, number: int, language_code: str | None = None, first_name: str = "Asha") -> User:
        """The person with this number; made if it is new."""

        def find() -> Person:
            person = self._cloud.people.setdefault(number, Person(number, first_name, language_code))
            person.language_code = language_code or person.language_code
            return person

        return User(self._cloud, self.run, self.run(find))

    def chat(self, number: int) -> Chat:
        """What the person with this number sees."""
        return self.user(number).chat

    def crowd(self, first: int, count: int) -> None:
        """Many people at once, all of whom pressed Start long ago."""

        def make() -> None:
            for number in range(first, first + count):
                self._cloud.people[number] = Person(number, "Asha", started=True)

        self.run(make)

    def site(self, public: str, target: str) -> None:
        """Let the public address (`https://saathi.example.org`) lead to `target` on this machine."""
        self._sites[public] = target

    def forget(self) -> None:
        """Empty the ledger and the counters."""

        def empty() -> None:
            self._cloud.ledger.clear()
            self._cloud.calls.clear()
            self._cloud.answers.clear()
            self._cloud.updates.handed.clear()

        self.run(empty)

    @contextmanager
    def unreachable(self) -> Iterator[None]:
        """Meanwhile nobody can connect, and whoever was connected is cut off. What people do then waits."""
        self.wait_for(self._shut)
        try:
            yield
        finally:
            self.wait_for(self._listen)

    def run(self, what: Callable[[], T]) -> T:
        """Do something in the server's thread, and wait for it."""

        async def do() -> T:
            return what()

        return self.wait_for(do)

    def wait_for(self, what: Callable[[], Awaitable[T]]) -> T:
        """Run a coroutine in the server's thread to its end."""
        assert self._loop is not None

        async def do() -> T:
            return await what()

        return asyncio.run_coroutine_threadsafe(do(), self._loop).result()

    @property
    def _the_courier(self) -> Courier:
        assert self._courier is not None
        return self._courier

    def _live(self) -> None:
        with asyncio.Runner(loop_factory=self._loop_factory) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        self._courier = Courier(self._cloud.updates, self._carry_out, self._retry_scale)
        self._cloud.updates.on_new.append(self._courier.wake)
        await self._listen()
        self._ready.set()
        await self._ended.wait()
        await self._courier.set(None)
        await self._shut()

    async def _listen(self) -> None:
        assert self._loop is not None
        self._listener = await self._loop.create_server(
            lambda: Connection(self._handle, self._connections), "127.0.0.1", self._port, backlog=1024
        )
        self._port = self._listener.sockets[0].getsockname()[1]

    async def _shut(self) -> None:
        assert self._listener is not None
        self._listener.close()
        for connection in list(self._connections):
            connection.abort()
        await self._listener.wait_closed()
        while self._connections:  # noqa: ASYNC110 - each is told in one of the next turns of the loop
            await asyncio.sleep(0)
        # The last handles of the loop close a turn later.
        await asyncio.sleep(0)

    def _handle(self, request: Request) -> Answer | Awaitable[Answer]:
        """One request. Whatever goes wrong here is the fake's fault and shows as 500 with its name."""
        try:
            if request.path.startswith("/file/bot"):
                return self._file(request.path.removeprefix("/file/bot"))
            method = self._method(request.path)
            fields = read(request)
            self._cloud.calls[method] += 1
            fault = self._cloud.faults.next(method, fields.number("chat_id", 0))
            if fault is not None:
                return self._go_wrong(fault, method, fields)
            if method in _WITH_EVENTS:
                return self._with_events(method, fields)
            return self._ok(_METHODS[method](self._cloud, fields))
        except ApiError as error:
            return self._no(error)

    def _method(self, path: str) -> str:
        """The method that a path names, in lower case. Raises ApiError for a wrong token or an unknown method."""
        parts = path.split("/")
        if len(parts) != 3 or not parts[1].startswith("bot"):
            raise _NOT_FOUND
        token = parts[1].removeprefix("bot").replace("%3A", ":").replace("%3a", ":")
        if token != self.token:
            raise ApiError(401, "Unauthorized") if _TOKEN.fullmatch(token) else _NOT_FOUND
        method = parts[2].lower()
        if method not in _METHODS and method not in _WITH_EVENTS:
            raise ApiError(404, "Not Found: method not found")
        return method

    async def _with_events(self, method: str, fields: Fields) -> Answer:
        try:
            if method == "getupdates":
                return self._ok(await self._cloud.updates.get(fields))
            if method == "getwebhookinfo":
                return self._ok(webhooks.info(self._the_courier))
            return await self._set_webhook(fields, delete=method == "deletewebhook")
        except ApiError as error:
            return self._no(error)

    async def _set_webhook(self, fields: Fields, *, delete: bool) -> Answer:
        wanted = None if delete else webhooks.checked(fields, self._sites)
        if not delete:
            self._cloud.updates.allow(fields)
        if fields.flag("drop_pending_updates"):
            self._cloud.updates.waiting.clear()
        there = self._the_courier.webhook
        if wanted is None:
            await self._the_courier.set(None)
            return self._ok(True, f"Webhook {'was' if there else 'is already'} deleted")
        same = there is not None and (there.url, there.secret) == (wanted.url, wanted.secret)
        await self._the_courier.set(wanted)
        return self._ok(True, "Webhook is already set" if same else "Webhook was set")

    def _go_wrong(self, fault: Fault, method: str, fields: Fields) -> Answer | Awaitable[Answer]:
        if method in _WITH_EVENTS or fault.kind not in ACCEPTED:
            answer = fault.answer() if fault.kind != "slow" else self._slowly(fault, method, fields)
        else:
            done = self._ok(_METHODS[method](self._cloud, fields))
            answer = self._after(fault.seconds, done) if fault.kind == "slow" else fault.answer()
        if isinstance(answer, Reply):
            self._cloud.answers[answer.status] += 1
        return answer

    async def _slowly(self, fault: Fault, method: str, fields: Fields) -> Answer:
        await asyncio.sleep(fault.seconds)
        return await self._with_events(method, fields)

    async def _after(self, seconds: float, answer: Reply) -> Answer:
        await asyncio.sleep(seconds)
        return answer

    def _file(self, path: str) -> Answer:
        token, _, name = path.partition("/")
        content = self._cloud.files.get(name.removeprefix("files/"))
        if token != self.token or content is None:
            return self._no(_NOT_FOUND)
        return Reply(200, content, "application/octet-stream")

    def _carry_out(self, call: Mapping[str, Any]) -> None:
        """A method call that came as the answer of a webhook: nobody learns what became of it."""
        method = str(call["method"]).lower()
        self._cloud.calls[method] += 1
        values = {name: value if isinstance(value, str) else encode(value).decode() for name, value in call.items()}
        if method in _METHODS:
            try:
                _METHODS[method](self._cloud, Fields(values, {}))
            except ApiError as error:
                self._no(error)

    def _ok(self, result: Any, description: str = "") -> Reply:
        self._cloud.answers[200] += 1
        told = {"ok": True, "result": result} | ({"description": description} if description else {})
        return Reply(200, encode(told))

    def _no(self, error: ApiError) -> Reply:
        self._cloud.answers[error.code] += 1
        told: dict[str, Any] = {"ok": False, "error_code": error.code, "description": error.description}
        headers = {}
        if error.parameters:
            told["parameters"] = error.parameters
            if "retry_after" in error.parameters:
                headers["Retry-After"] = str(error.parameters["retry_after"])
        return Reply(error.code, encode(told), headers=headers)
