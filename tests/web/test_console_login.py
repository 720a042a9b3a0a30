from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import insert, select, update

from bot.staff import accounts, sessions, tokens
from bot.staff.sessions import ABSOLUTE, IDLE
from bot.staff.tables import staff_member, staff_session
from bot.staff.throttle import ACCOUNT_FAILURES
from bot.staff.tokens import Purpose
from bot.store.tables import audit, channel_state
from scheduler import people
from tests.support.console import House, csrf_in, house, sentence_in
from tests.support.members import PASSWORD

NEW = "eleven quiet brass bells"
SECOND = timedelta(seconds=1)


@pytest_asyncio.fixture
async def home(tmp_path: Path, sqlite_url: str) -> AsyncIterator[House]:
    """A system reached over plain HTTP on this machine."""
    async with house(tmp_path, sqlite_url) as made:
        yield made


@pytest.mark.asyncio
async def test_the_first_start_says_how_to_add_somebody(home: House) -> None:
    """Until there is an account, the login page shows the command; afterwards it does not."""
    async with home.browser() as browser:
        assert "saathi staff add" in (await browser.get("/login")).text
        await home.member()
        page = await browser.get("/login")
        assert "saathi staff add" not in page.text
        assert page.headers["cache-control"] == "no-store"


@pytest.mark.asyncio
async def test_who_logs_in_gets_where_they_wanted(home: House) -> None:
    """A page asked for without a session comes after the login; a login is noted in the audit trail."""
    staff = await home.member()
    async with home.browser() as browser:
        sent = await browser.get("/account?x=1")
        assert (sent.status_code, sent.headers["location"]) == (303, "/login?next=%2Faccount%3Fx%3D1")
        form = await browser.get(sent.headers["location"])
        assert 'value="/account?x=1"' in form.text
        done = await browser.log_in(wanted="/account?x=1")
        assert (done.status_code, done.headers["location"]) == (303, "/account?x=1")
        assert "Sister Example" in (await browser.get("/account")).text
        again = await browser.get("/login")
        assert (again.status_code, again.headers["location"]) == (303, "/")
    async with home.app.store.read() as conn:
        rows = (await conn.execute(select(audit.c.actor, audit.c.action))).all()
    assert (f"staff:{staff.id}", "logged in") in rows


@pytest.mark.asyncio
async def test_a_page_left_open_is_told_by_status_that_the_session_is_over(home: House) -> None:
    """Scripts get 401 and JSON, not a login page in place of the news."""
    async with home.browser() as browser:
        for headers in ({"accept": "application/json"}, {"x-saathi-live": "1"}):
            answer = await browser.client.get("/", headers=headers)
            assert answer.status_code == 401
            assert answer.json()["error"].endswith(".")


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example.org/", "//evil.example.org", "/\\evil.example.org", "\\\\evil.example.org",
        "/%2F/evil.example.org", "/%5Cevil.example.org", "/\t/evil.example.org", "/\n/evil.example.org", "http:/x", "x",
        " //evil.example.org", "/ok\r\nset-cookie: a=b", "/login", "/invitation/abc", "/" + "x" * 2000, "",
    ],
)  # fmt: skip
@pytest.mark.asyncio
async def test_the_login_leads_to_no_other_site(home: House, wanted: str) -> None:
    """Whatever `next` says, one lands on a page of ours."""
    await home.member()
    async with home.browser() as browser:
        done = await browser.log_in(wanted=wanted)
        assert (done.status_code, done.headers["location"]) == (303, "/")
        form = await browser.client.get("/login", params={"next": wanted})
        assert (form.status_code, form.headers["location"]) == (303, "/")


@pytest.mark.asyncio
async def test_a_session_cannot_be_planted(home: House) -> None:
    """A token brought along is never adopted, and the session it belonged to ends with the login."""
    nurse, other = await home.member(), await home.member("other")
    async with home.browser() as browser:
        browser.hold("planted-by-somebody-else")
        await browser.log_in()
        assert browser.token not in {"", "planted-by-somebody-else"}
        first = browser.token
        await browser.log_in()
        assert browser.token != first
        async with home.app.store.read() as conn:
            assert await sessions.find(conn, home.app.store.keys, first, home.clock.now()) is None
            assert len(await sessions.of(conn, nurse.id, home.clock.now())) == 1
        await browser.enter(other)
        theirs = browser.token
        await browser.log_in()
        async with home.app.store.read() as conn:
            assert await sessions.find(conn, home.app.store.keys, theirs, home.clock.now()) is None


