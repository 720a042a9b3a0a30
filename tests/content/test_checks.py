"""The rules of `saathi content check`, each broken once in a folder that is right otherwise."""

from __future__ import annotations

from datetime import date

import pytest

from content.checks import RULES, check, unsigned
from content.loader import load
from tests.content.conftest import FAQ, Tree, step

STEPS_LINE = 7
"""Of `steps:` in the journey."""

ENGLISH = "    en: The cut is small. You may go home soon. Call {hospital_phone} if you have a question.\n"
HINDI = "    hi: चीरा छोटा होता है। आप जल्दी घर जा सकते हैं। सवाल हो तो {hospital_phone} पर फ़ोन करें।\n"


def only_problem(tree: Tree, file: str, line: int) -> str:
    """The sentence of the one problem there is, which is at this place."""
    problems = tree.problems()
    assert [(problem.file, problem.line) for problem in problems] == [(f"content/{file}", line)], problems
    return problems[0].sentence


def test_good_content_has_no_problem(tree: Tree) -> None:
    """The rules find nothing in good content."""
    assert tree.problems() == []


def test_every_rule_says_what_it_wants() -> None:
    """Each rule has a sentence for its readers, and none is listed twice."""
    assert all(rule.__doc__ for rule in RULES)
    assert len(set(RULES)) == len(RULES)


def test_several_problems_come_in_the_order_of_files_and_lines(tree: Tree) -> None:
    """All problems of all rules come together, sorted."""
    tree.edit("triage/signs.yaml", "reply: emergency", "reply: nobody")
    tree.edit("faq/about.yaml", "sources: [BOOK]", "sources: [NOVEL]")
    tree.edit("faq/about.yaml", "[what is it]", "[]")
    places = [(problem.file, problem.line) for problem in tree.problems()]
    assert len(places) == 3
    assert places == sorted(places)


@pytest.mark.parametrize(
    "file", ["sources.yaml", "checkins.yaml", "notices.yaml", "journeys/defaults.yaml", "replies/words.yaml"]
)
def test_a_missing_file_is_reported(tree: Tree, file: str) -> None:
    """Content without one of its parts is not complete."""
    (tree.root / file).unlink()
    assert any(problem.file == f"content/{file}" and "missing" in problem.sentence for problem in tree.problems())


def test_an_empty_folder_is_reported(tree: Tree) -> None:
    """A folder without entries is not complete."""
    (tree.root / "triage/signs.yaml").unlink()
    assert any(problem.file == "content/triage" for problem in tree.problems())


def test_a_step_id_used_twice_is_reported(tree: Tree) -> None:
    """Two steps of a journey need two ids."""
    line = tree.edit("journeys/disc.yaml", "id: walk-12\n", "id: walk-11\n")
    assert "used twice" in only_problem(tree, "journeys/disc.yaml", line)


@pytest.mark.parametrize(
    ("file", "old", "new", "named"),
    [
        ("faq/about.yaml", "sources: [BOOK]", "sources: [NOVEL]", "source `NOVEL`"),
        ("clinic/hospital.yaml", "sources: [BOOK]", "sources: [NOVEL]", "source `NOVEL`"),
        ("journeys/defaults.yaml", "medicine_sources: [BOOK]", "medicine_sources: [NOVEL]", "source `NOVEL`"),
        ("journeys/disc.yaml", "ask: [pain, walk]", "ask: [pain, sleep]", "question `sleep`"),
        ("checkins.yaml", "  sign: RF01", "  sign: RF09", "sign `RF09`"),
        ("checkins.yaml", "अभी नहीं}, sign: RF01", "अभी नहीं}, sign: RF09", "sign `RF09`"),
        ("replies/fixed.yaml", "buttons: [menu]", "buttons: [exit]", "button `exit`"),
        ("triage/signs.yaml", "reply: emergency", "reply: nobody", "reply `nobody`"),
        ("faq/about.yaml", "covers: [S1,", "covers: [Q133, S1,", "`Q133`"),
    ],
)
def test_a_name_of_nothing_is_reported(tree: Tree, file: str, old: str, new: str, named: str) -> None:
    """Whatever an entry names exists."""
    line = tree.edit(file, old, new)
    assert named in only_problem(tree, file, line)


@pytest.mark.parametrize("file", ["faq/about.yaml", "triage/signs.yaml", "journeys/disc.yaml"])
def test_an_entry_without_source_is_reported(tree: Tree, file: str) -> None:
    """Answers, signs and journeys say where they come from."""
    line = tree.edit(file, "sources: [BOOK]", "sources: []")
    assert "No source" in only_problem(tree, file, line)


def test_a_step_without_source_is_reported(tree: Tree) -> None:
    """Each message of a plan says where its advice comes from."""
    line = tree.edit("journeys/disc.yaml", "    sources: [BOOK]", "    sources: []")
    assert "No source" in only_problem(tree, "journeys/disc.yaml", line)


