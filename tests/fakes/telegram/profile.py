"""The Bot API's methods by which a bot describes itself: commands and descriptions, by language."""

from __future__ import annotations

import re
from typing import Any

from tests.fakes.telegram.cloud import BOT_NAME, Cloud
from tests.fakes.telegram.errors import bad_request
from tests.fakes.telegram.fields import Fields
from tests.fakes.telegram.methods import Method

MOST_COMMANDS = 100
LONGEST = {"description": 512, "short_description": 120, "name": 64}
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"([a-z]{2})?")
_SCOPES = frozenset(
    "default all_private_chats all_group_chats all_chat_administrators chat chat_administrators chat_member".split()
)


def set_my_commands(cloud: Cloud, fields: Fields) -> Any:
    """The list a phone shows behind 'Menu', for a scope and a language."""
    commands = fields.json("commands", list)
    if commands is None:
        raise bad_request("can't parse commands JSON object")
    if len(commands) > MOST_COMMANDS:
        raise bad_request("too many commands specified")
    cloud.commands[_where(fields)] = [_command(one) for one in commands]
    return True


def get_my_commands(cloud: Cloud, fields: Fields) -> Any:
    """That list, for exactly this scope and language."""
    return cloud.commands.get(_where(fields), [])


def delete_my_commands(cloud: Cloud, fields: Fields) -> Any:
    """Fall back to a wider scope or no language."""
    cloud.commands.pop(_where(fields), None)
    return True


def _command(one: Any) -> dict[str, str]:
    if not isinstance(one, dict):
        raise bad_request("expected an Array of BotCommand")
    name, description = str(one.get("command", "")).removeprefix("/"), str(one.get("description", ""))
    if not _COMMAND.fullmatch(name):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(description) <= 256:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": description}


def _where(fields: Fields) -> tuple[str, str]:
    scope = fields.json("scope", dict) or {"type": "default"}
    if scope.get("type") not in _SCOPES:
        raise bad_request("can't parse BotCommandScope: unsupported type specified")
    return str(scope["type"]), _language(fields)


def _language(fields: Fields) -> str:
    language = fields.text("language_code")
    if not _LANGUAGE.fullmatch(language):
        raise bad_request("invalid language code specified")
    return language


def _setter(name: str) -> Method:
    def set_it(cloud: Cloud, fields: Fields) -> Any:
        text = fields.text(name)
        if len(text) > LONGEST[name]:
            raise bad_request(f"{name.replace('_', ' ')} is too long")
        cloud.words[name, _language(fields)] = text
        return True

    return set_it


def _getter(name: str) -> Method:
    def get_it(cloud: Cloud, fields: Fields) -> Any:
        default = BOT_NAME if name == "name" else ""
        return {name: cloud.words.get((name, _language(fields))) or cloud.words.get((name, ""), default)}

    return get_it


METHODS: dict[str, Method] = {
    "setmycommands": set_my_commands,
    "getmycommands": get_my_commands,
    "deletemycommands": delete_my_commands,
}
for _name in LONGEST:
    METHODS[f"setmy{_name.replace('_', '')}"] = _setter(_name)
    METHODS[f"getmy{_name.replace('_', '')}"] = _getter(_name)
