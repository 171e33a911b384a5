"""The archive of a procedure: whole, checked by its sums, closed where a conflict closes."""

from __future__ import annotations

import hashlib
import io
import json
import tracemalloc
import zipfile
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.models import User
from calls import actions
from calls.models import (
    Application,
    Attachment,
    Call,
    Decision,
    DiscussionNote,
    EligibilityCheck,
    Letter,
    ListEntry,
    Offer,
    Pairing,
    PairingConsent,
    Review,
    SelectionList,
    SelectionSession,
    SessionParticipant,
    StoodAside,
)
from core.actions import note_change
from core.models import StatusChange
from tests.applications import attach, editor_of, make_draft
from tests.calls.desk import HOSTILE, desk
from tests.calls.selection_cases import session
from tests.factories import CallFactory, make_user
from tests.reading import read
from tests.selection import (
    LEAK,
    applications_of,
    assign,
    assign_free,
    declare,
    filed,
    make_call_in_review,
    make_reviewer,
)

pytestmark = pytest.mark.django_db


def bbsr() -> User:
    """Return somebody who decides."""
    return User.objects.get(pk=make_user("bbsr").pk)


def taken(call: Call, by: User | None = None) -> zipfile.ZipFile:
    """Return the archive that somebody takes."""
    with actions.take_archive(call=call, by=by or bbsr()) as file:
        return zipfile.ZipFile(io.BytesIO(file.read()))


def data(archive: zipfile.ZipFile, path: str = "index.json") -> Any:
    """Return what a file of an archive says."""
    return json.loads(archive.read(path))


def whole_text(archive: zipfile.ZipFile) -> str:
    """Return everything in an archive that is text, workbooks included, and all names."""
    names = archive.namelist()
    texts = [archive.read(name).decode() for name in names if name.endswith(".json")]
    for name in names:
        if name.endswith(".xlsx"):
            book = zipfile.ZipFile(io.BytesIO(archive.read(name)))
            texts += [book.read(sheet).decode() for sheet in book.namelist()]
    return "\n".join([*names, *texts])


def send_again(application: Application, content: bytes = b"%PDF-1.7 ...") -> None:
    """Attach a file with a hostile name and send the application again, before the deadline."""
    call, by = application.call, editor_of(application)
    Call.objects.filter(pk=call.pk).update(
        state="open", closes_at=timezone.now() + timezone.timedelta(days=1)
    )
    actions.reopen_application(application=Application.objects.get(pk=application.pk), by=by)
    file = attach(Application.objects.get(pk=application.pk), content)
    type(file).objects.filter(pk=file.pk).update(name=f"../../{HOSTILE}\r\n.pdf")
    actions.submit_application(application=Application.objects.get(pk=application.pk), by=by)
    Call.objects.filter(pk=call.pk).update(
        state="decided", closes_at=timezone.now() - timezone.timedelta(seconds=1)
    )


def whole_procedure(marks: tuple[str, str] = ("Eins", "Zwei")) -> Call:
    """Return a call with all that a procedure can leave, with a mark for each application."""
    call = make_call_in_review(german=1, european=1, title_de=f"../{HOSTILE}")
    rows = applications_of(call)
    board = SelectionList.objects.create(call=call, name=HOSTILE, idea="Grün")
    at = session(call)
    present = SessionParticipant.objects.create(session=at, name="P. Muster")
    for rank, (row, mark) in enumerate(zip(rows, marks, strict=True), start=1):
        filed(row, make_reviewer("difu"), text=mark)
        DiscussionNote.objects.create(application=row, text=mark)
        EligibilityCheck.objects.create(application=row, is_eligible=False, reason=mark)
        ListEntry.objects.create(
            selection_list=board, application=row, outcome="reserve", rank=rank, reason=mark
        )
        Decision.objects.create(
            session=at, application=row, outcome="reserve", rank=rank, reason=mark
        )
        StoodAside.objects.create(participant=present, application=row)
        letter = Letter.objects.create(
            session=at, application=row, outcome="accepted", language="de", subject="a", body=mark
        )
        Offer.objects.create(application=row, letter=letter, due_at=timezone.now(), note=mark)
        note_change(row, old="a", new="b", note=mark, by=None)
    pairing = Pairing.objects.create(
        call=call,
        german=rows[0],
        european=rows[1],
        fit=1,
        due_at=timezone.now(),
        card={"why": marks[0]},
    )
    PairingConsent.objects.create(pairing=pairing, application=rows[0], answer="agrees")
    SelectionSession.objects.filter(pk=at.pk).update(document=record(call, rows, marks))
    return call


