"""The fake Bot API's way in: what people do reaches the bot by getUpdates or a webhook, as Telegram documents it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Self

import pytest

from tests.fakes.telegram.server import FakeTelegram
from tests.telegram.raw import Client, Receiver
from tests.telegram.system import SITE

ASHA, RAVI = 90_001, 90_002
HOOK = f"{SITE}/webhooks/telegram"


def _texts(updates: list[dict[str, Any]]) -> list[str]:
    return [update["message"]["text"] for update in updates]


def test_updates_come_again_until_they_are_confirmed(fake: FakeTelegram, client: Client) -> None:
    """An offset forgets all before it; a limit holds; a negative offset counts from the end and forgets the rest."""
    asha = fake.user(ASHA)
    asha.start("token_1-x")
    first, second, third = (asha.type(text) for text in ("one", "two", "three"))
    assert (second, third) == ((first or 0) + 1, (first or 0) + 2)
    assert _texts(client.ok("getUpdates")) == ["/start token_1-x", "one", "two", "three"]
    assert _texts(client.ok("getUpdates", limit=2)) == ["/start token_1-x", "one"]
    assert _texts(client.ok("getUpdates", offset=second)) == ["two", "three"]
    assert _texts(client.ok("getUpdates")) == ["two", "three"]
    assert _texts(client.ok("getUpdates", offset=-1)) == ["three"]
    assert fake.waiting == [third]
    assert client.ok("getUpdates", offset=(third or 0) + 1) == []
    assert fake.waiting == []


def test_a_message_says_who_wrote_it(fake: FakeTelegram, client: Client) -> None:
    """Person, chat, language of the app, commands and replies are there as Telegram sends them."""
    asha = fake.user(ASHA, "hi")
    asha.start("abc")
    client.ok("sendMessage", chat_id=ASHA, text="How much pain?")
    asha.type("5", answering="How much")
    start, answer = (update["message"] for update in client.ok("getUpdates"))
    assert start["from"] == {"id": ASHA, "is_bot": False, "first_name": "Asha", "language_code": "hi"}
    assert start["chat"] == {"id": ASHA, "first_name": "Asha", "type": "private"}
    assert start["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    assert answer["reply_to_message"]["text"] == "How much pain?"
    assert isinstance(answer["date"], int)


def test_everything_people_do_has_its_form(fake: FakeTelegram, client: Client) -> None:
    """Photos, voices, stickers, contact cards, edits, blocking and unblocking are updates."""
    asha = fake.user(ASHA)
    asha.start()
    asha.send_photo("my wound")
    asha.send_voice()
    asha.send_sticker()
    asha.share_contact("919000000001")
    asha.share_contact("919000000002", of=RAVI)
    asha.type("I can walk")
    asha.edit("I can't walk")
    asha.block()
    asha.unblock()
    _, photo, voice, sticker, own, other, _, edit, block, unblock = client.ok("getUpdates")
    assert photo["message"]["caption"] == "my wound"
    assert photo["message"]["photo"][0]["file_id"]
    assert "voice" in voice["message"]
    assert "sticker" in sticker["message"]
    assert [one["message"]["contact"]["user_id"] for one in (own, other)] == [ASHA, RAVI]
    assert edit["edited_message"]["text"] == "I can't walk"
    assert edit["edited_message"]["edit_date"] >= edit["edited_message"]["date"]
    states = [one["my_chat_member"]["new_chat_member"]["status"] for one in (block, unblock)]
    assert states == ["kicked", "member"]


def test_a_phone_before_start_can_do_nothing(fake: FakeTelegram) -> None:
    """Nobody writes before Start was pressed, nor after blocking; a link holds 64 safe characters."""
    asha = fake.user(ASHA)
    with pytest.raises(AssertionError, match="Start"):
        asha.type("hello")
    with pytest.raises(AssertionError, match="deep link"):
        asha.start("x" * 65)
    with pytest.raises(AssertionError, match="another bot"):
        asha.open("https://t.me/another_bot?start=x")
    asha.open(f"https://t.me/{fake.username}?start=abc")
    asha.block()
    with pytest.raises(AssertionError, match="blocked"):
        asha.type("hello")


def test_only_wanted_kinds_come_and_the_wish_is_kept(fake: FakeTelegram, client: Client) -> None:
    """`allowed_updates` holds until it is given again, and what is not wanted is never there."""
    asha = fake.user(ASHA)
    asha.start()
    client.ok("getUpdates", allowed_updates=["message"])
    asha.block()
    assert asha.unblock() is None
    client.ok("getUpdates")
    assert asha.block() is None
    asha.unblock()
    client.ok("getUpdates", allowed_updates=[])
    assert asha.block() is not None


def test_a_long_poll_waits_for_news(fake: FakeTelegram, client: Client) -> None:
    """It is answered as soon as there is something, and empty when its time is over."""
    fake.user(ASHA).start()
    offset = fake.waiting[0] + 1
    assert client.ok("getUpdates", offset=offset, timeout=1) == []
    with Beside(lambda: client.ok("getUpdates", timeout=10)) as poll:
        _until(lambda: fake.calls["getupdates"] == 2)
        fake.user(ASHA).type("news")
    assert _texts(poll.result) == ["news"]


def test_the_second_poller_ends_the_first(fake: FakeTelegram, client: Client) -> None:
    """Whoever waits is told 409 when another asks, and when a webhook is set."""
    with Beside(lambda: client.call("getUpdates", timeout=10)) as poll:
        _until(lambda: fake.run(lambda: fake._cloud.updates._poll is not None))
        other = Client(fake)
        assert other.ok("getUpdates") == []
        other.http.close()
    assert poll.result["error_code"] == 409
    assert poll.result["description"].startswith("Conflict: terminated by other getUpdates request")


def test_a_dead_poller_hurts_nobody(fake: FakeTelegram, client: Client) -> None:
    """A long poll whose client has gone takes nothing away from the next one."""
    import httpx

    with pytest.raises(httpx.ReadTimeout):
        client.http.get(client.path("getUpdates"), params={"timeout": 10}, timeout=0.2)
    _until(lambda: fake.run(lambda: fake._cloud.updates._poll is None))
    fake.user(ASHA).start()
    assert len(client.ok("getUpdates")) == 1


def test_scripted_updates_come_twice_or_out_of_order(fake: FakeTelegram, client: Client) -> None:
    """Twice in one answer, or after the one that follows."""
    fake.user(ASHA).start()
    client.ok("getUpdates", offset=fake.waiting[0] + 1)
    fake.faults.script_updates(["late", "twice", "fine"])
    for text in ("one", "two", "three"):
        fake.user(ASHA).type(text)
    assert _texts(client.ok("getUpdates")) == ["two", "two", "three", "one"]


def test_a_webhook_gets_updates_with_its_secret(fake: FakeTelegram, client: Client, receiver: Receiver) -> None:
    """JSON by POST, the secret in its header; then nothing is left waiting, and getUpdates is refused."""
    fake.user(ASHA).start()
    client.ok("setWebhook", url=HOOK, secret_token="s3cret_-", allowed_updates=["message"])
    receiver.wait(1)
    headers, update = receiver.came[0]
    assert headers["x-telegram-bot-api-secret-token"] == "s3cret_-"
    assert headers["content-type"] == "application/json"
    assert update["message"]["text"] == "/start"
    _until(lambda: fake.waiting == [])
    told = client.ok("getWebhookInfo")
    assert (told["url"], told["pending_update_count"], told["allowed_updates"]) == (HOOK, 0, ["message"])
    assert client.refused("getUpdates") == (
        409,
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
    )
    client.ok("deleteWebhook")
    assert client.ok("getUpdates") == []
    assert client.ok("getWebhookInfo")["url"] == ""


@pytest.mark.parametrize(
    "fields",
    [
        {"url": "http://saathi.example.org/x"},
        {"url": "https://saathi.example.org:8000/x"},
        {"url": "https://nowhere.example.org/x"},
        {"url": HOOK, "secret_token": "no spaces"},
        {"url": HOOK, "secret_token": ""},
    ],
)
def test_a_bad_webhook_is_refused(client: Client, receiver: Receiver, fields: dict[str, str]) -> None:
    """HTTPS, one of four ports, a name that leads somewhere, a secret of safe characters."""
    assert client.refused("setWebhook", **fields)[0] == 400
    assert client.ok("getWebhookInfo")["url"] == ""


def test_what_is_not_taken_comes_again_in_order(fake: FakeTelegram, client: Client, receiver: Receiver) -> None:
    """Without a 2xx the same update comes again before any later one of its chat; another chat does not wait."""
    receiver.answers += [(500, {}, b""), (503, {"Retry-After": "1"}, b"")]
    client.ok("setWebhook", url=HOOK)
    asha = fake.user(ASHA)
    asha.start()
    second = asha.type("two")
    receiver.wait(4)
    first = (second or 0) - 1
    assert receiver.ids() == [first, first, first, second]
    _until(lambda: len(fake.delivered) == 4)
    assert [status for _, status in fake.delivered] == [500, 503, 200, 200]
    told = client.ok("getWebhookInfo")
    assert told["last_error_message"] == "Wrong response from the webhook: 503 Service Unavailable"


def test_messages_and_buttons_are_in_different_queues(fake: FakeTelegram, client: Client, receiver: Receiver) -> None:
    """A message that is not taken holds up the chat's next message, not a pressed button, nor another chat."""
    asha = fake.user(ASHA)
    asha.start()
    keyboard = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}
    client.ok("sendMessage", chat_id=ASHA, text="?", reply_markup=keyboard)
    client.ok("getUpdates", offset=fake.waiting[0] + 1)
    receiver.answers += [(500, {"Retry-After": "60"}, b"")]
    client.ok("setWebhook", url=HOOK)
    stuck = asha.type("one")
    receiver.wait(1)
    asha.type("two")
    pressed = asha.tap("Yes")
    other = fake.user(RAVI).start()
    receiver.wait(3)
    assert receiver.ids()[0] == stuck
    assert sorted(receiver.ids()[1:]) == sorted([pressed or 0, other or 0])


