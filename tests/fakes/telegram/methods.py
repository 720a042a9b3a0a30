"""The Bot API's methods that talk to people: each is handed what Telegram knows and the call's parameters."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

from PIL import Image

from tests.fakes.telegram import formatting, keyboards
from tests.fakes.telegram.cloud import Cloud, Person, Seen
from tests.fakes.telegram.errors import ApiError, bad_request
from tests.fakes.telegram.fields import Fields, Upload

Method = Callable[[Cloud, Fields], Any]

LONGEST_ANSWER = 200
LARGEST = {"photo": 10 * 2**20, "document": 50 * 2**20}
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)


def get_me(cloud: Cloud, fields: Fields) -> Any:
    """The bot itself."""
    return cloud.bot | {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def send_message(cloud: Cloud, fields: Fields) -> Any:
    """Text of 1 to 4096 units after its entities are parsed."""
    text, entities = _text(fields, "text")
    if not text:
        raise bad_request("message text is empty")
    if formatting.length(text) > formatting.LONGEST_TEXT:
        raise bad_request("message is too long")
    content: dict[str, Any] = {"text": text}
    if entities:
        content["entities"] = entities
    return _deliver(cloud, fields, content, text, "text")


def send_photo(cloud: Cloud, fields: Fields) -> Any:
    """A photo with a caption."""
    return _send_file(cloud, fields, "photo")


def send_document(cloud: Cloud, fields: Fields) -> Any:
    """A file with a caption."""
    return _send_file(cloud, fields, "document")


def send_chat_action(cloud: Cloud, fields: Fields) -> Any:
    """'is typing ...'"""
    if fields.text("action") not in ("typing", "upload_photo", "upload_document"):
        raise bad_request("wrong parameter action in request")
    _reachable(_chat(cloud, fields))
    return True


def edit_message_text(cloud: Cloud, fields: Fields) -> Any:
    """Another text in place of one that was sent."""
    text, entities = _text(fields, "text")
    if not text:
        raise bad_request("message text is empty")
    if formatting.length(text) > formatting.LONGEST_TEXT:
        raise bad_request("message is too long")
    markup = _inline(fields)
    person, message = _own(cloud, fields)
    if "text" not in message:
        raise bad_request("there is no text in the message to edit")
    content = (
        {"text": text} | ({"entities": entities} if entities else {}) | ({"reply_markup": markup} if markup else {})
    )
    return _change(cloud, person, message, content, ("text", "entities", "reply_markup"))


def edit_message_reply_markup(cloud: Cloud, fields: Fields) -> Any:
    """Other buttons, or none, under one that was sent."""
    markup = _inline(fields)
    person, message = _own(cloud, fields)
    return _change(cloud, person, message, {"reply_markup": markup} if markup else {}, ("reply_markup",))


def delete_message(cloud: Cloud, fields: Fields) -> Any:
    """It is gone from the chat; the ledger keeps that it was seen."""
    person = _chat(cloud, fields)
    if person.messages.pop(fields.number("message_id", 0), None) is None:
        raise bad_request("message to delete not found")
    return True


def answer_callback_query(cloud: Cloud, fields: Fields) -> Any:
    """The pressed button stops waiting."""
    text = fields.text("text")
    if formatting.length(text) > LONGEST_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    query = cloud.queries.get(fields.text("callback_query_id"))
    if query is None or cloud.now() - query.at > cloud.query_lifetime:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    query.answer = text
    return True


def get_chat(cloud: Cloud, fields: Fields) -> Any:
    """A chat the bot knows."""
    return _chat(cloud, fields).chat | {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": {}}


def get_file(cloud: Cloud, fields: Fields) -> Any:
    """Where a file can be fetched for an hour."""
    name = fields.text("file_id")
    if name not in cloud.files:
        raise bad_request("invalid file_id" if not name else "wrong file_id or the file is temporarily unavailable")
    size = len(cloud.files[name])
    return {"file_id": name, "file_unique_id": f"u{name}", "file_size": size, "file_path": f"files/{name}"}


def _text(fields: Fields, name: str) -> tuple[str, list[dict[str, Any]]]:
    entities = None if fields.text("parse_mode") else fields.json("entities", list)
    text, parsed = formatting.parse(fields.text(name), fields.text("parse_mode"))
    return text, parsed if entities is None else entities


def _inline(fields: Fields) -> dict[str, Any] | None:
    markup = keyboards.read(fields)
    if markup is not None and "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")
    return markup if markup and markup["inline_keyboard"] else None


def _send_file(cloud: Cloud, fields: Fields, kind: str) -> Any:
    caption, entities = _text(fields, "caption")
    if formatting.length(caption) > formatting.LONGEST_CAPTION:
        raise bad_request("message caption is too long")
    name = _file(cloud, fields, kind)
    shown: dict[str, Any] = {"file_id": name, "file_unique_id": f"u{name}", "file_size": len(cloud.files[name])}
    content: dict[str, Any] = {kind: [shown | {"width": 90, "height": 90}] if kind == "photo" else shown}
    if caption:
        content |= {"caption": caption} | ({"caption_entities": entities} if entities else {})
    return _deliver(cloud, fields, content, caption, kind)


def _file(cloud: Cloud, fields: Fields, kind: str) -> str:
    given = fields.text(kind)
    upload: Upload | None = fields.files.get(given.removeprefix("attach://") if given.startswith("attach://") else kind)
    if upload is None:
        if given in cloud.files:
            return given
        raise bad_request("wrong remote file identifier specified" if given else f"there is no {kind} in the request")
    if not upload.content:
        raise bad_request("file must be non-empty")
    if len(upload.content) > LARGEST[kind]:
        raise ApiError(413, "Request Entity Too Large")
    if kind == "photo":
        _picture(upload.content)
    name = f"file-{next(cloud.file_ids)}"
    cloud.files[name] = upload.content
    return name


def _picture(content: bytes) -> None:
    """A photo must be a picture, no larger than 10000 both ways together and no longer than 20 times its width."""
    try:
        with Image.open(BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as image:
            width, height = image.size
    except OSError:
        raise bad_request("IMAGE_PROCESS_FAILED") from None
    if width + height > 10_000 or max(width, height) > 20 * min(width, height):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")


def _deliver(cloud: Cloud, fields: Fields, content: dict[str, Any], text: str, kind: str) -> Any:
    """Put a message on somebody's phone, if everything allows it."""
    markup = keyboards.read(fields) if fields.has("reply_markup") else None
    person = _chat(cloud, fields)
    answered = _answered(person, fields)
    now = cloud.now()
    if cloud.rates is not None:
        cloud.rates.take(person.id, now)
    _reachable(person)
    number = next(cloud.message_ids)
    message = {"message_id": number, "from": cloud.bot, "chat": person.chat, "date": int(now), **content}
    if answered is not None:
        message["reply_to_message"] = answered
    # Other keyboards change the phone, not the message.
    kept = message | {"reply_markup": markup} if markup else message
    person.messages[number] = kept
    cloud.ledger.append(Seen(str(person.id), text, now, number, kind))
    return kept if markup and "inline_keyboard" in markup else message


