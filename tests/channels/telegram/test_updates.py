"""What Telegram tells becomes the events every channel has."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.inbound import Inbound, Kind, MalformedError
from bot.channels.telegram import updates

NOW = datetime(2026, 3, 2, 6, tzinfo=UTC)
ASHA = {"id": 9_000_000_001, "is_bot": False, "first_name": "Asha", "language_code": "hi"}
CHAT = {"id": 9_000_000_001, "type": "private", "first_name": "Asha"}
AT = datetime(2026, 3, 2, 5, 30, tzinfo=UTC)


def message(**content: Any) -> dict[str, Any]:
    """An update about a message of Asha's."""
    fields = {"message_id": 7, "from": ASHA, "chat": CHAT, "date": int(AT.timestamp())}
    return {"update_id": 1001, "message": fields | content}


def read(update: dict[str, Any]) -> Inbound:
    """The event; there must be one."""
    event = updates.read(update, NOW)
    assert event is not None
    return event


def test_a_text() -> None:
    """Who, when, what; the id of the update is the id of the event, and the app's language a hint."""
    assert read(message(text="/start abc")) == Inbound(
        channel="telegram",
        event_id="1001",
        address="9000000001",
        kind=Kind.TEXT,
        at=AT,
        text="/start abc",
        language_hint="hi",
    )


def test_a_reply_says_to_what() -> None:
    """The number of the message it answers."""
    earlier = {"message_id": 5, "chat": CHAT, "date": 0}
    assert read(message(text="haan", reply_to_message=earlier)).reply_to == "5"


def test_an_edit_is_an_event_of_its_own() -> None:
    """With its own id and time, so that what stands there in the end is judged as well."""
    update = message(text="I can't walk", edit_date=int(NOW.timestamp()))
    update = {"update_id": 1002, "edited_message": update["message"]}
    event = read(update)
    assert (event.event_id, event.kind, event.text, event.at) == ("1002", Kind.TEXT, "I can't walk", NOW)


def test_an_edit_without_words_says_nothing() -> None:
    """A place that moves comes as an edit every few seconds."""
    moved = message(location={"latitude": 26.8, "longitude": 80.9})["message"]
    assert updates.read({"update_id": 1, "edited_message": moved}, NOW) is None


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ({"photo": [{}], "caption": "see"}, Kind.PHOTO),
        ({"sticker": {}}, Kind.STICKER),
        ({"voice": {}}, Kind.VOICE),
        ({"video_note": {}}, Kind.VOICE),
        ({"document": {}, "animation": {}}, Kind.OTHER),
        ({"location": {}}, Kind.OTHER),
        ({"contact": {"phone_number": "1"}}, Kind.OTHER),
    ],
)
def test_what_is_no_text(content: dict[str, Any], kind: Kind) -> None:
    """Its kind, and the caption as its text, which triage sees."""
    event = read(message(**content))
    assert (event.kind, event.text) == (kind, content.get("caption", ""))


@pytest.mark.parametrize(
    ("owner", "given", "trusted"),
    [
        (ASHA["id"], "919000000001", "+919000000001"),
        (ASHA["id"], "+91 90000 00001", "+919000000001"),
        (ASHA["id"], "", None),
        (77, "+919000000002", None),
        (None, "+919000000003", None),
    ],
)
def test_a_number_counts_only_on_ones_own_card(owner: int | None, given: str, trusted: str | None) -> None:
    """Anybody can pass on anybody's card."""
    card = {"phone_number": given, "first_name": "Asha"} | ({"user_id": owner} if owner else {})
    assert read(message(contact=card)).own_phone == trusted


def tap(**more: Any) -> dict[str, Any]:
    """An update about a button."""
    keyboard = [[{"text": "English", "callback_data": "1l:en"}, {"text": "हिन्दी", "callback_data": "1l:hi"}]]
    shown = message(text="?", reply_markup={"inline_keyboard": keyboard})["message"]
    query = {"id": "44", "from": ASHA, "chat_instance": "1", "message": shown, "data": "1l:hi"}
    return {"update_id": 1003, "callback_query": query | more}


