"""Loading content: what comes out, and what is said about files that are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from content.loader import Problem, default_root, load
from content.model import Slot, Tier, Topic
from tests.content.conftest import CLINIC, FAQ, Tree


def test_every_entry_is_found_by_its_id(tree: Tree) -> None:
    """Loading gives each kind of entry by id, typed."""
    content = tree.load()
    assert content.sources["BOOK"].grade == "A"
    assert content.questions["walk"].choices[0].label.hi == "हाँ"
    assert content.journeys["disc"].steps[0].topic is Topic.MEDICINE
    assert content.journeys["disc"].steps[0].slot is Slot.MORNING
    assert content.faq["what-is-it"].phrasings.hi_latn == ("yeh kya hai",)
    assert content.signs["RF01"].tier is Tier.EMERGENCY
    assert content.replies["hello"].buttons == ("menu",)
    assert content.buttons["menu"].label["hi"] == "मेन्यू"
    assert content.words["stop"].all() == ("stop", "बंद करो", "band karo")
    assert content.notices["sharing"].version == "1"
    assert content.defaults.slots.quiet_from == "21:00"


def test_entries_know_their_file_and_line(tree: Tree) -> None:
    """An entry's place is the file and line where it begins."""
    lines = tree.load().lines
    assert lines["setting", "lift_kg"] == ("content/clinic/hospital.yaml", 4)
    assert lines["step", "disc/tablets"] == ("content/journeys/disc.yaml", 8)
    assert lines["words", "stop"] == ("content/replies/words.yaml", 1)


def test_scalars_follow_yaml_1_2(tree: Tree) -> None:
    """Words that YAML 1.1 turns into truth values and numbers stay words, and telephone numbers keep their zero."""
    tree.write("replies/words.yaml", "stop:\n  en: [no, on, yes, off, 8:00, y]\n")
    tree.edit("clinic/hospital.yaml", 'default: "0522-000-0100"', "default: 05220000100")
    content = tree.load()
    assert content.words["stop"].en == ("no", "on", "yes", "off", "8:00", "y")
    assert content.clinic["hospital_phone"] == "05220000100"


def test_a_number_where_a_text_belongs_is_refused(tree: Tree) -> None:
    """A text written as a number is not guessed at."""
    line = tree.edit("faq/about.yaml", "label: {en: What is it?", "label: {en: 12")
    assert tree.refused() == [
        Problem("content/faq/about.yaml", line, "The English text must be a text: put it in quotes.")
    ]


def test_all_problems_of_all_files_come_at_once(tree: Tree) -> None:
    """Several mistakes in several files are all told, each at its own line."""
    hindi = tree.edit("faq/about.yaml", "label: {en: What is it?, hi: यह क्या है?}", "label: {en: What is it?}")
    route = tree.edit("faq/about.yaml", "route: G", "route: H")
    day = tree.edit("journeys/disc.yaml", "day: 10", "day: soon")
    colour = tree.edit("notices.yaml", 'version: "1"', 'version: "1"\n  colour: red') + 1
    assert [(problem.file, problem.line) for problem in tree.refused()] == [
        ("content/faq/about.yaml", route),
        ("content/faq/about.yaml", hindi),
        ("content/journeys/disc.yaml", day),
        ("content/notices.yaml", colour),
    ]


def test_a_missing_language_is_named(tree: Tree) -> None:
    """A text without Hindi is reported with what to add, at the text."""
    line = tree.edit("faq/about.yaml", "label: {en: What is it?, hi: यह क्या है?}", "label: {en: What is it?}")
    (problem,) = tree.refused()
    assert str(problem) == f"content/faq/about.yaml:{line}: The Hindi text is missing: add `hi:`."


def test_a_tab_is_named(tree: Tree) -> None:
    """Every line with a tab is reported, and nothing else is said about that file."""
    tree.write("faq/about.yaml", "- id: a\n\troute: G\n  label:\n\t\ten: x\n")
    assert [(problem.line, problem.sentence) for problem in tree.refused()] == [
        (2, "There is a tab in this line: use spaces instead."),
        (4, "There is a tab in this line: use spaces instead."),
    ]


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("- id: a\n  text: Hello: you\n", 2, "in quotes"),
        ('- id: a\n  text: "Hello\n', 2, "never closed"),
        ("- id: a\n  text: {name}, hello\n", 2, "quotes"),
        ("- id: a\n   text: x\n", 2, "colon too many"),
        ("- id: a\n  text: @you\n", 2, "in quotes"),
        ("- id: a\n  text: *you\n", 2, "in quotes"),
        ("- id: a\n  text: [x\n- id: b\n", 3, "bracket"),
        ("- id: a\n  text: x\n---\n- id: b\n", 3, "second document"),
        ("- id: \x07\n", 1, "control character"),
    ],
)
def test_broken_yaml_is_explained(tree: Tree, text: str, line: int, part: str) -> None:
    """A file that is not YAML is reported once, with its line and a hint."""
    tree.write("replies/new.yaml", text)
    (problem,) = tree.refused()
    assert (problem.file, problem.line) == ("content/replies/new.yaml", line)
    assert part in problem.sentence


