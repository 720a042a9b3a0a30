"""The judgement: which symptoms of a message count, and what follows from all of them together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

from bot.triage import grammar, guessing, learned, lists, scope
from bot.triage.learned import Learned
from bot.triage.model import SOUNDS_LIKE, Match, Outcome, Verdict
from bot.triage.patterns import Hit, Index, Pattern, few
from bot.triage.reading import Message, pieces
from bot.triage.scope import Finding
from content.model import Sign, Tier

_GRAVITY = {Tier.NONE: 0, Tier.ROUTINE: 1, Tier.SAME_DAY: 2, Tier.EMERGENCY: 3}
_FEVER_COUNTS_FROM = 4
"""Fever from this day after surgery is infection until shown otherwise (MAYO18), so 'better' no longer lowers it."""
ASK_FROM = 0.15
ASK_BESIDE_FROM = 0.5
"""From this probability on, a message in which no phrase reports anything leads to one question all the same; where a
phrase was found and silenced (denied, asked about), or that is a question, only from the higher one."""
ALERT_FROM = 0.6
"""From this probability of an emergency on such a message alerts at once, if nothing in it asks or calms."""
RAISE_FROM = {"confirm": 0.25, "alert": 0.75}
"""From this one on what the rules only ask about, or alert on as a same-day sign, alerts as an emergency too."""
_NECK_JOURNEYS = frozenset({"acdf", "cervical", "neck"})
_ORDER = {"report": 0, "confirm": 1, "better": 2, "card": 3, "silent": 4}


_Question = tuple[tuple[int, ...], scope.Own, bool, bool]


@dataclass(frozen=True, slots=True)
class _Judged:
    hit: Hit
    finding: Finding


class Triage:
    """Judges messages by the phrases of the signs. Pure: the same words give the same verdict. Build once, keep."""

    def __init__(self, signs: Iterable[Sign], model: Learned | None = None) -> None:
        """Raises ValueError when a phrase holds no word that could be recognised. `model`: the shipped one if none."""
        self._signs = {sign.id: sign for sign in signs}
        self._index = Index(self._signs.values())
        self._forms: dict[str, str] = {}
        self._model = model or learned.shipped()

    def judge(self, text: str, *, day: int | None = None, journey: str | None = None) -> Verdict:
        """The verdict on the whole of `text`, in any script, of any length (clinical facts, section 5).

        `day`: day after surgery; from day 4 a fever that gets better stays a same-day sign. `journey`: id of the
        recovery plan; the milder throat complaints of neck surgery are passed over only where the plan is known
        and is not one of the neck. Neither lowers an emergency.

        A text longer than most is judged piece by piece, the end first, until a piece is an emergency.
        """
        gravest: Verdict | None = None
        for piece in pieces(text):
            verdict = self._judge(piece, day, journey)
            if gravest is None or _weight(verdict) > _weight(gravest):
                gravest = verdict
            if verdict.outcome == "alert" and verdict.tier is Tier.EMERGENCY:
                break
        assert gravest is not None  # noqa: S101 - there is one piece at least
        return gravest

    def _judge(self, text: str, day: int | None, journey: str | None) -> Verdict:
        message = self._index.read(text)
        hits = few(self._index.find(message))
        looks = [hit for hit in hits if hit.pattern.kind == "look-alike" and not _turned(message, hit)]
        reports = [hit for hit in hits if hit.pattern.kind == "report"]
        counted, dropped = self._without_look_alikes(message, reports, looks)
        judged = self._judge_hits(message, counted, looks)
        if grammar.FOLLOW_UP.search(text.strip().lower()):
            return self._goes_on(message, judged, dropped)
        matches = [self._match(message, each, day, journey) for each in self._complete(judged)]
        if text.lstrip().startswith("/"):  # "/help" is a command, "help" may be a cry
            return _verdict(_sorted(matches), dropped)
        matches += self._unclear(message, [hit for hit in hits if hit.pattern.kind == "noun"], looks, matches)
        verdict = _verdict(_sorted(matches), dropped)
        settled = {place for hit in (*looks, *(each.hit for each in judged)) for place in hit.places}
        if verdict.outcome == "none":
            return self._sounds_like(message, settled, verdict)
        return (
            verdict if verdict.tier is Tier.EMERGENCY and verdict.outcome == "alert" else self._raised(message, verdict)
        )

    def _goes_on(self, message: Message, judged: list[_Judged], dropped: list[Match]) -> Verdict:
        """A fragment that goes on from an answer ("and fever?") asks; about an emergency we ask back."""
        asked = [_Judged(each.hit, scope.goes_on(each.finding, each.hit)) for each in judged]
        matches = [self._match(message, each, None, None) for each in self._complete(asked)]
        return _verdict(_sorted(matches), dropped)

    def _sounds_like(self, message: Message, settled: set[int], verdict: Verdict) -> Verdict:
        """Ask, where no phrase reports anything, but what is left beside the denied and harmless sounds like it."""
        rest = replace(message, words=tuple(w for place, w in enumerate(message.words) if place not in settled))
        if not guessing.says_something(rest if settled else message, self._model, alone=not settled):
            return verdict
        report, emergency = self._model.probability(message)
        if settled:
            report, emergency = map(min, zip((report, emergency), self._model.probability(rest), strict=True))
        asks_from = ASK_BESIDE_FROM if verdict.matches or guessing.is_question(message) else ASK_FROM
        sign = self._model.nearest(rest) if max(report, emergency) >= asks_from else None
        if sign is None or sign not in self._signs:
            return verdict
        sure = (
            emergency >= (guessing.SURE_FROM if verdict.matches else ALERT_FROM)
            and not verdict.card
            and guessing.plain_report(message, rest, emergency)
        )
        tier = Tier.EMERGENCY if sure else self._signs[sign].tier
        rule = f"{SOUNDS_LIKE} a report ({report:.0%}), so ask (5.3.11)"
        if sure:
            rule = f"{SOUNDS_LIKE} an emergency ({emergency:.0%}), so alert (5.3.11)"
        found = Match(sign, tier, "", guessing.shown(rest), rule)
        return Verdict("alert" if sure else "confirm", tier, sign, (found, *verdict.matches), verdict.card)

    def _raised(self, message: Message, verdict: Verdict) -> Verdict:
        """An emergency after all, where the rules ask or find a same-day sign, but the whole surely sounds like one."""
        assert verdict.sign is not None  # noqa: S101 - it alerts or asks, so it names a sign
        _, emergency = self._model.probability(message)
        kind = self.reply(verdict) == "confirm-harm"
        cry = (
            verdict.outcome == "confirm"
            and sum(not (word.filler or "#" in word.keys) for word in message.words) <= grammar.SHORT_CRY
        )
        if (
            kind
            or cry
            or emergency < RAISE_FROM[verdict.outcome]
            or not guessing.plain_report(message, message, emergency)
        ):
            return verdict
        rule = f"{SOUNDS_LIKE} an emergency ({emergency:.0%}), so alert (5.3.11)"
        found = Match(verdict.sign, Tier.EMERGENCY, "", guessing.shown(message), rule)
        return Verdict("alert", Tier.EMERGENCY, verdict.sign, (found, *verdict.matches), verdict.card)

    def reply(self, verdict: Verdict) -> str | None:
        """Id of the fixed reply to `verdict`; nothing when it is `none`."""
        if verdict.outcome == "none" or verdict.sign is None:
            return None
        sign = self._signs[verdict.sign]
        guessed = verdict.matches[0].guessed
        if verdict.outcome == "confirm":
            return "confirm-unclear" if guessed else "confirm-harm" if sign.reply == "suicide" else "confirm"
        if guessed or verdict.tier is not sign.tier:
            return "emergency" if verdict.tier is Tier.EMERGENCY else "same-day"
        return sign.reply

    def _without_look_alikes(
        self, message: Message, reports: list[Hit], looks: list[Hit]
    ) -> tuple[list[Hit], list[Match]]:
        """Leave out what stands inside a look-alike of its sign, or inside a longer milder phrase of it."""
        kept: list[Hit] = []
        dropped: list[Match] = []
        milder = [hit for hit in reports if hit.pattern.tier is Tier.SAME_DAY and len(hit.pattern.parts) == 1]
        for hit in reports:
            places = set(hit.places)
            cover = next((e for e in looks if e.pattern.sign == hit.pattern.sign and _covers(message, e, hit)), None)
            if cover is not None and len(hit.pattern.parts) > 1:
                continue
            if cover is not None:
                rule = f"only looks like it: '{cover.pattern.phrase}' (5.2)"
                dropped.append(Match(hit.pattern.sign, Tier.NONE, hit.pattern.phrase, _said(message, hit), rule))
            elif not any(
                e.pattern.sign == hit.pattern.sign and hit.pattern.tier is Tier.EMERGENCY and places < set(e.places)
                for e in (milder if len(hit.pattern.parts) == 1 else ())
            ):
                kept.append(hit)
        return kept, dropped

    def _judge_hits(self, message: Message, hits: list[Hit], looks: list[Hit]) -> list[_Judged]:
        taken = {place for hit in hits for place in hit.places if "NOT" in message.words[place].keys}
        consumed = frozenset(taken)
        known: dict[_Question, Finding] = {}
        judged = [_Judged(hit, self._finding(message, hit, consumed, known)) for hit in hits]
        by_clause: dict[int, list[Hit]] = {}
        certain = {message.words[look.places[0]].soft for look in looks if look.holds_not}  # "pus nahi"
        for each in judged:
            clause = message.words[each.hit.places[0]].soft
            by_clause.setdefault(clause, []).append(each.hit)
            if each.finding.effect == "silent" and "5.3.1" in each.finding.rule:
                certain.add(clause)
        listed = lists.list_denials(message, by_clause, certain)
        return [_Judged(each.hit, _lower(each, listed.get(message.words[each.hit.places[0]].soft))) for each in judged]

    def _own(self, hit: Hit) -> scope.Own:
        return scope.own_words(self._phrase_forms(hit.pattern))

    def _finding(
        self, message: Message, hit: Hit, consumed: frozenset[int], known: dict[_Question, Finding]
    ) -> Finding:
        """What `hit` counts for; `known` remembers what was found for the same words."""
        grave = hit.pattern.tier is Tier.EMERGENCY
        own = self._own(hit)
        question = (hit.places, own, grave, hit.holds_not)
        if question not in known:
            rest = consumed - frozenset(hit.places)
            known[question] = scope.judge(message, hit.places, rest, own, grave=grave, holds_not=hit.holds_not)
        return known[question]

    def _phrase_forms(self, pattern: Pattern) -> str:
        forms = self._forms.get(pattern.phrase)
        if forms is None:
            forms = " ".join(word.form for word in self._index.read(pattern.phrase).words)
            self._forms[pattern.phrase] = forms
        return forms

    def _complete(self, judged: list[_Judged]) -> list[tuple[_Judged, ...]]:
        """One entry a pattern found whole: its parts, each with its best finding. Patterns of one part stand alone."""
        alone = [(each,) for each in judged if len(each.hit.pattern.parts) == 1]
        combined: dict[Pattern, dict[int, _Judged]] = {}
        for each in judged:
            if len(each.hit.pattern.parts) > 1:
                best = combined.setdefault(each.hit.pattern, {})
                if each.hit.part not in best or _rank(each) < _rank(best[each.hit.part]):
                    best[each.hit.part] = each
        whole = [tuple(parts.values()) for pattern, parts in combined.items() if len(parts) == len(pattern.parts)]
        return alone + [parts for parts in whole if all(_rank(part) <= 1 for part in parts)]

    def _match(
        self, message: Message, parts: tuple[_Judged, ...], day: int | None, journey: str | None
    ) -> tuple[Match, str]:
        """The match, and what it counts for: alert, confirm, card or nothing."""
        pattern = parts[0].hit.pattern
        words = " … ".join(_said(message, part.hit) for part in parts)
        worst = max(parts, key=_rank)
        effect: str = worst.finding.effect
        rule, tier = worst.finding.rule, pattern.tier
        if effect == "better":
            effect, rule, tier = self._better(pattern, rule, day)
        if effect == "report" and self._not_this_neck(pattern, journey):
            effect, rule, tier = "silent", "a milder throat complaint, and this is not neck surgery (RF13)", Tier.NONE
        counts = {"report": "alert", "confirm": "confirm", "card": "card", "routine": "routine"}.get(effect, "none")
        shown = tier if counts in {"alert", "confirm", "routine"} else Tier.NONE
        return Match(pattern.sign, shown, pattern.phrase, words, rule), counts

    def _better(self, pattern: Pattern, rule: str, day: int | None) -> tuple[str, str, Tier]:
        late_fever = "FEVER" in pattern.parts[0].keys and day is not None and day >= _FEVER_COUNTS_FROM
        if pattern.tier is Tier.SAME_DAY and self._signs[pattern.sign].improving_lowers and not late_fever:
            return "routine", rule, Tier.ROUTINE
        return "report", "reported; 'better' does not lower this sign (5.3.9)", pattern.tier

    def _not_this_neck(self, pattern: Pattern, journey: str | None) -> bool:
        if journey is None or _NECK_JOURNEYS & set(journey.split("-")):
            return False
        return pattern.tier is Tier.SAME_DAY and self._signs[pattern.sign].reply == "emergency-airway"

    def _unclear(
        self, message: Message, nouns: list[Hit], looks: list[Hit], matches: list[tuple[Match, str]]
    ) -> list[tuple[Match, str]]:
        """Short cries and nouns of a sign that are too unclear to judge: one question (5.3.10, 5.3.11)."""
        found = []
        content = sum(not word.filler for word in message.words)
        settled = {
            match.sign
            for match, counts in matches
            if counts not in {"alert", "confirm"} or match.tier is Tier.EMERGENCY or content > grammar.SHORT_CRY
        }
        for hit in nouns:
            single = len(hit.pattern.parts[0].keys) == 1
            if hit.pattern.sign in settled or any(
                look.pattern.sign == hit.pattern.sign and _covers(message, look, hit) for look in looks
            ):
                continue
            if single and content > grammar.SHORT_CRY and not _unclear_beside(message, hit):
                continue
            if single and content <= grammar.SHORT_CRY and content > 1 and not _cry(message, hit):
                continue
            finding = self._finding(message, hit, frozenset(), {})
            if finding.effect in {"report", "confirm"}:
                cry = single and content <= grammar.SHORT_CRY
                rule = "a short cry (5.3.10)" if cry else "too unclear to judge, so ask (5.3.11)"
                words = _said(message, hit)
                found.append((Match(hit.pattern.sign, hit.pattern.tier, hit.pattern.phrase, words, rule), "confirm"))
        return found


def _weight(verdict: Verdict) -> tuple[int, int, bool]:
    """Alerts before questions of the same gravity; an emergency asked about before a same-day alert."""
    return _GRAVITY[verdict.tier], verdict.outcome == "alert", verdict.card


def _turned(message: Message, look: Hit) -> bool:
    """Whether a 'not' inside makes a report of a look-alike: "fever is not coming down"."""
    if "NOT" in look.pattern.parts[look.part].keys:
        return False
    after = message.words[look.places[-1] + 1 : look.places[-1] + 6]
    if "FAINT" in look.pattern.parts[look.part].keys and [word.form[:2] for word in after[:2]] == ["ho", "ga"]:
        return True  # "poori behoshi" is anaesthesia, "poora behosh ho gaya" is not
    goes_on = any(word.form == "nahi" and grammar.GOES_ON.match(following.form) for word, following in pairwise(after))
    return goes_on or any(word.form == "not" for word in message.words[look.places[0] : look.places[-1]])


def _covers(message: Message, look: Hit, hit: Hit) -> bool:
    """Whether the look-alike holds the words that carry the match and one more; `=...` look-alikes need no more."""
    held = {place for place in hit.places if not message.words[place].filler}
    over = set(look.places)
    return held < over or (bool(look.pattern.parts[look.part].exact) and held <= over)


def _unclear_beside(message: Message, hit: Hit) -> bool:
    clause = message.words[hit.places[0]].soft
    return any(
        word.soft == clause
        and grammar.UNCLEAR.intersection(word.keys)
        and place not in hit.places
        and abs(place - hit.places[0]) <= 5
        for place, word in enumerate(message.words)
    )


def _cry(message: Message, hit: Hit) -> bool:
    """Whether a few words are a cry: the noun said again, or with other words of alarm, not a subject of its own."""
    rest = [word for place, word in enumerate(message.words) if place not in hit.places and not word.filler]
    return all(
        grammar.UNCLEAR.intersection(word.keys)
        or hit.pattern.parts[0].keys & set(word.keys)
        or word.form in grammar.CRIES
        for word in rest
    )


def _rank(judged: _Judged) -> int:
    return _ORDER[judged.finding.effect]


def _lower(each: _Judged, listed: Finding | None) -> Finding:
    """The finding of a list applies to plain reports only, never to a symptom with its own 'not'."""
    if listed is scope.LISTED_AND and each.hit.pattern.tier is not Tier.EMERGENCY:
        listed = scope.LISTED
    return each.finding if listed is None or each.finding.effect != "report" or each.hit.holds_not else listed


def _said(message: Message, hit: Hit) -> str:
    return " ".join(word.surface for word in message.words[hit.places[0] : hit.places[-1] + 1] if word.surface)


def _sorted(matches: list[tuple[Match, str]]) -> list[tuple[Match, str]]:
    order = {"alert": 0, "confirm": 1, "routine": 2, "card": 3, "none": 4}
    unique = {(match.sign, match.rule, match.tier, counts): (match, counts) for match, counts in reversed(matches)}
    return sorted(
        unique.values(), key=lambda each: (order[each[1]], -_GRAVITY[each[0].tier], -len(each[0].words), each[0].sign)
    )


def _verdict(matches: list[tuple[Match, str]], dropped: list[Match]) -> Verdict:
    alerts = [match for match, counts in matches if counts == "alert"]
    confirms = [match for match, counts in matches if counts == "confirm"]
    card = any(counts == "card" for _, counts in matches)
    graver = [c for c in confirms if not alerts or _GRAVITY[c.tier] > _GRAVITY[alerts[0].tier]]
    said = tuple(match for match, _ in matches) + tuple(dict.fromkeys(dropped))
    outcome: Outcome = "none"
    lead: Match | None = None
    if graver:
        outcome, lead = "confirm", max(graver, key=lambda match: _GRAVITY[match.tier])
    elif alerts:
        outcome, lead = "alert", alerts[0]
    if lead is not None:
        ordered = (lead, *(match for match in said if match is not lead))
        return Verdict(outcome, lead.tier, lead.sign, ordered)
    routine = any(counts == "routine" for _, counts in matches)
    return Verdict("none", Tier.ROUTINE if routine else Tier.NONE, None, said, card)
