"""The enrol form: five dates, any phone, one sentence for what cannot be, and nothing typed is ever lost."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.staff import enrolling, medicines, showing, values
from bot.staff.enrolling import FIELDS
from scheduler import previews
from scheduler.errors import BadRequestError
from scheduler.plans import MedicineTimes
from tests.support.world import shipped

NOW = datetime(2026, 3, 3, 6, 30, tzinfo=UTC)
TODAY = date(2026, 3, 3)
ZONE = "Asia/Kolkata"
FIVE = {
    "name": "Asha Example",
    "phone": "90000 00001",
    "language": "hi",
    "procedure": "mis-tlif",
    "surgery_on": "2 Mar 2026",
    "surgery_time": "10:30",
}


def parse(**fields: str) -> enrolling.Form:
    return enrolling.parse(FIVE | fields, shipped(), NOW, ZONE)


def refused(function: Any, *given: Any, **named: Any) -> str:
    with pytest.raises(BadRequestError) as caught:
        function(*given, **named)
    sentence = str(caught.value)
    assert sentence.endswith((".", "?"))
    return sentence


@pytest.mark.parametrize(
    "typed",
    ["2026-03-02", "2/3/2026", "02-03-26", "2 Mar 2026", "2 मार्च 2026", "२ मार्च २०२६", "2.3.2026", "2nd March, 2026",
     "Mar 2, 2026", " 2 mar 26 ", "'2026-03-02", "02/03/2026"],
)  # fmt: skip
def test_a_date_may_be_written_in_many_ways(typed: str) -> None:
    """The day comes before the month; Hindi months and digits are read."""
    assert values.day(typed) == date(2026, 3, 2)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("3/14/2026", "day first"),
        ("31/2/2026", "calendar"),
        ("46083", "Excel"),
        ("2 Mar", "cannot be read"),
        ("soon", "cannot be read"),
        ("", "Enter the date"),
        ("2026-3", "cannot be read"),
        ("2 Smarch 2026", "cannot be read"),
    ],
)
def test_a_date_that_cannot_be_is_refused(typed: str, says: str) -> None:
    """One sentence says how to write it."""
    assert says in refused(values.day, typed)


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ("2026-03-02 10:30", time(10, 30)),
        ("2026-03-02T10:30", time(10, 30)),
        ("2/3/2026 10:30 am", time(10, 30)),
        ("2-3-26 14:00", time(14)),
        ("2 मार्च 2026 सुबह 10 बजे", time(10)),
        ("2 Mar 2026, 9.30 pm", time(21, 30)),
        ("2026-03-02 00:00:00", None),
        ("2026-03-02", None),
    ],
)
def test_a_time_may_stand_behind_the_date(typed: str, at: time | None) -> None:
    """A spreadsheet's midnight means that no time was given."""
    assert values.moment(typed) == (date(2026, 3, 2), at)


@pytest.mark.parametrize(
    ("typed", "at"),
    [("8", time(8)), ("8:30", time(8, 30)), ("8.30 PM", time(20, 30)), ("20:30", time(20, 30)), ("12 am", time()),
     ("12 pm", time(12)), ("सुबह 8 बजे", time(8)), ("रात 10 बजे", time(22)), ("१०:३०", time(10, 30))],
)  # fmt: skip
def test_a_time_may_be_written_in_many_ways(typed: str, at: time) -> None:
    """Twelve and twenty-four hours, English and Hindi."""
    assert values.clock(typed) == at


@pytest.mark.parametrize("typed", ["25:00", "8:75", "8 9", "noon", "13 am", "8 am pm", "", "८ बजे कल"])
def test_a_time_that_cannot_be_is_refused(typed: str) -> None:
    """The sentence shows how to write one."""
    assert "8:00 or 20:30" in refused(values.clock, typed)


@pytest.mark.parametrize(
    "typed",
    ["9000000001", "'9000000001", "+91 90000 00001", "०९०००० ००००१", "९०००० ००००१", "9000000001.0", "‎9000000001"],
)
def test_a_phone_may_come_out_of_any_list(typed: str) -> None:
    """Apostrophes, Devanagari digits, a decimal zero and invisible marks do not matter."""
    assert values.phone(typed) == "+919000000001"


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("9.19E+11", "Excel has shortened"),
        ("9,19e+11", "Excel has shortened"),
        ("9000000001 / 9000000002", "one phone number only"),
        ("90000", "too few or too many"),
        ("call her son", "not a phone number"),
        ("=9000000001", "not a phone number"),
        ("", "Enter a phone number"),
    ],
)
def test_a_phone_that_cannot_be_is_refused(typed: str, says: str) -> None:
    """The sentence never repeats the number."""
    sentence = refused(values.phone, typed)
    assert says in sentence
    assert not typed or typed not in sentence


