"""Closed alerts as labelled messages: how each ended says whether it was one. For the next set triage is measured on.

Only what patients wrote themselves, of those who agree to sharing with the care team at this moment, and without names
and numbers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable
from dataclasses import dataclass

import yaml
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.language import detect
from bot.staff import accounts
from bot.staff.masking import masked
from bot.store import whom
from bot.store.tables import alert, alert_report, inbound
from bot.store.whom import UNREADABLE, opened
from scheduler import consents
from scheduler.crypto import KeyRing
from scheduler.store.tables import consent
from scheduler.store.types import AnyRow

FALSE_ALARM = "false_alarm"
CONFIRMED = "confirmed "
"""Begins the rule of a report that was asked about first; the words are those that led to the question."""
CHECK_IN = "check-in "
"""Begins the rule of an answer that reports a sign by itself."""
_TAPPED = "button"
_FEWEST_LETTERS = 2

HEAD = """\
# What patients wrote, as triage judged it and staff closed it: sign -> want -> language -> messages, as in
# tests/triage/development.yaml. `want` is the tier that was given, or none for a false alarm; behind each message
# stand that tier and the outcome. Names and numbers were taken out ("…"). Read every line before it is used.
"""


@dataclass(frozen=True, slots=True)
class Example:
    """One message."""

    sign: str
    tier: str
    """That was given: emergency, same_day."""
    outcome: str
    """How staff closed the alert: called, seen, false_alarm, transferred."""
    text: str

    @property
    def want(self) -> str:
        """What it should be judged as."""
        return "none" if self.outcome == FALSE_ALARM else self.tier


async def examples(conn: AsyncConnection, keys: KeyRing, watching: Container[str]) -> list[Example]:
    """The messages behind closed alerts, oldest first, each text once; what no key opens is left out.

    `watching`: ids of the rules that look at answers to check-ins; behind those alerts stand no words of a patient.
    """
    sharing = select(consent.c.enrolment_id).where(
        consent.c.purpose == consents.SHARING, consent.c.withdrawn_at.is_(None)
    )
    closed = alert.c.state == "closed", alert.c.outcome.is_not(None), alert.c.enrolment_id.in_(sharing)
    first = (
        select(alert.c.sign, alert.c.tier, alert.c.rule, alert.c.words, alert.c.outcome, alert.c.enrolment_id)
        .add_columns(inbound.c.kind)
        .outerjoin(inbound, inbound.c.id == alert.c.inbound_id)
        .where(*closed)
        .order_by(alert.c.id)
    )
    further = (
        select(alert_report.c.sign, alert_report.c.tier, alert_report.c.rule, alert_report.c.words)
        .add_columns(alert.c.outcome, alert.c.enrolment_id, inbound.c.kind)
        .join(alert, alert.c.id == alert_report.c.alert_id)
        .join(inbound, inbound.c.id == alert_report.c.inbound_id)
        .where(*closed)
        .order_by(alert_report.c.id)
    )
    rows = [("alert.words", row) for row in await conn.execute(first)]
    rows += [("alert_report.words", row) for row in await conn.execute(further)]
    staff = [one.name for one in await accounts.everybody(conn, keys)]
    patients = await whom.patients(conn, keys, {row.enrolment_id for _, row in rows})
    found: dict[str, Example] = {}
    for column, row in rows:
        words = opened(keys, column, row.words) if _is_written(row, watching) else None
        names = [name for name in (patients[row.enrolment_id].name, *staff) if name != UNREADABLE]
        text = " ".join(masked(words or "", names).split())
        if sum(letter.isalpha() for letter in text) >= _FEWEST_LETTERS:
            found.setdefault(text, Example(row.sign, row.tier, row.outcome, text))
    return list(found.values())


def as_yaml(found: Iterable[Example]) -> str:
    """The examples as a file that `saathi content evaluate --triage FILE` reads."""
    tree: dict[str, dict[str, dict[str, list[Example]]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for one in found:
        tree[one.sign][one.want][detect(one.text)].append(one)
    lines = []
    for sign, wants in sorted(tree.items()):
        lines.append(f"{sign}:")
        for want, languages in sorted(wants.items()):
            lines.append(f"  {want}:")
            for language, messages in sorted(languages.items()):
                lines.append(f"    {language}:")
                lines += [f"    - {_quoted(one.text)}  # {one.tier}, {one.outcome}" for one in messages]
    return HEAD + "".join(f"{line}\n" for line in lines)


def _is_written(row: AnyRow, watching: Container[str]) -> bool:
    if row.rule.startswith(CONFIRMED):
        return True
    judged = row.rule.startswith(CHECK_IN) or row.rule in watching or row.rule == CONFIRMED.strip()
    return row.kind != _TAPPED and not judged


def _quoted(text: str) -> str:
    quoted: str = yaml.safe_dump(text, allow_unicode=True, default_style='"', width=10**9)
    return quoted.strip()
