"""One event being answered: gathers what is said and done. The flows write on it; nothing here leaves by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.channels.inbound import Inbound
from bot.conversation.model import Context, Offer, Offers, State
from bot.conversation.wishes import Effect, HandBack, Say
from bot.language import detect
from scheduler.enrolments import EnrolmentView
from scheduler.policy import REPLY
from scheduler.rendering import first_name
from scheduler.sender import Body, Button

PRESS = "1m:"
"""Data of a button that has no flow of its own: then its id follows."""


OFFERS_LAST = timedelta(days=1)
"""So long typing a button's label or words counts as pressing it; tapping counts for ever."""


class Turn:
    """The answer to one event in the making."""

    def __init__(self, state: State, event: Inbound, context: Context) -> None:
        self.state = state
        self.event = event
        self.context = context
        self.language = context.address.language or guess_language(event)
        """The language of our replies; flows that change it set it here as well."""
        self._handing_back = context.human_until is not None and context.human_until <= context.now
        """A human had the chat, and the next answer says that it is the program's again."""
        self._effects: list[Effect] = []
        self._offered: list[Offer] = []

    @property
    def effects(self) -> tuple[Effect, ...]:
        """What was asked for so far, in order."""
        return tuple(self._effects)

    @property
    def offers(self) -> tuple[Offer, ...]:
        """The buttons shown so far."""
        return tuple(self._offered)

    @property
    def answered(self) -> bool:
        """Whether a reply was given, and nothing urgent was said."""
        kinds = {effect.kind for effect in self._effects if isinstance(effect, Say)}
        return kinds == {REPLY}

    @property
    def text(self) -> str:
        """What they wrote; for a photo its caption."""
        return self.event.text

    @property
    def now(self) -> datetime:
        """The instant of this turn, UTC."""
        return self.context.now

    def remember(self, **changes: Any) -> None:
        """Change fields of the state."""
        self.state = self.state.model_copy(update=changes)

    def do(self, effect: Effect) -> None:
        """Ask for something to be done."""
        self._effects.append(effect)

    def say(
        self,
        reply: str,
        *,
        data: Mapping[str, str] | None = None,
        more: Sequence[Offer] = (),
        enrolment: EnrolmentView | None = None,
        **facts: object,
    ) -> None:
        """Send a reply of `content/replies`.

        Its own buttons carry `data` by button id, or the id itself; the buttons `more` come before them.
        """
        offers = [*more, *self.offers_of(reply, data or {})]
        self.say_text(self.words(reply, **facts), offers, enrolment=enrolment)

    def say_text(
        self, text: str, offers: Sequence[Offer] = (), *, enrolment: EnrolmentView | None = None, kind: str = REPLY
    ) -> None:
        """Send a text that comes from the content already filled."""
        if self._handing_back and kind == REPLY:
            self._handing_back = False
            self.do(HandBack())
            text = f"{self.words('human-hands-back')}\n\n{text}"
        self._offered += offers
        buttons = tuple(Button(offer.label, offer.data) for offer in offers)
        self.do(Say(Body(text, buttons), kind, enrolment.id if enrolment else None))

    def words(self, reply: str, **facts: object) -> str:
        """The text of a reply in the chat's language, filled."""
        return self.context.content.fill(self.context.content.replies[reply].text[self.language], **facts)

    def offers_of(self, reply: str, data: Mapping[str, str]) -> list[Offer]:
        """The buttons of a reply; see `say`."""
        return [self.offer(button, data.get(button)) for button in self.context.content.replies[reply].buttons]

    def offer(self, button: str, data: str | None = None) -> Offer:
        """A button of the content."""
        label = self.context.content.buttons[button].label[self.language]
        return Offer(label=label, data=data or PRESS + button, button=button)

    def offered(self) -> str | None:
        """What the button of our last message carries whose label or words were typed; it counts for OFFERS_LAST."""
        offers = self.state.offers
        if offers is None or self.now - offers.at > OFFERS_LAST:
            return None
        for offer in offers.items:
            if self.context.commands.means(self.text, (offer.label, *self.phrases(offer.button))):
                return offer.data
        return None

    def phrases(self, button: str | None) -> tuple[str, ...]:
        """How pressing a button of the content is typed: its labels and words."""
        entry = self.context.content.buttons.get(button or "")
        if entry is None:
            return ()
        return (entry.label.en, entry.label.hi, entry.label.hi_latn or entry.label.hi, *entry.words)

    def about(self, enrolment: EnrolmentView) -> str:
        """A line that names the patient where one chat serves several, else nothing."""
        if len(self.context.enrolments) < 2:
            return ""
        return self.words("about", name=first_name(enrolment.name)) + "\n"

    def enrolment(self, enrolment_id: int) -> EnrolmentView | None:
        """One of the enrolments read in this chat, else nothing."""
        return next((e for e in self.context.enrolments if e.id == enrolment_id), None)

    def days_ago(self, instant: datetime, zone: str) -> int:
        """How many local days ago something was."""
        here = ZoneInfo(zone)
        return (self.now.astimezone(here).date() - instant.astimezone(here).date()).days

    def result(self) -> tuple[State, tuple[Effect, ...]]:
        """The new state and all effects, in order."""
        if self._offered:
            self.remember(offers=Offers(at=self.now, items=tuple(self._offered)))
        if any(isinstance(effect, Say) and effect.kind == REPLY for effect in self._effects):
            self.remember(spoke_at=self.now)
        return self.state, tuple(self._effects)


def guess_language(event: Inbound) -> str:
    """The language of somebody who has not chosen one: what they write, else what their app is set to."""
    if event.text.strip() and event.data is None and not event.text.lstrip().startswith("/"):
        return detect(event.text)
    return "hi" if (event.language_hint or "").lower().startswith("hi") else "en"
