"""The rules of section 5.3 of the clinical facts, one by one."""

from __future__ import annotations

import pytest

from bot.triage import Triage
from content.loader import Content
from content.model import Tier

EMERGENCY, SAME_DAY, ROUTINE, NONE = Tier.EMERGENCY, Tier.SAME_DAY, Tier.ROUTINE, Tier.NONE


@pytest.mark.parametrize(
    "text",
    [
        "can't feel anything when I wipe",
        "peshab nahi ho raha",
        "saans nahi aa rahi",
        "पैर हिल नहीं रहा",
        "bol nahi pa rahe",
        "khoon ruk nahi raha",
        "nigla nahi ja raha",
        "papa nahi jaag rahe",
        "hosh nahi",
        "bukhar utar nahi raha",
        "bukhar nahi utar raha",
        "jeene ka man nahi",
        "dawa se aaram nahi",
        "peshab... nahi ho raha",
        "peshab lag raha hai par ho nahi raha",
        "not able to pass stool or urine",
    ],
)
def test_a_not_inside_the_symptom_is_the_symptom(triage: Triage, text: str) -> None:
    """Rule 1: a 'not' that belongs to the symptom never suppresses it."""
    assert triage.judge(text).outcome == "alert"


@pytest.mark.parametrize(
    "text",
    [
        "bukhar nahi hai",
        "no pus",
        "सूजन नहीं है",
        "saans me koi dikkat nahi",
        "I do not have any chest pain",
        "my wound is not red",
        "potty nahi nikal rahi kal se",
        "Fever: no. Pus: no. Breathing trouble: no",
        "I don't want to die",
        "urine is fine, no burning",
    ],
)
def test_a_not_that_governs_the_symptom_denies_it(triage: Triage, text: str) -> None:
    """Rule 1: a denied symptom is no report."""
    assert triage.judge(text).outcome == "none"


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("no fever but can't pass urine", "RF02"),
        ("bukhar nahi hai lekin peshab nahi ho raha", "RF02"),
        ("सीने में दर्द नहीं है पर साँस फूल रही है", "RF04"),
        ("seene me dard nahi hai magar saans phool rahi hai", "RF04"),
        ("was fine yesterday, now I cannot move my leg", "RF03"),
        ("wound theek hai, pus nahi, bukhar nahi, bas peshab band hai", "RF02"),
    ],
)
def test_in_a_mixed_message_the_report_wins(triage: Triage, text: str, sign: str) -> None:
    """Rule 2: what one clause denies does not silence what another reports."""
    verdict = triage.judge(text)
    assert (verdict.outcome, verdict.sign) == ("alert", sign)


@pytest.mark.parametrize(
    "text",
    [
        "what are the symptoms of stroke",
        "signs of blood clot in leg",
        "seene me dard kyu hota hai",
        "क्या इस ऑपरेशन से लकवा हो सकता है?",
        "can fever happen after surgery",
        "operation ke time achanak bleeding ho sakti hai kya",
    ],
)
def test_a_question_about_a_sign_gets_the_card(triage: Triage, text: str) -> None:
    """Rule 4: asking about a sign is no report; the answer carries the safety card."""
    verdict = triage.judge(text)
    assert (verdict.outcome, verdict.card) == ("none", True)


@pytest.mark.parametrize(
    "text",
    [
        "I have chest pain, is it normal?",
        "mujhe saans lene me dikkat hai kya karu",
        "peshab nahi ho raha kya karu",
        "102 fever hai kya karu",
        "why can't I pee since the operation?",
        "mera pair nahi hil raha kya ye normal hai",
        "मुझे सीने में दर्द है क्यों",
        "sudden chest pain what is it",
    ],
)
def test_a_question_with_a_report_in_it_is_a_report(triage: Triage, text: str) -> None:
    """Rule 4: 'I have', 'mujhe', 'ho raha hai', 'since' keep it a report."""
    assert triage.judge(text).outcome == "alert"


def test_asking_whether_an_emergency_is_normal_is_asked_back(triage: Triage) -> None:
    """Rules 4 and 11: unsure whether it is a report, one question is asked."""
    assert triage.judge("is chest pain normal after surgery?").outcome == "confirm"


@pytest.mark.parametrize(
    "text",
    [
        "I had a heart attack 3 years ago",
        "last year I had chest pain",
        "before surgery I could not pass urine",
        "operation se pehle pair me kamzori thi",
        "had fever last month",
        "pehle bukhar tha ab theek hai",
    ],
)
def test_long_ago_is_no_report(triage: Triage, text: str) -> None:
    """Rule 5: what was before surgery or long ago is no alarm now."""
    assert triage.judge(text).outcome == "none"


