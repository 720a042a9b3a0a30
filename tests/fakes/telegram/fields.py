"""Reading a method's parameters: GET query, form, JSON or multipart, as the Bot API takes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl

from tests.fakes.telegram.errors import ApiError, bad_request
from tests.fakes.telegram.http import Request


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came along."""

    name: str
    content: bytes


class Fields:
    """The parameters of one call; a later one of the same name wins, and the body goes before the query."""

    def __init__(self, values: Mapping[str, str], files: Mapping[str, Upload]) -> None:
        self._values = values
        self.files = files

    def text(self, name: str) -> str:
        """A text; empty if it is not there."""
        return self._values.get(name, "")

    def has(self, name: str) -> bool:
        """Whether it was given at all."""
        return name in self._values

    def number(self, name: str, default: int) -> int:
        """A whole number; what is none counts as not given, as with Telegram."""
        try:
            return int(self._values.get(name, default))
        except ValueError:
            return default

    def flag(self, name: str) -> bool:
        """True for what Telegram takes as true."""
        return self.text(name).strip().lower() in ("true", "yes", "1")

    def json(self, name: str, kind: type) -> Any:
        """A parameter that is JSON; None if it is not given. Raises ApiError if it is not JSON or no `kind`."""
        text = self.text(name)
        if not text:
            return None
        try:
            value = json.loads(text)
        except ValueError:
            raise bad_request(f"can't parse {name} JSON object") from None
        if not isinstance(value, kind):
            raise bad_request(f"can't parse {name}: wrong type")
        return value


def read(request: Request) -> Fields:
    """The parameters of `request`. Raises ApiError for a method or a body that the Bot API does not take."""
    if request.method not in ("GET", "POST"):
        raise ApiError(405, "Method Not Allowed")
    values = _form(request.query) if request.query else {}
    if not request.body:
        return Fields(values, {})
    kind = request.headers.get("content-type", "")
    lower = kind.lower()
    if lower.startswith("application/x-www-form-urlencoded"):
        return Fields(values | _form(_utf8(request.body)), {})
    if lower.startswith("application/json"):
        return Fields(values | _json(request.body), {})
    if lower.startswith("multipart/form-data"):
        more, files = _multipart(kind, request.body)
        return Fields(values | more, files)
    # Anything else is read past, so the parameters are missing.
    return Fields(values, {})


def _form(text: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(text, keep_blank_values=True, errors="strict"))
    except UnicodeDecodeError:
        raise bad_request("strings must be encoded in UTF-8") from None


def _json(body: bytes) -> dict[str, str]:
    try:
        value = json.loads(body)
    except ValueError:
        raise bad_request("object expected as JSON body") from None
    if not isinstance(value, dict):
        raise bad_request("object expected as JSON body")
    return {
        name: one if isinstance(one, str) else json.dumps(one, ensure_ascii=False)
        for name, one in value.items()
        if one is not None
    }


def _multipart(kind: str, body: bytes) -> tuple[dict[str, str], dict[str, Upload]]:
    whole = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
    if not whole.is_multipart():
        raise bad_request("boundary not found in multipart body")
    values: dict[str, str] = {}
    files: dict[str, Upload] = {}
    for part in whole.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(content, bytes):
            continue
        file_name = part.get_filename()
        if file_name is None:
            values[name] = _utf8(content)
        else:
            files[name] = Upload(file_name, content)
    return values, files


def _utf8(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise bad_request("strings must be encoded in UTF-8") from None