def record(call: Call, rows: list[Application], marks: tuple[str, str]) -> Any:
    """Return a record as it is frozen with a decision, in the form of ``calls.record``."""
    moment = "2027-05-12T10:00:00+00:00"
    named = [
        {"application": row.pk, "reference": row.reference, "name": row.place_name} for row in rows
    ]
    place = {"country": "DE", "pool": "german"}
    numbers = {"reviews": 1, "mean": 3.0, "corrected": 3.0, "spread": 0.0, "lowest": 3.0}
    numbers |= {"highest": 3.0, "is_disputed": False}
    decision = {"population": 1, "outcome": "reserve", "recommended": "reserve"}
    return {
        "version": 1,
        "call": {
            "slug": call.slug,
            "title": {"de": "Aufruf", "en": "Call"},
            "closes_at": "",
            "time_zone": "Europe/Berlin",
            "partnerships": 6,
            "places": {"german": 6, "european": 6},
            "criteria": [],
            "disputed_from": "1.5",
        },
        "session": {
            "number": 1,
            "held_on": "2027-05-12",
            "place": "",
            "corrects": None,
            "correction_reason": "",
        },
        "participants": [{"name": "P. Muster", "organisation": "", "aside": []}],
        "recommendation": {"list": "A", "idea": "", "text": "So.", "by": "C", "at": moment},
        "ranking": [{**one, **place, **numbers, "rank": 1} for one in named],
        "decision": {"list": "A", "idea": "", "note": "", "by": "B", "at": moment, "aside": []},
        "decisions": [
            {
                **one,
                **place,
                **decision,
                "rank": 1,
                "reason": mark,
                "recommended_rank": 1,
                "recommended_reason": mark,
                "is_eligible": True,
                "eligibility": mark,
            }
            for one, mark in zip(named, marks, strict=True)
        ],
    }


def test_archive_holds_everything_and_its_sums_are_right():
    call = whole_procedure()
    first, _second = applications_of(call)
    send_again(first)
    actions.write_receipts()

    archive = taken(call)

    assert archive.testzip() is None
    index = data(archive)
    assert [row["path"] for row in index["files"]] + ["index.json"] == archive.namelist()
    for row in index["files"]:
        content = archive.read(row["path"])
        assert (len(content), hashlib.sha256(content).hexdigest()) == (row["size"], row["sha256"])
    own = f"applications/{first.reference}/"
    assert [name.removeprefix(own) for name in archive.namelist() if name.startswith(own)] == [
        *("application.json", "version-1.json", "version-1.pdf", "version-2.json"),
        *("version-2.pdf", "files/1.pdf", "files.json", "eligibility.json", "conflicts.json"),
        *("reviews.json", "notes.json", "decisions.json", "letters.json", "offers.json"),
    ]
    assert [name for name in archive.namelist() if not name.startswith("applications/")] == [
        *(
            "call/call.json",
            "call/procedure.json",
            "selection/procedure.xlsx",
            "selection/list-1.json",
            "selection/list-2.json",
        ),
        *("selection/session-1/session.json", "selection/session-1/record.json"),
        *("selection/session-1/record.pdf", "selection/session-1/record.xlsx"),
        *("pairs/pairings.json", "index.json"),
    ]
    (review,) = data(archive, f"{own}reviews.json")
    assert review["review"]["scores"][0]["justification"] == "Eins"
    assert (review["review"]["total"], review["review"]["version"]) == ("3.00", 1)
    assert archive.read(f"{own}files/1.pdf") == b"%PDF-1.7 ..."
    assert data(archive, f"{own}version-2.json")["sha256"] == first.submissions.last().sha256
    assert [row["note"] for row in data(archive, f"{own}application.json")["history"]][-3:] == [
        "Eins",
        "",
        "",
    ]
    (pairing,) = data(archive, "pairs/pairings.json")
    assert (pairing["german"], pairing["consents"][0]["answer"]) == (first.reference, "agrees")
    assert (index["left_out"], index["missing"]) == ([], [])


def test_names_in_the_archive_come_from_nothing_that_a_person_typed():
    call = whole_procedure()
    first, _second = applications_of(call)
    send_again(first)
    Application.objects.filter(pk=first.pk).update(reference="../../x", place_name="../../y")

    archive = taken(call)

    names = archive.namelist()
    assert f"applications/number-{first.pk}/files/1.pdf" in names
    assert not [name for name in names if ".." in name or name.startswith("/") or "\\" in name]
    assert len(set(names)) == len(names)
    (file,) = data(archive, f"applications/number-{first.pk}/files.json")
    assert file["name"] == f"../../{HOSTILE}\r\n.pdf"


@pytest.mark.parametrize("kind", ["personal", "institutional"])
def test_what_a_conflict_closes_is_left_out_and_named(kind):
    call = whole_procedure((LEAK, "Zwei"))
    first, second = applications_of(call)
    person = make_reviewer("bbsr", role="bbsr")
    declare(first, person if kind == "personal" else make_reviewer("bbsr"), kind, LEAK)

    archive = taken(call, person)

    assert LEAK not in whole_text(archive)
    assert data(archive)["left_out"] == [
        {"reference": first.reference, "name": first.place_name, "why": "conflict"}
    ]
    assert not [name for name in archive.namelist() if first.reference in name]
    # The gap would tell the rank of who is left out.
    (entry,) = data(archive, "selection/list-1.json")["entries"]
    assert (entry["application"], "rank" in entry) == (second.reference, False)
    record_of_session = data(archive, "selection/session-1/record.json")
    assert record_of_session["left_out"] == 1
    assert not [name for name in archive.namelist() if name.startswith("pairs/")]