@pytest.mark.asyncio
async def test_a_session_ends_by_itself(home: House) -> None:
    """After half an hour without a request, after ten hours in any case; a page that asks by itself is no request."""
    staff = await home.member()
    async with home.logged_in(staff) as browser:
        home.clock.advance(IDLE - SECOND)
        assert (await browser.get("/account")).status_code == 200
        home.clock.advance(IDLE - SECOND)
        assert (await browser.client.get("/account", headers={"x-saathi-live": "1"})).status_code == 200
        home.clock.advance(SECOND)
        assert (await browser.get("/account")).status_code == 303
        await browser.enter(staff)
        for _ in range(int(ABSOLUTE / (IDLE / 2)) - 1):
            home.clock.advance(IDLE / 2)
            assert (await browser.get("/account")).status_code == 200
        home.clock.advance(IDLE / 2)
        assert (await browser.get("/account")).status_code == 303


@pytest.mark.asyncio
async def test_requests_write_once_a_minute(home: House) -> None:
    """Ten pages in a minute leave the row alone; the next minute's first notes it."""
    staff = await home.member()
    start = home.clock.now()
    async with home.logged_in(staff) as browser:
        for seconds in (5, 30, 24):
            home.clock.advance(timedelta(seconds=seconds))
            await browser.get("/account")
        async with home.app.store.read() as conn:
            assert await conn.scalar(select(staff_session.c.seen_at)) == start
        home.clock.advance(SECOND)
        await browser.get("/account")
        async with home.app.store.read() as conn:
            assert await conn.scalar(select(staff_session.c.seen_at)) == home.clock.now()


@pytest.mark.asyncio
async def test_who_may_not_log_in_learns_nothing(home: House) -> None:
    """Wrong password, unknown login, disabled, not yet invited: the same status and sentence, and nobody is in."""
    await home.member()
    gone = await home.member("gone")
    await home.member("invited", password=False)
    async with home.app.store.write() as conn:
        await accounts.disable(conn, gone.id, home.clock.now())
    answers = set()
    for login, password in (
        ("sister", "quite another"),
        ("nobody", PASSWORD),
        ("gone", PASSWORD),
        ("invited", PASSWORD),
        ("", ""),
    ):
        async with home.browser() as browser:
            answer = await browser.log_in(login, password)
            answers.add((answer.status_code, sentence_in(answer)))
            assert "set-cookie" not in answer.headers
            assert password == "" or password not in answer.text
            assert (await browser.get("/account")).status_code == 303
    assert answers == {(401, "Login or password is wrong. Check both, and whether capitals are locked.")}


@pytest.mark.parametrize("login", ["sister", "nobody"])
@pytest.mark.asyncio
async def test_guessing_becomes_slow(home: House, login: str) -> None:
    """After five failures even the right password waits, for a known login as for an unknown one, and then works."""
    await home.member()
    async with home.browser("192.0.2.7") as guesser, home.browser("192.0.2.8") as elsewhere:
        for number in range(ACCOUNT_FAILURES):
            assert (await guesser.log_in(login, f"guess {number}")).status_code == 401
        for browser in (guesser, elsewhere):
            told = await browser.log_in(login, PASSWORD)
            assert told.status_code == 429
            assert told.headers["retry-after"] == "30"
            assert sentence_in(told) == "There were too many failed tries. Wait 30 seconds, then try again."
        home.clock.advance(timedelta(seconds=30))
        after = await guesser.log_in(login, PASSWORD)
        assert after.status_code == (303 if login == "sister" else 401)
        if login == "nobody":
            assert (await elsewhere.log_in(login, "x")).headers["retry-after"] == "60"


@pytest.mark.parametrize(
    ("public_url", "base", "name", "secure"),
    [
        ("", "http://127.0.0.1", "saathi", False),
        ("http://saathi.example.org", "http://saathi.example.org", "saathi", False),
        ("https://saathi.example.org", "https://saathi.example.org", "__Host-saathi", True),
    ],
)
@pytest.mark.asyncio
async def test_the_cookie_is_kept_from_scripts_and_other_sites(
    tmp_path: Path, sqlite_url: str, public_url: str, base: str, name: str, secure: bool
) -> None:
    """HttpOnly, SameSite, the whole host and no other, gone with the browser; over TLS also Secure with HSTS."""
    async with house(tmp_path, sqlite_url, public_url=public_url, base=base) as home:
        await home.member()
        async with home.browser() as browser:
            done = await browser.log_in()
            words = done.headers["set-cookie"].lower().split("; ")
            assert words[0].startswith(f"{name.lower()}=")
            assert {"httponly", "path=/", "samesite=lax"} <= set(words)
            assert ("secure" in words) == secure
            assert not any(word.startswith(("domain", "expires", "max-age")) for word in words)
            assert ("strict-transport-security" in done.headers) == secure
            out = await browser.post("/logout")
            assert out.headers["set-cookie"].startswith(f'{name}="";')
            assert (await browser.get("/account")).status_code == 303