@pytest.mark.parametrize("typed", ["=1+1", "+Asha", "-Asha", "@Asha", "'=1+1", " \t=x", "|cmd", "%x"])
def test_a_name_that_a_spreadsheet_would_run_is_refused(typed: str) -> None:
    """A list of patients is opened in a spreadsheet again one day."""
    assert "cannot begin with" in refused(values.name, typed)


@pytest.mark.parametrize(
    ("typed", "journey"),
    [
        ("mis-tlif", "mis-tlif"),
        ("TLIF", "mis-tlif"),
        ("MIS TLIF L4-5", "mis-tlif"),
        ("microdiscectomy", "lumbar-microdiscectomy"),
        ("Left L5/S1 MLD", "lumbar-microdiscectomy"),
        ("डिस्क", "lumbar-microdiscectomy"),
        ("डिस्क का ऑपरेशन", "lumbar-microdiscectomy"),
        ("laminectomy", "mis-decompression"),
        ("Lumbar microdiscectomy", "lumbar-microdiscectomy"),
    ],
)
def test_a_procedure_is_known_by_its_common_names(typed: str, journey: str) -> None:
    """Levels and sides around the name do not matter."""
    assert values.procedure(typed, shipped()) == journey


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("microdisectomy", "lumbar-microdiscectomy if you mean"),
        ("cervical discectomy", "There is no plan"),
        ("ACDF", "There is no plan"),
        ("TLIF and laminectomy", "several plans"),
        ("hip replacement", "There is no plan"),
        ("", "Choose the procedure"),
    ],
)
def test_another_operation_gets_no_spine_plan(typed: str, says: str) -> None:
    """A slip gets a suggestion; an operation elsewhere gets none."""
    assert says in refused(values.procedure, typed, shipped())


def read(text: str, *, at_night: bool = False) -> tuple[MedicineTimes, ...]:
    return medicines.read(text, TODAY, at_night=at_night)


def test_medicine_times_are_lines_with_optional_names() -> None:
    """Names stay exactly as on the prescription, before or behind the times."""
    found = read(
        "8:00, 14:00, 20:00 for 7 days\nTab Example ५०० mg: 8 am and 8 pm for 2 weeks\n\n"
        "८:०० 7 दिन\n9:00 x 5 days from 24 Mar 2026 - Tablet B"
    )
    assert found == (
        MedicineTimes((time(8), time(14), time(20)), TODAY, 7),
        MedicineTimes((time(8), time(20)), TODAY, 14, "Tab Example ५०० mg"),
        MedicineTimes((time(8),), TODAY, 7),
        MedicineTimes((time(9),), date(2026, 3, 24), 5, "Tablet B"),
    )


@pytest.mark.parametrize(
    "line",
    ["Cap X 1-0-1 for 5 days", "Tablet 10 for 5 days", "Tablet 500 for 5 days", "twice a day", "8:00", "for 7 days",
     "8:00 for days", "25:00 for 3 days", "8:00 for 3 days from 3/14/2026"],
)  # fmt: skip
def test_what_might_be_a_dose_is_never_read_as_a_time(line: str) -> None:
    """A strength or 1-0-1 is refused, and the sentence names the line."""
    assert "ine 2" in refused(read, f"8:00 for 3 days\n{line}")


def test_times_at_night_need_the_patients_yes() -> None:
    """Without the tick the form complains; with it the times are kept."""
    assert "quiet hours" in parse(medicine="23:00 for 3 days").problems["medicine"]
    ticked = parse(medicine="23:00 for 3 days", at_night="yes")
    assert ticked.request is not None
    assert ticked.request.medicine[0].at_night


def test_five_fields_make_a_request() -> None:
    """The rest has defaults."""
    request = parse().request
    assert request is not None
    assert (request.phone, request.surgery_time, request.year_of_birth) == ("+919000000001", time(10, 30), None)
    assert parse(surgery_time="", surgery_on="2/3/2026 9:00").request.surgery_time == time(9)  # type: ignore[union-attr]


