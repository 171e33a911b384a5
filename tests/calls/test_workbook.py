"""Workbooks: text stays text, dates are dates, nothing closed is in them; read as Excel reads."""

from __future__ import annotations

import datetime as dt
import zipfile
from io import BytesIO
from xml.etree import ElementTree as ET

import pytest
from django.utils import translation

from calls import actions
from calls.enums import ConflictKind
from calls.models import Application, Score
from calls.workbook import Sheet, workbook_of
from tests.calls.board import ADDRESS, make_checked_call, make_recommended, reasons
from tests.calls.desk import desk
from tests.factories import make_user
from tests.selection import LEAK, assign_free, declare, filed, make_reviewer

pytestmark = pytest.mark.usefixtures("english")
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture
def english():
    """Ask in English, whatever the German says."""
    with translation.override("en"):
        yield


def sheets_in(content):
    """Return name → rows of a workbook; a cell is (type, value) as the file has it."""
    book = zipfile.ZipFile(BytesIO(content))
    names = ET.fromstring(book.read("xl/workbook.xml")).iter(f"{MAIN}sheet")
    strings = []
    if "xl/sharedStrings.xml" in book.namelist():
        root = ET.fromstring(book.read("xl/sharedStrings.xml"))
        strings = ["".join(text.itertext()) for text in root.iter(f"{MAIN}si")]
    found = {}
    for number, sheet in enumerate(names, start=1):
        root = ET.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
        rows = []
        for row in root.iter(f"{MAIN}row"):
            cells = []
            for cell in row.iter(f"{MAIN}c"):
                kind = cell.get("t", "n")
                text = "".join(cell.itertext())
                if kind == "s":
                    kind, text = "inlineStr", strings[int(text)]
                formula = cell.find(f"{MAIN}f")
                cells.append(("formula" if formula is not None else kind, text))
            rows.append(cells)
        found[sheet.get("name")] = rows
    return found


def written(*row):
    """Return the cells of one row as a workbook has them."""
    with workbook_of([Sheet("One", [("A", 10)] * len(row), [row])]) as file:
        return sheets_in(file.read())["One"][1]


@pytest.mark.parametrize(
    "text",
    ["=1+1", "@SUM(1)", "+1", "-1", "\t=1", "https://evil.example", "12", "{=1}", "=cmd|' /C"],
)
def test_text_is_text_whatever_it_begins_with(text):
    assert written(text) == [("inlineStr", text.strip())]


def test_characters_that_break_a_file_are_taken_out():
    assert written("a\x00b\u202ec") == [("inlineStr", "abc")]


def test_text_beyond_the_limit_of_a_cell_is_cut_and_says_so():
    ((kind, text),) = written("x" * 40_000)

    assert (kind, len(text)) == ("inlineStr", 32_767)
    assert text.endswith("x […]")


def test_numbers_days_moments_and_truths_are_what_they_are():
    moment = dt.datetime(2027, 3, 4, 12, tzinfo=dt.UTC)

    cells = written(3, 2.5, dt.date(2027, 3, 4), moment, True, False)

    assert cells == [
        ("n", "3"),
        ("n", "2.5"),
        ("n", "46450"),
        ("n", "46450.5"),
        ("inlineStr", "yes"),
        ("inlineStr", "no"),
    ]


def test_nothing_is_an_empty_cell():
    assert written("a", None, "", "b") == [("inlineStr", "a"), ("inlineStr", "b")]


def test_sheet_without_rows_has_its_columns():
    with workbook_of([Sheet("One", [("A", 10), ("B", 10)], [])]) as file:
        assert sheets_in(file.read())["One"] == [[("inlineStr", "A"), ("inlineStr", "B")]]


# --- What is in them ------------------------------------------------------------------------------


def place(name):
    return Application.objects.get(place_name=name)


def texts(content):
    """Return name → all texts of a sheet, row by row."""
    return {
        name: [" | ".join(value for _kind, value in row) for row in rows]
        for name, rows in sheets_in(content).items()
    }


