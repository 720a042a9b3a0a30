"""Enrolling a patient in the linked chat of a member of staff: the fields of the console's form, one after the other.

What is typed is read by the form itself (`bot/staff/enrolling.py`), so both accept and refuse the same; saving is one
use case as well (`bot/staff/saving.py`). Everything typed stands in the state of the chat and survives a restart.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.channels.inbound import Kind
from bot.conversation.flows import menu
from bot.conversation.model import AwaitAnswer, Enrolling, Offer
from bot.conversation.turn import Turn
from bot.conversation.wishes import Enrol
from bot.staff import enrolling, showing, values
from bot.staff.access import Permission, may
from bot.staff.desk import Desk
from bot.staff.enrolling import FIRST, Form
from bot.staff.showing import Plan
from bot.staff.telling import PRESS
from scheduler.enrolments import NewEnrolment
from scheduler.rendering import local_date

WITHIN = timedelta(hours=12)
"""So long after it was last answered a form waits for the next field; later a text is taken as any other."""

CHECK, WHICH, SAVED = "check", "which", "saved"

MOST_SHOWN = 3
"""So many messages are shown in full before saving; the console shows all."""

LANGUAGES = ("hi", "en")
_DAYS = {"day-today": 0, "day-yesterday": -1, "day-tomorrow": 1}
_FIELDS = {
    "enrol-name": "name",
    "enrol-phone": "phone",
    "enrol-language": "language",
    "enrol-procedure": "procedure",
    "enrol-surgery": "surgery_on",
}
"""The field each button under 'What should be changed?' stands for, in the order of the buttons."""
_LABEL = 20
"""Letters of a button's label."""


def begin(turn: Turn, desk: Desk, _number: int = 0) -> None:
    """A new form, in place of one that was not saved."""
    # Random enough, and the same if the same event is worked on again.
    name = f"{turn.context.address.id} {turn.event.channel} {turn.event.event_id}"
    nonce = hashlib.sha256(name.encode()).hexdigest()[:32]
    _ask(turn, desk, Enrolling(nonce=nonce, field=FIRST[0], at=turn.now))


def steered(turn: Turn, desk: Desk) -> bool:
    """Back, cancel, and what a button of our last message says, typed: these come before every other command."""
    form = _open(turn, desk)
    if form is None:
        return False
    offered = turn.offered()
    if offered is not None:
        # What stands under our last message counts first, whatever else it may be about.
        name, _, number = offered.removeprefix(f"{PRESS}:").rpartition(":")
        if name not in PRESSES:
            return False
        PRESSES[name](turn, desk, int(number))
    elif _means(turn, "enrol-cancel", "cancel"):
        cancel(turn, desk)
    elif _means(turn, "enrol-back", "back"):
        back(turn, desk)
    else:
        return False
    return True


def typed(turn: Turn, desk: Desk) -> bool:
    """The value of the field that was asked for last. Commands mean what they always mean, but for the languages."""
    form = _open(turn, desk)
    text = turn.text.strip()
    if form is None or not text:
        return False
    command = turn.context.commands.find(text)
    if command in (*menu.FIRST, *menu.LATER) and not (form.field == "language" and command in ("english", "hindi")):
        return False
    if not may(desk.staff.role, Permission.ENROL):
        turn.remember(enrolling=None)
        turn.say("staff-not-allowed")
    elif form.field == CHECK:
        _show(turn, desk, form)
    elif form.field == WHICH:
        turn.say("staff-enrol-which", data=_which())
    else:
        _take(turn, desk, form, text)
    return True


# ---------------------------------------------------------------- buttons


def _pick(field: str) -> Callable[[Turn, Desk, int], None]:
    """A button with one of the choices of `field`; it counts while that is what is asked for."""

    def pick(turn: Turn, desk: Desk, number: int) -> None:
        form = turn.state.enrolling
        choices = _choices(turn, desk, field)
        if form is None or form.field != field or not 1 <= number <= len(choices):
            turn.say("button-old")
        else:
            _take(turn, desk, form, choices[number - 1][0])

    return pick


def _correct(turn: Turn, _desk: Desk, number: int) -> None:
    form = turn.state.enrolling
    if form is None or form.field == SAVED or not form.shown or number not in (0, *range(1, len(_FIELDS) + 1)):
        turn.say("button-old")
    elif number == 0:
        turn.remember(enrolling=_now(turn, form, field=WHICH))
        turn.say("staff-enrol-which", data=_which())
    else:
        _ask(turn, _desk, _now(turn, form, field=list(_FIELDS.values())[number - 1]))


