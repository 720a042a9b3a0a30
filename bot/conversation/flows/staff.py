"""The linked chat of a member of staff: link codes, alerts, answers to questions, the day, one patient, a new one.

Such a chat may also be that of a patient's family. Then everything works for the patient as in any other chat, and
staff's own commands, buttons and replies to announcements work besides. Each states the permission it needs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.channels.inbound import Kind
from bot.conversation.flows import enrol, menu
from bot.conversation.model import AwaitAnswer, Draft, Offer
from bot.conversation.turn import Turn
from bot.conversation.wishes import (
    Acknowledge,
    AnswerQuestion,
    CloseAlert,
    FindPatient,
    LinkStaff,
    SetLanguage,
    ShowDay,
    ShowPatient,
    UnlinkStaff,
)
from bot.conversation.words import is_slash, plain
from bot.staff.access import Permission, may
from bot.staff.alerts import OUTCOMES
from bot.staff.desk import Desk, Item
from bot.staff.questions import LONGEST_ANSWER
from bot.staff.telling import PRESS, quoted

ANSWER_WITHIN = timedelta(hours=1)
"""So long after Answer was tapped the next text is taken for the answer; it is shown once more before it goes out."""

SEND_WITHIN = timedelta(days=1)
LONGEST_SEARCH = 4
"""Words of a search for a patient, that word included; more is a sentence."""
LABEL = 20
"""Letters of a button's label."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something staff may ask for in their chat."""

    permission: Permission
    run: Callable[[Turn, Desk, int], None]
    """Given the id that the button carries, 0 if it carries none or it was typed."""
    words: str | None = None
    """The button whose words ask for it when typed; nothing if it can only be tapped or offered."""


def handle(turn: Turn) -> bool:
    """A code that links a chat, from anybody; in a linked chat what is meant for staff."""
    if turn.context.staff_code is not None:
        _link(turn, turn.context.staff_code)
        return True
    desk = turn.context.desk
    if desk is None:
        return _not_for_everybody(turn)
    steps = (enrol.steered, _typed, _named, enrol.typed, _answered, _usual)
    return any(step(turn, desk) for step in steps)


def otherwise(turn: Turn) -> bool:
    """In a linked chat that follows no patient, anything else gets what can be done here."""
    desk = turn.context.desk
    if desk is None or turn.context.living or not isinstance(turn.state.pending, AwaitAnswer | None):
        return False
    _help(turn, desk)
    return True


def press(turn: Turn, what: Sequence[str]) -> None:
    """A button for staff; it does nothing in anybody else's chat."""
    desk = turn.context.desk
    action = ACTIONS.get(what[0]) if what else None
    number = what[1] if len(what) > 1 else "0"
    if desk is None:
        turn.say("button-other")
    elif action is None or len(what) > 2 or not (number.isascii() and number.isdigit()):
        turn.say("button-old")
    else:
        _do(turn, desk, action, int(number))


def not_passed(turn: Turn) -> None:
    """An answer for a patient that was taken for an alarm: say that it did not go out."""
    desk = turn.context.desk
    if desk and _question_meant(turn, desk) is not None:
        turn.say("staff-not-passed")


# ---------------------------------------------------------------- what was written


def _link(turn: Turn, code: str) -> None:
    if turn.context.address.language is None:
        turn.do(SetLanguage(turn.language))
    turn.do(LinkStaff(code))


def _typed(turn: Turn, desk: Desk) -> bool:
    for action in ACTIONS.values():
        if action.words and turn.context.commands.means(turn.text, (action.words, *turn.phrases(action.words))):
            _do(turn, desk, action, 0)
            return True
    return False


def _not_for_everybody(turn: Turn) -> bool:
    """A command of staff, as such, in a chat that is not linked."""
    commands = {action.words for action in ACTIONS.values() if action.words}
    if not is_slash(turn.text) or not commands & set(plain(turn.text).split()[:1]):
        return False
    turn.say("staff-only")
    return True


def _named(turn: Turn, desk: Desk) -> bool:
    """`PATIENT Asha`: somebody to look up. Where it may begin a sentence, only as a command."""
    said = plain(turn.text)
    sentence = turn.context.living or _question_meant(turn, desk) is not None or len(said.split()) > LONGEST_SEARCH
    if turn.event.kind is not Kind.TEXT or (sentence and not is_slash(turn.text)):
        return False
    for phrase in ("patient", *turn.phrases("patient")):
        head = plain(phrase)
        if said.startswith(f"{head} "):
            _do(turn, desk, Action(Permission.SEE_PATIENTS, _find(said.removeprefix(head).strip())), 0)
            return True
    return False


def _find(words: str) -> Callable[[Turn, Desk, int], None]:
    def find(turn: Turn, _desk: Desk, _number: int) -> None:
        turn.do(FindPatient(words))

    return find


def _answered(turn: Turn, desk: Desk) -> bool:
    """The answer to a patient's question: shown once more, with the name, before it goes out."""
    number = _question_meant(turn, desk)
    text = turn.text.strip()
    if number is None or not text or turn.context.commands.find(text) in (*menu.FIRST, *menu.LATER):
        return False
    turn.remember(pending=None)
    item = _item(desk.questions, number)
    if not may(desk.staff.role, Permission.ANSWER_QUESTIONS):
        turn.say("staff-not-allowed")
    elif item is None:
        turn.say("staff-question-done")
    elif len(text) > LONGEST_ANSWER:
        turn.say("staff-answer-long")
    else:
        turn.remember(draft=Draft(question_id=number, text=text, at=turn.now))
        data = {"send-answer": f"{PRESS}:send:{number}", "drop-answer": f"{PRESS}:drop:{number}"}
        turn.say("staff-confirm-answer", data=data, who=item.who, words=quoted(text))
    return True


