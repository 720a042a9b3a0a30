"""A kept copy of what was learnt gives the same to the last bit, and never anything else."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.faq import kept
from bot.faq.index import Index
from bot.faq.kept import Keeper, name_of
from bot.faq.learning import Learnt, Pairs, learn
from bot.settings import cache_folder
from content.loader import Content

PHRASINGS = [
    ("bathing", "When may I take a bath?"),
    ("bathing", "नहाना कब शुरू करूँ"),
    ("bathing", "nahana kab se"),
    ("walking", "How far may I walk?"),
    ("walking", "kitna chalna hai"),
]
FOREIGN = [("=weather", "Will it rain tomorrow?")]


class Counting:
    """Learns, and counts how often."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, phrasings: Pairs, foreign: Pairs = ()) -> Learnt:
        self.times += 1
        return learn(phrasings, foreign)


@pytest.fixture
def learning(monkeypatch: pytest.MonkeyPatch) -> Counting:
    counting = Counting()
    monkeypatch.setattr(kept, "learn", counting)
    return counting


def copies(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.exists() else []


def test_the_second_start_learns_nothing(tmp_path: Path, learning: Counting) -> None:
    """A copy gives back all that was learnt, float for float; its folder is made, and holds nothing else."""
    folder = tmp_path / "made" / "saathi"
    first, second = (Keeper(folder).learn(PHRASINGS, FOREIGN) for _ in range(2))
    assert learning.times == 1
    assert first == second == learn(PHRASINGS, FOREIGN)
    assert Index(first).rank("bath kab", 3) == Index(second).rank("bath kab", 3) != []
    assert [path.name for path in copies(folder)] == [name_of(PHRASINGS, FOREIGN)]


def test_the_shipped_phrasings_are_kept_exactly(content: Content) -> None:
    """For all that ships, what is written and read again is what was written, float for float."""
    pairs = [(item.id, text) for item in content.faq.values() for text in item.phrasings.all()][::5]
    learnt = learn(pairs)
    assert kept.unpacked(kept.packed(learnt)) == learnt


def test_nothing_to_learn_can_be_kept(tmp_path: Path) -> None:
    """An empty FAQ is learnt and kept like any other."""
    assert Keeper(tmp_path).learn([]) == Keeper(tmp_path).learn([]) == learn([])


@pytest.mark.parametrize(
    ("phrasings", "foreign"),
    [
        ([("bathing", "When may I take a bath!"), *PHRASINGS[1:]], FOREIGN),
        ([("walking", PHRASINGS[0][1]), *PHRASINGS[1:]], FOREIGN),
        (PHRASINGS[::-1], FOREIGN),
        (PHRASINGS[:-1], FOREIGN),
        (PHRASINGS, []),
        ([*PHRASINGS, *FOREIGN], []),
    ],
    ids=["a sign", "a class", "the order", "one less", "none foreign", "foreign made ours"],
)
def test_other_phrasings_have_another_name(phrasings: Pairs, foreign: Pairs) -> None:
    """Whatever changes in what is learnt from changes the name of the copy."""
    assert name_of(phrasings, foreign) != name_of(PHRASINGS, FOREIGN)


@pytest.mark.parametrize("number", range(7))
def test_other_code_has_another_name(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change of any file that decides what is learnt changes the name as well; Python's version does too."""
    before = name_of(PHRASINGS)
    code = list(kept._CODE)
    assert len(code) == 7
    code[number] = tmp_path / "changed"
    code[number].write_bytes(kept._CODE[number].read_bytes() + b"\n")
    monkeypatch.setattr(kept, "_CODE", tuple(code))
    assert name_of(PHRASINGS) != before
    monkeypatch.undo()
    monkeypatch.setattr(sys, "version", "another")
    assert name_of(PHRASINGS) != before


def _flip(data: bytes) -> bytes:
    return data[:200] + bytes([data[200] ^ 1]) + data[201:]


@pytest.mark.parametrize(
    "damage",
    [lambda data: b"", lambda data: data[:20], lambda data: data[:-8], lambda data: data + b"\0" * 8, _flip],
    ids=["empty", "only a beginning", "cut off", "too long", "one bit"],
)
def test_a_damaged_copy_is_made_anew(tmp_path: Path, learning: Counting, damage: Callable[[bytes], bytes]) -> None:
    """A copy that is not whole is never used and never complained about: it is learnt again and replaced."""
    Keeper(tmp_path).learn(PHRASINGS)
    path = tmp_path / name_of(PHRASINGS)
    path.write_bytes(damage(path.read_bytes()))
    for _ in range(2):
        assert Keeper(tmp_path).learn(PHRASINGS) == learn(PHRASINGS)
    assert learning.times == 2
    assert copies(tmp_path) == [path]


def test_where_nothing_can_be_written_it_is_learnt_each_time(tmp_path: Path, learning: Counting) -> None:
    """Without a folder, or with a file in its place, all goes on as if nothing had ever been kept."""
    (tmp_path / "file").write_text("in the way")
    for folder in (None, tmp_path / "file", tmp_path / "file" / "below"):
        assert Keeper(folder).learn(PHRASINGS) == learn(PHRASINGS)
    assert learning.times == 3
    (tmp_path / name_of(PHRASINGS)).mkdir()
    assert Keeper(tmp_path).learn(PHRASINGS) == learn(PHRASINGS)
    assert sorted(path.name for path in copies(tmp_path)) == sorted(["file", name_of(PHRASINGS)])


def test_without_its_sources_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody can say which code this is, no copy is trusted."""
    monkeypatch.setattr(kept, "_CODE", (tmp_path / "gone",))
    assert Keeper(tmp_path / "kept").learn(PHRASINGS) == learn(PHRASINGS)
    assert not copies(tmp_path / "kept")


def test_old_copies_go(tmp_path: Path) -> None:
    """Two copies stay, the newest and the one before it, and nothing half written; what is not ours is left alone."""
    (tmp_path / "notes").write_text("somebody's")
    (tmp_path / "faq-killed.part").touch()
    os.utime(tmp_path / "faq-killed.part", (0, 0))
    names = []
    for number in range(4):
        phrasings = [*PHRASINGS, ("walking", f"walk {number}")]
        Keeper(tmp_path).learn(phrasings)
        names.append(name_of(phrasings))
        os.utime(tmp_path / names[-1], ns=(number, number))
    assert sorted(path.name for path in copies(tmp_path)) == sorted([*names[-2:], "notes"])


def test_where_copies_are_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """XDG_CACHE_HOME decides if it is a whole path, else the home of the user."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "elsewhere"))
    assert cache_folder() == tmp_path / "elsewhere" / "saathi"
    for given in ("", "not/a/whole/path"):
        monkeypatch.setenv("XDG_CACHE_HOME", given)
        assert cache_folder() == tmp_path / ".cache" / "saathi"
    monkeypatch.setattr(Path, "home", staticmethod(lambda: (_ for _ in ()).throw(RuntimeError("none"))))
    assert cache_folder() is None