def back(turn: Turn, desk: Desk, _number: int = 0) -> None:
    """To the field before; while something is corrected, to the whole."""
    form = turn.state.enrolling
    if form is None or form.field == SAVED:
        turn.say("button-old")
    elif form.shown and form.field != CHECK:
        _show(turn, desk, form)
    elif form.field == CHECK:
        _ask(turn, desk, _now(turn, form, field="surgery_on", shown=False))
    else:
        _ask(turn, desk, _now(turn, form, field=FIRST[max(0, FIRST.index(form.field) - 1)]))


def cancel(turn: Turn, _desk: Desk, _number: int = 0) -> None:
    """Nothing is saved, and what was typed is forgotten."""
    turn.remember(enrolling=None)
    turn.say("staff-enrol-dropped")


def _save(turn: Turn, desk: Desk, number: int, *, another: bool = False) -> None:
    """Save what was shown, and nothing else: if a correction or the day has changed it, it is shown again."""
    form = turn.state.enrolling
    if form is None or form.field not in (CHECK, SAVED):
        turn.say("button-old")
        return
    asked = _read(turn, desk, form).request
    plan = showing.plan(turn.context.content, asked, turn.now) if asked else None
    if asked is None or plan is None or _mark(form, plan) != number:
        turn.say("staff-enrol-changed")
        _show(turn, desk, form)
        return
    turn.remember(enrolling=_now(turn, form, field=SAVED))
    turn.do(Enrol(replace(asked, late_choices=plan.choices), form.nonce, number, another))


def _another(turn: Turn, desk: Desk, number: int) -> None:
    _save(turn, desk, number, another=True)


PRESSES: dict[str, Callable[[Turn, Desk, int], None]] = {
    "enrol-back": back,
    "enrol-cancel": cancel,
    "enrol-correct": _correct,
    "enrol-save": _save,
    "enrol-another": _another,
    **{f"pick-{field}": _pick(field) for field in ("language", "procedure", "surgery_on", "surgery_time")},
}
"""By what the data of the button says after `1x:`."""


# ---------------------------------------------------------------- one field after the other


def _open(turn: Turn, desk: Desk) -> Enrolling | None:
    """The form this text may belong to; an answer to a patient's question that is awaited since comes first."""
    form, waiting = turn.state.enrolling, turn.state.pending
    if form is None or form.field == SAVED or turn.now - form.at > WITHIN or turn.event.kind is not Kind.TEXT:
        return None
    answering = desk.question is not None or (isinstance(waiting, AwaitAnswer) and waiting.at > form.at)
    return None if answering else form


def _take(turn: Turn, desk: Desk, form: Enrolling, text: str) -> None:
    fresh = {"surgery_time": ""} if form.field == "surgery_on" else {}
    filled = _now(turn, form, values={**form.values, form.field: text, **fresh})
    read = _read(turn, desk, filled)
    problem = read.problems.get(form.field)
    if problem is not None:
        turn.say("staff-enrol-again", problem=problem, more=_offers(turn, desk, form.field))
        return
    following = _next(filled, read)
    if following == CHECK:
        _show(turn, desk, filled)
    else:
        _ask(turn, desk, _now(turn, filled, field=following))


def _next(form: Enrolling, read: Form) -> str:
    has_time = read.request is not None and read.request.surgery_time is not None
    if form.field == "surgery_time" or (form.field == "surgery_on" and has_time):
        return CHECK
    if form.shown and form.field != "surgery_on":
        return CHECK
    return FIRST[FIRST.index(form.field) + 1]


def _ask(turn: Turn, desk: Desk, form: Enrolling) -> None:
    turn.remember(enrolling=form)
    text = turn.words(f"staff-enrol-{form.field.replace('_', '-')}")
    turn.say_text(text, _offers(turn, desk, form.field))


def _offers(turn: Turn, desk: Desk, field: str) -> list[Offer]:
    """The choices of a field, then back and cancel."""
    found = [
        Offer(label=label[:_LABEL], data=f"{PRESS}:pick-{field}:{number}", button=button)
        for number, (_, label, button) in enumerate(_choices(turn, desk, field), start=1)
    ]
    reply = turn.context.content.replies[f"staff-enrol-{field.replace('_', '-')}"]
    return found + [turn.offer(name, f"{PRESS}:{name}:0") for name in reply.buttons if name in PRESSES]