def test_a_seed_statement_without_answer_is_reported(tree: Tree) -> None:
    """Every statement of the seed is covered."""
    tree.edit("faq/about.yaml", "S7, S8, ", "")
    assert "S7, S8" in only_problem(tree, "faq", 1)


@pytest.mark.parametrize(
    ("name", "part"),
    [("{lift}", "Nobody fills in {lift}"), ("{day_date}", "Nobody fills in {day_date}"), ("{Name}", "brace")],
)
def test_a_placeholder_nobody_fills_is_reported(tree: Tree, name: str, part: str) -> None:
    """A name in braces is a setting or a fact of that kind of text."""
    tree.edit("journeys/disc.yaml", "Walk a little today.", f"Walk a little {name} today.")
    line = tree.edit("journeys/disc.yaml", "आज थोड़ा टहलें।", f"आज थोड़ा {name} टहलें।")
    problems = tree.problems()
    english, hindi = line - 5, line - 2  # The lines of `en:` and `hi:`; the name is two lines below each.
    assert {(problem.line, part in problem.sentence) for problem in problems} >= {(english, True), (hindi, True)}


def test_a_number_in_one_language_only_is_reported(tree: Tree) -> None:
    """Both languages name the same settings."""
    line = tree.edit("faq/about.yaml", HINDI, HINDI.replace("{hospital_phone} पर", "हमें"))
    assert "{hospital_phone}" in only_problem(tree, "faq/about.yaml", line)


def test_a_phrase_of_two_commands_is_reported(tree: Tree) -> None:
    """A phrase is one command only."""
    tree.write("replies/words.yaml", "stop:\n  en: [stop]\nstart:\n  en: [Stop]\n")
    assert [problem.line for problem in tree.problems()] == [2, 4]


def test_a_copied_language_is_reported(tree: Tree) -> None:
    """Hindi is not a copy of English."""
    line = tree.edit("replies/buttons.yaml", "{en: Menu, hi: मेन्यू}", "{en: Menu list, hi: Menu list}")
    problems = tree.problems()
    assert {problem.line for problem in problems} == {line}
    assert any("copy" in problem.sentence for problem in problems)


def test_english_words_in_hindi_are_reported_but_names_are_not(tree: Tree) -> None:
    """Hindi is in Devanagari, apart from names and numbers."""
    line = tree.edit("faq/about.yaml", HINDI, HINDI.replace("चीरा", "Saathi, MRI, 112 या wound"))
    sentence = only_problem(tree, "faq/about.yaml", line)
    assert "`wound`" in sentence
    assert "MRI" not in sentence


def test_devanagari_in_english_is_reported(tree: Tree) -> None:
    """English is in Latin letters."""
    line = tree.edit("faq/about.yaml", ENGLISH, ENGLISH.replace("small", "छोटा"))
    assert "Devanagari" in only_problem(tree, "faq/about.yaml", line)


def test_phrasings_in_the_wrong_script_are_reported(tree: Tree) -> None:
    """Phrasings stand under their script."""
    tree.edit("faq/about.yaml", "    en: [what is it]", "    en: [क्या है यह]")
    tree.edit("faq/about.yaml", "    hi: [यह क्या है]", "    hi: [ye kya]")
    tree.edit("triage/signs.yaml", "[pair nahi hil raha]", "[पैर सुन्न]")
    assert len(tree.problems()) == 3


def test_hard_english_is_reported(tree: Tree) -> None:
    """English above grade 6 is reported with its grade."""
    hard = (
        "    en: Postoperative rehabilitation necessitates considerable perseverance; call {hospital_phone} "
        "immediately afterwards if difficulties materialise unexpectedly.\n"
    )
    line = tree.edit("faq/about.yaml", ENGLISH, hard)
    assert "grade" in only_problem(tree, "faq/about.yaml", line)


def test_long_hindi_sentences_are_reported(tree: Tree) -> None:
    """More than 12 words a sentence is too long."""
    line = tree.edit("faq/about.yaml", HINDI, HINDI.replace("है।", "है और").replace("हैं।", "हैं और"))
    assert "words on average" in only_problem(tree, "faq/about.yaml", line)


def test_a_message_too_long_once_filled_is_reported(tree: Tree) -> None:
    """Lengths are measured with the clinic's values in place."""
    tree.edit("clinic/hospital.yaml", "0522-000-0100", "0" * 1000)
    lines = {problem.line for problem in tree.problems() if problem.file == "content/faq/about.yaml"}
    assert len(lines) == 2


def test_a_checkin_is_measured_with_its_question(tree: Tree) -> None:
    """The first question travels in the same message."""
    tree.edit("checkins.yaml", "How much does it hurt?", "How much? " * 103)
    found = [problem for problem in tree.problems() if problem.file == "content/journeys/disc.yaml"]
    assert len(found) == 1
    assert "1024" in found[0].sentence


