"""The fake Bot API keeps to Telegram's documentation: what it takes, what it refuses, and in which words."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.fakes.telegram.faults import Fault, Kind
from tests.fakes.telegram.rates import Rates
from tests.fakes.telegram.server import FakeTelegram
from tests.telegram.raw import Client

ASHA = 90_001


@pytest.fixture(autouse=True)
def _asha(fake: FakeTelegram) -> None:
    fake.user(ASHA, "hi").start()


def _buttons(*rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"inline_keyboard": list(rows)}


def test_it_knows_its_bot_alone(fake: FakeTelegram, client: Client) -> None:
    """The right token is answered; a wrong one is 401, what is no token 404, and so is an unknown method."""
    me = client.ok("getMe")
    assert me["is_bot"] is True
    assert me["username"] == fake.username
    assert str(me["id"]) == fake.token.partition(":")[0]
    wrong = {"/bot123456:AAwrong/getMe": 401, "/botnonsense/getMe": 404, "/getMe": 404, "/": 404}
    assert {path: client.http.get(path).status_code for path in wrong} == wrong
    assert client.refused("inventSomething") == (404, "Not Found: method not found")


def test_parameters_come_in_every_form(fake: FakeTelegram, client: Client) -> None:
    """Query, form, JSON and multipart say the same; names of methods have no case."""
    fields = {"chat_id": str(ASHA), "text": "नमस्ते & hello", "reply_markup": '{"inline_keyboard":[]}'}
    path = client.path("SENDmessage")
    client.read(client.http.get(path, params=fields))
    client.read(client.http.post(path, data=fields))
    client.read(client.http.post(path, json=fields | {"chat_id": ASHA, "reply_markup": {"inline_keyboard": []}}))
    assert fake.rates
    fake.rates._chats.clear()
    client.read(client.http.post(path, files={name: (None, value) for name, value in fields.items()}))
    chunks = iter([json.dumps(fields).encode()])
    client.read(client.http.post(path, content=chunks, headers={"Content-Type": "application/json"}))
    assert fake.chat(ASHA).texts == ["नमस्ते & hello"] * 5


def test_requests_in_one_breath_are_answered_in_order(client: Client) -> None:
    """A connection is kept, and what is written before the answer waits its turn."""
    import socket

    host, port = client.http.base_url.host, client.http.base_url.port
    request = f"GET {client.path('getMe')} HTTP/1.1\r\nHost: x\r\n\r\n"
    with socket.create_connection((host, port or 0), timeout=10) as connection:
        connection.sendall((request * 2).encode() + request.replace("getMe", "nothing").encode()[:-2])
        connection.sendall(b"\r\n")
        got = b""
        while got.count(b'{"ok"') < 3:
            got += connection.recv(65536)
    assert got.index(b"404") > got.rindex(b"200 OK")


def test_a_message_is_shown_and_told(fake: FakeTelegram, client: Client) -> None:
    """The result is the message as Telegram shows it, the person sees it, the ledger keeps it."""
    rows = [{"text": "Yes", "callback_data": "1a:1"}], [{"text": "Map", "url": "https://example.org/map"}]
    sent = client.ok("sendMessage", chat_id=ASHA, text=" <b>नमस्ते</b> 🙏 a&lt;b ", parse_mode="HTML",
                     reply_markup=_buttons(*rows))  # fmt: skip
    assert sent["chat"] == {"id": ASHA, "first_name": "Asha", "type": "private"}
    assert sent["from"]["is_bot"]
    assert sent["text"] == "नमस्ते 🙏 a<b"
    assert sent["entities"] == [{"type": "bold", "offset": 0, "length": 6}]
    line = fake.chat(ASHA).last
    assert (line.text, line.labels, line.entities) == ("नमस्ते 🙏 a<b", ["Yes", "Map"], (("bold", "नमस्ते"),))
    (seen,) = fake.ledger
    assert (seen.to, seen.text, seen.message_id) == (str(ASHA), line.text, sent["message_id"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "message text is empty"),
        (" \n ", "message text is empty"),
        ("<b></b>", "message text is empty"),
        ("x" * 4097, "message is too long"),
        ("🙏" * 2049, "message is too long"),
        ("<b>x", "can't parse entities: Can't find end tag"),
        ("1 < 2", 'can\'t parse entities: Unsupported start tag "" at byte offset 2'),
        ("दो <p>x</p>", 'can\'t parse entities: Unsupported start tag "p" at byte offset 7'),
        ("<b><i>x</b></i>", 'can\'t parse entities: Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("x</b>", "can't parse entities: Unexpected end tag at byte offset 1"),
        ("<a href='x", "can't parse entities"),
        ("<span>x</span>", 'can\'t parse entities: Tag "span" must have class "tg-spoiler"'),
    ],
)
def test_bad_html_is_refused(fake: FakeTelegram, client: Client, text: str, said: str) -> None:
    """Nothing but Telegram's own tags, nested and closed; 1 to 4096 units when they are gone."""
    code, description = client.refused("sendMessage", chat_id=ASHA, text=text, parse_mode="HTML")
    assert code == 400
    assert description.startswith(f"Bad Request: {said}")
    assert fake.ledger == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("x" * 4096, "x" * 4096),
        ("<b>" + "x" * 4096 + "</b>", "x" * 4096),
        ("a > b & c &lt; d &amp; &quot; &#2325; &#x915; &nbsp;", 'a > b & c < d & " क क &nbsp;'),
        ("<a href='https://example.org?a=1&amp;b=2'>link</a>", "link"),
        ("<tg-spoiler>a</tg-spoiler><s>b</s><pre><code class='language-py'>c</code></pre>", "abc"),
        ("<blockquote expandable>x</blockquote>", "x"),
        ("<B>x</B>\r\ny", "x\ny"),
    ],
)
def test_good_html_is_understood(fake: FakeTelegram, client: Client, text: str, shown: str) -> None:
    """Tags disappear, the four references and all numbers are resolved, what is unknown stays."""
    client.ok("sendMessage", chat_id=ASHA, text=text, parse_mode="HTML")
    assert fake.chat(ASHA).last.text == shown