def fetched(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def procedure(client, call):
    return fetched(client, f"{ADDRESS}{call.slug}/procedure.xlsx")


@pytest.fixture
def reviewed():
    """Return a call of which two applications are reviewed, with the second reviewer's words."""
    call = make_checked_call()
    first, second = (
        make_reviewer("difu", name="Mara Lenz"),
        make_reviewer("adelphi", name="Ove Dahl"),
    )
    filed(place("Stadt 1"), first, 4, text="=HYPERLINK(1)")
    filed(place("Stadt 1"), second, 3), filed(place("City 1"), second, 5, text="Sehr gut.")
    assign_free(place("City 2"), first)
    return call


@pytest.mark.django_db
def test_procedure_holds_applications_reviews_sessions_and_decisions(reviewed):
    session = make_recommended(reviewed)
    actions.decide(
        session=session,
        selection_list=session.recommended_list,
        reasons=reasons(reviewed),
        by=make_user("bbsr"),
    )

    found = texts(procedure(desk("bbsr"), reviewed))

    assert list(found) == ["Overview", "Applications", "Reviews", "Sessions", "Decisions"]
    assert found["Applications"][1].startswith("1 | City 1 | FR")
    assert found["Applications"][2].startswith("2 | Stadt 1 | DE")
    assert len(found["Applications"]) == 5
    assert any("Mara Lenz | difu" in row and "=HYPERLINK(1)" in row for row in found["Reviews"])
    assert len(found["Reviews"]) == 4
    assert "decided by BBSR" in found["Sessions"][1]
    assert any("Weil City 2 passt." in row for row in found["Decisions"])


@pytest.mark.django_db
def test_draft_of_a_review_is_in_no_workbook(reviewed):
    draft = Score.objects.filter(review__assignment__application=place("City 1")).get()
    draft.review.state = "draft"
    draft.review.save()

    found = texts(procedure(desk(), reviewed))

    assert not any("Sehr gut." in row for row in found["Reviews"])


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [ConflictKind.PERSONAL, ConflictKind.INSTITUTIONAL])
def test_what_is_closed_is_left_out_of_the_procedure_and_counted(reviewed, kind):
    session = make_recommended(reviewed)
    closed, by = place("City 2"), make_reviewer("difu", role="coordinator")
    filed(closed, make_reviewer("adelphi"), 5, text=LEAK)
    actions.decide(
        session=session,
        selection_list=session.recommended_list,
        reasons=reasons(reviewed) | {closed.pk: LEAK},
        by=make_user("bbsr"),
    )
    declare(closed, by if kind == ConflictKind.PERSONAL else make_reviewer("difu"), kind)

    content = procedure(desk(user=by), reviewed)

    found = texts(content)
    said = "\n".join(row for rows in found.values() for row in rows)
    assert LEAK not in said
    assert "City 2" not in said
    assert "1 application is closed to the reader" in said
    assert [row.split(" | ")[0] for row in found["Applications"][1:3]] == ["1", "2"]


@pytest.mark.django_db
def test_reviews_of_others_wait_for_the_own_one(reviewed):
    by = make_reviewer("difu", role="coordinator")
    assign_free(place("City 1"), by)

    found = texts(procedure(desk(user=by), reviewed))

    assert not any("Sehr gut." in row for row in found["Reviews"])
    assert any("until the reader has filed the own one" in row for row in found["Overview"])
    assert not any("5.00" in row for row in found["Applications"] if "City 1" in row)


@pytest.mark.django_db
def test_record_as_a_workbook_has_a_sheet_for_each_part():
    call = make_checked_call()
    session = make_recommended(call)
    actions.note_attendance(
        session=session,
        participants=[actions.Present("Gerda Gast", "Städtetag")],
        by=make_user("bbsr"),
    )
    actions.decide(
        session=session,
        selection_list=session.recommended_list,
        reasons=reasons(call) | {place("City 1").pk: "=1+1"},
        by=make_user("bbsr"),
    )

    content = fetched(desk(), f"{ADDRESS}{call.slug}/session/1/record.xlsx")

    found = texts(content)
    assert list(found) == ["Session", "Ranking", "Decisions", "Present"]
    assert found["Present"][1] == "Gerda Gast | Städtetag"
    row = next(row for row in sheets_in(content)["Decisions"] if ("inlineStr", "City 1") in row)
    assert ("inlineStr", "=1+1") in row
    assert ("n", "46450") in next(
        row for row in sheets_in(content)["Session"] if ("inlineStr", "Held on") in row
    )


@pytest.mark.django_db
def test_record_workbook_of_a_tied_person_leaves_the_case_out():
    call = make_checked_call()
    session = make_recommended(call)
    closed, by = place("City 2"), make_reviewer("difu", role="coordinator")
    actions.decide(
        session=session,
        selection_list=session.recommended_list,
        reasons=reasons(call) | {closed.pk: LEAK},
        by=make_user("bbsr"),
    )
    declare(closed, by, ConflictKind.PERSONAL)

    found = texts(fetched(desk(user=by), f"{ADDRESS}{call.slug}/session/1/record.xlsx"))

    assert LEAK not in str(found)
    assert "leaves out 1 application" in str(found["Session"])


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["reviewer", "observer", "contact"])
def test_others_do_not_get_the_procedure(role):
    call = make_checked_call(1, 1)

    assert desk(role).get(f"{ADDRESS}{call.slug}/procedure.xlsx", follow=True).status_code == 403
