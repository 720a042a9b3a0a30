"""Sealing: what is stored cannot be read, moved to another column or changed, and keys can be replaced."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.crypto import KeyRing
from scheduler.errors import BadRequestError, KeyMissingError

RING = KeyRing.generate()
KEY = base64.b64encode(bytes(32)).decode()


@given(st.text())
def test_what_was_sealed_opens_again(text: str) -> None:
    """Any text comes back, in any script, and its sealed form holds none of it."""
    blob = RING.seal("person.name", text)
    assert RING.open("person.name", blob) == text
    if len(text) > 3:
        assert text.encode() not in blob


def test_a_lone_surrogate_becomes_a_question_mark() -> None:
    """Broken UTF-16, which no file or database could hold, is stored as '?' and stops nothing."""
    assert RING.open("message.body", RING.seal("message.body", "a\ud83db")) == "a?b"
    assert len(RING.hash("phone", "\ud83d")) == 32


def test_the_same_text_is_sealed_differently_each_time() -> None:
    """Nobody can tell from the database that two patients have one name."""
    assert RING.seal("person.name", "Asha") != RING.seal("person.name", "Asha")


def test_a_sealed_phone_cannot_be_passed_off_as_a_name() -> None:
    """What was sealed for one column opens for no other."""
    blob = RING.seal("person.phone", "+919000000001")
    with pytest.raises(KeyMissingError):
        RING.open("person.name", blob)


@pytest.mark.parametrize("spoil", [lambda b: b[:-1], lambda b: b[:12], lambda b: b"", lambda b: b[:-1] + b"\0\0"])
def test_what_was_changed_does_not_open(spoil: object) -> None:
    """Cut short or altered data is an error with a sentence, never half a text."""
    with pytest.raises(KeyMissingError):
        RING.open("person.name", spoil(RING.seal("person.name", "Asha Example")))  # type: ignore[operator]


def test_another_ring_opens_nothing() -> None:
    """With the same key number and another key, the sentence says so; with another number as well."""
    blob = RING.seal("person.name", "Asha")
    with pytest.raises(KeyMissingError, match="another key, or the data was changed"):
        KeyRing.generate().open("person.name", blob)
    with pytest.raises(KeyMissingError, match="key 1, which is not in the key ring"):
        RING.rotated().only_current().open("person.name", blob)


def test_keys_rotate_without_losing_anything() -> None:
    """After rotation old data opens, new data is sealed with the new key, and look-ups find what they found before."""
    old = RING.seal("person.name", "Asha")
    newer = RING.rotated()
    assert newer.open("person.name", old) == "Asha"
    fresh = newer.seal("person.name", "Asha")
    assert (newer.is_current(old), newer.is_current(fresh)) == (False, True)
    assert newer.hash("phone", "+919000000001") == RING.hash("phone", "+919000000001")
    assert newer.only_current().open("person.name", fresh) == "Asha"


def test_a_ring_has_at_most_255_keys() -> None:
    """The number of a key is one byte; the sentence comes before data could be sealed under a wrong one."""
    with pytest.raises(BadRequestError, match="between 1 and 255"):
        KeyRing([(255, bytes(32))], bytes(32)).rotated()


def test_look_ups_depend_on_the_ring_and_the_kind() -> None:
    """A hash can be enumerated by nobody without the key, and a phone's hash finds no token."""
    assert RING.hash("phone", "1") != KeyRing.generate().hash("phone", "1")
    assert RING.hash("phone", "1") != RING.hash("link.token", "1")
    assert RING.hash("a", "b\0c") != RING.hash("a\0b", "d")


def test_the_text_of_a_ring_makes_the_same_ring() -> None:
    """What `spec` wrote, `parse` reads, with commas or new lines."""
    ring = RING.rotated()
    for spec in (ring.spec(), ring.spec().replace(",", "\n"), f" {ring.spec()} ,"):
        again = KeyRing.parse(spec)
        assert again.spec() == ring.spec()
        assert again.open("a.b", ring.seal("a.b", "x")) == "x"


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ("", "no look-up key"),
        (f"1:{KEY}", "no look-up key"),
        (f"lookup:{KEY}", "no sealing key"),
        (f"1:{KEY},lookup:abc", "is not base64"),
        (f"1:{KEY},lookup:{KEY[:8]}", "32 bytes"),
        (f"one:{KEY},lookup:{KEY}", "must look like"),
        (f"1:{KEY},1:{KEY},lookup:{KEY}", "must differ"),
        (f"0:{KEY},lookup:{KEY}", "between 1 and 255"),
        (f"300:{KEY},lookup:{KEY}", "between 1 and 255"),
    ],
)
def test_a_ring_that_cannot_be_used_says_why(spec: str, sentence: str) -> None:
    """Each mistake in the keys gets one sentence, which holds none of the key."""
    with pytest.raises(BadRequestError, match=sentence) as caught:
        KeyRing.parse(spec)
    assert KEY not in str(caught.value)


def test_the_key_file_is_made_once_and_only_for_us(tmp_path: Path) -> None:
    """The first start makes the file with mode 0600, the second reads it."""
    path = tmp_path / "new" / "keys"
    ring, created = KeyRing.load_or_create(path)
    assert created
    assert path.stat().st_mode & 0o777 == 0o600
    again, created = KeyRing.load_or_create(path)
    assert not created
    assert again.spec() == ring.spec()


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """A file with loose rights stops the start with what to do about it."""
    path = tmp_path / "keys"
    KeyRing.load_or_create(path)
    path.chmod(0o644)
    with pytest.raises(BadRequestError, match="chmod 600"):
        KeyRing.load_or_create(path)


def test_saving_again_replaces_the_file_whole(tmp_path: Path) -> None:
    """A rotated ring takes the file's place, still for us alone, and nothing else is left beside it."""
    path = tmp_path / "keys"
    ring, _ = KeyRing.load_or_create(path)
    ring.rotated().save(path)
    assert path.read_text().count("\n") == 3
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]
