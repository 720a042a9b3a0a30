"""What people do on their phones, and what they see there."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from tests.fakes.telegram.cloud import Cloud, Key, Person, Query

T = TypeVar("T")
Call = Callable[[Callable[[], T]], T]
"""Runs something in the server's thread."""

LONGEST_SIGHT = 60.0
"""Seconds a test waits at most for something to appear; no test asserts how long it took."""
_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
_COMMAND = re.compile(r"/[a-z0-9_]{1,32}")


@dataclass(frozen=True, slots=True)
class Line:
    """One message in a chat."""

    message_id: int
    mine: bool
    """Whether the person wrote it."""
    text: str
    keys: tuple[tuple[Key, ...], ...]
    """Rows of buttons under it."""
    entities: tuple[tuple[str, str], ...]
    """What is formatted how: kind and the words."""
    raw: dict[str, Any]
    picture: bytes | None = None
    """What a photo shows."""

    @property
    def labels(self) -> list[str]:
        """What the buttons say, row after row."""
        return [key.label for row in self.keys for key in row]


class Chat:
    """A chat as its person sees it."""

    def __init__(self, cloud: Cloud, run: Callable[[Callable[[], Any]], Any], person: Person) -> None:
        self._cloud = cloud
        self._run = run
        self._person = person

    @property
    def lines(self) -> list[Line]:
        """Everything, oldest first."""
        raw: list[dict[str, Any]] = self._run(lambda: list(self._person.messages.values()))
        return [_line(one, self._person.id, self._cloud.files) for one in raw]

    @property
    def texts(self) -> list[str]:
        """What the bot wrote, oldest first."""
        return [line.text for line in self.lines if not line.mine]

    @property
    def last(self) -> Line:
        """The newest of the bot."""
        lines = [line for line in self.lines if not line.mine]
        assert lines, "the bot has written nothing in this chat"
        return lines[-1]

    async def sees(self, fragment: str, *, after: int = 0, within: float = LONGEST_SIGHT) -> Line:
        """Wait until the bot has written something that holds `fragment`, in a message numbered above `after`."""
        limit = time.monotonic() + within
        while True:
            for line in reversed(self.lines):
                if not line.mine and line.message_id > after and fragment in line.text:
                    return line
            if time.monotonic() > limit:
                shown = " | ".join(repr(text) for text in self.texts[-5:])
                raise AssertionError(f"'{fragment}' did not come, but: {shown}")
            await asyncio.sleep(0.005)


