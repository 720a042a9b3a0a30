"""What a valid rule over check-in answers is: one entry of `content/watching.yaml`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from content.model import Entry, Review, Slug, Text, Tier

WATCHED: dict[str, frozenset[str]] = {
    "rise": frozenset({"points", "days"}),
    "repeated": frozenset({"at_least", "times"}),
    "answer": frozenset({"answers"}),
    "silence": frozenset({"times", "hours", "until_day"}),
}
"""What each kind of rule over check-ins needs besides its questions."""


class WatchRule(Entry):
    """One rule over the answers to check-ins: what is found, how urgent it is, and what staff read."""

    id: Annotated[Slug, StringConstraints(max_length=24)]
    kind: Literal["rise", "repeated", "answer", "silence"]
    questions: tuple[Slug, ...] = ()
    points: int | None = Field(default=None, ge=1, le=10)
    """rise: by so many points or more ..."""
    days: int | None = Field(default=None, ge=1, le=14)
    """... over the answer of a check-in so many days before, or fewer."""
    at_least: int | None = Field(default=None, ge=0, le=600)
    """repeated: this value or more ..."""
    times: int | None = Field(default=None, ge=1, le=5)
    """... at so many check-ins in a row; silence: so many in a row without an answer."""
    answers: tuple[Slug, ...] = ()
    """answer: one of these choices."""
    hours: int | None = Field(default=None, ge=1, le=72)
    """silence: a check-in counts as unanswered so long after it left."""
    until_day: int | None = Field(default=None, ge=0, le=90)
    """silence: check-ins up to this day after surgery."""
    tier: Literal[Tier.ROUTINE, Tier.SAME_DAY, Tier.EMERGENCY]
    """routine: a line on staff's list; same_day and emergency: an alert with a clock."""
    sign: str | None = None
    """The warning sign the alert is about; routine rules have none."""
    staff: Text
    """What staff read."""
    reply: Slug | None = None
    """routine: what the patient reads after the answer (`content/replies`); nothing: the usual thanks."""
    sources: tuple[str, ...] = ()
    review: Review

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> WatchRule:
        known = {name for names in WATCHED.values() for name in names}
        given = {name for name in known if getattr(self, name) not in (None, ())}
        if given != WATCHED[self.kind]:
            raise ValueError(f"a rule of the kind '{self.kind}' needs {', '.join(sorted(WATCHED[self.kind]))}")
        if bool(self.questions) == (self.kind == "silence"):
            raise ValueError("'questions' says which answers are looked at; only 'silence' is about all of them")
        if (self.tier is Tier.ROUTINE) == (self.sign is not None):
            raise ValueError("a same_day or emergency rule needs a 'sign', and a routine one has none")
        if self.reply is not None and self.tier is not Tier.ROUTINE:
            raise ValueError("only a routine rule has a 'reply'; after an alert the sign's own reply is sent")
        return self