def _answered(person: Person, fields: Fields) -> dict[str, Any] | None:
    reply = fields.json("reply_parameters", dict) or {}
    number = reply.get("message_id") or fields.number("reply_to_message_id", 0)
    if not number:
        return None
    found = person.messages.get(int(number))
    if found is None and not (reply.get("allow_sending_without_reply") or fields.flag("allow_sending_without_reply")):
        raise bad_request("message to be replied not found")
    return found


def _chat(cloud: Cloud, fields: Fields) -> Person:
    given = fields.text("chat_id")
    if not given:
        raise bad_request("chat_id is empty")
    try:
        person = cloud.people.get(int(given))
    except ValueError:
        person = None
    if person is None or not person.started:
        raise bad_request("chat not found")
    return person


def _reachable(person: Person) -> None:
    if person.gone:
        raise ApiError(403, "Forbidden: user is deactivated")
    if person.blocked:
        raise ApiError(403, "Forbidden: bot was blocked by the user")


def _own(cloud: Cloud, fields: Fields) -> tuple[Person, dict[str, Any]]:
    person = _chat(cloud, fields)
    message = person.messages.get(fields.number("message_id", 0))
    if message is None:
        raise bad_request("message to edit not found")
    if message["from"]["id"] != cloud.id:
        raise bad_request("message can't be edited")
    return person, message


def _change(
    cloud: Cloud, person: Person, message: dict[str, Any], content: dict[str, Any], names: tuple[str, ...]
) -> dict[str, Any]:
    if all(message.get(name) == content.get(name) for name in names):
        raise bad_request(NOT_MODIFIED)
    now = cloud.now()
    if cloud.rates is not None:
        cloud.rates.take(person.id, now)
    _reachable(person)
    changed = {name: value for name, value in message.items() if name not in names} | content | {"edit_date": int(now)}
    person.messages[message["message_id"]] = changed
    if changed.get("text") != message.get("text"):
        cloud.ledger.append(Seen(str(person.id), changed["text"], now, message["message_id"], "edit"))
    return changed


METHODS: dict[str, Method] = {
    "getme": get_me,
    "sendmessage": send_message,
    "sendphoto": send_photo,
    "senddocument": send_document,
    "sendchataction": send_chat_action,
    "editmessagetext": edit_message_text,
    "editmessagereplymarkup": edit_message_reply_markup,
    "deletemessage": delete_message,
    "answercallbackquery": answer_callback_query,
    "getchat": get_chat,
    "getfile": get_file,
}
