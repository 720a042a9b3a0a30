"""Which language: the first thing asked in a chat, and changed at once whenever a language word comes."""

from __future__ import annotations

from bot.conversation.flows import link, question
from bot.conversation.model import AwaitLanguage, Offer
from bot.conversation.turn import Turn
from bot.conversation.wishes import SetLanguage
from bot.language import detect

WORDS = {"english": "en", "hindi": "hi", "hinglish": "hi-Latn"}
_OPENERS = ("start", "menu", "help", "language")


def ask(turn: Turn, *, token: str | None = None, words: str | None = None) -> None:
    """Ask for the language, in both; keep what they came with for afterwards."""
    turn.remember(pending=AwaitLanguage(token=token, words=words))
    content = turn.context.content
    text = content.replies["choose-language"].text
    offers = [
        Offer(
            label=content.buttons[f"language-{language}"].label[language],
            data=f"1l:{language}",
            button=f"language-{language}",
        )
        for language in ("hi", "en")
    ]
    turn.say_text(content.fill(f"{text.hi}\n\n{text.en}"), offers)


def first(turn: Turn) -> bool:
    """Somebody wrote who has not chosen a language: ask once; if they just write on, take the one they write in."""
    if turn.context.address.language:
        return False
    pending = turn.state.pending
    if isinstance(pending, AwaitLanguage):
        _go_on(turn, pending, detect(turn.text), said=turn.text)
    else:
        opener = turn.context.commands.find(turn.text) in _OPENERS
        ask(turn, words=None if opener else turn.text)
    return True


def choose(turn: Turn, language: str) -> None:
    """A language word or button: switch now, and go on with what waited for it."""
    pending = turn.state.pending
    if isinstance(pending, AwaitLanguage):
        _go_on(turn, pending, language, said=None)
        return
    _switch(turn, language)
    turn.say("language-set")


def _switch(turn: Turn, language: str) -> None:
    turn.language = language
    turn.do(SetLanguage(language))


def _go_on(turn: Turn, pending: AwaitLanguage, language: str, said: str | None) -> None:
    _switch(turn, language)
    turn.remember(pending=None)
    if pending.token:
        link.open_up(turn, pending.token)
    elif words := said or pending.words:
        question.ask(turn, words)
    else:
        turn.say("welcome-stranger")
