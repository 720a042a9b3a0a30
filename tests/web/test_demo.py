"""The demo over HTTP: what its addresses show, do and refuse."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from bot.bootstrap import App
from bot.driver import settable
from bot.web.app import create_app
from bot.web.phones import STRANGER
from tests.web.conftest import NOW

JSON = {"accept": "application/json"}


async def people(client: httpx.AsyncClient) -> dict[str, str]:
    """The switcher: words under each name -> key of the phone."""
    html = (await client.get("/demo")).text
    found = re.findall(r'href="/demo\?chat=([^"]*)".*?<strong>(.*?)</strong><span>(.*?)<', html, re.DOTALL)
    return {f"{unescape(name)}, {unescape(note)}": unquote(unescape(key)) for key, name, note in found}


async def first_patient(client: httpx.AsyncClient) -> str:
    return next(key for words, key in (await people(client)).items() if ", day " in words)


async def newcomer(client: httpx.AsyncClient) -> str:
    return next(key for words, key in (await people(client)).items() if "not connected" in words)


async def do(client: httpx.AsyncClient, what: str, **fields: str) -> dict[str, Any]:
    answer = await client.post(f"/demo/api/{what}", data=fields, headers=JSON)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["regions"]
    return found


@pytest.mark.parametrize("path", ["/demo", "/demo/", "/demo/api/state", "/demo/api/say"])
@pytest.mark.asyncio
async def test_without_the_demo_its_addresses_do_not_exist(demo_app: App, path: str) -> None:
    """`saathi run` serves no phone and no clock, whatever is asked."""
    transport = httpx.ASGITransport(create_app(demo_app, demo=False))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        assert (await client.get(path)).status_code == 404
        assert (await client.post(path, data={"chat": STRANGER, "text": "hello"})).status_code == 404
        assert "/demo" not in (await client.get("/about")).text


@pytest.mark.asyncio
async def test_start_page_health_and_metrics_answer(client: httpx.AsyncClient) -> None:
    """The start page leads to the demo; health and metrics speak to machines."""
    start = await client.get("/about")
    assert start.status_code == 200
    assert 'href="/demo"' in start.text
    health = await client.get("/health")
    assert health.status_code == 200
    assert health.json()["ok"] is True
    assert "saathi_queue_depth" in (await client.get("/metrics")).text


@pytest.mark.asyncio
async def test_the_switcher_has_three_patients_a_newcomer_and_a_stranger(client: httpx.AsyncClient) -> None:
    """Patients at different days, one who is not connected yet, and somebody without a link."""
    words = list(await people(client))
    assert len({word.split(", ")[1] for word in words if ", day " in word}) >= 2
    assert any("not connected" in word for word in words)
    assert words[-1] == "A stranger, no link"


@pytest.mark.asyncio
async def test_the_page_shows_chat_plan_and_set_time_together(client: httpx.AsyncClient) -> None:
    """Beside the phone stand the plan with states in words, the consents, and the time that is set."""
    html = (await client.get("/demo")).text
    assert ">09:10<" in html
    assert "Fri 20 Nov" in html
    assert 'class="line theirs"' in html
    for words in ("Today", "Sent", "Planned", "Consents", "Reminders"):
        assert words in html
    assert (await client.get("/demo")).headers["cache-control"] == "no-store"


@pytest.mark.asyncio
async def test_what_is_typed_is_answered_and_nothing_is_marked_up(client: httpx.AsyncClient) -> None:
    """A text goes the real way in and out; as HTML it stays text, its new lines are kept."""
    regions = await do(client, "say", chat=STRANGER, text="<b>hello</b>\nhttp://example.org")
    assert "&lt;b&gt;hello&lt;/b&gt;\nhttp://example.org" in regions["log"]
    assert "<b>" not in regions["log"]
    assert 'class="line theirs"' in regions["log"]


@pytest.mark.asyncio
async def test_the_plain_form_leads_back_to_the_page(client: httpx.AsyncClient) -> None:
    """Without scripts a form is answered with the page of the same phone."""
    key = await first_patient(client)
    answer = await client.post(
        "/demo/api/say", data={"chat": key, "text": "hello"}, headers={"accept": "text/html,*/*;q=0.8"}
    )
    assert answer.status_code == 303
    assert ">hello</p>" in (await client.get(answer.headers["location"])).text


@pytest.mark.asyncio
async def test_a_tap_goes_the_way_of_every_button(client: httpx.AsyncClient) -> None:
    """A press carries data and the message it answers, and stands in the chat with its label."""
    regions = await do(client, "say", chat=STRANGER, text="/start")
    under = re.findall(r'name="reply_to" value="([^"]+)"', regions["log"])[-1]
    data, label = re.findall(r'name="data" value="([^"]+)"[^>]*>([^<]+)<', regions["log"])[-1]
    regions = await do(client, "tap", chat=STRANGER, data=unescape(data), reply_to=under)
    assert f">{label}</p>" in regions["log"].rsplit('class="line mine"', 1)[1]


@pytest.mark.asyncio
async def test_the_link_of_a_newcomer_is_opened_by_the_start_button(client: httpx.AsyncClient) -> None:
    """The card shows link and code; Start sends the token, and the card goes away once it is used."""
    key = await newcomer(client)
    regions = (await client.get("/demo/api/state", params={"chat": key})).json()["regions"]
    token = re.search(r"\?start=([\w-]{22,})<", regions["plan"])
    assert token
    assert re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}", regions["plan"])
    assert f'value="/start {token[1]}"' in regions["composer"]
    regions = await do(client, "say", chat=key, text=f"/start {token[1]}")
    assert 'class="line theirs"' in regions["log"]
    assert "<strong>Not connected yet." not in regions["plan"]


@pytest.mark.asyncio
async def test_the_clock_moves_the_whole_system(client: httpx.AsyncClient, demo_app: App) -> None:
    """+1 h, +1 day and the next message set the time, and what was due meanwhile is in the chat at its own minute."""
    key = await first_patient(client)
    before = await do(client, "clock", chat=key, step="hour")
    assert ">10:10<" in before["clock"]
    title = re.search(r"due (\w+ \d+ \w+) at (\d\d:\d\d)", before["clock"])
    assert title
    after = await do(client, "clock", chat=key, step="next")
    assert f">{title[2]}<" in after["clock"]
    assert after["log"].count('class="line theirs"') > before["log"].count('class="line theirs"')
    await do(client, "clock", chat=key, step="day")
    assert (demo_app.clock.now() - NOW).days >= 1


@pytest.mark.asyncio
async def test_blocking_and_letting_in_again(client: httpx.AsyncClient) -> None:
    """A blocked phone offers only to unblock, and the plan says why nothing goes out."""
    key = await first_patient(client)
    regions = await do(client, "block", chat=key, blocked="yes")
    assert "composer-blocked" in regions["composer"]
    assert "Blocked the bot" in regions["plan"]
    assert "blocked the bot" in regions["plan"]
    regions = await do(client, "block", chat=key, blocked="no")
    assert "composer-blocked" not in regions["composer"]
    assert "Blocked the bot" not in regions["plan"]


@pytest.mark.parametrize("kind", ["photo", "sticker", "voice"])
@pytest.mark.asyncio
async def test_attachments_are_answered(client: httpx.AsyncClient, kind: str) -> None:
    """Photo, sticker and voice stand in the chat and get an answer."""
    regions = await do(client, "send", chat=STRANGER, kind=kind)
    assert f"attached-{kind}" in regions["log"]
    assert 'class="line theirs"' in regions["log"].rsplit("attached-", 1)[1]


@pytest.mark.asyncio
async def test_trouble_reported_on_the_phone_stands_beside_it(client: httpx.AsyncClient) -> None:
    """A red flag is shown with its sign and the words, and marks the person in the switcher."""
    key = await first_patient(client)
    regions = await do(client, "say", chat=key, text="peshab nahi ho raha")
    assert "tier-emergency" in regions["side"]
    assert "peshab nahi ho raha" in regions["side"]
    assert 'class="dot"' in regions["people"]


@pytest.mark.asyncio
async def test_what_did_not_change_is_not_sent_again(client: httpx.AsyncClient, demo_app: App) -> None:
    """The page asks every second; the answer is 304 until something happens or a minute is over."""
    first = await client.get("/demo/api/state", params={"chat": STRANGER})
    tag = {"if-none-match": first.headers["etag"]}
    settable(demo_app).advance(timedelta(seconds=1))
    again = await client.get("/demo/api/state", params={"chat": STRANGER}, headers=tag)
    assert again.status_code == 304
    assert again.content == b""
    await do(client, "say", chat=STRANGER, text="hello")
    changed = await client.get("/demo/api/state", params={"chat": STRANGER}, headers=tag)
    assert changed.status_code == 200
    assert changed.headers["etag"] != first.headers["etag"]


@pytest.mark.asyncio
async def test_ten_thousand_characters_are_taken_and_answered(client: httpx.AsyncClient) -> None:
    """The longest message the phone sends reaches Saathi, which answers it."""
    regions = await do(client, "say", chat=STRANGER, text="दर्द " * 2000)
    assert 'class="line theirs"' in regions["log"]


@pytest.mark.parametrize(
    ("what", "fields", "status", "words"),
    [
        ("say", {"chat": STRANGER, "text": "a" * 10_001}, 413, "10,000"),
        ("say", {"chat": STRANGER}, 422, "'text'"),
        ("say", {"text": "hello"}, 422, "'chat'"),
        ("say", {"chat": "nobody", "text": "hello"}, 404, "choose a person"),
        ("tap", {"chat": STRANGER, "data": "a" * 65}, 422, "64"),
        ("tap", {"chat": STRANGER}, 422, "'data'"),
        ("send", {"chat": STRANGER, "kind": "piano"}, 422, "photo"),
        ("block", {"chat": STRANGER, "blocked": "perhaps"}, 422, "unblock"),
        ("clock", {"chat": STRANGER, "step": "back"}, 422, "next, hour, day"),
    ],
)
@pytest.mark.asyncio
async def test_bad_input_gets_one_clear_sentence(
    client: httpx.AsyncClient, what: str, fields: dict[str, str], status: int, words: str
) -> None:
    """What cannot be done is refused with a sentence that says what to do, and leaves no trace in the chat."""
    answer = await client.post(f"/demo/api/{what}", data=fields, headers=JSON)
    assert answer.status_code == status
    assert words in answer.json()["error"]
    assert answer.json()["error"].endswith(".")
    state = (await client.get("/demo/api/state", params={"chat": STRANGER})).json()
    assert 'class="line' not in state["regions"]["log"]


@pytest.mark.asyncio
async def test_refusals_reach_people_as_a_page(client: httpx.AsyncClient) -> None:
    """Without scripts the sentence stands on a page with a way back; broken JSON and the wrong method are told too."""
    page = await client.post("/demo/api/say", data={"chat": "nobody", "text": "x"}, headers={"accept": "text/html"})
    assert page.status_code == 404
    assert "choose a person" in page.text
    assert 'href="/demo"' in page.text
    broken = await client.post("/demo/api/say", content=b"{", headers={"content-type": "application/json"})
    assert broken.status_code == 400
    assert "not JSON" in broken.json()["error"]
    assert (await client.get("/demo/api/say")).status_code == 405
    assert (await client.get("/demo?chat=nobody")).status_code == 404


@pytest.mark.asyncio
async def test_an_old_or_foreign_button_is_no_error(client: httpx.AsyncClient) -> None:
    """A button that no longer means anything is answered by Saathi, not by a broken page."""
    regions = await do(client, "tap", chat=STRANGER, data="0x:gone", reply_to="sim-999999")
    assert 'class="line theirs"' in regions["log"]


@pytest.mark.asyncio
async def test_the_ward_beside_the_phone_acknowledges_an_alert(client: httpx.AsyncClient) -> None:
    """The alert stands beside the phone with a button; pressed, the phone is told who has seen it."""
    key = await first_patient(client)
    regions = await do(client, "say", chat=key, text="peshab nahi ho raha")
    number = re.search(r'name="alert" value="(\d+)"', regions["side"])
    assert number
    regions = await do(client, "acknowledge", chat=key, alert=number[1])
    assert "seen by Sister Example" in regions["side"]
    assert 'name="alert"' not in regions["side"]
    assert "Sister Example" in regions["log"].rsplit('class="line theirs"', 1)[1]


@pytest.mark.asyncio
async def test_the_ward_beside_the_phone_answers_a_question(client: httpx.AsyncClient) -> None:
    """A question handed over is answered in a box beside the phone, and the answer stands in the chat."""
    key = await first_patient(client)
    await do(client, "say", chat=key, text="TEAM")
    regions = await do(client, "say", chat=key, text="Which colour may my curtains have?")
    number = re.search(r'name="question" value="(\d+)"', regions["side"])
    assert number
    regions = await do(client, "answer", chat=key, question=number[1], text="Any <b>colour</b>.")
    assert "Any &lt;b&gt;colour&lt;/b&gt;." in regions["log"]
    assert "answered by Sister Example" in regions["side"]


@pytest.mark.asyncio
async def test_the_demo_opens_the_console_as_the_made_up_nurse(client: httpx.AsyncClient, demo_app: App) -> None:
    """One press leads to the list of patients, or to this patient's page, with a session of a nurse."""
    assert (await client.get("/")).headers["location"].startswith("/login")
    opened = await client.post("/demo/console", data={"patient": "1"})
    assert (opened.status_code, opened.headers["location"]) == (303, "/patients/1")
    assert "Asha Example" in (await client.get("/patients/1")).text
    opened = await client.post("/demo/console")
    assert opened.headers["location"] == "/"
    assert "My account" in (await client.get("/")).text
    assert (await client.get("/staff")).status_code == 403


@pytest.mark.parametrize(
    ("address", "fields"),
    [("acknowledge", {"alert": "x"}), ("acknowledge", {}), ("answer", {"question": "-1", "text": "x"})],
)
@pytest.mark.asyncio
async def test_the_ward_beside_the_phone_refuses_nonsense(
    client: httpx.AsyncClient, address: str, fields: dict[str, str]
) -> None:
    """A request without a usable number is refused in one sentence."""
    key = await first_patient(client)
    answer = await client.post(f"/demo/api/{address}", data={"chat": key, **fields}, headers=JSON)
    assert answer.status_code == 422
    assert "error" in answer.json()
