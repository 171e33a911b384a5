"""Who writes what in which phase, pressed by everybody in every phase."""

from __future__ import annotations

import pytest

from meetings.enums import ConsultationRole, ContributionKind, Phase
from meetings.models import Contribution
from tests.meetings.consultation_cases import OUTSIDE, SEATS, make_case
from tests.reading import read

pytestmark = pytest.mark.django_db

NOTES = {"scribe", "facilitator"}
#: The rules once more, in the words of the procedure and not of the code: phase, role, kind.
ALLOWED = {
    *((1, role, "note") for role in SEATS),
    (2, "case_giver", "account"),
    (2, "case_giver", "answer"),
    (2, "adviser", "question"),
    (3, "case_giver", "key_question"),
    (3, "facilitator", "key_question"),
    (4, "case_giver", "method"),
    (4, "facilitator", "method"),
    (4, "adviser", "method"),
    (5, "adviser", "advice"),
    *((phase, role, "note") for phase in (2, 3, 4, 5) for role in NOTES),
}
#: The phase is a number here, as the browser sends it.
EVERYTHING = [
    (phase, role, kind)
    for phase in Phase.values
    for role in ConsultationRole.values
    for kind in ContributionKind.values
]


@pytest.mark.parametrize("phase", Phase.values)
@pytest.mark.parametrize("role", ConsultationRole.values)
def test_each_role_writes_in_each_phase_what_the_rules_allow(phase, role):
    case = make_case()
    case.move_to(phase)
    client = case.client(role)

    for kind in ContributionKind.values:
        Contribution.objects.all().delete()
        data = {"phase": phase, "kind": kind, "text": f"Ein Beitrag: {kind}"}
        sets_method = (role, kind) == ("facilitator", "method")
        if sets_method:
            data |= {"method": "headstand"}
        answer = client.post(case.url("write"), data)
        stored = [(row.phase, row.kind, row.text) for row in Contribution.objects.all()]
        if (phase, role, kind) in ALLOWED:
            assert (answer.status_code, answer.headers["Location"]) == (302, case.url())
            assert stored == ([] if sets_method else [(phase, kind, data["text"])])
            if sets_method:
                assert case.now().method == "headstand"
        else:
            assert (answer.status_code, stored) == (403, []), kind


def test_every_combination_is_in_the_test_above():
    assert len(EVERYTHING) == 6 * 4 * 7
    assert set(EVERYTHING) > ALLOWED


@pytest.mark.parametrize("state", ["prepared", "closed", "stopped"])
def test_nobody_writes_before_it_begins_or_after_it_ends(state):
    case = make_case()
    case.close(state=state, phase=Phase.ROLES)

    for role in SEATS:
        answer = case.post(role, "write", phase=1, kind="note", text="Noch etwas")
        assert answer.status_code == 200
        assert "Noch etwas" in read(answer).main.section("This was not added").text
    assert not Contribution.objects.exists()


def test_in_a_cancelled_meeting_a_consultation_can_only_be_stopped():
    case = make_case(meeting={"status": "cancelled"})
    for phase, role, data in (
        (Phase.ACCOUNT, "case_giver", {"kind": "account", "text": "Der Fall"}),
        (Phase.METHOD, "facilitator", {"kind": "method", "method": "ideas"}),
    ):
        case.move_to(phase)
        answer = case.post(role, "write", phase=phase.value, **data)
        assert "This meeting was cancelled." in read(answer).main.text
        case.post("facilitator", "next", phase=phase.value)
        assert (case.now().phase, case.now().method) == (phase, "")
    case.move_to(Phase.CLOSE)
    case.post("case_giver", "close", valuable="Die Ruhe")

    for role in (*SEATS, "guest"):
        page = read(case.client(role).get(case.url())).main
        assert "nobody writes in its consultation any more" in page.text
        assert [one for one in page.all("form") if "consultation" in one["action"]] == []
    assert not Contribution.objects.exists()
    assert case.now().state == "running"
    case.post("facilitator", "stop", reason="Abgesagt")
    assert case.now().state == "stopped"