def test_a_field_given_twice_is_refused(tree: Tree) -> None:
    """Of two equal fields neither silently wins."""
    line = tree.edit("faq/about.yaml", "  route: G\n", "  route: G\n  route: T\n") + 1
    assert tree.refused() == [
        Problem("content/faq/about.yaml", line, "The field `route` is given twice here: keep one.")
    ]


def test_an_unknown_field_is_refused_with_a_guess(tree: Tree) -> None:
    """A misspelt field is an error, with the field that was probably meant."""
    line = tree.edit("replies/fixed.yaml", "  buttons: [menu]", "  butons: [menu]")
    assert tree.refused() == [
        Problem("content/replies/fixed.yaml", line, "There is no field `butons` here: did you mean `buttons`?")
    ]


def test_a_comma_in_an_inline_text_is_explained(tree: Tree) -> None:
    """A comma that cuts an inline text in two is told as that."""
    line = tree.edit("replies/fixed.yaml", "{en: Hello. How", "{en: Hello, dear. How")
    (problem,) = tree.refused()
    assert problem.line == line
    assert "A comma inside { }" in problem.sentence


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("id: what-is-it", "id: What is it", "The id is small letters and digits joined by hyphens, as in wound-care."),
        ("route: G", "route: X", "`route` must be 'G', 'G+' or 'T'."),
        ("[yeh kya hai]", "yeh kya hai", "The Hinglish text must be a list: one `- ` line for each."),
        ("  route: G\n", "  route:\n", "`route` must be 'G', 'G+' or 'T'."),
        ("[what is it]", '[" "]', "The English text is empty: write it."),
        (
            "review: pending",
            "review: {by: Dr Example, on: 2030-02-31, expires: 2031-01-01}",
            "Write `review: pending`. A clinician's signature has `by`, `on` and `expires`.",
        ),
        (
            "review: pending",
            "review: done",
            "Write `review: pending`. A clinician's signature has `by`, `on` and `expires`.",
        ),
    ],
)
def test_a_wrong_value_is_explained_at_its_line(tree: Tree, old: str, new: str, sentence: str) -> None:
    """What the schema refuses is said in plain words, once."""
    line = tree.edit("faq/about.yaml", old, new)
    assert tree.refused() == [Problem("content/faq/about.yaml", line, sentence)]


def test_a_day_out_of_range_is_explained(tree: Tree) -> None:
    """A plan ends on day 90."""
    line = tree.edit("journeys/disc.yaml", "day: 90", "day: 91")
    assert tree.refused() == [Problem("content/journeys/disc.yaml", line, "`day` must be at most 90.")]


def test_a_checkin_without_questions_is_explained(tree: Tree) -> None:
    """A rule over several fields of an entry is reported where the entry begins."""
    line = tree.edit("journeys/disc.yaml", "    ask: [pain, walk]\n", "")
    (problem,) = tree.refused()
    assert problem.sentence == "A check-in needs 'ask', and no other topic may have it."
    assert problem.line == line - 4


def test_an_id_used_in_two_files_is_refused(tree: Tree) -> None:
    """Ids are unique across files."""
    tree.write("faq/more.yaml", FAQ)
    assert tree.refused() == [
        Problem(
            "content/faq/more.yaml",
            1,
            "The id `what-is-it` is already used in content/faq/about.yaml line 1: each needs its own.",
        )
    ]


@pytest.mark.parametrize("file", ["faqs.yaml", "faq/deep/a.yaml", "faq/a.yml", "wounds/a.yaml"])
def test_a_file_nobody_reads_is_refused(tree: Tree, file: str) -> None:
    """A file in the wrong place does not silently count for nothing."""
    tree.write(file, FAQ)
    (problem,) = tree.refused()
    assert (problem.file, problem.line) == (f"content/{file}", 1)
    assert "Nothing reads this file" in problem.sentence


def test_a_journey_stands_in_a_file_of_its_name(tree: Tree) -> None:
    """The file of a journey is called after its id."""
    tree.edit("journeys/disc.yaml", "id: disc", "id: fusion")
    (problem,) = tree.refused()
    assert "fusion.yaml" in problem.sentence


