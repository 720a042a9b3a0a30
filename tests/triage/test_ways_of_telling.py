"""How things are told: idioms, fragments, stories, denials, what is over; and what is said over and over."""

from __future__ import annotations

import pytest

from bot.triage import Triage
from bot.triage.patterns import few
from content.model import Tier
from tests.triage.shipped import rules_alone

EMERGENCY, SAME_DAY, ROUTINE, NONE = Tier.EMERGENCY, Tier.SAME_DAY, Tier.ROUTINE, Tier.NONE


@pytest.mark.parametrize(
    ("text", "outcome", "sign"),
    [
        ("apni jaan le lunga", "alert", "RF17"),
        ("अपनी जान ले लूँगी", "alert", "RF17"),
        ("khud ko maar dalunga", "alert", "RF17"),
        ("I feel like finishing myself", "alert", "RF17"),
        ("dard jaan le raha hai", "confirm", "RF17"),
    ],
)
def test_taking_ones_own_life_is_no_idiom(triage: Triage, text: str, outcome: str, sign: str) -> None:
    """One's own life with a verb of taking or ending alerts; pain that 'takes my life' asks one kind question."""
    verdict = triage.judge(text)
    assert (verdict.outcome, verdict.sign) == (outcome, sign)
    assert rules_alone().judge("apni goli khud le lunga, apni jaan pehchan ke doctor hai").outcome == "none"


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("and fever?", "none"),
        ("and stitches?", "none"),
        ("aur bukhar?", "none"),
        ("और सूजन?", "none"),
        ("and chest pain?", "confirm"),
        ("aur saans nahi aa rahi?", "alert"),
        ("and fever", "alert"),
        ("aur bukhar bhi hai kal se", "alert"),
    ],
)
def test_a_fragment_that_goes_on_asks(triage: Triage, text: str, outcome: str) -> None:
    """'And ...?' after an answer is a question; about an emergency we ask back; a report stays one."""
    assert triage.judge(text).outcome == outcome


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("हमारा तोता बहुत बोलता है", "none"),
        ("मैंने सुना है बेल्ट पहननी पड़ती है", "none"),
        ("फसल कटने के बाद आऊँगा", "none"),
        ("film me hero ko lakwa ho jata hai, dekh ke rona aaya", "none"),
        ("टीवी पर दिखाया कि एक खिलाड़ी को दिल का दौरा पड़ा। हमारी अगली तारीख कब है", "none"),
        ("tv dekhte dekhte papa behosh ho gaye", "alert"),
        ("I was watching the news and suddenly my leg went weak", "alert"),
        ("seene me dard nahi hai saans bhi theek", "none"),
        ("chakkar ulti kuch nahi hai, dawa theek chal rahi", "none"),
        ("sar dard chala gaya, ab baith pate hai", "none"),
        ("bukhar do din pehle tha ab nahi hai", "none"),
        ("fever not coming down even after tablet", "alert"),
        ("leg pain is back like before the operation", "alert"),
        ("angutha do saal se sunn hai waisa hi", "none"),
        ("beta puch raha tha dvt ka chance kitna hota hai", "none"),
    ],
)
def test_stories_denials_and_what_is_over(triage: Triage, text: str, outcome: str) -> None:
    """Television, words that sound alike, things denied beside others or over are no reports; what came back is."""
    assert triage.judge(text).outcome == outcome


def test_a_same_day_sign_may_sound_like_an_emergency(triage: Triage) -> None:
    """Where the rules find less, but the whole surely sounds like an emergency, it alerts as one."""
    verdict = triage.judge("गोली खाकर सुबह से सो रहे हैं, बुखार है, बेहोश जैसे पड़े हैं और साँस बहुत धीमी")
    assert (verdict.outcome, verdict.tier) == ("alert", EMERGENCY)


@pytest.mark.parametrize("piece", ["dard nahi hai bukhar kam ", "pain fever and no urine ", "कल बाज़ार गए थे। "])
def test_however_often_it_is_said_few_places_are_judged(triage: Triage, piece: str) -> None:
    """A word said over and over is looked at in a few places only, so no text takes long; the verdict is the same."""
    hits = few(triage._index.find(triage._index.read(piece * 40)))
    places: dict[tuple[str, str], set[tuple[int, ...]]] = {}
    for hit in hits:
        places.setdefault((hit.pattern.sign, hit.pattern.kind + hit.pattern.tier), set()).add(hit.places)
    assert all(len(each) <= 12 for each in places.values())
    assert triage.judge(piece * 400).outcome == triage.judge(piece * 40).outcome


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("operation ke baad behosh ho gaye", "alert"),
        ("papa poori tarah behosh ho gaye", "alert"),
        ("poori behoshi hogi ya local", "none"),
        ("he slipped in the bathroom", "alert"),
        ("I have lost the slip, when is my appointment", "none"),
        ("our dog has paralysis of the hind legs", "none"),
        ("the dog pulled me and I fell on my back", "alert"),
        ("my neighbour had sepsis last year", "none"),
        ("my neighbour says papa is not waking up", "alert"),
        ("bukhar nahi, hosh me hain", "none"),
        ("bukhar dawa se bhi nahi ja raha", "alert"),
        ("chai pee gaya fir so gaya", "none"),
    ],
)
def test_told_of_others_and_of_things(triage: Triage, text: str, outcome: str) -> None:
    """A neighbour's past, an animal, a thing or a paper is no report; one who tells of the patient is."""
    assert triage.judge(text).outcome == outcome
