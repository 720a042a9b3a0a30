"""Telegram's HTML: its own short list of tags, and an error for everything else.

After https://core.telegram.org/bots/api#html-style and the parser of Telegram's open-source server: only named tags,
properly nested and closed; four named character references and all numeric ones; a `<` that begins no tag is an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.telegram.errors import ApiError, bad_request

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
MOST_ENTITIES = 100

_KINDS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler",
    "code": "code", "pre": "pre", "blockquote": "blockquote", "a": "text_link", "span": "spoiler",
    "tg-emoji": "custom_emoji",
}  # fmt: skip
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(#x[0-9a-fA-F]{1,8}|#[0-9]{1,8}|[a-zA-Z]+);?")
_TAG = re.compile(r"<(/?)([a-zA-Z0-9-]*)")
_ATTRIBUTE = re.compile(r"""\s*([a-zA-Z_-]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+))?""")
_GONE = re.compile("[\r\u2028-\u202e]")
_HALF = re.compile("[\ud800-\udfff]")
_BLANK = re.compile("[\0-\x08\t\x0b\x0c\x0e-\x1f]")


@dataclass
class _Open:
    tag: str
    start: int
    more: dict[str, Any] = field(default_factory=dict)


def length(text: str) -> int:
    """Length as Telegram counts it, in UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def parse(text: str, mode: str) -> tuple[str, list[dict[str, Any]]]:
    """The plain text and the entities of `text` in parse mode `mode`, trimmed. Raises ApiError as Telegram does."""
    if _HALF.search(text):
        raise bad_request("text must be encoded in UTF-8")
    lower = mode.lower()
    if lower in ("markdown", "markdownv2"):
        raise ApiError(501, "Not Implemented: this server of the tests knows no Markdown, only HTML")
    if lower not in ("", "html"):
        raise bad_request("unsupported parse_mode")
    if not lower or not ("<" in text or "&" in text):
        return _clean(text).strip(), []
    plain, entities = _html(text)
    return _trim(plain, entities)


def _clean(text: str) -> str:
    return _BLANK.sub(" ", _GONE.sub("", text))


def _trim(plain: str, entities: list[dict[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
    left = len(plain) - len(plain.lstrip())
    trimmed = plain.strip()
    whole = length(trimmed)
    kept = []
    for entity in entities:
        start = max(entity["offset"] - left, 0)
        stop = min(entity["offset"] - left + entity["length"], whole)
        if stop > start:
            kept.append(entity | {"offset": start, "length": stop - start})
    return trimmed, sorted(kept, key=lambda one: (one["offset"], -one["length"]))[:MOST_ENTITIES]


def _html(text: str) -> tuple[str, list[dict[str, Any]]]:
    out: list[str] = []
    units = 0
    opened: list[_Open] = []
    entities: list[dict[str, Any]] = []
    at = 0
    while at < len(text):
        letter = text[at]
        if letter == "&":
            piece, at = _reference(text, at)
        elif letter == "<":
            at = _tag(text, at, units, opened, entities)
            continue
        else:
            end = min((n for n in (text.find("<", at), text.find("&", at)) if n >= 0), default=len(text))
            piece, at = text[at:end], end
        piece = _clean(piece)
        out.append(piece)
        units += length(piece)
    if opened:
        raise _cannot(f'Can\'t find end tag corresponding to start tag "{opened[-1].tag}"')
    return "".join(out), entities


def _reference(text: str, at: int) -> tuple[str, int]:
    found = _REFERENCE.match(text, at)
    if not found:
        return "&", at + 1
    name = found[1]
    if name.startswith("#"):
        digits = name[1:]
        number = int(f"0{digits}", 0) if digits[0] in "xX" else int(digits)
        valid = 0 < number < 0x110000 and not 0xD800 <= number <= 0xDFFF
        return (chr(number), found.end()) if valid else ("&", at + 1)
    # A reference Telegram does not know stays as it was typed.
    return (_NAMED[name], found.end()) if name in _NAMED else ("&", at + 1)


def _resolve(found: re.Match[str]) -> str:
    piece, end = _reference(found[0], 0)
    return piece + found[0][end:]


def _tag(text: str, at: int, units: int, opened: list[_Open], entities: list[dict[str, Any]]) -> int:
    """Take the tag at `at`; where the text goes on."""
    found = _TAG.match(text, at)
    assert found
    name = found[2].lower()
    offset = len(text[:at].encode("utf-8", "surrogatepass"))
    if found[1]:
        return _close(text, found.end(), name, offset, units, opened, entities)
    if name not in _KINDS:
        raise _cannot(f'Unsupported start tag "{name}" at byte offset {offset}')
    attributes, end = _attributes(text, found.end(), name, offset)
    opened.append(_Open(name, units, _more(name, attributes, opened, offset)))
    return end


def _close(
    text: str, at: int, name: str, offset: int, units: int, opened: list[_Open], entities: list[dict[str, Any]]
) -> int:
    if not opened:
        raise _cannot(f"Unexpected end tag at byte offset {offset}")
    last = opened.pop()
    while at < len(text) and text[at].isspace():
        at += 1
    if text[at : at + 1] != ">":
        raise _cannot(f"Unclosed end tag at byte offset {offset}")
    if name not in ("", last.tag):
        raise _cannot(f'Unmatched end tag at byte offset {offset}, expected "</{last.tag}>", found "</{name}>"')
    kind = "expandable_blockquote" if last.more.get("expandable") else _KINDS[last.tag]
    more = {key: value for key, value in last.more.items() if key in ("url", "language", "custom_emoji_id")}
    if units > last.start and (last.tag != "a" or "url" in more):
        entities.append({"type": kind, "offset": last.start, "length": units - last.start} | more)
    return at + 1


def _attributes(text: str, at: int, name: str, offset: int) -> tuple[dict[str, str], int]:
    attributes: dict[str, str] = {}
    while True:
        while at < len(text) and text[at].isspace():
            at += 1
        if at >= len(text):
            raise _cannot(f'Unclosed start tag "{name}" at byte offset {offset}')
        if text[at] == ">":
            return attributes, at + 1
        found = _ATTRIBUTE.match(text, at)
        if not found:
            raise _cannot(f'Can\'t parse attributes of start tag "{name}" at byte offset {offset}')
        value = (found[2] or "").strip("\"'")
        attributes[found[1].lower()] = _REFERENCE.sub(_resolve, value)
        at = found.end()


def _more(name: str, attributes: dict[str, str], opened: list[_Open], offset: int) -> dict[str, Any]:
    if name == "a" and attributes.get("href"):
        return {"url": attributes["href"]}
    if name == "span" and attributes.get("class") != "tg-spoiler":
        raise _cannot(f'Tag "span" must have class "tg-spoiler" at byte offset {offset}')
    if name == "tg-emoji":
        if not attributes.get("emoji-id", "").isdigit():
            raise _cannot("Invalid custom emoji identifier specified")
        return {"custom_emoji_id": attributes["emoji-id"]}
    if name == "blockquote" and "expandable" in attributes:
        return {"expandable": True}
    if name == "code" and opened and opened[-1].tag == "pre" and attributes.get("class", "").startswith("language-"):
        opened[-1].more["language"] = attributes["class"].removeprefix("language-")
    return {}


def _cannot(why: str) -> ApiError:
    return bad_request(f"can't parse entities: {why}")
