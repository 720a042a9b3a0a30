"""Questions: an answer from the content, up to three choices, or the care team; whether it helped, and its sources."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from bot.channels.inbound import Kind
from bot.conversation.model import Answered, Asked, AwaitQuestion, Offer
from bot.conversation.turn import Turn
from bot.conversation.wishes import Audit, Feedback, HandOver
from bot.faq import MOST_CHOICES

GOES_ON = timedelta(minutes=10)
"""So long a message may go on from the answer before it ("and bathing?")."""

MOST_FOLLOWING = 2
"""Next questions under an answer; with the two of feedback it stays a list that is read at a glance."""


def ask(turn: Turn, text: str) -> None:
    """Answer a question; not sure: choices; none of ours: say so; not known: say so and hand it over."""
    only = turn.context.only
    answer = turn.context.answering.ask(
        text,
        journey=only.journey if only else None,
        day=only.day(turn.now) if only else None,
        language=_written(turn, text),
        last=_last(turn),
    )
    if answer.kind == "answer" and answer.faq:
        turn.remember(asked=Asked(text=text, faq=answer.faq[0]))
        _say_answer(turn, answer.text, answer.faq, answer.next)
    elif answer.kind == "choices":
        turn.remember(asked=Asked(text=text))
        turn.say_text(answer.text, [*_choices(turn, answer.faq), turn.offer("none-of-these", "1h:")])
    elif answer.kind == "smalltalk":
        turn.say_text(answer.text)
    elif answer.outside is not None:
        turn.remember(asked=Asked(text=text))
        turn.say_text(answer.text, [turn.offer("hand-over", "1h:")])
    else:
        _unknown(turn, text)


def choose(turn: Turn, faq: str) -> None:
    """One of the choices, or of the next questions, was tapped."""
    item = turn.context.content.faq.get(faq)
    if item is None:
        turn.say("button-old")
        return
    only = turn.context.only
    text = turn.context.answering.answer(
        faq,
        language=turn.language,
        journey=only.journey if only else None,
        day=only.day(turn.now) if only else None,
    )
    asked = turn.state.asked
    # A choice says what their own words meant; a next question is a question of its own.
    own = asked if asked and asked.faq is None else Asked(text=item.question[turn.language])
    turn.remember(asked=own.model_copy(update={"faq": faq}))
    _say_answer(turn, text, (faq,), item.next)


def feedback(turn: Turn, faq: str, helped: str) -> None:
    """An answer helped or not; where it did not, offer what else their words may have meant, and the care team."""
    item = turn.context.content.faq.get(faq)
    if item is None or helped not in ("yes", "no"):
        turn.say("button-old")
        return
    turn.do(Feedback(faq, helped == "yes"))
    if helped == "yes":
        turn.say("feedback-thanks", data={"sources": f"1r:{faq}"})
        return
    asked, answered = turn.state.asked, turn.state.answered
    said = answered.faq if answered and faq in answered.faq else (faq,)
    own = asked if asked and asked.faq == faq else Asked(text=item.question[turn.language])
    refused = (*own.refused, *said)
    turn.remember(asked=Asked(text=own.text, refused=refused))
    # A question that was tapped is in our words: what is asked next says more than what sounds alike.
    tapped = own.text == item.question[turn.language]
    near = item.next if tapped else turn.context.answering.nearest(own.text, len(refused) + MOST_CHOICES)
    others = [name for name in near if name not in refused][:MOST_CHOICES]
    turn.say("feedback-sorry", data={"hand-over": "1h:"}, more=_choices(turn, others))


def sources(turn: Turn, faq: str) -> None:
    """Where an answer is from; with it, those of the answers that were said in one message with it."""
    if faq not in turn.context.content.faq:
        turn.say("button-old")
        return
    answered = turn.state.answered
    _say_sources(turn, answered.faq if answered and faq in answered.faq else (faq,), turn.language)


def sources_typed(turn: Turn) -> bool:
    """Somebody asks, after an answer, where it is from."""
    answered = turn.state.answered
    button = turn.context.content.buttons["sources"]
    labels = (button.label.en, button.label.hi, button.label.hi_latn or button.label.hi)
    if answered is None or not turn.context.commands.means(turn.text, (*labels, *button.words)):
        return False
    _say_sources(turn, answered.faq, _written(turn, turn.text))
    return True


def ask_team(turn: Turn) -> None:
    """They want the care team: ask for the question."""
    turn.remember(pending=AwaitQuestion())
    turn.say("ask-question")


def awaited(turn: Turn) -> bool:
    """The question for the care team, after we asked for it."""
    if not isinstance(turn.state.pending, AwaitQuestion):
        return False
    turn.remember(pending=None)
    hand_over(turn, turn.text, "team-asked")
    return True


def hand_over_asked(turn: Turn) -> None:
    """Hand over what was asked last; if that is forgotten, ask for it."""
    if turn.state.asked is None:
        ask_team(turn)
        return
    hand_over(turn, turn.state.asked.text, "team-asked")
    turn.remember(asked=None)


def hand_over(turn: Turn, text: str, reply: str) -> None:
    """Put it before the care team and say so, with when they read and whom to call if it cannot wait."""
    only = turn.context.only
    turn.do(HandOver(only.id if only else None, text, turn.language))
    turn.say(reply, enrolment=only)


_WORDLESS = {Kind.PHOTO: "sent-photo", Kind.VOICE: "sent-voice", Kind.OTHER: "sent-other"}


def pass_on(turn: Turn) -> None:
    """While a human has the chat, what is written goes to the team as a question, and nothing is said.

    Not a word is lost, nor that something without words was sent.
    """
    reply = "sent-photo-kept" if turn.event.picture and keeps_photos(turn) else _WORDLESS.get(turn.event.kind)
    parts = [turn.words(reply)] if reply else []
    if turn.text.strip():
        parts.append(turn.text)
    if parts:
        only = turn.context.only
        turn.do(HandOver(only.id if only else None, "\n".join(parts), turn.language))


def keeps_photos(turn: Turn) -> bool:
    """Whether photos from this chat are kept for the care team: everybody followed here has agreed to share."""
    living = turn.context.living
    return bool(living) and all((one.id, "sharing") in turn.context.agreed for one in living)


def delete(turn: Turn) -> None:
    """The wish to have one's data deleted goes to a person."""
    only = turn.context.only
    turn.do(HandOver(only.id if only else None, turn.text, turn.language))
    turn.do(Audit("deletion asked", only.id if only else None))
    turn.say("delete-noted")