def test_a_wordy_answer_is_reported(tree: Tree) -> None:
    """An answer has at most 90 words."""
    line = tree.edit("faq/about.yaml", ENGLISH, ENGLISH.replace("The cut", "Go on. " * 45 + "The cut"))
    assert "90" in only_problem(tree, "faq/about.yaml", line)


@pytest.mark.parametrize(
    ("file", "old", "new", "limit"),
    [
        ("replies/buttons.yaml", "en: Menu", "en: The menu of everything", 20),
        ("checkins.yaml", "en: Not yet", "en: Not yet but I will soon", 20),
        ("faq/about.yaml", "label: {en: What is it?", "label: {en: What is it and what is not", 24),
    ],
)
def test_a_label_that_does_not_fit_is_reported(tree: Tree, file: str, old: str, new: str, limit: int) -> None:
    """Buttons and list rows have the phone's limits."""
    line = tree.edit(file, old, new)
    assert f"{limit} fit" in only_problem(tree, file, line)


def test_too_many_choices_are_reported(tree: Tree) -> None:
    """A list holds ten rows."""
    more = "".join(f"    - {{id: c{n}, label: {{en: Choice {n}, hi: विकल्प {n}}}}}\n" for n in range(9))
    line = tree.edit("checkins.yaml", "  choices:\n", "  choices:\n" + more)
    assert "10" in only_problem(tree, "checkins.yaml", line)


def test_a_plan_with_too_few_messages_is_reported(tree: Tree) -> None:
    """A plan has 25 to 35 messages."""
    path = tree.root / "journeys/disc.yaml"
    text = path.read_text(encoding="utf-8")
    for day in (11, 12):
        text = text.replace(step(f"walk-{day}", day), "")
    tree.write("journeys/disc.yaml", text)
    assert "24 messages" in only_problem(tree, "journeys/disc.yaml", STEPS_LINE)


def test_a_crowded_day_is_reported(tree: Tree) -> None:
    """No day has more than `per_day`, wherever a step counts from."""
    tree.edit("journeys/disc.yaml", "per_day: 2", "per_day: 1")
    home = step("home", 1, slot="evening", more="    anchor: discharge\n")
    tree.edit("journeys/disc.yaml", step("end", 90), home + step("end", 90))
    crowded = {problem.sentence.partition(" has")[0] for problem in tree.problems()}
    assert crowded == {"Day 1", "Day 2", "Day 3"}


def test_two_steps_in_one_slot_are_reported(tree: Tree) -> None:
    """Two messages never leave together."""
    line = tree.edit("journeys/disc.yaml", "day: 12\n", "day: 11\n") + 1
    assert "together" in only_problem(tree, "journeys/disc.yaml", line)


def test_days_out_of_order_are_reported(tree: Tree) -> None:
    """The file reads from the first day to the last."""
    tree.edit("journeys/disc.yaml", "    day: 2\n", "    day: 4\n")
    line = tree.edit("journeys/disc.yaml", "    day: 3\n", "    day: 3\n")
    assert "order" in only_problem(tree, "journeys/disc.yaml", line)


def test_a_plan_without_a_topic_is_reported(tree: Tree) -> None:
    """A plan carries every topic."""
    tree.edit("journeys/disc.yaml", "topic: warning", "topic: activity")
    assert "no step about warning" in only_problem(tree, "journeys/disc.yaml", STEPS_LINE)


def test_a_plan_that_ends_early_is_reported(tree: Tree) -> None:
    """A plan reaches day 84 or later."""
    tree.edit("journeys/disc.yaml", "day: 90", "day: 70")
    assert "day 70" in only_problem(tree, "journeys/disc.yaml", STEPS_LINE)


@pytest.mark.parametrize(
    ("old", "new"),
    [('evening: "19:00"', 'evening: "21:30"'), ('morning: "09:00"', 'morning: "7:00"'), ("12:00", "16:00")],
)
def test_hours_that_make_no_sense_are_reported(tree: Tree, old: str, new: str) -> None:
    """Slots are times outside the quiet hours, one after the other."""
    tree.edit("journeys/defaults.yaml", old, new)
    assert [problem.file for problem in tree.problems()] == ["content/journeys/defaults.yaml"]


def test_a_topic_without_a_rule_for_lateness_is_reported(tree: Tree) -> None:
    """Each topic says what happens when late."""
    line = tree.edit("journeys/defaults.yaml", "warning: fold, ", "")
    assert "warning" in only_problem(tree, "journeys/defaults.yaml", line)


