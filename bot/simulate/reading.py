"""How a virtual patient understands a message: which reply of the content it is, and what its buttons mean."""

from __future__ import annotations

import re

from content.loader import Content
from content.model import Text
from scheduler.buttons import parse_answer
from scheduler.sender import Button

_PLACE = re.compile(r"\\\{[a-z_]+\\\}")
LANGUAGES = ("en", "hi", "hi-Latn")


class Reading:
    """Knows the texts of the content, as somebody who can read does."""

    def __init__(self, content: Content) -> None:
        """Learn the replies and buttons of `content`."""
        self._replies = {reply.id: _pattern(reply.text) for reply in content.replies.values()}
        self._buttons = {
            button.label[language]: button.id for button in content.buttons.values() for language in LANGUAGES
        }

    def is_reply(self, text: str, *ids: str) -> bool:
        """Whether `text` holds one of these replies."""
        return any(self._replies[name].search(text) for name in ids)

    def means(self, button: Button) -> str:
        """The id of the content's button, or `answer` for an answer to a check-in, or `other`."""
        if parse_answer(button.data):
            return "answer"
        return self._buttons.get(button.label, "other")


def _pattern(text: Text) -> re.Pattern[str]:
    forms = (_PLACE.sub(".+?", re.escape(text[language].strip())) for language in LANGUAGES)
    return re.compile("|".join(sorted(forms)))
