"""Each file of this folder is a dialogue that must go as written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dialogues.player import play

FILES = sorted(Path(__file__).parent.glob("*.yaml"))


@pytest.mark.asyncio
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_dialogue(path: Path, sqlite_url: str) -> None:
    """The dialogue goes as the file says."""
    await play(path, sqlite_url)


def test_the_whole_story_is_among_them() -> None:
    """The story of the first fortnight is played."""
    assert "first-fortnight" in {path.stem for path in FILES}