def test_all_problems_are_told_at_once() -> None:
    """Each field has its own sentence."""
    typed = dict.fromkeys(FIELDS, "?") | {"at_night": ""}
    assert set(parse(**typed).problems) == set(FIELDS) - {"at_night"}
    assert set(parse(surgery_on="2 Mar 2031", discharge_on="soon").problems) == {"surgery_on", "discharge_on"}


@given(st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=40)))
@example({"medicine": "8:00 for 999 days", "year_of_birth": "٣٣٣٣", "surgery_on": "0/0/0000"})
@example({"surgery_on": "9999-12-31", "discharge_on": "0001-01-01"})
def test_nothing_typed_breaks_the_form_or_is_lost(typed: dict[str, str]) -> None:
    """Whatever stands in the fields: values come back as typed, and there is a request or a problem."""
    form = enrolling.parse(FIVE | typed, shipped(), NOW, ZONE)
    assert all(form.values[name] == value for name, value in typed.items())
    assert (form.request is None) == bool(form.problems)
    enrolling.chosen(form, shipped())
    enrolling.pickable(form)


@given(st.text(alphabet="0123456789:-/. ,;apmfordysweek\nTab०१बजेदिन", max_size=60))
def test_medicine_lines_are_read_or_refused(typed: str) -> None:
    """No line breaks the parser, and what is read can be planned."""
    with contextlib.suppress(BadRequestError):
        assert all(times.at and times.days >= 0 for times in read(typed))


def test_the_plan_shown_is_the_preview() -> None:
    """Every message of the preview stands in the plan once: by day, or under its medicine times."""
    request = parse(medicine="8:00, 20:00 for 3 days: Tablet A", surgery_on="20 Feb 2026").request
    assert request is not None
    plan = showing.plan(shipped(), request, NOW)
    facts = enrolling.facts(request)
    truth = previews.preview(shipped(), request.journey, facts, "hi", request.name, NOW)
    shown = [m for day in plan.days for m in day.messages] + [m for dose in plan.doses for m in dose.messages]
    assert sorted((m.at, m.text) for m in shown) == sorted((p.at, p.body.text) for p in truth if p.body)
    assert plan.count == len(shown)
    assert {one.step for one in plan.late} == {
        p.occurrence.step for p in truth if p.occurrence.late and p.occurrence.step != "medicine"
    }
    assert plan.late


def test_the_mark_of_a_plan_outlives_a_few_minutes_but_no_choice() -> None:
    """Saving a little later is the same plan; another choice, another day or another language is not."""
    request = parse(surgery_on="20 Feb 2026").request
    assert request is not None
    plan = showing.plan(shipped(), request, NOW)
    assert showing.plan(shipped(), request, NOW + timedelta(minutes=7)).mark == plan.mark
    assert showing.plan(shipped(), replace(request, language="en"), NOW).mark != plan.mark
    other = replace(request, late_choices={plan.late[0].step: "send"})
    assert showing.plan(shipped(), other, NOW).mark != plan.mark
    assert showing.plan(shipped(), replace(request, late_choices=plan.choices), NOW).mark == plan.mark


@pytest.mark.parametrize("typed", ["8 " * 100_000, "8:00," * 50_000, "1" * 250_000, "2 Mar " * 40_000, "(" * 200_000])
def test_endless_text_is_refused_before_it_is_read(typed: str) -> None:
    """A field holds a name, a day or some lines, not a book."""
    form = parse(**dict.fromkeys(FIELDS, typed))
    assert set(form.problems) >= set(FIELDS) - {"at_night"}
    assert form.values["name"] == typed


def test_the_longest_lines_are_read_at_once() -> None:
    """What just fits takes no longer than the rest."""
    for piece in ("8 ", "8:00,", "8:00 and ", "a8 ", "8 am for "):
        parse(medicine=(piece * 2000)[:2000])


@pytest.mark.parametrize(
    "typed",
    [
        "8:00, 14:00, 20:00 for 7 days",
        "Tablet Example 10: 8:00 for 5 days from 3 Mar 2026\n20:30 x 3 days after food",
        "सुबह 8 बजे for 2 weeks: गोली",
        "",
    ],
)
def test_medicine_times_are_written_as_they_are_read(typed: str) -> None:
    """What the patient's page shows for correcting means the same when it is sent back unchanged."""
    meant = medicines.read(typed, TODAY, at_night=False)
    again = medicines.read(medicines.write(meant), date(2020, 1, 1), at_night=False)
    assert sorted(again, key=repr) == sorted(meant, key=repr)
