"""Symptoms denied by the list they stand in: "no fever, chills or pus" (rule 5.3.8)."""

from __future__ import annotations

from bot.triage import grammar
from bot.triage.patterns import Hit
from bot.triage.reading import Message
from bot.triage.scope import LISTED, LISTED_AND, LISTED_UNSURE, REACH, Finding

_VERBS = frozenset({"hai", "hu", "raha", "is", "since", "have"})


def list_denials(message: Message, hits: dict[int, list[Hit]], certain: set[int]) -> dict[int, Finding]:
    """Clauses denied by the list they stand in: "no fever, chills or pus", "bukhar, sujan, dard kuch nahi" (5.3.8).

    `hits`: clause -> symptoms in it; `certain`: clauses whose symptoms a 'not' governs. Answers clause -> finding.
    """
    found: dict[int, Finding] = {}
    last = len(message.joiners) - 1
    certain = certain | _denials_without_a_sign(message, hits, last)
    for clause in sorted(certain):
        begin, end = message.clauses[clause]
        forward = _run(message, hits, clause, 1, last)
        if forward and message.words[begin].form in grammar.BEFORE_ONLY | {"i", "have", "koi"}:
            sure = any(message.joiners[each] == "or" for each in forward) or len(forward) >= 3
            found.update(dict.fromkeys(forward, LISTED if sure else LISTED_UNSURE))
        backward = _run(message, hits, clause, -1, last)
        forms = {word.form for word in message.words[begin:end]}
        joined = {message.joiners[each + 1] for each in backward}
        if backward and (forms & grammar.EVERYTHING or "or" in joined):
            found.update(dict.fromkeys(backward, LISTED))
        elif backward and "and" in joined:
            found.update(dict.fromkeys(backward, LISTED_AND))
    return {clause: finding for clause, finding in found.items() if clause not in certain}


def _denials_without_a_sign(message: Message, hits: dict[int, list[Hit]], last: int) -> set[int]:
    """Ends of a list that deny what is no sign itself: the 'badbu nahi' of "koi pus ya badbu nahi"."""
    found = set()
    for clause in range(1, last + 1):
        begin, end = message.clauses[clause]
        words = message.words[begin:end]
        if message.joiners[clause] in {"or", ","} and clause not in hits and clause - 1 in hits and len(words) <= REACH:
            forms = {word.form for word in words}
            ends = message.joiners[clause] == "or" or bool(forms & grammar.EVERYTHING)
            if ends and forms & {"nahi", "na"} and sum(not word.filler for word in words) <= 2:
                found.add(clause)
    return found


def _run(message: Message, hits: dict[int, list[Hit]], clause: int, step: int, last: int) -> list[int]:
    """The clauses next to `clause` that are nothing but a symptom's name, without a verb."""
    run: list[int] = []
    each = clause + step
    while 0 <= each <= last:
        joiner = message.joiners[each if step > 0 else each + 1]
        places = range(*message.clauses[each])
        named = {place for hit in hits.get(each, ()) for place in hit.places}
        if not named and sum(not message.words[place].filler for place in places) == 1:
            named = set(places)
        bare = bool(named) and all(
            place in named or (message.words[place].filler and message.words[place].form not in _VERBS)
            for place in places
        )
        if joiner not in {",", "or", "and"} or not bare:
            break
        run.append(each)
        each += step
    return run