def test_a_tap() -> None:
    """What the button carries and shows, under which message, and what Telegram's app waits for."""
    event = read(tap())
    assert (event.kind, event.data, event.text, event.reply_to) == (Kind.BUTTON, "1l:hi", "हिन्दी", "7")
    assert (event.receipt, event.at) == ("44", NOW)


def test_a_tap_under_a_message_too_old_to_be_shown() -> None:
    """It works without the label."""
    event = read(tap(message={"message_id": 7, "chat": CHAT, "date": 0}))
    assert (event.data, event.text, event.reply_to) == ("1l:hi", "", "7")


@pytest.mark.parametrize("missing", ["message", "data"])
def test_a_tap_of_another_kind_is_nothing_for_us_but_answered(missing: str) -> None:
    """A game, or a button in somebody else's chat: the app still stops waiting."""
    update = tap()
    del update["callback_query"][missing]
    assert updates.read(update, NOW) is None
    assert updates.tap_id(update) == "44"


@pytest.mark.parametrize(
    ("status", "kind"), [("kicked", Kind.BLOCKED), ("member", Kind.UNBLOCKED), ("administrator", None)]
)
def test_blocked_and_back(status: str, kind: Kind | None) -> None:
    """In a private chat."""
    change = {"chat": CHAT, "from": ASHA, "date": int(AT.timestamp()), "new_chat_member": {"status": status}}
    event = updates.read({"update_id": 9, "my_chat_member": change}, NOW)
    assert (event.kind if event else None) == kind
    group = change | {"chat": {"id": -5, "type": "group"}}
    assert updates.read({"update_id": 9, "my_chat_member": group}, NOW) is None


@pytest.mark.parametrize(
    "update",
    [
        {"update_id": 1, "message": message(text="hi")["message"] | {"chat": {"id": -1, "type": "group"}}},
        {"update_id": 1, "message": message(text="hi")["message"] | {"from": {"id": 3, "is_bot": True}}},
        {"update_id": 1, "channel_post": {}},
        {"update_id": 1, "something_new": {"a": 1}},
        {"update_id": 1},
        message(pinned_message={}),
        message(new_kind_of_message={}),
    ],
)
def test_what_is_none_of_ours(update: dict[str, Any]) -> None:
    """Groups, other bots, Telegram's own notes, and whatever is invented next."""
    assert updates.read(update, NOW) is None


@pytest.mark.parametrize(
    "update",
    [
        {},
        {"update_id": "1"},
        {"update_id": True},
        {"update_id": 1, "message": None},
        {"update_id": 1, "message": {}},
        {"update_id": 1, "message": message(text=5)["message"]},
        {"update_id": 1, "message": message(text="x")["message"] | {"date": 10**20}},
        {"update_id": 1, "callback_query": []},
        {"update_id": 1, "my_chat_member": {"chat": CHAT}},
    ],
)
def test_what_has_not_telegrams_form_is_said(update: dict[str, Any]) -> None:
    """One kind of error, whose words quote nothing."""
    with pytest.raises(MalformedError):
        updates.read(update, NOW)


def test_an_undocumented_form_counts_as_nothing() -> None:
    """Refusing it would hold up the chat for a day."""
    assert updates.understood({"update_id": 1, "message": {}}, NOW) is None


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["from", "chat", "id", "type", "text", "date", "message", "data", "contact", "user_id"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from([*updates.WANTED, "poll"]), values, max_size=2), st.integers(0, 2**40))
def test_nothing_else_ever_goes_wrong(body: dict[str, Any], number: int) -> None:
    """Whatever comes: an event, nothing, or the one error."""
    try:
        event = updates.read(body | {"update_id": number}, NOW)
    except MalformedError:
        return
    assert event is None or isinstance(event, Inbound)
    updates.tap_id(body)
