"""Pages of the selection: who opens them, what they show and save, what they leave out."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.enums import CITY_ROLES, UserRole
from calls.enums import CallState, ConflictKind, SessionState
from calls.models import (
    Application,
    Call,
    EligibilityCheck,
    ListEntry,
    Procedure,
    SelectionList,
    SelectionSession,
)
from calls.queries.candidates import candidates_of
from tests.calls.board import (
    ADDRESS,
    check,
    make_call,
    make_checked_call,
    make_decided,
    make_list,
    make_recommended,
    make_session,
    reasons,
)
from tests.calls.desk import HOSTILE, desk
from tests.factories import CallFactory, MunicipalityFactory, TandemMemberFactory
from tests.reading import read
from tests.selection import LEAK, assign_free, declare, filed, make_reviewer

pytestmark = pytest.mark.django_db
OUTSIDERS = [*CITY_ROLES, UserRole.OBSERVER, UserRole.REVIEWER]


def place(name):
    return Application.objects.get(place_name=name)


def address(call, *parts):
    return "/".join([f"{ADDRESS}{call.slug}", *map(str, parts)]) + "/"


def pages(call, trial):
    """Return every page that is read."""
    return [
        ADDRESS,
        address(call),
        address(call, trial.pk),
        address(call, "session"),
        address(call, "session", "attendance"),
        f"{address(call)}procedure.xlsx",
    ]


def form(trial, **outcomes):
    """Return what the board sends: outcomes by the names of municipalities."""
    fresh = SelectionList.objects.get(pk=trial.pk)
    data = {"opened_at": fresh.changed_at.isoformat()}
    for name, words in outcomes.items():
        outcome, _space, rank = words.partition(" ")
        pk = place(name.replace("_", " ")).pk
        data |= {f"outcome-{pk}": outcome, f"rank-{pk}": rank, f"reason-{pk}": ""}
    return data


def outcomes_of(trial):
    rows = trial.entries.values_list("application__place_name", "outcome", "rank")
    return {name: (outcome, rank) for name, outcome, rank in rows}


def read_all(answer):
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


# --- Who opens them -------------------------------------------------------------------------------


def test_visitor_is_led_to_the_sign_in():
    call = make_call()

    for path in pages(call, make_list(call)):
        assert Client().get(path).headers["Location"].startswith("/de/accounts/login/")


@pytest.mark.parametrize("role", OUTSIDERS)
def test_others_get_nothing(role):
    call = make_call()
    trial, client = make_list(call), desk(role)

    answers = [client.get(path, follow=True) for path in pages(call, trial)]

    assert {answer.status_code for answer in answers} == {403}
    assert "Stadt 1" not in b"".join(answer.content for answer in answers).decode()


@pytest.mark.parametrize("role", ["coordinator", "bbsr"])
def test_team_opens_every_page(role):
    call = make_checked_call()
    trial, client = make_list(call), desk(role)
    make_session(call)

    for path in pages(call, trial):
        answer = client.get(path)
        content = read_all(answer)
        assert answer.status_code == 200, path
        if not answer.streaming:
            assert read(answer).faults == []
            assert content


def test_what_is_not_there_is_not_found():
    call, client = make_call(), desk()
    foreign = SelectionList.objects.create(call=make_call(), name="Fremd")
    CallFactory(slug="ohne")

    for path in (
        address(call, foreign.pk),
        address(call, 10**8),
        f"{ADDRESS}ohne/",
        f"{ADDRESS}nirgends/session/",
        f"{address(call, 'session', 1)}record.pdf",
        f"{address(call, 'session', 1)}record.xlsx",
        f"{address(call, foreign.pk)}?page=9",
    ):
        assert client.get(path).status_code == 404, path


@pytest.mark.parametrize(
    ("method", "parts"),
    [
        ("post", ()),
        ("get", ("new",)),
        ("get", ("session", "open")),
        ("get", ("session", "recommend")),
        ("get", ("session", "take-back")),
        ("post", ("session",)),
        ("put", ("session", "decide")),
    ],
)
def test_what_changes_something_is_only_sent(method, parts):
    assert getattr(desk("bbsr"), method)(address(make_call(), *parts)).status_code == 405


def test_start_page_leads_the_team_to_the_selection_and_reviewers_not():
    assert ADDRESS in read(desk().get("/admin/")).main.hrefs()
    assert ADDRESS not in read(desk("reviewer").get("/admin/")).main.hrefs()


def test_page_says_what_will_be_here_without_a_call():
    assert "No call is in review yet" in read(desk().get(ADDRESS)).main.text


# --- Lists ----------------------------------------------------------------------------------------


def test_new_list_is_filled_by_the_standing():
    call = make_checked_call()
    filed(place("Stadt 2"), make_reviewer(), 5)
    client = desk()

    answer = client.post(address(call, "new"), {"name": "Nach Rang", "start": "rank"})

    trial = SelectionList.objects.get()
    assert answer.headers["Location"] == address(call, trial.pk)
    assert outcomes_of(trial) == {"Stadt 2": ("chosen", None)}


def test_new_list_copies_another_one():
    call = make_checked_call()
    source = make_list(call)

    desk().post(address(call, "new"), {"name": "B", "start": "copy", "source": source.pk})

    assert outcomes_of(SelectionList.objects.get(name="B")) == outcomes_of(source)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"name": "", "start": "empty"}, "required"),
        ({"name": "Nach Rang", "start": "empty"}, "There is a list of this name"),
        ({"name": "B", "start": "copy"}, "Choose the list to copy"),
        ({"name": "B", "start": "anything"}, "valid choice"),
    ],
)
def test_new_list_with_mistakes_is_shown_again_with_what_was_typed(data, words):
    call = make_checked_call()
    make_list(call)

    answer = desk().post(address(call, "new"), {"idea": "Kleine zuerst.", **data})

    page = read(answer)
    assert answer.status_code == 422
    assert words in page.main.one("div", class_="form-errors").text
    assert page.main.one("textarea", id="id_idea").text == "Kleine zuerst."
    assert SelectionList.objects.count() == 1


def test_lists_stand_side_by_side_with_their_effect_and_differences():
    call = make_checked_call(partnerships=1)
    make_list(call)
    other = make_list(call, "Anders", Stadt_2="chosen", City_1="chosen", City_2="reserve 1")
    third = make_list(call, "Leer", City_2="reserve 1")
    first = SelectionList.objects.get(name="Nach Rang")

    page = read(desk().get(f"{address(call)}?list={first.pk}&list={other.pk}"))

    figures, differences = page.main.all("table", class_="beside")
    assert figures.one("thead").texts("th") == ["Effect on the set", "Anders", "Nach Rang"]
    values = {row.one("th").text: row.texts("strong") for row in figures.one("tbody").all("tr")}
    assert values["German municipalities"] == ["1 of 1 places", "1 of 1 places"]
    assert values["Countries"] == ["2", "2"]
    assert values["Newcomers"] == ["2", "2"]
    assert values["Possible pairs"] == ["1 of 1", "1 of 1"]
    assert sorted(row.one("bdi").text for row in differences.one("tbody").all("tr")) == [
        "Stadt 1",
        "Stadt 2",
    ]
    assert third.name in page.main.one("table", class_="applications__table").text


def test_at_most_four_lists_stand_side_by_side():
    call = make_checked_call()
    for number in range(6):
        make_list(call, f"Liste {number}")

    page = read(desk().get(address(call)))

    figures = page.main.all("table", class_="beside")[0]
    assert len(figures.one("thead").all("th")) == 5
    assert "The lists agree on every application." in page.main.text


def test_list_that_does_not_fit_is_marked_in_words():
    call = make_checked_call()
    make_list(call, Stadt_1="chosen", Stadt_2="chosen")

    page = read(desk().get(address(call)))

    assert "does not fit" in page.main.text


# --- Board ----------------------------------------------------------------------------------------


def test_board_shows_places_standing_and_effect():
    call = make_checked_call(partnerships=1)
    filed(place("Stadt 2"), make_reviewer(), 4), filed(place("Stadt 1"), make_reviewer(), 2)
    trial = make_list(call)

    page = read(desk().get(address(call, trial.pk)))

    german, european = page.main.all("table", class_="board__table")
    assert german.texts("bdi") == ["Stadt 2", "Stadt 1"]
    assert "4.00 rank 1, corrected 4.00" in german.text.replace("4.00rank", "4.00 rank")
    assert "no review" in european.text
    counts = page.main.all("section", class_="pool")
    assert [part.texts("dd") for part in counts] == [["1", "1", "0", "1"], ["1", "1", "1", "0"]]
    assert "1 of 1" in page.main.section("Effect on the set").text
    assert "Every place is used." in counts[0].text


def test_board_says_how_many_too_many_are_chosen():
    call = make_checked_call()
    trial = make_list(call, Stadt_1="chosen", Stadt_2="chosen")

    page = read(desk().get(address(call, trial.pk)))

    assert "1 more chosen than there are places" in page.main.text


def test_board_marks_disputed_unchecked_ineligible_and_withdrawn_in_words():
    call = make_call(3, 1)
    (
        filed(place("Stadt 1"), make_reviewer(), 5),
        filed(place("Stadt 1"), make_reviewer("adelphi"), 1),
    )
    check([place("Stadt 2")], is_eligible=False)
    trial = make_list(call, City_1="chosen")
    Application.objects.filter(place_name="City 1").update(state="withdrawn")

    page = read(desk().get(address(call, trial.pk)))

    rows = {row.one("bdi").text: row.text for row in page.main.all("tr") if row.all("bdi")}
    assert "disputed" in rows["Stadt 1"]
    assert "not eligible" in rows["Stadt 2"]
    assert "not checked yet" in rows["Stadt 3"]
    assert "no longer sent" in rows["City 1"]


def test_choice_is_saved_and_the_same_page_comes_back():
    call = make_checked_call()
    trial = make_list(call)
    path = f"{address(call, trial.pk)}?pool=german"

    answer = desk().post(path, form(trial, Stadt_1="left", Stadt_2="chosen"))

    assert answer.headers["Location"] == path
    assert outcomes_of(trial) == {
        "Stadt 2": ("chosen", None),
        "City 1": ("chosen", None),
        "City 2": ("reserve", 1),
    }


def test_button_closes_the_gaps_of_the_reserve_list():
    call = make_checked_call()
    trial = make_list(call, Stadt_1="reserve 3", City_1="chosen")

    desk().post(address(call, trial.pk), form(trial, Stadt_2="reserve") | {"close_gaps": "1"})

    assert outcomes_of(trial)["Stadt 1"] == ("reserve", 1)
    assert outcomes_of(trial)["Stadt 2"] == ("reserve", 2)


def test_pools_are_filtered_and_pages_hold_fifty():
    call = make_checked_call(52, 1)
    trial = make_list(call, City_1="chosen")
    client = desk()

    first = read(client.get(f"{address(call, trial.pk)}?pool=german"))
    second = read(client.get(f"{address(call, trial.pk)}?pool=german&page=2"))

    assert len(first.main.all("fieldset")) == 50
    assert len(second.main.all("fieldset")) == 2
    assert "City 1" not in first.main.text


@pytest.mark.parametrize("rank", ["x", "0", "-1", "1.5", "9999"])
def test_wrong_rank_is_told_at_its_field_and_everything_typed_stays(rank):
    call = make_checked_call()
    trial, pk = make_list(call), place("Stadt 2").pk
    data = form(trial, Stadt_1="left", Stadt_2="reserve") | {
        f"rank-{pk}": rank,
        f"reason-{pk}": "Später.",
    }

    answer = desk().post(address(call, trial.pk), data)

    page = read(answer)
    field = page.main.one("input", id=f"rank-{pk}")
    assert answer.status_code == 422
    assert f"#rank-{pk}" in page.main.one("div", class_="form-errors").hrefs()
    assert (field["value"], field["aria-invalid"]) == (rank, "true")
    assert page.main.one("textarea", name=f"reason-{pk}").text == "Später."
    assert page.title.startswith("Error:")
    assert outcomes_of(trial)["Stadt 1"] == ("chosen", None)


def test_second_of_two_people_sees_both_versions_and_can_save_hers():
    call = make_checked_call()
    trial, client = make_list(call), desk()
    late = form(trial, Stadt_1="left", Stadt_2="reserve 1")
    desk().post(address(call, trial.pk), form(trial, Stadt_2="chosen", Stadt_1="chosen"))

    answer = client.post(address(call, trial.pk), late)

    page = read(answer)
    assert answer.status_code == 409
    row = page.main.one("fieldset", id=f"row-{place('Stadt 2').pk}")
    assert row.one("p", class_="board__stored").text == "Stored meanwhile: chosen"
    assert [
        one["value"] for one in row.all("input", type="radio") if "checked" in one.attributes
    ] == ["reserve"]
    assert outcomes_of(trial)["Stadt 2"] == ("chosen", None)
    again = late | {"opened_at": page.main.one("input", name="opened_at")["value"]}
    assert client.post(address(call, trial.pk), again).status_code == 302
    assert outcomes_of(trial)["Stadt 2"] == ("reserve", 1)


@pytest.mark.parametrize("opened_at", ["", "gestern", "2020-01-01"])
def test_board_without_the_moment_of_its_opening_overwrites_nothing(opened_at):
    call = make_checked_call()
    trial = make_list(call)

    answer = desk().post(
        address(call, trial.pk), form(trial, Stadt_1="left") | {"opened_at": opened_at}
    )

    assert answer.status_code == 409
    assert outcomes_of(trial)["Stadt 1"] == ("chosen", None)


def test_frozen_list_is_only_read():
    call = make_checked_call()
    trial = make_list(call)
    SelectionList.objects.update(frozen_at=timezone.now())

    page = read(desk().get(address(call, trial.pk)))
    answer = desk().post(address(call, trial.pk), form(trial, Stadt_1="left"))

    assert page.main.all("fieldset") == []
    assert "is frozen since" in page.main.text
    assert answer.status_code == 409
    assert outcomes_of(trial)["Stadt 1"] == ("chosen", None)


def test_hostile_text_is_text():
    call = make_checked_call()
    trial = make_list(call)
    SelectionList.objects.filter(pk=trial.pk).update(name=HOSTILE, idea=HOSTILE)
    ListEntry.objects.update(reason=HOSTILE)
    Application.objects.filter(place_name="City 2").update(place_name=HOSTILE)
    client = desk()

    for path in (address(call), address(call, trial.pk)):
        page = read(client.get(path))
        assert page.faults == []
        assert page.main.all("script") == []
        assert HOSTILE in page.main.text


# --- Conflicts of interest and own reviews --------------------------------------------------------


@pytest.fixture(params=[ConflictKind.PERSONAL, ConflictKind.INSTITUTIONAL])
def tied(request):
    """Return a call whose second German municipality is closed to a coordinator, who is tied."""
    call = make_checked_call(partnerships=1)
    by = make_reviewer("difu", role="coordinator")
    closed = place("Stadt 2")
    filed(closed, make_reviewer("adelphi"), 5, text=LEAK)
    filed(place("Stadt 1"), make_reviewer("adelphi"), 2)
    declare(
        closed,
        by if request.param == ConflictKind.PERSONAL else make_reviewer("difu"),
        request.param,
    )
    trial = make_list(call, Stadt_2="chosen", City_1="chosen", Stadt_1="reserve 1")
    ListEntry.objects.filter(application=closed).update(reason=LEAK)
    return call, trial, desk(user=by)


def test_board_names_what_is_closed_and_shows_and_counts_nothing_of_it(tied):
    call, trial, client = tied

    page = read(client.get(address(call, trial.pk)))

    german = page.main.all("table", class_="board__table")[0]
    assert german.texts("bdi") == ["Stadt 1"]
    assert "rank 1" in german.text  # not 2: the order tells nothing either
    assert page.main.all("section", class_="pool")[0].texts("dd") == ["1", "0", "1", "0"]
    assert page.main.section("Closed to you").texts("bdi") == ["Stadt 2"]
    assert LEAK not in page.html
    assert "0 of 1" in page.main.section("Effect on the set").text


def test_lists_count_nothing_that_is_closed(tied):
    call, _trial, client = tied
    make_list(call, "Anders", Stadt_1="chosen")

    page = read(client.get(address(call)))

    differences = page.main.all("table", class_="beside")[1]
    assert "Stadt 2" not in [row.text for row in differences.all("bdi")]
    assert "0 of 1 places" in page.main.text
    assert LEAK not in page.html


def test_board_neither_saves_nor_shows_again_what_is_closed(tied):
    call, trial, client = tied
    pk = place("Stadt 2").pk
    data = form(trial, Stadt_1="reserve", Stadt_2="left") | {f"rank-{pk}": "x"}

    client.post(address(call, trial.pk), data)

    assert outcomes_of(trial)["Stadt 2"] == ("chosen", None)


def test_standing_is_hidden_until_the_own_review_is_filed():
    call = make_checked_call()
    by = make_reviewer("difu", role="coordinator")
    filed(place("Stadt 1"), make_reviewer("adelphi"), 5)
    assign_free(place("Stadt 1"), by)
    trial = make_list(call)

    page = read(desk(user=by).get(address(call, trial.pk)))

    row = next(row for row in page.main.all("tr") if "Stadt 1" in row.text)
    assert "no review" in row.text
    assert "5.00" not in page.html


# --- Session and decision -------------------------------------------------------------------------


def test_session_is_opened_attended_and_recommended():
    call = make_checked_call()
    trial, client = make_list(call), desk()
    client.post(address(call, "session", "open"), {"held_on": "2027-03-04", "place": "Bonn"})
    session = SelectionSession.objects.get()
    page = read(client.get(address(call, "session", "attendance")))
    rows = int(page.main.one("input", name="rows")["value"])
    attendance = {
        "opened_with": page.main.one("input", name="opened_with")["value"],
        "rows": rows,
        f"name-{rows - 1}": "Gerda Gast",
        f"organisation-{rows - 1}": "Städtetag",
        f"present-{rows - 1}": "on",
        f"cases-{rows - 1}": place("City 1").reference,
    }

    noted = client.post(address(call, "session", "attendance"), attendance)
    recommended = client.post(
        address(call, "session", "recommend"),
        {"session": session.pk, "selection_list": trial.pk, "text": "Die Mischung trägt."},
    )

    assert (noted.status_code, recommended.status_code) == (302, 302)
    page = read(client.get(address(call, "session")))
    assert "Gerda Gast Städtetag City 1" in page.main.text
    assert "Now BBSR decides." in page.main.text
    session.refresh_from_db()
    assert (session.state, session.recommended_list) == (SessionState.RECOMMENDED, trial)


@pytest.mark.parametrize(
    ("cases", "words"), [("2020-0-000", "no application with the reference number 2020-0-000")]
)
def test_unknown_case_is_told_and_what_was_typed_stays(cases, words):
    call = make_checked_call()
    make_session(call)
    data = {"rows": 1, "name-0": "Gerda Gast", "present-0": "on", "cases-0": cases}

    answer = desk().post(address(call, "session", "attendance"), data)

    page = read(answer)
    assert answer.status_code == 422
    assert words in page.main.text
    assert page.main.one("input", id="name-0")["value"] == "Gerda Gast"


def test_list_that_does_not_fit_is_refused_with_words_and_the_text_stays():
    call = make_checked_call()
    session = make_session(call)
    trial = make_list(call, Stadt_1="chosen", Stadt_2="chosen")

    answer = desk().post(
        address(call, "session", "recommend"),
        {"session": session.pk, "selection_list": trial.pk, "text": "Die Mischung trägt."},
    )

    page = read(answer)
    assert answer.status_code == 422
    assert "2 chosen, but there is only 1 place" in page.main.text
    assert page.main.one("textarea", id="id_text").text == "Die Mischung trägt."


def test_late_click_does_not_act_on_the_next_session():
    call = make_checked_call()
    session = make_session(call)
    trial = make_list(call)

    answer = desk().post(
        address(call, "session", "recommend"),
        {"session": session.pk + 1, "selection_list": trial.pk, "text": "Gut."},
    )

    session.refresh_from_db()
    assert answer.status_code == 302
    assert session.state == SessionState.OPEN


def test_recommendation_is_taken_back_on_the_page():
    call = make_checked_call()
    session = make_recommended(call)

    desk().post(
        address(call, "session", "take-back"), {"session": session.pk, "note": "Eine fehlt."}
    )

    session.refresh_from_db()
    assert session.state == SessionState.OPEN


def decision(session, **more):
    """Return what the page of the decision sends."""
    given = {f"reason-{pk}": words for pk, words in reasons(session.call).items()}
    return {"session": session.pk, "list": session.recommended_list_id, "note": "", **given, **more}


@pytest.mark.parametrize("role", [UserRole.COORDINATOR, *OUTSIDERS])
def test_only_bbsr_opens_and_sends_the_decision(role):
    session = make_recommended(make_checked_call())
    client, path = desk(role), address(session.call, "session", "decide")

    answers = [client.get(path, follow=True), client.post(path, decision(session, confirm="1"))]

    session.refresh_from_db()
    assert answers[0].status_code == 403
    assert answers[1].status_code in ({302, 403} if role in CITY_ROLES else {403})
    assert session.state == SessionState.RECOMMENDED


def test_bbsr_sees_the_whole_set_with_drafts_confirms_the_numbers_and_decides():
    call = make_checked_call()
    filed(place("Stadt 1"), make_reviewer(), 4)
    session, client = make_recommended(call), desk("bbsr")
    path = address(call, "session", "decide")

    page = read(client.get(path))
    drafts = {
        field["name"]: field.text for field in page.main.all("textarea") if field["name"] != "note"
    }
    confirm = read(client.post(path, decision(session)))
    session.refresh_from_db()
    undecided = session.state
    answer = client.post(path, decision(session, confirm="1"))

    session.refresh_from_db()
    assert (
        drafts[f"reason-{place('Stadt 1').pk}"] == "Selected. 1 review gives it 4.00 of 5 points."
    )
    assert len(drafts) == 4
    assert "You decide about 4 applications by this list: Nach Rang" in confirm.main.text
    assert undecided == SessionState.RECOMMENDED
    assert answer.status_code == 302
    assert session.state == SessionState.DECIDED
    assert Call.objects.get(pk=call.pk).state == CallState.DECIDED


def test_missing_reason_is_told_before_the_numbers_and_at_its_field():
    session, client = make_recommended(make_checked_call()), desk("bbsr")
    pk = place("Stadt 2").pk

    answer = client.post(
        address(session.call, "session", "decide"), decision(session, **{f"reason-{pk}": " "})
    )

    page = read(answer)
    assert answer.status_code == 422
    assert f"#reason-{pk}" in page.main.one("div", class_="form-errors").hrefs()
    assert page.main.one("textarea", id=f"reason-{pk}")["aria-invalid"] == "true"
    assert page.main.one("textarea", id=f"reason-{place('City 1').pk}").text == "Weil City 1 passt."


def test_way_back_from_the_numbers_keeps_what_was_typed():
    session, client = make_recommended(make_checked_call()), desk("bbsr")

    page = read(
        client.post(
            address(session.call, "session", "decide"), decision(session, back="1", note="So.")
        )
    )

    assert page.main.one("textarea", id="note").text == "So."
    assert page.main.one("textarea", id=f"reason-{place('City 1').pk}").text == "Weil City 1 passt."


def test_another_list_is_shown_with_what_was_recommended_and_needs_a_note():
    call = make_checked_call()
    session, client = make_recommended(call), desk("bbsr")
    other = make_list(call, "Anders", Stadt_2="chosen", City_1="chosen")
    path = address(call, "session", "decide")

    page = read(client.get(f"{path}?list={other.pk}"))
    refused = client.post(path, decision(session, list=other.pk))
    answer = client.post(path, decision(session, list=other.pk, note="Kleiner.", confirm="1"))

    session.refresh_from_db()
    assert "recommended: reserve list, rank 1" in page.main.text
    assert refused.status_code == 422
    assert answer.status_code == 302
    assert session.decided_list == other


def test_second_click_on_deciding_meets_the_decided_session():
    session, client = make_recommended(make_checked_call()), desk("bbsr")
    path = address(session.call, "session", "decide")
    client.post(path, decision(session, confirm="1"))
    session.refresh_from_db()

    answer = client.post(path, decision(session, confirm="1"))

    before, moment = session.sha256, session.decided_at
    session.refresh_from_db()
    assert answer.status_code == 302
    assert (session.sha256, session.decided_at) == (before, moment)


@pytest.mark.parametrize("name", ["Stadt 1", "City 2"])
def test_bbsr_person_tied_to_the_list_reads_that_another_has_to_decide(name):
    session = make_recommended(make_checked_call())
    by = make_reviewer("bbsr", role="bbsr")
    declare(place(name), by, ConflictKind.PERSONAL)
    client, path = desk(user=by), address(session.call, "session", "decide")

    page = read(client.get(path))
    answer = client.post(path, decision(session, confirm="1"))

    session.refresh_from_db()
    assert "Somebody else at BBSR, without a conflict, has to decide." in page.main.text
    assert answer.status_code == 409
    assert session.state == SessionState.RECOMMENDED


def test_decision_shows_nothing_of_a_case_from_which_bbsr_stands_aside():
    call = make_checked_call()
    closed, by = place("Stadt 2"), make_reviewer("bbsr", role="bbsr")
    filed(closed, make_reviewer(), 1, text=LEAK)
    EligibilityCheck.objects.filter(application=closed).update(is_eligible=False, reason=LEAK)
    trial = make_list(call)
    ListEntry.objects.create(selection_list=trial, application=closed, outcome="left", reason=LEAK)
    session = make_recommended(call, trial)
    declare(closed, by, ConflictKind.PERSONAL)
    client, path = desk(user=by), address(call, "session", "decide")

    page = read(client.get(path))
    data = {key: value for key, value in decision(session).items() if key != f"reason-{closed.pk}"}
    confirm = read(client.post(path, data))
    answer = client.post(path, {**data, "confirm": "1"})

    assert LEAK not in page.html + confirm.html
    assert "You stand aside for the cases below" in confirm.main.text
    assert answer.status_code == 302
    assert session.decisions.get(application=closed).reason == LEAK


def test_correction_is_opened_on_the_page_with_its_reason():
    call = make_checked_call()
    make_decided(call)
    client = desk()

    without = client.post(address(call, "session", "open"), {"held_on": "2027-03-05"})
    answer = client.post(
        address(call, "session", "open"),
        {"held_on": "2027-03-05", "correction_reason": "Ein Rechenfehler."},
    )

    assert without.status_code == 422
    assert answer.status_code == 302
    assert SelectionSession.objects.get(number=2).correction_reason == "Ein Rechenfehler."
    page = read(client.get(address(call, "session")))
    assert "Ein Rechenfehler." in page.main.text
    assert "holds" in page.main.section("Decided sessions").text


# --- Queries --------------------------------------------------------------------------------------


def queries(client, path):
    with CaptureQueriesContext(connection) as found:
        assert client.get(path).status_code == 200
    return len(found)


@pytest.mark.parametrize("parts", [(), ("board",)])
def test_lists_and_board_ask_as_often_for_four_as_for_thirty(parts):
    numbers = []
    for german in (2, 15):
        call = make_checked_call(german, german, places_german=german, places_european=german)
        reviewer = make_reviewer()
        names = [row.place_name for row in call.applications.all()]
        for row in call.applications.all():
            filed(row, reviewer, 3)
        trial = SelectionList.objects.create(call=call, name="Alle")
        ListEntry.objects.bulk_create(
            ListEntry(selection_list=trial, application=row, outcome="chosen")
            for row in call.applications.all()
        )
        SelectionList.objects.create(call=call, name="Keine")
        assert len(names) == 2 * german
        client = desk()
        numbers.append(queries(client, address(call, *([trial.pk] if parts else []))))

    assert numbers[0] == numbers[1]
    assert numbers[0] <= 12


@pytest.mark.parametrize("parts", [(), ("board",)])
def test_lists_and_board_ask_as_often_where_the_chosen_ones_are_in_the_register(parts):
    numbers = []
    for german in (2, 15):
        call = make_checked_call(german, german, places_german=german, places_european=german)
        trial = SelectionList.objects.create(call=call, name="Alle")
        for row in call.applications.all():
            row.municipality = MunicipalityFactory(country=row.place_country)
            row.save()
            filed(row, make_reviewer(), 3)
            trial.entries.create(application=row, outcome="chosen")
        path = address(call, *([trial.pk] if parts else []))
        numbers.append(queries(desk(), path))

    assert numbers[0] == numbers[1]
    assert numbers[0] <= 12


def test_municipality_is_a_newcomer_unless_it_was_in_a_partnership_before_this_call():
    call, before = make_checked_call(4, 1), CallFactory()
    old, first, own, both = (place(f"Stadt {number}") for number in range(1, 5))
    for row in (old, first, own, both):
        row.municipality = MunicipalityFactory()
        row.save()
    for row, formed_by in ((old, None), (own, call), (both, call), (both, before)):
        TandemMemberFactory(municipality=row.municipality, tandem__call=formed_by)

    found = candidates_of(call, Application.objects.filter(call=call))

    newcomers = {one.name for one in found.values() if one.is_newcomer}
    assert newcomers == {"Stadt 2", "Stadt 3", "City 1"}


def test_index_asks_as_often_for_one_call_as_for_three():
    numbers = []
    for count in (1, 3):
        for _number in range(count):
            Procedure.objects.create(call=CallFactory())
        numbers.append(queries(desk(), ADDRESS))

    assert numbers[0] == numbers[1]