@pytest.mark.parametrize(
    "text",
    [
        "kal se pair nahi hil raha",
        "phir se bukhar aa gaya",
        "he had a seizure yesterday",
        "2 din pehle gir gaya",
        "chest pain again",
    ],
)
def test_since_yesterday_and_again_are_now(triage: Triage, text: str) -> None:
    """Rule 5: 'since', 'again', 'kal se', 'phir se' are current."""
    assert triage.judge(text).outcome == "alert"


def test_an_emergency_that_is_over_is_asked_about(triage: Triage) -> None:
    """Rule 5: too grave to pass by, even if it is said to be over."""
    assert triage.judge("saans phool rahi thi ab theek hai").outcome == "confirm"


@pytest.mark.parametrize(
    "text",
    [
        "if I get fever what should I do",
        "bukhar aaye to kya karu",
        "agar peshab na aaye to kya kare",
        "doctor ne kaha agar bukhar aaye to batana",
        "in case of chest pain whom should I call",
    ],
)
def test_the_supposed_gets_the_card(triage: Triage, text: str) -> None:
    """Rule 6: if, agar, ho jaye to: no alarm, but the safety card."""
    verdict = triage.judge(text)
    assert (verdict.outcome, verdict.card) == ("none", True)


def test_an_if_that_may_be_happening_is_asked_about(triage: Triage) -> None:
    """Rules 6 and 11: 'if I stand up my leg gives way' may well be a report."""
    assert triage.judge("if I stand up my leg gives way").outcome == "confirm"


@pytest.mark.parametrize("who", ["my father", "mummy", "papa", "my husband", "patient", "माँ"])
def test_a_carer_reports_for_the_patient(triage: Triage, who: str) -> None:
    """Rule 7: the third person is a report, and the match says so."""
    verdict = triage.judge(f"{who} can't breathe")
    assert (verdict.outcome, verdict.tier) == ("alert", EMERGENCY)
    assert "carer" in verdict.matches[0].rule


@pytest.mark.parametrize(
    "text",
    [
        "no fever, no weakness, no numbness",
        "no fever, chills or pus",
        "koi bukhar ya sujan nahi",
        "bukhar, sujan, peep kuch nahi hai",
        "न बुखार है न मवाद",
        "bukhar aur peep nahi hai",
    ],
)
def test_a_list_of_denials_is_quiet(triage: Triage, text: str) -> None:
    """Rule 8: lists of what is not there raise nothing."""
    assert triage.judge(text).outcome == "none"


def test_an_unclear_list_is_asked_about(triage: Triage) -> None:
    """Rule 11: 'no fever, chest pain' may deny one or both."""
    assert triage.judge("no fever, chest pain").outcome == "confirm"


@pytest.mark.parametrize(
    ("text", "outcome", "tier"),
    [
        ("wound redness is better than yesterday", "none", ROUTINE),
        ("bukhar pehle se kam hai", "none", ROUTINE),
        ("ghav ki laali pehle se kam hai", "none", ROUTINE),
        ("saans phoolna pehle se kam hai", "alert", EMERGENCY),
        ("chest pain is better than yesterday", "alert", EMERGENCY),
        ("wound redness is not better than yesterday", "alert", SAME_DAY),
    ],
)
def test_better_lowers_only_where_it_may(triage: Triage, text: str, outcome: str, tier: Tier) -> None:
    """Rule 9: improving lowers wound, fever, pain and the like, never breath or chest."""
    verdict = triage.judge(text)
    assert (verdict.outcome, verdict.tier) == (outcome, tier)


def test_fever_from_day_four_is_not_lowered(triage: Triage) -> None:
    """Fever from day 4 carries 13% infection (MAYO18): 'better' does not lower it then."""
    assert triage.judge("bukhar pehle se kam hai", day=2).tier is ROUTINE
    assert triage.judge("bukhar pehle se kam hai", day=5).outcome == "alert"


@pytest.mark.parametrize(
    "text", ["saans", "chest", "bleeding", "help", "bachao", "बचाओ", "🆘", "sans!!", "doctor help me"]
)
def test_a_short_cry_is_asked_back(triage: Triage, text: str) -> None:
    """Rule 10: one word of alarm gets one yes/no question."""
    verdict = triage.judge(text)
    assert (verdict.outcome, verdict.tier) == ("confirm", EMERGENCY)


def test_a_command_is_no_cry(triage: Triage) -> None:
    """`/help` is a command of the channel, not a cry for help."""
    assert triage.judge("/help").outcome == "none"


@pytest.mark.parametrize("text", ["dard se mar raha hu", "dard jaan le raha", "pain is killing me", "मर गया दर्द से"])
def test_a_pain_idiom_gets_the_kind_question(triage: Triage, text: str) -> None:
    """Idioms of pain are asked about with the question about self-harm."""
    verdict = triage.judge(text)
    assert (verdict.outcome, verdict.sign, triage.reply(verdict)) == ("confirm", "RF17", "confirm-harm")