def test_without_parse_mode_nothing_is_markup(fake: FakeTelegram, client: Client) -> None:
    """A text is shown as it stands; unknown parse modes are refused."""
    client.ok("sendMessage", chat_id=ASHA, text="1 < 2 & <b>")
    assert fake.chat(ASHA).last.text == "1 < 2 & <b>"
    assert client.refused("sendMessage", chat_id=ASHA, text="x", parse_mode="XML")[0] == 400


@pytest.mark.parametrize(
    ("button", "said"),
    [
        ({"text": "x", "callback_data": "ह" * 22}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "callback_data": ""}, "BUTTON_DATA_INVALID"),
        ({"text": "x"}, "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
        ({"text": " ", "callback_data": "x"}, "inline keyboard button text must be non-empty"),
        ({"callback_data": "x"}, 'can\'t parse inline keyboard button: Field "text" must be of type String'),
        (
            {"text": "x", "url": "http://localhost:8000/"},
            "inline keyboard button URL 'http://localhost:8000/' is invalid",
        ),
        ({"text": "x", "url": "ftp://example.org"}, "inline keyboard button URL 'ftp://example.org' is invalid"),
    ],
)
def test_bad_buttons_are_refused(client: Client, button: dict[str, str], said: str) -> None:
    """A button shows something, and carries 1 to 64 bytes or leads to a real address."""
    code, description = client.refused("sendMessage", chat_id=ASHA, text="x", reply_markup=_buttons([button]))
    assert code == 400
    assert description.startswith(f"Bad Request: {said}")


def test_buttons_at_the_limit_are_taken(client: Client) -> None:
    """64 bytes in Devanagari are 21 letters; a keyboard of the phone is no inline keyboard."""
    client.ok("sendMessage", chat_id=ASHA, text="x", reply_markup=_buttons([{"text": "x", "callback_data": "ह" * 21}]))
    contact = {"keyboard": [[{"text": "My number", "request_contact": True}]], "one_time_keyboard": True}
    client.ok("sendMessage", chat_id=ASHA, text="x", reply_markup=contact)
    assert client.refused("sendMessage", chat_id=ASHA, text="x", reply_markup="nonsense")[0] == 400


def test_only_those_who_started_can_be_written_to(fake: FakeTelegram, client: Client) -> None:
    """Chat not found for strangers, 403 for those who blocked the bot or left."""
    assert client.refused("sendMessage", text="x") == (400, "Bad Request: chat_id is empty")
    assert client.refused("sendMessage", chat_id=5, text="x") == (400, "Bad Request: chat not found")
    fake.user(5)
    assert client.refused("sendMessage", chat_id=5, text="x") == (400, "Bad Request: chat not found")
    fake.user(ASHA).block()
    assert client.refused("sendMessage", chat_id=ASHA, text="x") == (403, "Forbidden: bot was blocked by the user")
    fake.user(ASHA).unblock()
    client.ok("sendMessage", chat_id=ASHA, text="x")
    fake.user(ASHA).delete_account()
    assert client.refused("sendMessage", chat_id=ASHA, text="x") == (403, "Forbidden: user is deactivated")