def _question_meant(turn: Turn, desk: Desk) -> int | None:
    """The question this text answers: the one whose announcement it replies to, else the one chosen a while ago."""
    if turn.event.kind is not Kind.TEXT:
        return None
    if desk.question is not None:
        return desk.question
    waiting = turn.state.pending
    recent = isinstance(waiting, AwaitAnswer) and turn.now - waiting.at <= ANSWER_WITHIN
    return waiting.question_id if isinstance(waiting, AwaitAnswer) and recent else None


def _usual(turn: Turn, desk: Desk) -> bool:
    """Commands that mean something else, or something more, in a linked chat."""
    command = turn.context.commands.find(turn.text) if turn.event.kind is Kind.TEXT else None
    alone = not turn.context.living
    if command == "help" or (alone and command in ("start", "menu")):
        _help(turn, desk)
        if not alone:
            turn.say("help")
        return True
    if command == "stop":
        if not alone:
            menu.FIRST["stop"](turn)
        turn.say("staff-stop", data={"unlink": f"{PRESS}:unlink"})
        return True
    wordless = turn.event.kind not in (Kind.TEXT, Kind.BUTTON) and turn.event.kind is not Kind.OTHER
    if alone and wordless:
        _help(turn, desk)
        return True
    return False


# ---------------------------------------------------------------- what is done


def _do(turn: Turn, desk: Desk, action: Action, number: int) -> None:
    if may(desk.staff.role, action.permission):
        action.run(turn, desk, number)
    else:
        turn.say("staff-not-allowed")


def _acknowledge(turn: Turn, desk: Desk, number: int) -> None:
    chosen = number or desk.alert or (desk.alerts[0].id if len(desk.alerts) == 1 else 0)
    if chosen:
        turn.do(Acknowledge(chosen))
    elif desk.alerts:
        turn.say("staff-which-alert", more=_choices(desk.alerts, "ack"))
    else:
        turn.say("staff-none-open")


def _closing(outcome: str) -> Callable[[Turn, Desk, int], None]:
    def close(turn: Turn, _desk: Desk, number: int) -> None:
        turn.do(CloseAlert(number, outcome))

    return close


def _answer(turn: Turn, desk: Desk, number: int) -> None:
    chosen = number or desk.question or (desk.questions[0].id if len(desk.questions) == 1 else 0)
    item = _item(desk.questions, chosen)
    if item is not None:
        turn.remember(pending=AwaitAnswer(question_id=item.id, at=turn.now))
        turn.say("staff-write-answer", who=item.who)
    elif chosen:
        turn.say("staff-question-done")
    elif desk.questions:
        turn.say("staff-which-question", more=_choices(desk.questions, "answer"))
    else:
        turn.say("staff-no-question")


def _send(turn: Turn, _desk: Desk, number: int) -> None:
    draft = turn.state.draft
    if draft is None or draft.question_id != number or turn.now - draft.at > SEND_WITHIN:
        turn.say("button-old")
        return
    turn.remember(draft=None)
    turn.do(AnswerQuestion(draft.question_id, draft.text))


def _drop(turn: Turn, _desk: Desk, _number: int) -> None:
    turn.remember(draft=None)
    turn.say("staff-dropped")


def _show_day(turn: Turn, _desk: Desk, _number: int) -> None:
    turn.do(ShowDay())


def _patient(turn: Turn, _desk: Desk, number: int) -> None:
    turn.do(ShowPatient(number) if number else FindPatient(""))


def _unlink(turn: Turn, _desk: Desk, _number: int) -> None:
    turn.do(UnlinkStaff())


def _help(turn: Turn, desk: Desk) -> None:
    data = {name: f"{PRESS}:{name}" for name in ("today", "patient", "enrol")}
    turn.say("staff-help", data=data, staff=desk.staff.name)


def _item(items: Sequence[Item], number: int) -> Item | None:
    return next((item for item in items if item.id == number), None)


def _choices(items: Sequence[Item], what: str) -> list[Offer]:
    return [Offer(label=f"{number}. {item.name}"[:LABEL], data=f"{PRESS}:{what}:{item.id}")
            for number, item in enumerate(items, start=1)]  # fmt: skip


ACTIONS: dict[str, Action] = {
    "ack": Action(Permission.ACT_ON_ALERTS, _acknowledge, "acknowledge"),
    "answer": Action(Permission.ANSWER_QUESTIONS, _answer, "answer"),
    "send": Action(Permission.ANSWER_QUESTIONS, _send),
    "drop": Action(Permission.ANSWER_QUESTIONS, _drop),
    "today": Action(Permission.SEE_PATIENTS, _show_day, "today"),
    "patient": Action(Permission.SEE_PATIENTS, _patient, "patient"),
    "enrol": Action(Permission.ENROL, enrol.begin, "enrol"),
    **{name: Action(Permission.ENROL, run) for name, run in enrol.PRESSES.items()},
    "unlink": Action(Permission.OWN_ACCOUNT, _unlink, "unlink"),
    **{outcome: Action(Permission.ACT_ON_ALERTS, _closing(outcome)) for outcome in OUTCOMES},
}
"""By what the data of the button says after `1x:`."""