class User:
    """Somebody at a phone. Every action gives the number of the update it made, None if the bot wants no such."""

    def __init__(self, cloud: Cloud, run: Callable[[Callable[[], Any]], Any], person: Person) -> None:
        self._cloud = cloud
        self._run = run
        self._person = person
        self.id = person.id

    @property
    def chat(self) -> Chat:
        """What this person sees."""
        return Chat(self._cloud, self._run, self._person)

    @property
    def spinners(self) -> list[str]:
        """Buttons pressed that were not answered."""
        queries = self._cloud.queries
        return self._run(lambda: [q for q, one in queries.items() if one.person == self.id and one.answer is None])  # type: ignore[no-any-return]

    def start(self, payload: str = "") -> int | None:
        """Press Start, perhaps through a link that carries something."""
        assert not payload or _PAYLOAD.fullmatch(payload), "a phone takes no such deep link"
        return self._do(lambda: self._start(payload))

    def open(self, link: str) -> int | None:
        """Scan or open a `https://t.me/<bot>?start=...` link and press Start."""
        parts = urlsplit(link)
        assert (parts.scheme, parts.netloc) == ("https", "t.me"), f"{link} is no link to Telegram"
        assert parts.path.strip("/").lower() == self._cloud.username.lower(), f"{link} leads to another bot"
        return self.start(parse_qs(parts.query).get("start", [""])[0])

    def type(self, text: str, *, answering: str | None = None) -> int | None:
        """Send a text, perhaps as the reply to the newest message that holds `answering`."""
        return self._say({"text": text} | _commands(text), answering)

    def send_photo(self, caption: str = "", content: bytes = b"\xff\xd8photo") -> int | None:
        """Send a photo."""
        return self._run_say(lambda: {"photo": [self._file(content) | {"width": 90, "height": 90}]}, caption)

    def send_document(self, content: bytes, name: str, kind: str, caption: str = "") -> int | None:
        """Send a file under a name, with the type the phone takes it for."""
        return self._run_say(
            lambda: {"document": self._file(content) | {"file_name": name, "mime_type": kind}}, caption
        )

    def send_voice(self) -> int | None:
        """Send a voice message."""
        return self._run_say(lambda: {"voice": self._file(b"OggS") | {"duration": 3, "mime_type": "audio/ogg"}}, "")

    def send_sticker(self) -> int | None:
        """Send a sticker."""
        size = {"width": 512, "height": 512, "is_animated": False, "is_video": False, "type": "regular"}
        return self._run_say(lambda: {"sticker": self._file(b"RIFF") | size}, "")

    def share_contact(self, phone: str, *, of: int | None = None) -> int | None:
        """Share a contact card: one's own, or that of somebody else (`of` 0: somebody without Telegram)."""
        card: dict[str, Any] = {"phone_number": phone, "first_name": self._person.first_name}
        if of != 0:
            card["user_id"] = of or self.id
        return self._say({"contact": card}, None)

    def edit(self, text: str) -> int | None:
        """Change one's own newest message."""

        def change() -> int | None:
            mine = [one for one in self._person.messages.values() if one["from"]["id"] == self.id]
            edited = mine[-1] | {"text": text, "edit_date": int(self._cloud.now())}
            self._person.messages[edited["message_id"]] = edited
            return self._cloud.updates.add("edited_message", self.id, edited)

        return self._do(change)

    def tap(self, label: str, *, under: str = "") -> int | None:
        """Press the newest button of that name, under a message that holds `under`. A URL button is only opened."""

        def press() -> int | None:
            key, message = self._find(label, under)
            if key.url is not None:
                return None
            query = str(next(self._cloud.query_ids))
            self._cloud.queries[query] = Query(self.id, self._cloud.now())
            body = {"id": query, "from": self._person.user, "message": message, "data": key.data}
            return self._cloud.updates.add("callback_query", self.id, body | {"chat_instance": str(self.id)})

        return self._do(press)

    def url_of(self, label: str) -> str:
        """Where the newest button of that name leads."""
        key, _ = self._run(lambda: self._find(label, ""))
        assert key.url, f"the button '{label}' leads nowhere"
        return str(key.url)

    def block(self) -> int | None:
        """Stop the bot."""

        def do() -> int | None:
            self._person.blocked = True
            return self._member("member", "kicked")

        return self._do(do)

    def unblock(self) -> int | None:
        """Let the bot write again."""

        def do() -> int | None:
            self._person.blocked = False
            return self._member("kicked", "member")

        return self._do(do)

    def delete_account(self) -> None:
        """Leave Telegram for good."""
        self._person.gone = True

    def _start(self, payload: str) -> int | None:
        self._person.started = True
        if self._person.blocked:
            self._person.blocked = False
            self._member("kicked", "member")
        text = f"/start {payload}".strip()
        return self._receive({"text": text} | _commands(text), None)

    def _say(self, content: dict[str, Any], answering: str | None) -> int | None:
        return self._do(lambda: self._receive(content, answering))

    def _run_say(self, content: Callable[[], dict[str, Any]], caption: str) -> int | None:
        return self._do(lambda: self._receive(content() | ({"caption": caption} if caption else {}), None))

    def _receive(self, content: dict[str, Any], answering: str | None) -> int | None:
        assert self._person.started, "a phone shows nothing but Start before it was pressed"
        assert not self._person.blocked, "whoever has blocked the bot cannot write to it"
        number = next(self._cloud.message_ids)
        message = {
            "message_id": number,
            "from": self._person.user,
            "chat": self._person.chat,
            "date": int(self._cloud.now()),
            **content,
        }
        if answering is not None:
            message["reply_to_message"] = self._newest(lambda one: answering in words_of(one), answering)
        self._person.messages[number] = message
        return self._cloud.updates.add("message", self.id, message)

    def _member(self, old: str, new: str) -> int | None:
        def member(status: str) -> dict[str, Any]:
            return {"user": self._cloud.bot, "status": status} | ({"until_date": 0} if status == "kicked" else {})

        body = {
            "chat": self._person.chat,
            "from": self._person.user,
            "date": int(self._cloud.now()),
            "old_chat_member": member(old),
            "new_chat_member": member(new),
        }
        return self._cloud.updates.add("my_chat_member", self.id, body)

    def _find(self, label: str, under: str) -> tuple[Key, dict[str, Any]]:
        def has(one: dict[str, Any]) -> bool:
            return under in words_of(one) and any(key.label == label for row in keys_of(one) for key in row)

        message = self._newest(has, f"button {label}")
        return next(key for row in keys_of(message) for key in row if key.label == label), message

    def _newest(self, fits: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
        one: dict[str, Any]
        for one in reversed(list(self._person.messages.values())):
            if one["from"]["id"] == self._cloud.id and fits(one):
                return one
        raise AssertionError(f"the bot has sent no such message: {what}")

    def _file(self, content: bytes) -> dict[str, Any]:
        name = f"file-{next(self._cloud.file_ids)}"
        self._cloud.files[name] = content
        return {"file_id": name, "file_unique_id": f"u{name}", "file_size": len(content)}

    def _do(self, what: Callable[[], int | None]) -> int | None:
        number: int | None = self._run(what)
        return number


def keys_of(message: dict[str, Any]) -> tuple[tuple[Key, ...], ...]:
    """The buttons under a message."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return tuple(tuple(Key(k["text"], k.get("callback_data"), k.get("url")) for k in row) for row in rows)


def words_of(message: dict[str, Any]) -> str:
    """The text, or what stands under a picture."""
    return str(message.get("text") or message.get("caption") or "")


def _line(raw: dict[str, Any], person: int, files: Mapping[str, bytes]) -> Line:
    text = words_of(raw)
    units = text.encode("utf-16-le", "surrogatepass")
    entities = tuple(
        (one["type"], units[2 * one["offset"] : 2 * (one["offset"] + one["length"])].decode("utf-16-le", "replace"))
        for one in raw.get("entities", raw.get("caption_entities", []))
    )
    picture = files[raw["photo"][-1]["file_id"]] if "photo" in raw else None
    return Line(raw["message_id"], raw["from"]["id"] == person, text, keys_of(raw), entities, raw, picture)


def _commands(text: str) -> dict[str, Any]:
    found = _COMMAND.match(text)
    return {"entities": [{"type": "bot_command", "offset": 0, "length": found.end()}]} if found else {}