def test_one_chat_bears_a_short_burst() -> None:
    """Three at once to one chat, then one a second; others do not wait."""
    rates = Rates()
    assert [_taken(rates, 1, 100.0) for _ in range(5)] == [0, 0, 0, 1, 1]
    assert [_taken(rates, 2, 100.0), _taken(rates, 1, 101.0), _taken(rates, 1, 101.5)] == [0, 0, 1]


def test_thirty_in_any_second_and_then_a_flood() -> None:
    """The thirty-first within a second is refused, and everything until the time that was told has passed."""
    rates = Rates(flood_wait=3.0)
    assert [_taken(rates, n, 100.0 + n / 40) for n in range(30)] == [0] * 30
    assert [_taken(rates, 30, 100.99), _taken(rates, 31, 101.5), _taken(rates, 32, 103.9)] == [3, 3, 1]
    assert _taken(rates, 33, 104.0) == 0
    even = Rates()
    assert not any(_taken(even, n, n / 29.9) for n in range(300))


def _taken(rates: Rates, chat: int, now: float) -> int:
    """0, or how long to wait."""
    from tests.fakes.telegram.errors import ApiError

    try:
        rates.take(chat, now)
    except ApiError as error:
        return int(error.parameters["retry_after"])
    return 0


def test_too_many_are_told_how_long_to_wait(fake: FakeTelegram, client: Client) -> None:
    """429 names the wait in its parameters and its header."""
    answers = [
        client.http.post(client.path("sendMessage"), data={"chat_id": str(ASHA), "text": str(n)}) for n in range(4)
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    told = answers[-1].json()
    assert told["parameters"] == {"retry_after": 1}
    assert told["description"] == "Too Many Requests: retry after 1"
    assert answers[-1].headers["retry-after"] == "1"
    assert fake.answers[429] == 1
    assert len(fake.ledger) == 3


@pytest.mark.parametrize(
    ("kind", "status", "seen"),
    [
        ("too many", 429, 0),
        ("forbidden", 403, 0),
        ("bad request", 400, 0),
        ("broken before", 500, 0),
        ("broken after", 500, 1),
        ("dropped before", None, 0),
        ("dropped after", None, 1),
        ("slow", 200, 1),
        ("conflict", 409, 0),
        ("nonsense", 200, 1),
        ("gateway", 502, 0),
    ],
)
def test_a_fault_does_what_it_says(
    fake: FakeTelegram, client: Client, kind: Kind, status: int | None, seen: int
) -> None:
    """Each scripted fault answers as it should, and only some let the person see the message; the next call works."""
    fake.faults.script([Fault(kind, seconds=0.01)])
    try:
        got: int | None = client.http.post(
            client.path("sendMessage"), data={"chat_id": "90001", "text": "x"}
        ).status_code
    except httpx.RemoteProtocolError:
        got = None
    except httpx.ReadError:
        got = None
    assert got == status
    assert len(fake.ledger) == seen
    client.ok("sendMessage", chat_id=ASHA, text="y")
    assert len(fake.ledger) == seen + 1
    assert fake.faults.left == 0


def test_faults_meet_the_calls_they_are_meant_for(fake: FakeTelegram, client: Client) -> None:
    """A fault for a method or a chat waits for that one."""
    fake.user(7).start()
    fake.faults.script([Fault("forbidden", chat=7), Fault("broken before", method="getme")])
    client.ok("sendMessage", chat_id=ASHA, text="x")
    assert client.refused("getMe")[0] == 500
    assert client.refused("sendMessage", chat_id=7, text="x")[0] == 403


def test_files_go_up_and_down(fake: FakeTelegram, client: Client) -> None:
    """A photo or document with a caption, sent as a file, sent again by its id, and fetched."""
    path = client.path("sendPhoto")
    drawn = io.BytesIO()
    Image.new("L", (4, 4)).save(drawn, "PNG")
    picture = drawn.getvalue()
    files = {"photo": ("qr.png", picture, "image/png")}
    sent = client.read(client.http.post(path, data={"chat_id": str(ASHA), "caption": "<i>q</i>", "parse_mode": "HTML"},
                                        files=files))["result"]  # fmt: skip
    name = sent["photo"][0]["file_id"]
    assert sent["caption"] == "q"
    where = client.ok("getFile", file_id=name)["file_path"]
    assert client.http.get(f"/file/bot{fake.token}/{where}").content == picture
    assert client.ok("sendPhoto", chat_id=ASHA, photo=name)["photo"][0]["file_id"] == name
    assert client.refused("sendDocument", chat_id=ASHA, document="x")[0] == 400
    files = {"document": ("a.pdf", b"%PDF", "application/pdf")}
    told = client.read(client.http.post(client.path("sendDocument"),
                                        data={"chat_id": str(ASHA), "caption": "x" * 1025}, files=files))  # fmt: skip
    assert told["description"] == "Bad Request: message caption is too long"
    files = {"photo": ("qr.png", b"no picture", "image/png")}
    told = client.read(client.http.post(path, data={"chat_id": str(ASHA)}, files=files))
    assert told["description"] == "Bad Request: IMAGE_PROCESS_FAILED"


def test_messages_can_be_changed(fake: FakeTelegram, client: Client) -> None:
    """An edit changes what stands there; the same again, an unknown one and somebody else's are refused."""
    sent = client.ok(
        "sendMessage", chat_id=ASHA, text="one", reply_markup=_buttons([{"text": "a", "callback_data": "a"}])
    )
    which = {"chat_id": ASHA, "message_id": sent["message_id"]}
    assert client.ok("editMessageText", **which, text="two")["text"] == "two"
    assert fake.chat(ASHA).last.labels == []
    assert "message is not modified" in client.refused("editMessageText", **which, text="two")[1]
    assert client.refused("editMessageText", chat_id=ASHA, message_id=99, text="x")[1].endswith(
        "message to edit not found"
    )
    theirs = fake.chat(ASHA).lines[0]
    assert theirs.mine
    assert client.refused("editMessageText", chat_id=ASHA, message_id=theirs.message_id, text="x")[0] == 400
    assert [(seen.kind, seen.text) for seen in fake.ledger] == [("text", "one"), ("edit", "two")]


def test_commands_belong_to_a_language(fake: FakeTelegram, client: Client) -> None:
    """Names and descriptions have their limits; each scope and language has its own list."""
    hindi = [{"command": "start", "description": "शुरू करें"}]
    client.ok("setMyCommands", commands=hindi, language_code="hi")
    client.ok("setMyCommands", commands=[{"command": "help", "description": "What I can do"}])
    assert client.ok("getMyCommands", language_code="hi") == hindi
    assert client.ok("getMyCommands")[0]["command"] == "help"
    bad = [{"command": "Start!", "description": "x"}], [{"command": "a", "description": ""}]
    assert [client.refused("setMyCommands", commands=one)[1] for one in bad] == [
        "Bad Request: BOT_COMMAND_INVALID",
        "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID",
    ]
    assert client.refused("setMyCommands", commands=hindi, language_code="hi-IN")[0] == 400
    client.ok("setMyDescription", description="a" * 512)
    client.ok("setMyShortDescription", short_description="कम", language_code="hi")
    assert client.refused("setMyShortDescription", short_description="a" * 121)[0] == 400
    assert fake.words["short_description", "hi"] == "कम"


@pytest.fixture
def old() -> Iterator[tuple[FakeTelegram, list[float]]]:
    """A Telegram whose clock the test moves."""
    now = [1_800_000_000.0]
    with FakeTelegram(now=lambda: now[0]) as fake:
        yield fake, now


def test_a_pressed_button_does_not_live_long(old: tuple[FakeTelegram, list[float]]) -> None:
    """It waits for its answer, once; after 150 seconds it is neither delivered nor can it be answered."""
    fake, now = old
    client = Client(fake)
    fake.user(1).start()
    client.ok("sendMessage", chat_id=1, text="?", reply_markup=_buttons([{"text": "Yes", "callback_data": "y"}]))
    fake.user(1).tap("Yes")
    _, update = client.ok("getUpdates")
    query = update["callback_query"]
    assert (query["data"], query["message"]["text"], query["from"]["id"]) == ("y", "?", 1)
    assert fake.user(1).spinners == [query["id"]]
    client.ok("answerCallbackQuery", callback_query_id=query["id"], text="x" * 200)
    assert fake.user(1).spinners == []
    assert client.refused("answerCallbackQuery", callback_query_id=query["id"], text="x" * 201)[0] == 400
    number = fake.user(1).tap("Yes")
    now[0] += 151
    assert [one["update_id"] for one in client.ok("getUpdates")] == [update["update_id"] - 1]
    assert fake.dropped == [update["update_id"], number]
    (query_id,) = fake.user(1).spinners
    said = client.refused("answerCallbackQuery", callback_query_id=query_id)[1]
    assert said == "Bad Request: query is too old and response timeout expired or query ID is invalid"
    client.http.close()
