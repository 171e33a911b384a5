"""The record of a session: readable alone, whole for who may read it all, in part for others."""

from __future__ import annotations

import json
import subprocess

import pytest
from django.utils import translation

from calls import actions
from calls.enums import ConflictKind, ListOutcome
from calls.models import Application, ListEntry
from calls.pdf import Table, Words
from calls.reasons import draft_reason
from calls.record import readable, record_document
from calls.standing import Place
from tests.calls.board import ADDRESS, make_checked_call, make_list, make_recommended, reasons
from tests.calls.desk import HOSTILE, desk
from tests.factories import make_user
from tests.selection import LEAK, declare, filed, make_reviewer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def english():
    """Ask in English, whatever the German says."""
    with translation.override("en"):
        yield


def place(name):
    return Application.objects.get(place_name=name)


def decided(call, **changes):
    """Return a session in which somebody stood aside and everything says something."""
    reviewer = make_reviewer()
    filed(place("Stadt 1"), reviewer, 4), filed(place("City 2"), reviewer, 3)
    session, by = make_recommended(call), make_user("bbsr")
    actions.note_attendance(
        session=session,
        participants=[
            actions.Present("Anke Ruland", "difu", aside=frozenset({place("City 1").pk})),
            actions.Present("Jan Pohl"),
        ],
        by=by,
    )
    return actions.decide(
        session=session,
        selection_list=session.recommended_list,
        reasons=reasons(call) | changes.pop("reasons", {}),
        by=by,
        **changes,
    )


def words_of(document):
    """Return everything that a document says, section by section."""
    found = {}
    for section in document.sections:
        texts = []
        for part in section.parts:
            if isinstance(part, Table):
                texts += [part.caption, *part.columns, *(cell for row in part.rows for cell in row)]
            elif isinstance(part, Words):
                texts += [part.label, part.text]
        found[section.heading] = " | ".join(texts)
    return found


def test_record_tells_everything_without_another_row():
    session = decided(make_checked_call(), note="Eine gute Mischung.")
    record = json.loads(json.dumps(session.document))
    Application.objects.update(place_name="umbenannt")

    said = words_of(record_document(readable(record, set()), session.sha256))

    assert "Anke Ruland | difu | City 1 (" in said["Present"]
    assert "Jan Pohl | – | –" in said["Present"]
    assert "Die Mischung trägt." in said["Recommendation of the project team"]
    assert (
        "1 | Stadt 1 (DE) | 1 | 4.00 | 4.00 | 0.00 | –"
        in said["Ranking at the moment of the recommendation"]
    )
    assert "Eine gute Mischung." in said["Decision of BBSR"]
    assert "German municipalities | 1 | 0 | 1 | 1" in said["Decision of BBSR"]
    for name in ("Stadt 1", "Stadt 2", "City 1", "City 2"):
        assert f"Weil {name} passt." in said["Statements of reasons"]


def test_facts_hold_moment_person_and_checksum():
    session = decided(make_checked_call())

    facts = {
        row.label: row.value
        for row in record_document(readable(session.document, set()), session.sha256).facts
    }

    assert facts["Checksum (SHA-256)"] == session.sha256
    assert facts["Decided by"] == str(session.decided_by)
    assert "Europe/Berlin" in facts["Decided on"]
    assert facts["Held on"] == "4 March 2027"


def test_what_is_closed_to_the_reader_is_left_out_and_counted_and_no_rank_tells_of_it():
    call = make_checked_call()
    closed = place("City 2")
    session = decided(call, reasons={closed.pk: LEAK})

    record = readable(session.document, {closed.pk, 10**6})

    assert record["left_out"] == 1
    assert LEAK not in json.dumps(record)
    assert {row["rank"] for row in (*record["ranking"], *record["decisions"])} == {None}
    said = words_of(record_document(record, session.sha256))
    assert "leaves out 1 application" in said["Copy in part"]
    # Numbers are those of the copy: they do not tell what was decided about the case either.
    assert "Other European municipalities | 1 | 0 | 0 | 1" in said["Decision of BBSR"]


def test_what_is_closed_changes_nothing_of_the_frozen_record():
    session = decided(make_checked_call())
    before = json.dumps(session.document, sort_keys=True)

    readable(session.document, {place("City 2").pk})

    assert json.dumps(session.document, sort_keys=True) == before