def test_a_webhook_may_answer_with_a_method(fake: FakeTelegram, client: Client, receiver: Receiver) -> None:
    """The call in the answer is carried out; nobody is told the result."""
    answer = b'{"method":"sendMessage","chat_id":90001,"text":"from the webhook"}'
    receiver.answers.append((200, {"Content-Type": "application/json"}, answer))
    client.ok("setWebhook", url=HOOK)
    fake.user(ASHA).start()
    _until(lambda: fake.chat(ASHA).texts == ["from the webhook"])


def test_deliveries_are_doubled_and_reordered(fake: FakeTelegram, client: Client, receiver: Receiver) -> None:
    """A lost answer brings the same update again; a late one is overtaken."""
    client.ok("setWebhook", url=HOOK)
    fake.faults.script_updates(["twice", "late", "fine"])
    asha = fake.user(ASHA)
    first = asha.start() or 0
    receiver.wait(2)
    asha.type("two")
    asha.type("three")
    receiver.wait(4)
    assert receiver.ids() == [first, first, first + 2, first + 1]


def test_nobody_connects_while_telegram_is_away(fake: FakeTelegram, client: Client) -> None:
    """Connections break and are refused; what people wrote meanwhile is there afterwards, at the same address."""
    import httpx

    fake.user(ASHA).start()
    with fake.unreachable():
        with pytest.raises(httpx.TransportError):
            client.http.get(client.path("getMe"))
        fake.user(ASHA).type("hello?")
    assert _texts(client.ok("getUpdates")) == ["/start", "hello?"]


def _until(is_so: Callable[[], bool]) -> None:
    limit = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < limit
        time.sleep(0.005)


class Beside:
    """Something that waits, beside the test."""

    def __init__(self, what: Callable[[], Any]) -> None:
        self.result: Any = None
        self._thread = threading.Thread(target=lambda: setattr(self, "result", what()))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join()
