"""STOP, START, PAUSE and RESUME. STOP works at once and for the whole chat; only START undoes it."""

from __future__ import annotations

from datetime import timedelta

from bot.conversation.flows import consent, language
from bot.conversation.model import Offer
from bot.conversation.turn import Turn
from bot.conversation.wishes import Audit, Pause, Resume, Start, Stop, Withdraw
from scheduler.enrolments import EnrolmentView
from scheduler.rendering import first_name

PAUSE_DAYS = (1, 3, 7)
EVERYONE = "all"


def stop(turn: Turn) -> None:
    """Nothing proactive any more. With several patients everything stops first; then one may be kept, in one tap."""
    turn.remember(pending=None, asking=None)
    followed = turn.context.living
    if followed:
        turn.do(Stop("said STOP in the chat"))
    for enrolment in followed:
        turn.do(Audit("stopped", enrolment.id))
    if not followed:
        turn.say("stopped-stranger")
    elif len(followed) == 1:
        turn.say("stopped", enrolment=followed[0])
    else:
        keep = [Offer(label=first_name(e.name)[:20], data=f"1k:{e.id}") for e in followed]
        turn.say("stopped-several", more=keep, names=", ".join(first_name(e.name) for e in followed))


def keep_for(turn: Turn, enrolment_id: str) -> None:
    """After STOP on a shared phone: go on for one patient only."""
    kept = _chosen(turn, enrolment_id)
    if kept is None:
        turn.say("button-other")
        return
    turn.do(Start(turn.language))
    for other in turn.context.living:
        if other.id != kept.id:
            turn.do(Withdraw(other.id, other.person_id, "reminders", "kept for somebody else in this chat"))
    turn.do(Audit("started", kept.id))
    turn.say("kept-for-one", name=first_name(kept.name), enrolment=kept)


def start(turn: Turn) -> None:
    """START: after STOP, after a no, after a pause, or from somebody new."""
    followed = turn.context.living
    if not turn.context.address.language:
        turn.do(Start(turn.language))
        language.ask(turn)
        return
    silent = turn.context.address.stopped_at is not None or any(not _agreed(turn, e) for e in followed)
    paused = [e for e in followed if e.state == "paused"]
    if silent:
        turn.do(Start(turn.language))
    for enrolment in paused:
        turn.do(Resume(enrolment.id))
    never = next((e for e in followed if e.joined_at is None), None)
    if never:
        consent.ask(turn, never, "reminders")
    elif not followed:
        turn.say("all-over" if turn.context.enrolments else "start-nothing")
    elif silent:
        for enrolment in followed:
            turn.do(Audit("started", enrolment.id))
        turn.say("started")
    else:
        turn.say("resumed" if paused else "already-started")


def pause(turn: Turn) -> None:
    """PAUSE: for whom if several are followed here, then for how long."""
    if turn.context.address.stopped_at is not None:
        turn.say("menu-stopped")
        return
    going = [e for e in turn.context.living if _agreed(turn, e)]
    if not going:
        turn.say("pause-nothing")
    elif len(going) == 1:
        pause_whom(turn, str(going[0].id))
    else:
        names = [Offer(label=first_name(e.name)[:20], data=f"1w:{e.id}") for e in going]
        turn.say("pause-whom", more=names, data={"everyone": f"1w:{EVERYONE}"})


def pause_whom(turn: Turn, whom: str) -> None:
    """Ask for how long; `whom` is an enrolment's id or everyone."""
    if whom != EVERYONE and _chosen(turn, whom) is None:
        turn.say("button-other")
        return
    turn.say("pause-how-long", data={f"pause-{days}": f"1p:{whom}:{days}" for days in PAUSE_DAYS})


def pause_for(turn: Turn, whom: str, days: str) -> None:
    """Pause for some days, counted from now."""
    chosen = _chosen(turn, whom)
    enrolments = turn.context.living if whom == EVERYONE else [chosen] if chosen else []
    going = [e for e in enrolments if _agreed(turn, e)]
    if turn.context.address.stopped_at is not None:
        turn.say("menu-stopped")
    elif not going or days not in map(str, PAUSE_DAYS):
        turn.say("button-old" if enrolments else "button-other")
    else:
        for enrolment in going:
            turn.do(Pause(enrolment.id, turn.now + timedelta(days=int(days))))
            turn.do(Audit("paused", enrolment.id, {"days": int(days)}))
        about = turn.about(going[0]) if whom != EVERYONE else ""
        turn.say_text(about + turn.words("paused", days=days), turn.offers_of("paused", {}))


def resume(turn: Turn) -> None:
    """RESUME ends a pause, and nothing else: after STOP only START does."""
    paused = [e for e in turn.context.living if e.state == "paused"]
    for enrolment in paused:
        turn.do(Resume(enrolment.id))
        turn.do(Audit("resumed", enrolment.id))
    if turn.context.address.stopped_at is not None:
        turn.say("menu-stopped")
    elif paused:
        turn.say("resumed")
    else:
        turn.say("already-started" if any(_agreed(turn, e) for e in turn.context.living) else "start-nothing")


def _agreed(turn: Turn, enrolment: EnrolmentView) -> bool:
    return (enrolment.id, "reminders") in turn.context.agreed


def _chosen(turn: Turn, enrolment_id: str) -> EnrolmentView | None:
    if not (enrolment_id.isascii() and enrolment_id.isdigit()):
        return None
    return next((e for e in turn.context.living if e.id == int(enrolment_id)), None)
