"""Each file of this folder is a dialogue that must go as written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dialogues.player import play, told
from tests.dialogues.transcript import PAGES

FILES = sorted(Path(__file__).parent.glob("*.yaml"))


@pytest.mark.asyncio
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_dialogue(path: Path, sqlite_url: str) -> None:
    """The dialogue goes as the file says; one that is shown in docs/stories stands there as it goes now."""
    shown = told(path, await play(path, sqlite_url))
    file = PAGES / f"{path.stem}.md"
    if shown is not None:
        fresh = file.exists() and file.read_text(encoding="utf-8") == shown
        assert fresh, f"{file.name} tells another story: write it anew with python -m tests.dialogues.transcript"


def test_the_whole_story_is_among_them() -> None:
    """The story of the first fortnight is played."""
    assert "first-fortnight" in {path.stem for path in FILES}
