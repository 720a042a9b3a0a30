"""The fixed reply to a warning sign, whether somebody reported it or silence counted as a report. Pure."""

from __future__ import annotations

from bot.triage import is_guess
from content.loader import Content
from content.model import Tier


def fixed_reply(
    content: Content, language: str, sign_id: str, tier: Tier, rule: str, journey: str | None, *, shared: bool
) -> str:
    """The sign's own reply; where the report is milder or stronger, or the sign guessed, the common one of the tier.

    `rule`: what found it. `journey`: of the patient, if one is known. `shared`: staff get to know of it.
    """
    sign = content.signs[sign_id]
    reply = sign.reply
    if is_guess(rule) or tier is not sign.tier:
        reply = "emergency" if tier is Tier.EMERGENCY else "same-day"

    def words(name: str, **facts: object) -> str:
        return content.fill(content.replies[name].text[language], **facts)

    known = content.journeys.get(journey or "")
    text = words(reply, operation=known.short[language] if known else words("word-operation"))
    return text if shared else text.replace(words("team-told"), words("team-not-told"))