def test_what_somebody_still_reviews_is_left_out_until_it_is_filed():
    call = whole_procedure((LEAK, "Zwei"))
    first, _second = applications_of(call)
    person = make_reviewer("bbsr", role="bbsr")
    assign_free(first, person)

    before = taken(call, person)
    Review.objects.filter(assignment__reviewer=person).delete()
    filed(first, person, text="Eigenes.")
    after = taken(call, person)

    assert LEAK not in whole_text(before)
    assert [row["why"] for row in data(before)["left_out"]] == ["own review"]
    assert LEAK in whole_text(after)
    assert data(after)["left_out"] == []


def test_drafts_are_in_no_archive():
    call = whole_procedure()
    first, second = applications_of(call)
    Review.objects.create(assignment=assign(first, make_reviewer("adelphi")), comment=LEAK)
    Application.objects.filter(pk=second.pk).update(state="reopened", challenge=LEAK)
    Attachment.objects.create(
        application=second, file="uploads/ab/cd", name=LEAK, kind="pdf", size=1, sha256="0" * 64
    )
    draft = make_draft()
    Application.objects.filter(pk=draft.pk).update(call=call, challenge=LEAK)

    archive = taken(call)

    assert LEAK not in whole_text(archive)
    assert f"applications/{second.reference}/files.json" not in archive.namelist()
    reviews = data(archive, f"applications/{first.reference}/reviews.json")
    assert [row["review"] is None for row in reviews] == [False, True]


def test_call_without_applications_can_be_archived():
    archive = taken(CallFactory())

    assert archive.namelist() == ["call/call.json", "index.json"]


def test_stored_file_that_is_gone_is_named_as_missing():
    call = make_call_in_review(german=1, european=0)
    (application,) = applications_of(call)
    send_again(application)
    default_storage.delete(application.attachments.get().file.name)

    archive = taken(call)

    path = f"applications/{application.reference}/files/1.pdf"
    assert data(archive)["missing"] == [path]
    assert path not in archive.namelist()


def test_large_files_pass_through_a_piece_at_a_time():
    call = make_call_in_review(german=1, european=0)
    send_again(applications_of(call)[0], b"%PDF-1.7 " + b"x" * 12_000_000)
    by = bbsr()
    with actions.take_archive(call=call, by=by) as warm:
        warm.read(1)
    tracemalloc.start()
    try:
        actions.take_archive(call=call, by=by).close()
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert most < 6_000_000


@pytest.mark.parametrize("number", [1, 3])
def test_questions_do_not_grow_beyond_one_for_each_application(
    number, django_assert_max_num_queries
):
    call = make_call_in_review(german=number, european=0)
    for row in applications_of(call):
        filed(row, make_reviewer("difu"))
        DiscussionNote.objects.create(application=row, text="Knapp.")
    by = bbsr()

    with django_assert_max_num_queries(45 + number):
        actions.take_archive(call=call, by=by).close()


def test_taking_it_stands_in_the_history_of_the_call():
    call, by = make_call_in_review(german=1, european=0), bbsr()

    taken(call, by)

    (row,) = StatusChange.objects.filter(
        content_type=ContentType.objects.get_for_model(Call), object_id=call.pk, field="archive"
    )
    assert (row.new, row.changed_by, row.note) == ("taken", by, "files: 5, left out: 0")


@pytest.mark.parametrize("role", ["coordinator", "reviewer", "observer", "contact"])
def test_only_bbsr_takes_it(role):
    call = make_call_in_review(german=1, european=0)
    client = desk(role)
    with pytest.raises(PermissionDenied):
        actions.take_archive(call=call, by=User.objects.get(pk=make_user(role).pk))

    statuses = {
        client.get(f"/admin/calls/call/{call.pk}/archive/").status_code,
        client.post(f"/admin/calls/call/{call.pk}/archive.zip").status_code,
    }

    assert statuses == ({302} if role == "contact" else {403})
    assert not StatusChange.objects.filter(field="archive").exists()


def test_page_tells_what_is_left_out_and_who_has_taken_it():
    call = make_call_in_review(german=2, european=0)
    person = make_reviewer("bbsr", role="bbsr", name="Anna Amtlich")
    declare(applications_of(call)[0], person, "personal")
    client = desk(user=person)
    address = f"/admin/calls/call/{call.pk}/"

    before = read(client.get(f"{address}archive/"))
    answer = client.post(f"{address}archive.zip")
    content = b"".join(answer.streaming_content)
    after = read(client.get(f"{address}archive/"))

    assert "It holds 1 application." in before.body.text
    assert "Stadt 1" in before.body.section("Left out for you").text
    assert "Nobody has taken the archive yet." in before.body.text
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{call.slug}.zip"'
    assert answer.headers["Cache-Control"].startswith("private, no-store")
    assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None
    assert "Anna Amtlich" in after.body.section("Taken so far").text
    assert f"{address}archive/" in read(client.get(f"{address}change/")).body.hrefs()
    assert client.get(f"{address}archive.zip").status_code == 405
    assert client.get("/admin/calls/call/999999/archive/").status_code == 404