def test_the_wrong_shape_of_a_file_is_explained(tree: Tree) -> None:
    """A list where one entry belongs, and one entry where a list belongs, are told."""
    tree.write("journeys/disc.yaml", "- id: disc\n")
    tree.write("faq/about.yaml", "id: a\n")
    tree.write("replies/words.yaml", "- stop\n")
    assert [problem.file for problem in tree.refused()] == [
        "content/faq/about.yaml",
        "content/journeys/disc.yaml",
        "content/replies/words.yaml",
    ]


def test_text_in_another_encoding_is_explained(tree: Tree) -> None:
    """A file that is not UTF-8 is reported at the first bad line."""
    (tree.root / "sources.yaml").write_bytes(b"# ok\n- id: BOOK\n  title: caf\xe9\n")
    (problem,) = tree.refused()
    assert problem.line == 3
    assert "UTF-8" in problem.sentence


def test_a_file_that_refers_to_itself_is_refused(tree: Tree) -> None:
    """YAML that nests for ever ends in a problem."""
    tree.write("faq/about.yaml", "- &a\n  id: a\n  covers: [*a]\n")
    assert any("nested too deeply" in problem.sentence for problem in tree.refused())


def test_missing_files_count_as_empty(tmp_path: Path) -> None:
    """Half-written content can be loaded."""
    content = load(tmp_path)
    assert not content.faq
    assert content.defaults.slots.morning == "09:00"


def test_placeholders_are_filled_from_clinic_and_facts(tree: Tree) -> None:
    """A text is filled with settings and facts; a fact wins, and an unknown name is an error."""
    content = tree.load()
    assert content.fill("{name}: {lift_kg} kg", name="Asha") == "Asha: 5 kg"
    assert content.fill("{lift_kg}", lift_kg=3) == "3"
    with pytest.raises(KeyError):
        content.fill("{nobody}")


def test_a_fact_with_braces_is_not_filled_again(tree: Tree) -> None:
    """What somebody typed stays as it was typed."""
    assert tree.load().fill("{name}", name="{hospital_phone}") == "{hospital_phone}"


def test_the_clinic_overrides_settings(tree: Tree, tmp_path: Path) -> None:
    """A clinic's own file changes values, also a telephone written without quotes, and the version."""
    own = tmp_path / "clinic.yaml"
    own.write_text("hospital_phone: +915220000999\nlift_kg: 3\n", encoding="utf-8")
    content = tree.load(own)
    assert dict(content.clinic) == {"hospital_phone": "+915220000999", "lift_kg": 3}
    assert content.version != tree.load().version


def test_wrong_values_of_the_clinic_are_all_told(tree: Tree, tmp_path: Path) -> None:
    """Unknown settings and wrong types are reported with their lines."""
    own = tmp_path / "clinic.yaml"
    own.write_text("colour: red\nlift_kg: many\nhospital_phone:\n", encoding="utf-8")
    problems = tree.refused(own)
    assert [problem.line for problem in problems] == [1, 2, 3]
    assert problems[0].sentence == "There is no setting `colour`."
    assert problems[1].sentence == "`lift_kg` must be a whole number, as in 5."


@pytest.mark.parametrize("text", [None, "- a list\n", "a: b: c\n"])
def test_an_unusable_clinic_file_is_one_problem(tree: Tree, tmp_path: Path, text: str | None) -> None:
    """A clinic file that is missing, no mapping or no YAML stops loading with one problem."""
    own = tmp_path / "clinic.yaml"
    if text is not None:
        own.write_text(text, encoding="utf-8")
    assert len(tree.refused(own)) == 1


def test_the_version_follows_the_words(tree: Tree) -> None:
    """The same words have the same version, and a changed word another."""
    before = tree.load().version
    assert before == tree.load().version
    assert len(before) == 12
    tree.edit("faq/about.yaml", "The cut is small.", "The cut is short.")
    assert tree.load().version != before


def test_content_cannot_be_changed(tree: Tree) -> None:
    """What is loaded is read-only."""
    content = tree.load()
    with pytest.raises(TypeError):
        content.clinic["lift_kg"] = 50  # type: ignore[index]


def test_an_empty_setting_list_is_fine(tree: Tree) -> None:
    """A file that holds only a comment is empty, not wrong."""
    tree.write("clinic/more.yaml", "# nothing yet\n")
    assert len(tree.load().settings) == CLINIC.count("- id:")


def test_the_shipped_content_loads() -> None:
    """The content in the package has no schema error."""
    assert load().root == default_root()