@pytest.mark.parametrize(
    ("old", "new"), [("Hello {name}.", "Hello {name}, your spine."), ("नमस्ते {name} जी।", "नमस्ते {name} जी, घाव देखें।")]
)
def test_a_telling_first_line_is_reported(tree: Tree, old: str, new: str) -> None:
    """A locked phone shows no part of the body and no illness."""
    line = tree.edit("journeys/disc.yaml", old, new) - 1
    assert "locked phone" in only_problem(tree, "journeys/disc.yaml", line)


def test_an_answer_without_hinglish_phrasings_is_reported(tree: Tree) -> None:
    """People ask in three forms."""
    tree.edit("faq/about.yaml", "[yeh kya hai]", "[]")
    assert "Hinglish" in tree.problems()[0].sentence


def test_a_phrasing_of_two_answers_is_reported(tree: Tree) -> None:
    """A phrasing leads to one answer, whatever its capitals and signs."""
    other = FAQ.replace("id: what-is-it", "id: other").replace("[what is it]", '["What is it?!"]')
    tree.write("faq/other.yaml", other.replace("[यह क्या है]", "[वह क्या है]").replace("[yeh kya hai]", "[woh kya hai]"))
    assert "`what-is-it`" in only_problem(tree, "faq/other.yaml", 10)


def test_two_pictures_are_two_phrasings(tree: Tree) -> None:
    """A phrasing that is only a picture is compared as it stands."""
    other = FAQ.replace("id: what-is-it", "id: other").replace("[what is it]", '["👋"]')
    tree.write("faq/other.yaml", other.replace("[यह क्या है]", "[वह क्या है]").replace("[yeh kya hai]", "[woh kya hai]"))
    tree.edit("faq/about.yaml", "[what is it]", '["❤"]')
    assert tree.problems() == []


def test_a_sign_without_hindi_phrases_is_reported(tree: Tree) -> None:
    """A sign is known in three forms."""
    tree.edit("triage/signs.yaml", "[पैर नहीं हिल रहा]", "[]")
    assert "Hindi" in tree.problems()[0].sentence


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Call 112 or 108 now. Do", "This may be serious. Call 112 or 108 now. Do"),
        ("Call 112 or 108 now.", "Call us now."),
        ("अभी 112 या 108 पर फ़ोन करें।", "घबराएँ नहीं। 112 पर फ़ोन करें।"),
    ],
)
def test_an_emergency_reply_that_begins_otherwise_is_reported(tree: Tree, old: str, new: str) -> None:
    """The action and the number come first."""
    line = tree.edit("replies/fixed.yaml", old, new)
    assert "begins with the action" in only_problem(tree, "replies/fixed.yaml", line)


def test_a_missing_notice_is_reported(tree: Tree) -> None:
    """Consent needs a notice for each purpose."""
    tree.edit("notices.yaml", "purpose: sharing", "purpose: reminders")
    assert any("already used" in problem.sentence for problem in tree.refused())
    path = tree.root / "notices.yaml"
    tree.write("notices.yaml", path.read_text(encoding="utf-8").rsplit("- purpose", 1)[0])
    assert "`sharing`" in only_problem(tree, "notices.yaml", 1)


def test_unsigned_and_expired_entries_are_listed(tree: Tree) -> None:
    """An entry counts as signed from the day of its signature to the day it expires."""
    signed = "review: {by: Dr Example, on: 2030-01-10, expires: 2031-01-10}"
    line = tree.edit("faq/about.yaml", "review: pending", signed)

    def found(day: date) -> list[int]:
        return [problem.line for problem in unsigned(tree.load(), day) if problem.file == "content/faq/about.yaml"]

    assert found(date(2030, 1, 9)) == [line]
    assert found(date(2030, 1, 10)) == []
    assert found(date(2031, 1, 10)) == []
    assert found(date(2031, 1, 11)) == [line]


def test_every_kind_of_entry_needs_a_signature(tree: Tree) -> None:
    """Nothing medical goes out unsigned unnoticed."""
    files = {problem.file.removeprefix("content/") for problem in unsigned(tree.load(), date(2030, 1, 1))}
    assert files == {
        "checkins.yaml",
        "faq/about.yaml",
        "faq/questions.yaml",
        "journeys/defaults.yaml",
        "journeys/disc.yaml",
        "notices.yaml",
        "replies/fixed.yaml",
        "triage/signs.yaml",
    }


def test_the_shipped_content_follows_every_rule() -> None:
    """`saathi content check` finds nothing in what is shipped."""
    assert [str(problem) for problem in check(load())] == []


def test_nothing_shipped_pretends_to_be_signed() -> None:
    """No clinician has signed anything yet, and the content says so."""
    content = load()
    reviews = {item.review for item in content.faq.values()} | {sign.review for sign in content.signs.values()}
    reviews |= {plan.review for plan in content.journeys.values()} | {said.review for said in content.replies.values()}
    assert reviews == {"pending"}