@pytest.mark.asyncio
async def test_logging_out_ends_the_session_itself(home: House) -> None:
    """Who kept the cookie finds nothing behind it; another browser stays."""
    staff = await home.member()
    async with home.logged_in(staff) as browser, home.logged_in(staff) as other:
        kept = browser.token
        done = await browser.post("/logout")
        assert (done.status_code, done.headers["location"]) == (303, "/login")
        browser.hold(kept)
        assert (await browser.get("/account")).status_code == 303
        assert (await other.get("/account")).status_code == 200
        assert (await browser.client.get("/logout")).status_code == 405


@pytest.mark.asyncio
async def test_an_invitation_leads_to_a_password_and_in(home: House) -> None:
    """Chosen twice, refused in a sentence when weak or different, then logged in; the link works once."""
    await home.member("boss", "admin")
    async with home.app.store.write() as conn:
        token = (await accounts.add(conn, home.app.store.keys, "Dr Example", "dr", "clinician", home.clock.now())).token
    async with home.browser() as browser:
        assert "Welcome, Dr Example" in (await browser.get(f"/invitation/{token}")).text
        for password, again, hint in ((NEW, NEW + "x", "not the same"), ("short", "short", "at least 12")):
            refused = await browser.client.post(f"/invitation/{token}", data={"password": password, "again": again})
            assert refused.status_code == 422
            assert hint in sentence_in(refused)
            assert password not in refused.text
        done = await browser.client.post(f"/invitation/{token}", data={"password": NEW, "again": NEW})
        assert (done.status_code, done.headers["location"]) == (303, "/")
        assert "Dr Example" in (await browser.get("/account")).text
        for answer in (
            await browser.get(f"/invitation/{token}"),
            await browser.client.post(f"/invitation/{token}", data={"password": NEW, "again": NEW}),
            await browser.get("/invitation/made-up"),
        ):
            assert answer.status_code == 410
            assert "ask an administrator for a new link" in answer.text
            assert "Dr Example" not in answer.text
    async with home.browser() as browser:
        assert (await browser.log_in("dr", NEW)).status_code == 303


@pytest.mark.asyncio
async def test_an_old_invitation_says_so(home: House) -> None:
    """After seven days a new one is needed; a new one makes the old one stop."""
    staff = await home.member(password=False)
    async with home.app.store.write() as conn:
        old = await accounts.invite(conn, home.app.store.keys, staff.id, home.clock.now())
        new = await accounts.invite(conn, home.app.store.keys, staff.id, home.clock.now())
    async with home.browser() as browser:
        assert (await browser.get(f"/invitation/{old}")).status_code == 410
        assert (await browser.get(f"/invitation/{new}")).status_code == 200
        home.clock.advance(timedelta(days=7))
        assert (await browser.get(f"/invitation/{new}")).status_code == 410


@pytest.mark.asyncio
async def test_a_new_password_logs_every_other_browser_out(home: House) -> None:
    """This one goes on with another token; the old password is worth nothing."""
    staff = await home.member()
    async with home.logged_in(staff) as browser, home.logged_in(staff) as other:
        before = browser.token
        for fields, hint in (
            ({"password": "wrong", "new": NEW, "again": NEW}, "present password is wrong"),
            ({"password": PASSWORD, "new": NEW, "again": NEW + "x"}, "not the same"),
            ({"password": PASSWORD, "new": "sister example", "again": "sister example"}, "your own name"),
        ):
            refused = await browser.post("/account/password", **fields)
            assert refused.status_code == 422
            assert hint in sentence_in(refused)
        done = await browser.post("/account/password", password=PASSWORD, new=NEW, again=NEW)
        assert (done.status_code, done.headers["location"]) == (303, "/account?said=changed")
        assert browser.token != before
        assert "Your password was changed" in (await browser.get("/account?said=changed")).text
        assert (await other.get("/account")).status_code == 303
        assert (await other.log_in("sister", PASSWORD)).status_code == 401
        assert (await other.log_in("sister", NEW)).status_code == 303


@pytest.mark.asyncio
async def test_a_stolen_session_cannot_guess_the_password(home: House) -> None:
    """The present password is asked for, and wrong ones are counted like at the login."""
    staff = await home.member()
    async with home.logged_in(staff) as browser:
        for _ in range(ACCOUNT_FAILURES):
            assert (await browser.post("/account/password", password="x", new=NEW, again=NEW)).status_code == 422
        told = await browser.post("/account/password", password=PASSWORD, new=NEW, again=NEW)
        assert (told.status_code, told.headers["retry-after"]) == (429, "30")