@pytest.mark.parametrize("role", ["coordinator", "bbsr"])
@pytest.mark.parametrize("kind", ["pdf", "xlsx"])
def test_team_saves_the_record_as_a_file(role, kind):
    session = decided(make_checked_call(), reasons={place("City 1").pk: HOSTILE})
    path = f"{ADDRESS}{session.call.slug}/session/1/record.{kind}"

    answer = desk(role).get(path)

    content = b"".join(answer.streaming_content)
    assert content.startswith(b"%PDF-" if kind == "pdf" else b"PK")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("role", ["reviewer", "observer", "contact"])
@pytest.mark.parametrize("kind", ["pdf", "xlsx"])
def test_others_do_not_get_the_record(role, kind):
    session = decided(make_checked_call())
    path = f"{ADDRESS}{session.call.slug}/session/1/record.{kind}"

    assert desk(role).get(path, follow=True).status_code == 403


def test_session_that_is_not_decided_has_no_record():
    session = make_recommended(make_checked_call())

    path = f"{ADDRESS}{session.call.slug}/session/1/record.pdf"

    assert desk().get(path).status_code == 404


def test_pdf_of_a_tied_coordinator_leaves_the_case_out():
    call = make_checked_call()
    closed, by = place("City 2"), make_reviewer("difu", role="coordinator")
    session = decided(call, reasons={closed.pk: LEAK})
    declare(closed, by, ConflictKind.PERSONAL)
    path = f"{ADDRESS}{call.slug}/session/{session.number}/record.pdf"

    texts = []
    for client in (desk(user=by), desk("bbsr")):
        content = b"".join(client.get(path).streaming_content)
        said = subprocess.run(
            ["pdftotext", "-", "-"], input=content, capture_output=True, check=True
        )
        texts.append(" ".join(said.stdout.decode().split()))

    assert [LEAK in text for text in texts] == [False, True]
    assert ["leaves out 1 application" in text for text in texts] == [True, False]


def test_record_says_what_was_recommended_where_bbsr_decided_otherwise():
    call = make_checked_call()
    session = make_recommended(call)
    other = make_list(call, "Anders", Stadt_2="chosen", City_1="chosen")
    ListEntry.objects.filter(selection_list=other).update(reason="Kleiner.")

    decided_session = actions.decide(
        session=session,
        selection_list=other,
        reasons=reasons(call),
        note="Kleinere Städte.",
        by=make_user("bbsr"),
    )

    record = readable(decided_session.document, set())
    said = words_of(record_document(record, decided_session.sha256))["Statements of reasons"]
    assert "Stadt 2, Germany" in said
    assert "recommended: not selected" in said


# --- Drafts of reasons ----------------------------------------------------------------------------

PLACE = Place(
    application=1,
    reviews=3,
    mean=3.666,
    spread=1.0,
    lowest=2.5,
    highest=4.5,
    corrected=3.7,
    is_disputed=True,
    rank=2,
)


def test_draft_names_outcome_mean_strongest_weakest_and_disagreement():
    draft = draft_reason(
        outcome=ListOutcome.RESERVE,
        rank=2,
        place=PLACE,
        criteria={"Need": 3.0, "Offer": 4.33, "Team": 2.0, "Effect": 4.33},
    )

    assert draft == (
        "Reserve list, rank 2. 3 reviews give it 3.67 of 5 points on average."
        " Strongest: Offer (4.3); weakest: Team (2.0). The reviews differ (2.50 to 4.50 points)."
    )


@pytest.mark.parametrize("criteria", [{}, {"Need": 3.0}, {"Need": 3.0, "Team": 3.0}])
def test_draft_names_no_strongest_where_nothing_is_stronger(criteria):
    draft = draft_reason(outcome=ListOutcome.CHOSEN, place=PLACE, criteria=criteria)

    assert draft.startswith("Selected. 3 reviews")
    assert "Strongest" not in draft


def test_draft_for_who_does_not_meet_the_conditions_says_which():
    draft = draft_reason(outcome=ListOutcome.LEFT, place=PLACE, unmet="Die Vollmacht fehlt.")

    assert draft == (
        "Not selected: the application does not meet the formal conditions. Die Vollmacht fehlt."
    )


def test_draft_without_a_review_says_so():
    assert draft_reason(outcome=ListOutcome.LEFT) == (
        "Not selected: the places go to other applications. There is no review that counts."
    )
