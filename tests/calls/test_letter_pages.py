"""The pages of letters and offers in the administration, through HTTP."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from post_office.models import Email

from accounts.models import User
from calls import actions
from calls.enums import LetterState, Outcome
from calls.models import Application, Letter, Offer
from tests.applications import editor_of
from tests.calls.desk import desk
from tests.factories import make_user
from tests.reading import read
from tests.selection import LEAK, applications_of, decided, declare, make_call_in_review
from vernetzt.dashboard import dashboard_of

pytestmark = pytest.mark.django_db
ROOM = "/admin/calls/letter/"


def session_of(german=3, european=1, **fields):
    """Return a decision: a place in each pool, one on the reserve list, the others refused."""
    call = make_call_in_review(german, european, **fields)
    rows = applications_of(call)
    outcomes = dict.fromkeys(rows, "refused") | {rows[0]: "accepted", rows[german]: "accepted"}
    return decided(call, outcomes | {rows[1]: ("reserve", 1)}), rows


def drafted(**fields):
    session, rows = session_of(**fields)
    actions.draft_letters(session=session, by=make_user("coordinator"))
    return session, rows


def released(**fields):
    session, rows = drafted(**fields)
    actions.release_letters(session=session, by=make_user("bbsr"))
    Email.objects.all().delete()
    return session, rows


def address(session, page=""):
    return f"{ROOM}{session.call.slug}/{page}"


def letter_to(application):
    return Letter.objects.filter(application=application).latest("pk")


def page_of(session, application):
    return address(session, f"{letter_to(application).pk}/")


def fields_of(page):
    """Return what the form of a letter sends by itself."""
    form = page.main.one("form", class_="letters__form")
    hidden = {row["name"]: row.attributes.get("value", "") for row in form.all("input")}
    return {**hidden, "body": "".join(form.one("textarea").all_pieces()).strip()}


@pytest.mark.parametrize("page", ["", "release/", "offers/"])
@pytest.mark.parametrize(
    # Who does not belong to the programme is led to the sign-in of the administration.
    ("role", "status"),
    [("reviewer", 403), ("observer", 403), ("contact", 302), (None, 302)],
)
def test_nobody_but_the_team_gets_in(page, role, status):
    session, rows = drafted()

    for url in (address(session, page), ROOM, page_of(session, rows[0])):
        assert desk(role).get(url).status_code == status


def test_pages_that_write_take_posts_alone_and_ask_for_the_right():
    session, _rows = session_of()

    for page in ("draft/", "offers/next/"):
        assert desk("bbsr").get(address(session, page)).status_code == 405
        assert desk("reviewer").post(address(session, page)).status_code == 403
    assert not Letter.objects.exists()


def test_coordinator_does_not_release():
    session, _rows = drafted()
    client = desk("coordinator")

    assert client.get(address(session, "release/")).status_code == 403
    assert client.post(address(session, "release/"), {"number": 4}).status_code == 403
    assert not Letter.objects.released().exists()
    assert address(session, "release/") not in read(client.get(address(session))).body.hrefs()


def test_unknown_call_letter_and_pool_are_not_found():
    session, rows = drafted()
    other, _others = drafted()
    client = desk("bbsr")

    assert client.get(f"{ROOM}nothing/").status_code == 404
    assert client.get(address(session, "99999/")).status_code == 404
    foreign = address(other, f"{letter_to(rows[0]).pk}/")
    assert client.get(foreign).status_code == 404
    assert client.post(address(session, "offers/next/"), {"pool": "lunar"}).status_code == 404


def test_room_lists_the_calls():
    empty = read(desk().get(ROOM))
    session, _rows = session_of()
    undecided = make_call_in_review()

    page = read(desk().get(ROOM))

    assert "No call is under review." in empty.body.text
    assert address(session) in page.body.hrefs()
    assert f"{ROOM}{undecided.slug}/" not in page.body.hrefs()
    assert "BBSR has not decided yet." in page.body.text


def test_before_the_decision_the_pages_say_so():
    call = make_call_in_review()

    page = read(desk("bbsr").get(f"{ROOM}{call.slug}/"))

    assert "BBSR has not decided about this call yet." in page.body.text
    assert desk("bbsr").get(f"{ROOM}{call.slug}/release/").status_code == 404
    assert desk("bbsr").get(f"{ROOM}{call.slug}/offers/").status_code == 200
    assert desk("bbsr").post(f"{ROOM}{call.slug}/draft/").status_code == 404


def test_letters_are_drafted_by_a_click_and_listed_by_kind():
    session, rows = session_of()
    client = desk()
    before = read(client.get(address(session)))

    page = read(client.post(address(session, "draft/"), follow=True))

    assert "Draft 4 missing letters" in before.body.text
    assert "4 letters drafted." in page.body.text
    assert page.body.texts("bdi") == ["City 1", "Stadt 1", "Stadt 2", "Stadt 3"]
    numbers = {row.one("th").text: row.texts("td") for row in page.body.all("tbody")[0].all("tr")}
    assert numbers == {
        "Accepted": ["2", "0"],
        "Reserve list": ["1", "0"],
        "Not selected": ["1", "0"],
    }
    assert "English" in page.body.text or "German" in page.body.text
    assert "not edited" in page.body.text
    again = read(client.post(address(session, "draft/"), follow=True))
    assert "4 left as they are." in again.body.text
    assert len(rows) == Letter.objects.count()


def test_list_is_filtered_by_kind_and_says_what_it_does_not_know():
    session, _rows = drafted()

    reserve = read(desk().get(address(session, "?kind=reserve")))
    unknown = read(desk().get(address(session, "?kind=x")))

    assert reserve.body.texts("bdi") == ["Stadt 2"]
    assert len(unknown.body.texts("bdi")) == 4
    assert "It was ignored." in unknown.body.text


def test_letter_is_edited_and_previewed_as_mail_and_page():
    session, rows = drafted()
    team = make_user("coordinator")
    client = desk(user=team)
    url = page_of(session, rows[0])
    page = read(client.get(url))
    fields = fields_of(page)
    assert f"Begründung zu {rows[0]}" in page.main.text
    assert "[Frist]" in fields["body"]

    answer = client.post(url, {**fields, "body": fields["body"] + "\n\nAuf bald."}, follow=True)

    page = read(answer)
    assert answer.redirect_chain == [(url, 302)]
    previews = [article.text for article in page.main.all("article")]
    assert len(previews) == 2
    assert all("Auf bald." in preview for preview in previews)
    assert not any("[Frist]" in preview for preview in previews)
    assert all("23:59" in preview for preview in previews)
    assert "#vernetztinEuropa" in previews[0]
    assert letter_to(rows[0]).edited_by == team
    assert letter_to(rows[0]).state == LetterState.DRAFT


def test_what_was_typed_is_kept_where_it_cannot_be_saved():
    session, rows = drafted()
    client, url = desk(), page_of(session, rows[0])
    fields = fields_of(read(client.get(url)))

    page = read(client.post(url, {**fields, "subject": "", "body": "Ohne Frist."}))
    lost = read(client.post(url, {**fields, "body": "Ohne Frist."}))

    assert "#id_subject" in page.main.one("div", class_="form-errors").hrefs()
    assert fields_of(page)["body"] == "Ohne Frist."
    assert "Keep [Frist]" in lost.main.one("div", class_="form-errors").text
    assert letter_to(rows[0]).edited_at is None


def test_two_editors_see_both_texts_and_lose_none():
    session, rows = drafted()
    url = page_of(session, rows[1])
    first, second = desk(), desk("bbsr")
    fields = fields_of(read(second.get(url)))
    first.post(url, {**fields_of(read(first.get(url))), "body": "Von der Ersten."})

    answer = second.post(url, {**fields, "body": "Vom Zweiten."})

    page = read(answer)
    assert answer.status_code == 409
    conflict = page.main.one("section", class_="form-errors").text
    assert "Von der Ersten." in conflict
    assert "Vom Zweiten." in conflict
    assert letter_to(rows[1]).body == "Von der Ersten."

    taken = read(second.post(url, {**fields_of(page), "use": "body"}))
    assert fields_of(taken)["body"] == "Von der Ersten."

    second.post(url, {**fields_of(page), "body": "Von beiden."})
    assert letter_to(rows[1]).body == "Von beiden."


def test_released_letter_is_read_only():
    session, rows = drafted()
    client, url = desk(), page_of(session, rows[1])
    fields = fields_of(read(client.get(url)))
    actions.release_letters(session=session, by=make_user("bbsr"))

    late = read(client.post(url, {**fields, "body": "Zu spät."}))

    assert not read(client.get(url)).main.all("textarea")
    assert letter_to(rows[1]).body != "Zu spät."
    assert "Released" in late.main.text


def test_release_shows_the_numbers_and_asks_for_theirs():
    session, rows = drafted()
    client, url = desk("bbsr"), address(session, "release/")
    page = read(client.get(url))
    assert "4 letters go out." in page.body.text
    assert "within 14 days" in page.body.text

    for wrong in ("3", "", "x"):
        refused = read(client.post(url, {"number": wrong}))
        assert refused.body.one("div", class_="form-errors").hrefs() == ["#id_number"]
    assert not Letter.objects.released().exists()

    page = read(client.post(url, {"number": "4"}, follow=True))

    assert "4 letters released." in page.body.text
    assert "Last release:" in page.body.text
    assert "No letter waits for its release." in page.body.text
    assert Letter.objects.released().count() == Email.objects.count() == len(rows)


def test_second_click_releases_nothing_more():
    session, _rows = drafted()
    first, second = desk("bbsr"), desk("bbsr")
    first.post(address(session, "release/"), {"number": "4"})

    page = read(second.post(address(session, "release/"), {"number": "4"}, follow=True))

    assert "There was nothing left to release" in page.body.text
    assert Email.objects.count() == 4


def test_release_says_what_is_missing_and_who_gets_no_mail():
    session, rows = drafted()
    letter_to(rows[2]).delete()
    User.objects.filter(pk=editor_of(rows[1]).pk).update(is_active=False)
    client = desk("bbsr")

    page = read(client.get(address(session, "release/")))
    refused = read(client.post(address(session, "release/"), {"number": "3"}))

    assert "Stadt 3" in page.body.section("Without a letter").text
    assert "Stadt 2" in page.body.section("Nobody gets a mail").text
    assert "Letters are still missing: 1." in refused.body.text
    assert not Email.objects.exists()


def test_release_names_who_loses_a_place():
    session, rows = released()
    corrected = decided(session.call, dict.fromkeys(rows, "refused") | {rows[1]: "accepted"})
    actions.draft_letters(session=corrected, by=make_user("bbsr"))

    page = read(desk("bbsr").get(address(session, "release/")))

    taken = page.body.section("Lose the place offered before").text
    assert "Stadt 1" in taken
    assert "City 1" in taken


def closed_case(role):
    """Return a decision, and a person to whom the second city is closed; LEAK stands in it."""
    session, rows = drafted()
    person = make_user(role)
    Application.objects.filter(pk=rows[1].pk).update(place_name=LEAK)
    Letter.objects.filter(application=rows[1]).update(subject=LEAK, body=LEAK)
    declare(Application.objects.get(pk=rows[1].pk), person, "personal")
    return session, rows, person


@pytest.mark.parametrize("role", ["coordinator", "bbsr"])
def test_conflict_closes_letter_list_numbers_and_tasks(role):
    session, rows, person = closed_case(role)
    client = desk(user=person)

    page = read(client.get(address(session)))
    answers = [
        client.get(page_of(session, rows[1])).status_code,
        client.post(page_of(session, rows[1]), {"body": "x", "subject": "x"}).status_code,
    ]

    assert LEAK not in page.html
    numbers = page.body.all("tbody")[0].all("tr")
    assert [row.texts("td") for row in numbers] == [["2", "0"], ["0", "0"], ["1", "0"]]
    assert "1 application is closed to you" in page.body.text
    assert answers == [404, 404]
    titles = " ".join(str(task.title) for task in dashboard_of(person)["tasks"])
    assert "3" in titles
    assert "4" not in titles


def test_bbsr_in_conflict_releases_the_set_without_reading_the_closed_letter():
    session, rows, person = closed_case("bbsr")
    client, url = desk(user=person), address(session, "release/")

    before = client.get(url).content.decode()
    after = client.post(url, {"number": "4"}, follow=True).content.decode()

    assert "4 letters go out." in " ".join(before.split())
    assert LEAK not in before + after
    assert letter_to(rows[1]).state == LetterState.RELEASED


def test_conflict_closes_offers_and_the_next_one():
    session, rows = released()
    person = make_user("coordinator")
    Application.objects.filter(pk__in=[rows[0].pk, rows[1].pk]).update(place_name=LEAK)
    for row in rows[:2]:
        declare(row, person, "other")
    actions.answer_offer(
        offer=Offer.objects.get(application=rows[0]),
        confirms=False,
        note=LEAK,
        by=editor_of(rows[0]),
    )

    page = read(desk(user=person).get(address(session, "offers/")))

    assert LEAK not in page.html
    assert "City 1" in page.body.text
    assert "1 application is closed to you" in page.body.text


def test_offers_show_answers_places_and_who_is_next():
    session, rows = released(places_german=1)
    client = desk("bbsr")
    open_ = read(client.get(address(session, "offers/")))
    actions.answer_offer(
        offer=Offer.objects.get(application=rows[0]), confirms=False, note="Kein Personal.",
        by=editor_of(rows[0]),
    )  # fmt: skip

    page = read(client.get(address(session, "offers/")))

    german = open_.body.section("German municipalities")
    assert "Next on the reserve list: Stadt 2 (rank 1)." in german.text
    assert [german.fact(name) for name in ("Places", "Answer awaited", "Free")] == ["1", "1", "0"]
    assert not german.all("button")
    german = page.body.section("German municipalities")
    assert [german.fact(name) for name in ("Letter waits for release", "Free")] == ["1", "0"]
    assert page_of(session, rows[1]) in german.hrefs()
    assert "Nobody is left on the reserve list." in german.text
    offers = page.body.section("Who was offered a place").text
    assert "Kein Personal." in offers
    assert "Declined" in offers
    assert "Europe/Berlin" in offers


def test_free_place_is_offered_to_the_next_by_a_click():
    session, rows = released()
    client = desk()

    page = read(client.post(address(session, "offers/next/"), {"pool": "german"}, follow=True))
    again = read(client.post(address(session, "offers/next/"), {"pool": "german"}, follow=True))

    assert "The letter with the offer is drafted." in page.body.text
    assert Letter.objects.drafts().get().application == rows[1]
    assert "Nobody is left on the reserve list of this pool." in again.body.text
    assert not Offer.objects.filter(application=rows[1]).exists()


def test_offers_of_a_call_without_any_are_said_to_be_none():
    session, _rows = drafted()

    page = read(desk().get(address(session, "offers/")))

    assert "No place is offered yet." in page.body.text
    assert "Nobody moves up before the letters about the decision itself are out." in page.body.text


@pytest.mark.parametrize(("role", "title"), [("bbsr", "release"), ("coordinator", "letters")])
def test_tasks_lead_to_what_waits(role, title):
    session, _rows = session_of()
    person = make_user(role)
    assert [t.url for t in dashboard_of(person)["tasks"] if ROOM in t.url] == [address(session)]

    actions.draft_letters(session=session, by=person)

    page = "release/" if title == "release" else ""
    (task,) = [task for task in dashboard_of(person)["tasks"] if ROOM in task.url]
    assert task.url == address(session, page)
    assert task.title.startswith("4 ")
    actions.release_letters(session=session, by=make_user("bbsr"))
    assert not [task for task in dashboard_of(person)["tasks"] if ROOM in task.url]


@pytest.mark.parametrize("number", [1, 3])
def test_pages_ask_as_often_for_one_row_as_for_three(number, django_assert_max_num_queries):
    call = make_call_in_review(number, number)
    session = decided(call, dict.fromkeys(applications_of(call), "accepted"))
    bbsr = make_user("bbsr")
    actions.draft_letters(session=session, by=bbsr)
    client = desk(user=bbsr)

    with django_assert_max_num_queries(13):
        client.get(address(session))
    with django_assert_max_num_queries(17):
        client.get(address(session, "release/"))
    actions.release_letters(session=session, by=bbsr)
    with django_assert_max_num_queries(22):
        page = read(client.get(address(session, "offers/")))
    assert len(page.body.texts("bdi")) == 2 * number


def test_second_page_of_many_letters():
    session, rows = drafted()
    Letter.objects.bulk_create(
        Letter(
            session=session,
            application=Application.objects.create(
                call=session.call, place_key=f"DE:{number}", place_name=f"Ort {number:02d}",
                place_country="DE",
            ),
            outcome=Outcome.REFUSED,
            language="de",
            subject="-",
            body="-",
        )
        for number in range(50)
    )  # fmt: skip

    page = read(desk().get(address(session, "?page=2")))

    assert len(page.body.texts("bdi")) == 4
    assert desk().get(address(session, "?page=3")).status_code == 404
    assert rows


def test_conflict_that_comes_up_later_closes_the_open_form():
    _session, rows = drafted()
    team = make_user("coordinator")
    letter = letter_to(rows[1])
    declare(rows[1], team, "personal")

    with pytest.raises(PermissionDenied):
        actions.edit_letter(letter=letter, subject="x", body="x", opened_with={}, by=team)
