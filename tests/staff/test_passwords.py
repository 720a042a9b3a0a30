from __future__ import annotations

import asyncio
import threading

import pytest
from argon2 import PasswordHasher, extract_parameters

from bot.staff.passwords import AT_ONCE, LONGEST, Passwords, problem
from tests.support.members import CHEAP, PASSWORD


@pytest.mark.asyncio
async def test_the_right_password_opens_and_no_other() -> None:
    """Capitals and spaces count; the same letters in another encoding do not."""
    passwords = Passwords(CHEAP)
    hashed = await passwords.hash("café mango seven")
    assert hashed.startswith("$argon2id$")
    assert (await passwords.check(hashed, "cafe\u0301 mango seven")).right
    for wrong in ("Café mango seven", "café mango seven ", "", "\ud800"):
        assert not (await passwords.check(hashed, wrong)).right
    assert not (await passwords.check("not a hash", PASSWORD)).right
    assert not (await passwords.check(hashed, "x" * 1_000_000)).right


@pytest.mark.asyncio
async def test_a_login_that_does_not_exist_costs_the_same_work() -> None:
    """Nothing to compare with is compared all the same: once, with the same parameters."""

    class Counting(PasswordHasher):
        seen: list[str] = []  # noqa: RUF012

        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override]  # noqa: A002
            self.seen.append(str(hash))
            return super().verify(hash, password)

    hasher = Counting(time_cost=1, memory_cost=8, parallelism=1)
    passwords = Passwords(hasher)
    stored = await passwords.hash(PASSWORD)
    assert not (await passwords.check(None, PASSWORD)).right
    assert not (await passwords.check(None, "nobody has this password")).right
    assert (await passwords.check(stored, PASSWORD)).right
    assert not (await passwords.check(stored, "x" * (LONGEST + 1))).right
    assert len(hasher.seen) == 4
    assert len({repr(extract_parameters(one)) for one in hasher.seen}) == 1


@pytest.mark.asyncio
async def test_older_parameters_are_replaced_at_the_next_login() -> None:
    """The right password comes back hashed anew; a wrong one does not."""
    old = CHEAP.hash(PASSWORD)
    stronger = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    found = await stronger.check(old, PASSWORD)
    assert found.right
    assert found.rehashed is not None
    assert (await stronger.check(found.rehashed, PASSWORD)) == type(found)(right=True)
    assert (await stronger.check(old, "something else")).rehashed is None


@pytest.mark.asyncio
async def test_a_flood_of_logins_takes_the_memory_of_two() -> None:
    """However many come at once, two are hashed at a time and the event loop goes on."""
    now, most = 0, 0
    lock, both, on = threading.Lock(), threading.Event(), threading.Event()

    class Slow(PasswordHasher):
        def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
            nonlocal now, most
            with lock:
                now += 1
                most = max(most, now)
                if now == AT_ONCE:
                    both.set()
            on.wait(30)
            with lock:
                now -= 1
            return "done"

    passwords = Passwords(Slow(time_cost=1, memory_cost=8, parallelism=1))
    flood = [asyncio.create_task(passwords.hash(PASSWORD)) for _ in range(20)]
    await asyncio.to_thread(both.wait, 30)
    on.set()
    assert await asyncio.gather(*flood) == ["done"] * 20
    assert most == AT_ONCE


def test_the_shipped_profile_is_a_strong_one() -> None:
    """Argon2id, at least 64 MiB and three rounds, unless a test asks for less."""
    parameters = extract_parameters(PasswordHasher().hash("x"))
    assert parameters.type.name == "ID"
    assert parameters.memory_cost >= 64 * 1024
    assert parameters.time_cost >= 3


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "elevenchars",
        "aaaaaaaaaaaaaaaa",
        "password1234",
        "P@ssw0rd123456",
        "Password-Password!",
        "qwertyuiop12",
        "lucknowhospital2026",
        "123456789012",
        "0987654321098765",
        "919000000001",
        "sister.example1",
        "Sister Example",
        "examplesister99",
        "x" * (LONGEST + 1),
    ],
)
def test_what_guessers_try_first_is_refused_in_a_sentence(password: str) -> None:
    """Too short, too long, one's own name or login, and the usual ones, with digits and signs around or not."""
    sentence = problem(password, "Sister Example", "sister.example")
    assert sentence is not None
    assert sentence.endswith(".")
    assert password not in sentence


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        "correct horse battery",
        "mangoriversevenlamps",
        "नदी किनारे सात दीपक",
        "tr0ub4dor&3xyz!q",
        "8302918475610293",
    ],
)
def test_there_are_no_rules_about_capitals_and_signs(password: str) -> None:
    """Long words in any script are enough."""
    assert problem(password, "Sister Example", "sister") is None