def _unknown(turn: Turn, text: str) -> None:
    """Hand over by ourselves only what this patient agreed to show."""
    only = turn.context.only
    if not turn.context.shares(only):
        turn.remember(asked=Asked(text=text))
        turn.say("not-shared", data={"hand-over": "1h:"})
    else:
        hand_over(turn, text, "handed-over")


def _last(turn: Turn) -> str | None:
    """The answer a message may go on from: the last one, if it was given a moment ago."""
    answered = turn.state.answered
    return answered.faq[-1] if answered and turn.now - answered.at <= GOES_ON else None


def _say_answer(turn: Turn, text: str, faq: tuple[str, ...], following: Iterable[str]) -> None:
    turn.remember(answered=Answered(faq=faq, at=turn.now))
    helped = [turn.offer("helped", f"1f:{faq[0]}:yes"), turn.offer("not-helped", f"1f:{faq[0]}:no")]
    turn.say_text(text, [*_choices(turn, following)[:MOST_FOLLOWING], *helped])


def _say_sources(turn: Turn, faq: Iterable[str], language: str) -> None:
    known = [name for name in faq if name in turn.context.content.faq]
    if not known:
        turn.say("button-old")
        return
    lines = "\n".join(turn.context.answering.sources(name, language=language) for name in known).split("\n")
    turn.say_text("\n".join(dict.fromkeys(lines)))


def _choices(turn: Turn, faq: Iterable[str]) -> list[Offer]:
    items = turn.context.content.faq
    return [Offer(label=items[name].label[turn.language], data=f"1q:{name}") for name in faq]


def _written(turn: Turn, text: str) -> str:
    """The language of the answer: the one they wrote in; short words that could be either keep the chat's."""
    from_text = turn.context.answering.detect(text)
    return turn.language if from_text == "en" and len(text.split()) < 3 else from_text