def _choices(turn: Turn, desk: Desk, field: str) -> Sequence[tuple[str, str, str | None]]:
    """What may be tapped for a field: the value, the label, and the button of the content it is."""
    content = turn.context.content
    if field == "language":
        return [(code, turn.offer(f"language-{code}").label, f"language-{code}") for code in LANGUAGES]
    if field == "procedure":
        return [(name, journey.short[turn.language], None) for name, journey in content.journeys.items()]
    if field == "surgery_on":
        today = turn.now.astimezone(ZoneInfo(desk.zone)).date()
        days = [(name, (today + timedelta(days=number)).isoformat()) for name, number in _DAYS.items()]
        return [(day, turn.offer(name).label, name) for name, day in days]
    if field == "surgery_time":
        return [("", turn.offer("time-unknown").label, "time-unknown")]
    return []


# ---------------------------------------------------------------- the whole, before it is saved


def _show(turn: Turn, desk: Desk, form: Enrolling) -> None:
    read = _read(turn, desk, form)
    asked = read.request
    if asked is None:
        # What could be when it was typed cannot be any more: a date grows old.
        wrong = next((name for name in FIRST if name in read.problems), FIRST[0])
        turn.remember(enrolling=_now(turn, form, field=wrong, shown=True))
        turn.say("staff-enrol-again", problem=read.problems.get(wrong, ""), more=_offers(turn, desk, wrong))
        return
    plan = showing.plan(turn.context.content, asked, turn.now)
    turn.remember(enrolling=_now(turn, form, field=CHECK, shown=True))
    mark = _mark(form, plan)
    data = {"enrol-save": f"{PRESS}:enrol-save:{mark}"}
    data |= {name: f"{PRESS}:{name}:0" for name in ("enrol-correct", "enrol-cancel")}
    offers = turn.offers_of("staff-enrol-save", data)
    turn.say_text("\n\n".join(_parts(turn, asked, plan)), offers)


def _parts(turn: Turn, asked: NewEnrolment, plan: Plan) -> list[str]:
    language = turn.language
    surgery = local_date(asked.surgery_on, language) + (f", {asked.surgery_time:%H:%M}" if asked.surgery_time else "")
    parts = [
        turn.words(
            "staff-enrol-check",
            name=asked.name,
            phone=values.phone_words(asked.phone or ""),
            chosen=turn.offer(f"language-{asked.language}").label,
            operation=turn.context.content.journeys[asked.journey].title[language],
            surgery=surgery,
            count=plan.count,
            first=_moment(plan.first_at, language),
            last=_moment(plan.last_at, language),
        )
    ]
    if plan.late:
        chosen = [one.chosen for one in plan.late]
        facts = {"skipped": chosen.count("skip"), "sent": chosen.count("send"), "folded": chosen.count("fold")}
        parts.append(turn.words("staff-enrol-late", **facts))
    first = [one for day in plan.days for one in day.messages][:MOST_SHOWN]
    if first:
        parts.append(turn.words("staff-enrol-first"))
        parts += [f"{_moment(one.at, language)}\n{one.text}" for one in first]
    return [*parts, turn.words("staff-enrol-save")]


def _moment(at: datetime | None, language: str) -> str:
    return f"{local_date(at.date(), language)}, {at:%H:%M}" if at else "-"


def _mark(form: Enrolling, plan: Plan) -> int:
    """Changes when what is shown changes; a button of an earlier summary saves nothing."""
    typed_so_far = {name: form.values.get(name, "") for name in FIRST}
    return zlib.crc32(json.dumps([plan.mark, typed_so_far], sort_keys=True).encode())


def _read(turn: Turn, desk: Desk, form: Enrolling) -> Form:
    return enrolling.parse(form.values, turn.context.content, turn.now, desk.zone)


def _which() -> dict[str, str]:
    picks = {name: f"{PRESS}:enrol-correct:{number}" for number, name in enumerate(_FIELDS, start=1)}
    return picks | {name: f"{PRESS}:{name}:0" for name in ("enrol-back", "enrol-cancel")}


def _now(turn: Turn, form: Enrolling, **changes: object) -> Enrolling:
    return form.model_copy(update={**changes, "at": turn.now})


def _means(turn: Turn, button: str, word: str) -> bool:
    return turn.context.commands.means(turn.text, (word, *turn.phrases(button)))
