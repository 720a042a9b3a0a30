"""Questions: an answer from the content, up to three choices, or the care team; and whether it helped."""

from __future__ import annotations

from bot.conversation.model import Asked, Audit, AwaitQuestion, Feedback, HandOver, Offer
from bot.conversation.turn import Turn


def ask(turn: Turn, text: str) -> None:
    """Answer a question; not sure: choices; not known: say so and hand it over."""
    only = turn.context.only
    answer = turn.context.answering.ask(
        text,
        journey=only.journey if only else None,
        day=only.day(turn.now) if only else None,
        language=_written(turn, text),
    )
    if answer.kind == "answer" and answer.faq:
        turn.remember(asked=Asked(text=text, faq=answer.faq[0]))
        _say_answer(turn, answer.text, answer.faq[0])
    elif answer.kind == "choices":
        turn.remember(asked=Asked(text=text))
        offers = [_choice(turn, faq) for faq in answer.faq[:3]]
        turn.say_text(answer.text, [*offers, turn.offer("none-of-these", "1h:")])
    elif answer.kind == "smalltalk":
        turn.say_text(answer.text)
    else:
        _unknown(turn, text)


def choose(turn: Turn, faq: str) -> None:
    """One of the choices was tapped."""
    if faq not in turn.context.content.faq:
        turn.say("button-old")
        return
    only = turn.context.only
    answer = turn.context.answering.answer(faq, language=turn.language, journey=only.journey if only else None)
    turn.remember(asked=Asked(text=turn.state.asked.text if turn.state.asked else turn.text, faq=faq))
    _say_answer(turn, answer, faq)


def feedback(turn: Turn, faq: str, helped: str) -> None:
    """An answer helped or not; where it did not, offer the care team."""
    if faq not in turn.context.content.faq or helped not in ("yes", "no"):
        turn.say("button-old")
        return
    turn.do(Feedback(faq, helped == "yes"))
    if helped == "yes":
        turn.say("feedback-thanks")
    else:
        turn.say("feedback-sorry", data={"hand-over": "1h:"})


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


def _say_answer(turn: Turn, text: str, faq: str) -> None:
    offers = [turn.offer("helped", f"1f:{faq}:yes"), turn.offer("not-helped", f"1f:{faq}:no")]
    turn.say_text(text, offers)


def _choice(turn: Turn, faq: str) -> Offer:
    return Offer(label=turn.context.content.faq[faq].label[turn.language], data=f"1q:{faq}")


def _written(turn: Turn, text: str) -> str:
    """The language of the answer: the one they wrote in; short words that could be either keep the chat's."""
    from_text = turn.context.answering.detect(text)
    return turn.language if from_text == "en" and len(text.split()) < 3 else from_text