@pytest.mark.asyncio
async def test_log_out_everywhere_means_everywhere(home: House) -> None:
    """The account page lists the browsers; after the button none is left."""
    staff = await home.member()
    async with home.logged_in(staff) as browser, home.logged_in(staff) as other:
        page = await browser.get("/account")
        assert page.text.count("<strong>This browser</strong>") == 1
        assert page.text.count("Another browser") == 1
        done = await browser.post("/account/sessions/end")
        assert (done.status_code, done.headers["location"]) == (303, "/login")
        for one in (browser, other):
            assert (await one.get("/account")).status_code == 303


@pytest.mark.asyncio
async def test_a_chat_is_linked_by_a_code_that_is_shown_once(home: House) -> None:
    """Typed, or by a QR once the bot's name is known; then the page says linked, and can unlink."""
    staff = await home.member()
    keys, now = home.app.store.keys, home.clock.now()
    async with home.logged_in(staff) as browser:
        assert "not linked yet" in (await browser.get("/account")).text
        typed = await browser.post("/account/chat")
        assert "t.me" not in typed.text
        async with home.app.store.write() as conn:
            await conn.execute(insert(channel_state).values(channel="telegram", username="sample_bot", info={}))
        shown = await browser.post("/account/chat")
        letters = shown.text.split('class="whole link-code">')[1].split("<")[0]
        assert f"https://t.me/sample_bot?start=s_{letters.replace('-', '')}" in shown.text
        assert 'src="data:image/svg+xml' in shown.text
        assert letters not in (await browser.get("/account")).text
        async with home.app.store.write() as conn:
            assert await tokens.use(conn, keys, Purpose.CHAT, letters, now) == staff.id
            address_id = await people.ensure_address(conn, keys, "telegram", "77", now)
            await conn.execute(update(staff_member).where(staff_member.c.id == staff.id).values(address_id=address_id))
        assert "Alerts come to your Telegram chat" in (await browser.get("/account")).text
        assert (await browser.post("/account/chat/unlink")).headers["location"] == "/account"
        assert "not linked yet" in (await browser.get("/account")).text


@pytest.mark.asyncio
async def test_an_administrator_looks_after_staff(home: House) -> None:
    """Adds somebody with a link that is shown once, shuts them out at once, and lets them in again."""
    admin = await home.member("boss", "admin")
    async with home.logged_in(admin) as browser, home.browser() as theirs:
        added = await browser.post("/staff/add", name="Brother Example", login="brother", role="nurse")
        link = added.text.split('class="invitation-link">')[1].split("<")[0]
        assert link.startswith("http://127.0.0.1/invitation/")
        assert "/invitation/" not in (await browser.get("/staff")).text
        await theirs.client.post(link, data={"password": NEW, "again": NEW})
        assert (await theirs.get("/account")).status_code == 200
        async with home.app.store.read() as conn:
            brother = await accounts.by_login(conn, home.app.store.keys, "brother")
        assert brother is not None
        for fields in (
            {"name": "Other", "login": "BROTHER", "role": "nurse"},
            {"name": "", "login": "x", "role": "nurse"},
        ):
            assert (await browser.post("/staff/add", **fields)).status_code == 422
        await browser.post(f"/staff/{brother.id}/disable")
        assert (await theirs.get("/account")).status_code == 303
        assert (await theirs.log_in("brother", NEW)).status_code == 401
        back = await browser.post(f"/staff/{brother.id}/enable")
        link = back.text.split('class="invitation-link">')[1].split("<")[0]
        assert (await theirs.log_in("brother", NEW)).status_code == 401
        assert (await theirs.client.post(link, data={"password": NEW, "again": NEW})).status_code == 303
        last = await browser.post(f"/staff/{admin.id}/disable")
        assert (last.status_code, sentence_in(last)) == (422, "This is the last administrator: add another one first.")
        assert (await browser.post("/staff/999/disable")).status_code == 404
        assert (await browser.post("/staff/999/invite")).status_code == 404
    async with home.app.store.read() as conn:
        actions = (await conn.scalars(select(audit.c.action).where(audit.c.actor == f"staff:{admin.id}"))).all()
    assert {"staff added", "staff disabled", "staff enabled"} <= set(actions)


@pytest.mark.asyncio
async def test_who_sees_no_patients_is_at_home_in_their_account(home: House) -> None:
    """An auditor's login does not end at a closed door."""
    auditor = await home.member("auditor", "auditor")
    async with home.logged_in(auditor) as browser:
        sent = await browser.get("/")
        assert (sent.status_code, sent.headers["location"]) == (303, "/account")
        page = await browser.get("/account")
        assert csrf_in(page) == browser.csrf
        assert "/alerts" not in page.text