def test_five_hundred_contributions_are_enough_but_the_key_question_is_still_set():
    case = make_case()
    case.move_to(Phase.KEY_QUESTION)
    Contribution.objects.bulk_create(
        Contribution(consultation=case.consultation, phase=2, kind="question", text="Und?")
        for _ in range(500)
    )

    refused = case.post("scribe", "write", phase=3, kind="note", text="Noch eine Notiz")
    for text in ("Wer betreibt?", "Wer zahlt?"):
        case.post("case_giver", "write", phase=3, kind="key_question", text=text)

    page = read(refused).main
    assert "There are 500 contributions already" in page.text
    assert "Noch eine Notiz" in page.text
    assert case.now().key_question == "Wer betreibt?"
    assert Contribution.objects.count() == 501


@pytest.mark.parametrize(("who", "status"), OUTSIDE.items())
def test_nobody_without_a_part_writes(who, status):
    case = make_case()
    client = case.client(who)

    for phase in Phase.values:
        case.move_to(phase)
        for kind in ("note", "advice", "key_question"):
            data = {"phase": phase, "kind": kind, "text": "Ein Rat"}
            assert client.post(case.url("write"), data).status_code == status
    assert not Contribution.objects.exists()


def test_guest_with_a_part_advises():
    case = make_case()
    case.move_to(Phase.ADVICE)

    case.post("guest", "write", phase=5, kind="advice", text="Fragen Sie die Stadtwerke.")

    row = Contribution.objects.get()
    assert (row.written_by, str(row.municipality)) == (case.of("guest"), "Venlo")


def test_advice_typed_too_early_is_refused_even_with_a_later_phase_in_the_form():
    case = make_case()
    case.move_to(Phase.METHOD)

    answer = case.post("adviser", "write", phase=5, kind="advice", text="Fragen Sie")

    assert answer.status_code == 200
    assert "Fragen Sie" in read(answer).main.section("This was not added").text
    assert not Contribution.objects.exists()


def test_what_was_half_typed_when_the_phase_moved_on_is_shown_and_not_stored():
    case = make_case()
    case.move_to(Phase.KEY_QUESTION)

    answer = case.post("adviser", "write", phase=2, kind="question", text="Seit wann?")

    document = read(answer)
    assert "Another phase has begun meanwhile" in document.main.text
    assert "Seit wann?" in document.main.section("This was not added").text
    assert not Contribution.objects.exists()


@pytest.mark.parametrize("text", ["", "   ", "x" * 2_001])
def test_empty_and_endless_texts_are_told_at_the_field(text):
    case = make_case()
    case.move_to(Phase.ADVICE)

    answer = case.post("adviser", "write", phase=5, kind="advice", text=text)

    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == ["text"]
    assert not Contribution.objects.exists()


def test_double_click_adds_once_and_says_so():
    case = make_case()
    case.move_to(Phase.ADVICE)
    client = case.client("adviser")
    data = {"phase": 5, "kind": "advice", "text": "Fragen Sie die Stadtwerke."}

    answers = [client.post(case.url("write"), data, follow=True) for _ in range(2)]

    assert Contribution.objects.count() == 1
    assert "This has been written already." in read(answers[1]).main.text


def test_case_giver_sets_the_key_question_and_may_word_it_anew():
    case = make_case()
    case.move_to(Phase.KEY_QUESTION)
    case.post("facilitator", "write", phase=3, kind="key_question", text="Wer zahlt?")
    assert case.now().key_question == ""

    page = read(case.client("case_giver").get(case.url()))
    assert "Wer zahlt?" in page.main.section("Proposed wordings").text
    for text in ("Wer zahlt?", "Wer betreibt?", "Wer zahlt?"):
        case.post("case_giver", "write", phase=3, kind="key_question", text=text)
        assert case.now().key_question == text


def test_key_question_is_short():
    case = make_case()
    case.move_to(Phase.KEY_QUESTION)

    answer = case.post("case_giver", "write", phase=3, kind="key_question", text="x" * 301)

    assert "höchstens 300 Zeichen" in str(answer.context["form"].errors["text"])
    assert case.now().key_question == ""


def test_method_that_does_not_exist_is_refused():
    case = make_case()
    case.move_to(Phase.METHOD)

    answer = case.post("facilitator", "write", phase=4, kind="method", method="voting")

    assert list(answer.context["method_form"].errors) == ["method"]
    assert case.now().method == ""


def test_case_giver_has_no_form_while_the_others_advise():
    case = make_case()
    case.move_to(Phase.ADVICE)

    page = read(case.client("case_giver").get(case.url())).main

    assert "You only listen now." in page.text
    assert page.all("textarea") == []
    assert case.url("write") not in [form.attributes.get("action") for form in page.all("form")]
