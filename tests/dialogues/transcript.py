"""A dialogue as it was played, for people to read: `python -m tests.dialogues.transcript` writes `docs/stories/`.

A dialogue file that names its chats under `transcript` gets a page; a test checks that each page is what is played now.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from bot.channels.inbound import Inbound, Kind
from scheduler.clock import Clock
from scheduler.sender import Outcome, Outgoing
from tests.support.world import INDIA, Phone

HERE = Path(__file__).parent
PAGES = HERE.parents[1] / "docs" / "stories"


@dataclass(frozen=True, slots=True)
class Line:
    """One message, or one act in the console, as it happened."""

    at: datetime
    chat: str
    """Nothing for an act in the console."""
    text: str
    ours: bool = False
    buttons: tuple[str, ...] = ()
    note: str = ""
    """What kind of event it was, where it was no text."""


@dataclass
class Noting(Phone):
    """A phone that also keeps when each message came."""

    clock: Clock | None = None
    lines: list[Line] = field(default_factory=list)

    async def send(self, outgoing: Outgoing) -> Outcome:
        """Arrive, and be noted."""
        if self.clock is not None and not self.faults:
            body = outgoing.body
            note = "picture" if body.picture else ""
            labels = tuple(button.label for button in body.buttons)
            self.lines.append(Line(self.clock.now(), outgoing.to, body.text, True, labels, note))
        return await super().send(outgoing)

    def heard(self, event: Inbound) -> None:
        """Note what somebody did."""
        note = "" if event.kind is Kind.TEXT else event.kind.value
        self.lines.append(Line(event.at, event.address, event.text, note=note))


def page(
    title: str, about: str, chats: Mapping[str, str], names: Mapping[str, str], lines: list[Line]
) -> Iterator[str]:
    """The page as lines of Markdown; `chats`: who is behind each chat, `names`: secrets -> what stands for them."""
    yield f"# {title}"
    yield ""
    yield f"{about} The story is played in set time with the content as it ships; everybody in it is invented."
    yield "Made by `python -m tests.dialogues.transcript`; a test checks that it is what is played."
    shown = None
    for line in lines:
        local = line.at + INDIA
        if local.date() != shown:
            shown = local.date()
            yield ""
            yield f"## {local:%A} {local.day} {local:%B}"
        yield ""
        yield f"**{local:%H:%M} {_who(line, chats)}**" + (f" ({line.note})" if line.note else "")
        if line.text:
            yield ""
            yield from (f"> {_hidden(text, names)}".rstrip() for text in _paragraphs(line.text))
        if line.buttons:
            yield ">"
            yield "> " + " ".join(f"`{label}`" for label in line.buttons)


def _who(line: Line, chats: Mapping[str, str]) -> str:
    if not line.chat:
        return "in the console"
    return f"Saathi to {chats[line.chat]}" if line.ours else chats[line.chat]


def _paragraphs(text: str) -> Iterator[str]:
    """Each line of a message as a line of the page: Markdown would join them without a backslash at their end."""
    for line, after in pairwise([*text.split("\n"), ""]):
        yield f"{line}\\" if line and after else line


def _hidden(text: str, names: Mapping[str, str]) -> str:
    for secret, name in names.items():
        text = text.replace(secret, name)
    return text


def _main() -> None:
    import structlog

    from tests.dialogues.player import play, read, told
    from tests.support.databases import make_tables, sqlite_address

    structlog.configure(processors=[], logger_factory=structlog.ReturnLoggerFactory())
    PAGES.mkdir(parents=True, exist_ok=True)
    for path in sorted(HERE.glob("*.yaml")):
        if "transcript" in read(path):
            with tempfile.TemporaryDirectory() as folder:
                url = sqlite_address(Path(folder) / "story.db")
                make_tables(url)
                text = told(path, asyncio.run(play(path, url)))
            (PAGES / f"{path.stem}.md").write_text(text or "", encoding="utf-8")


if __name__ == "__main__":
    _main()