@pytest.mark.parametrize(
    ("text", "tier"),
    [
        ("bukhar hai aur behki baatein kar rahe hain", EMERGENCY),
        ("fever 102 and shivering badly", EMERGENCY),
        ("fever and pus from the wound", SAME_DAY),
        ("pindli me sujan hai. saans bhi phool rahi hai", EMERGENCY),
        ("gir gaya aur pair hil nahi raha", EMERGENCY),
    ],
)
def test_signs_together(triage: Triage, text: str, tier: Tier) -> None:
    """Two signs together are an emergency when breath, mind or strength is one; else same day."""
    verdict = triage.judge(text)
    assert (verdict.outcome, verdict.tier) == ("alert", tier)


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("fever 100.4", "alert"),
        ("fever 100.2", "none"),
        ("temperature 38 C", "alert"),
        ("temp 37.8 celsius", "none"),
        ("बुखार १०१", "alert"),
        ("102 bukhar", "alert"),
        ("38.6", "alert"),
        ("99 F bukhar", "none"),
        ("pain 9/10", "alert"),
        ("dard 10 me se 9", "alert"),
        ("pain is nine", "alert"),
        ("pain 3/10", "none"),
        ("pain for 9 days is 2", "none"),
        ("maine 10 dolo kha li", "alert"),
        ("10 dolo", "confirm"),
        ("2 dolo kha li", "none"),
        ("dolo 650 kha li", "none"),
        ("no motion for five days", "alert"),
        ("no motion for 1 day", "none"),
    ],
)
def test_numbers(triage: Triage, text: str, outcome: str) -> None:
    """Temperatures in both scales and scripts, scores out of ten, counts of tablets, days."""
    assert triage.judge(text).outcome == outcome


def test_the_whole_of_a_long_message_is_judged(triage: Triage) -> None:
    """What matters may stand at the very end of ten thousand characters."""
    chatter = "kal hum bazaar gaye the aur sabzi li thi, phir ghar aaye. "
    assert triage.judge(chatter * 170 + "peshab nahi ho raha").outcome == "alert"
    assert triage.judge(chatter * 170).outcome == "none"


def test_every_match_explains_itself(triage: Triage) -> None:
    """A match names its sign, the phrase, the words as typed and the rule with its number."""
    verdict = triage.judge("Bukhar nahi hai lekin PESHAB nahi ho raha, kal ghav laal tha")
    assert verdict.matches[0].sign == verdict.sign
    for match in verdict.matches:
        assert all((match.phrase, match.words, "(5." in match.rule))
    assert verdict.matches[0].words.startswith("peshab nahi")


def test_replies_fit_the_tier(triage: Triage) -> None:
    """The fixed reply is the sign's own, or the common one of a graver or milder tier."""
    replies = {
        "peshab nahi ho raha": "emergency",
        "peshab me jalan": "same-day",
        "gala band ho raha hai": "emergency-airway",
        "overdose ho gaya": "emergency-overdose",
        "marna chahta hu": "suicide",
        "bukhar hai": "same-day",
        "vomited blood": "emergency",
        "saans": "confirm",
        "namaste": None,
    }
    assert {text: triage.reply(triage.judge(text)) for text in replies} == replies


def test_the_neck_matters_only_for_milder_throat_trouble(triage: Triage) -> None:
    """Milder throat trouble counts after neck surgery or when unknown; a closing throat counts always."""
    mild, grave = "it is hard to swallow but I can drink", "my throat is closing"
    assert triage.judge(mild).tier is SAME_DAY
    assert triage.judge(mild, journey="lumbar-microdiscectomy").tier is NONE
    assert triage.judge(mild, journey="acdf").tier is SAME_DAY
    assert triage.judge(grave, journey="lumbar-microdiscectomy").tier is EMERGENCY


@pytest.mark.parametrize("language", ["en", "hi", "hi-Latn"])
@pytest.mark.parametrize(
    "reply", ["emergency", "emergency-airway", "emergency-overdose", "suicide", "confirm", "confirm-harm"]
)
def test_action_and_number_come_first(content: Content, reply: str, language: str) -> None:
    """An emergency reply begins with the action and the number; a same-day reply with the team's number."""
    first = content.replies[reply].text[language].splitlines()[0]
    assert all(number in first for number in ("112", "108"))
    assert ("14416" in first) == (reply in {"suicide", "confirm-harm"})
    assert "{hospital_phone}" in content.replies["same-day"].text[language].splitlines()[0]


def test_every_alarm_reply_has_plain_latin_hindi(content: Content) -> None:
    """Who writes Hindi in Latin letters in an emergency reads the answer in Latin letters."""
    for sign in content.signs.values():
        assert content.replies[sign.reply].text.hi_latn
        assert (
            content.replies[sign.reply].text["hi-Latn"].isascii() or "•" in content.replies[sign.reply].text["hi-Latn"]
        )
