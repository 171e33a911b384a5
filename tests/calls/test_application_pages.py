"""The pages on which an application is written, as their readers meet them."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.test import Client
from django.utils import timezone

from calls import actions
from calls.content import topic_field
from calls.enums import Step
from calls.models import Application, Submission
from tests.applications import (
    LONG,
    address,
    attach,
    client_of,
    editor_of,
    full_values,
    just_before,
    make_complete,
    make_draft,
    make_open_call,
    make_submitted,
    save,
)
from tests.factories import (
    MunicipalityFactory,
    TandemMemberFactory,
    make_ready_call,
    make_user,
)
from tests.reading import read

pytestmark = pytest.mark.django_db
#: Of a page of an application, session and rights included.
MOST_QUERIES = 26


def writing(application, step="challenge"):
    """Return a browser of who began it, the page of a step and what its form holds by itself."""
    client = client_of(editor_of(application))
    page = read(client.get(address(application, step)))
    form = page.main.one("form", id="step")
    hidden = {field["name"]: field["value"] for field in form.all("input", type="hidden")}
    return client, page, hidden


def send(client, application, step, data):
    return client.post(address(application, step), data)


def test_step_shows_what_is_stored_what_is_missing_and_until_when():
    application = make_draft(name="Wörkheim")
    save(application, Step.CHALLENGE, editor_of(application), challenge="Hitze")

    _client, page, _hidden = writing(application)

    assert page.heading == "Herausforderung"
    assert page.main.one("textarea", name="challenge").text == "Hitze"
    aside = page.main.one("aside")
    assert "Schreiben Sie, was Sie lernen möchten." in aside.text
    assert "Name der Ansprechperson" not in aside.text
    assert "(Europe/Berlin)" in page.main.text


@pytest.mark.parametrize(
    ("go", "place"),
    [
        ("", "cooperation"),
        ("stay", "challenge"),
        ("people", "people"),
        ("files", "files"),
        ("send", "send"),
        ("overview", None),
        ("people:contact_name", "people/#id_contact_name"),
        ("https://evil.example/", "cooperation"),
        ("../../admin", "cooperation"),
    ],
)
def test_every_button_saves_and_leads_where_it_says(go, place):
    application = make_draft()
    client, _page, hidden = writing(application)

    answer = send(client, application, "challenge", {**hidden, "challenge": "Hitze", "go": go})

    wanted = address(application) if place is None else f"{address(application)}{place}"
    wanted = wanted if "#" in wanted or wanted.endswith("/") else f"{wanted}/"
    assert answer.headers["Location"] == wanted
    assert Application.objects.get().challenge == "Hitze"


def test_what_is_wrong_is_said_at_its_field_and_the_rest_is_saved():
    application = make_draft()
    client, _page, hidden = writing(application, "people")

    answer = send(
        client,
        application,
        "people",
        {**hidden, "contact_email": "keine Adresse", "contact_name": "Anke Ruland"},
    )

    page = read(answer)
    assert answer.status_code == 200
    assert page.title.startswith("Fehler:")
    field = page.main.one("input", name="contact_email")
    assert (field["value"], field["aria-invalid"]) == ("keine Adresse", "true")
    assert Application.objects.get().contact_name == "Anke Ruland"


def test_text_over_its_limit_is_kept_and_said_but_cannot_be_sent():
    application = make_complete()
    client, _page, hidden = writing(application)
    long = "ä" * 2_035

    answer = send(client, application, "challenge", {**hidden, "challenge": long, "go": "stay"})

    assert answer.status_code == 302
    page = read(client.get(address(application, "send")))
    assert Application.objects.get().challenge == long
    assert "Herausforderung: 35 Zeichen zu lang; erlaubt sind 2000." in page.main.text
    assert "Bewerbung abgeben" not in page.main.texts("button")


def test_conflict_shows_both_texts_side_by_side_and_the_choice_is_saved():
    application = make_draft()
    person, colleague = editor_of(application), make_user()
    colleague.name = "Jan Pohl"
    colleague.save()
    application.editors.create(user=colleague, email=colleague.email, joined_at=timezone.now())
    client = client_of(person)
    opened = read(client.get(address(application, "challenge"))).main.one("form", id="step")
    hidden = {field["name"]: field["value"] for field in opened.all("input", type="hidden")}
    save(application, Step.CHALLENGE, colleague, challenge="Starkregen")

    answer = send(
        client, application, "challenge", {**hidden, "challenge": "Hitze", "to_learn": "Schatten"}
    )

    page = read(answer)
    conflict = page.main.section("Zwei Personen haben denselben Text geändert").text
    assert answer.status_code == 409
    assert "Hitze" in conflict
    assert "Von Jan Pohl um" in conflict
    assert "Starkregen" in conflict
    assert page.main.one("textarea", name="challenge").text == "Hitze"
    fresh = Application.objects.get()
    assert (fresh.challenge, fresh.to_learn) == ("Starkregen", "Schatten")
    form = page.main.one("form", id="step")
    hidden = {field["name"]: field["value"] for field in form.all("input", type="hidden")}
    other = read(
        send(client, application, "challenge", {**hidden, "challenge": "Hitze", "use": "challenge"})
    )
    assert other.main.one("textarea", name="challenge").text == "Starkregen"
    assert Application.objects.get().challenge == "Starkregen"
    send(client, application, "challenge", {**hidden, "challenge": "Hitze und Starkregen"})
    assert Application.objects.get().challenge == "Hitze und Starkregen"


def test_save_in_the_background_answers_in_json_and_renews_the_marks():
    application = make_draft()
    client, _page, hidden = writing(application)

    def type_in(text, marks):
        return client.post(
            address(application, "challenge"),
            {**hidden, "marks": marks, "challenge": text},
            headers={"Accept": "application/json"},
        )

    first = type_in("Hitze", hidden["marks"])
    second = type_in("Hitze in der Stadt", first.json()["marks"])
    old = type_in("Von gestern", hidden["marks"])

    assert (first.json()["saved"], second.json()["saved"]) == (True, True)
    assert first.json()["message"].startswith("Gespeichert um ")
    assert (old.status_code, old.json()["saved"]) == (409, False)
    assert "Jemand anderes hat dasselbe Feld geändert" in old.json()["message"]
    assert Application.objects.get().challenge == "Hitze in der Stadt"


def test_back_button_and_old_form_overwrite_nothing_that_came_later():
    application = make_draft()
    client, _page, hidden = writing(application)
    send(client, application, "challenge", {**hidden, "challenge": "eins"})
    save(application, Step.CHALLENGE, editor_of(application), challenge="zwei")

    answer = send(client, application, "challenge", {**hidden, "challenge": "eins"})

    assert answer.status_code == 409
    assert Application.objects.get().challenge == "zwei"


@pytest.mark.parametrize("marks", ["", "x", "[]", "1", "{}", '{"challenge": 5}', "\x00"])
def test_form_with_broken_marks_overwrites_nothing(marks):
    application = make_draft()
    save(application, Step.CHALLENGE, editor_of(application), challenge="Hitze")
    client, _page, _hidden = writing(application)

    answer = send(client, application, "challenge", {"marks": marks, "challenge": "anders"})

    assert answer.status_code == 409
    assert Application.objects.get().challenge == "Hitze"


def test_after_the_deadline_the_text_is_given_back_with_words(time_machine):
    application = make_draft()
    time_machine.move_to(application.call.closes_at + dt.timedelta(seconds=1), tick=False)
    late = client_of(editor_of(application))
    page = read(late.get(address(application, "challenge")))
    form = page.main.one("form", id="step")
    hidden = {field["name"]: field["value"] for field in form.all("input", type="hidden")}

    answer = read(send(late, application, "challenge", {**hidden, "challenge": "Zu spät"}))

    assert "Die Frist ist abgelaufen" in page.main.text
    assert "Die Frist endete am" in answer.main.text
    assert answer.main.one("textarea", name="challenge").text == "Zu spät"
    assert Application.objects.get().challenge == ""


def test_within_the_grace_who_was_writing_goes_from_step_to_step_and_sends(time_machine):
    application = make_complete()
    call = application.call
    time_machine.move_to(just_before(call), tick=False)
    client, _page, hidden = writing(application)
    time_machine.move_to(call.closes_at + dt.timedelta(minutes=10), tick=False)

    typed = {**full_values(application)[Step.CHALLENGE], "to_learn": "Spät."}
    saved = send(client, application, "challenge", {**hidden, **typed, "go": "send"})
    page = read(client.get(address(application, "send")))
    opened = page.main.all("input", name="opened")[0]["value"]
    client.post(address(application, "send"), {"opened": opened})

    assert saved.headers["Location"] == address(application, "send")
    assert Submission.objects.get().document["challenge"]["to_learn"] == "Spät."


def test_form_kept_while_its_author_signs_in_again_still_counts_as_opened_in_time(time_machine):
    application = make_draft()
    call, person = application.call, editor_of(application)
    time_machine.move_to(just_before(call), tick=False)
    _client, _page, hidden = writing(application)
    time_machine.move_to(call.closes_at + dt.timedelta(minutes=10), tick=False)
    fresh = client_of(person)

    answer = send(fresh, application, "challenge", {**hidden, "challenge": "Gerade noch"})

    assert answer.status_code == 302
    assert Application.objects.get().challenge == "Gerade noch"


def test_expired_session_gives_the_filled_step_back():
    application = make_draft()
    client, _page, hidden = writing(application)
    session = client.session
    session["seen_at"] = 0
    session.save()
    data = {**hidden, "challenge": "Nach der Pause", "csrfmiddlewaretoken": "x"}

    away = send(client, application, "challenge", data)
    assert away.headers["Location"].startswith("/de/accounts/login/")
    kept = client.session["kept_form"]
    again = client_of(editor_of(application))
    session = again.session
    session["kept_form"] = kept
    session.save()
    page = read(again.get(address(application, "challenge")))

    assert page.main.one("textarea", name="challenge").text == "Nach der Pause"
    assert page.main.one("input", name="marks")["value"] == hidden["marks"]
    assert Application.objects.get().challenge == ""


def test_send_page_shows_everything_and_a_double_click_sends_once():
    application = make_complete(name="Wörkheim")
    client = client_of(editor_of(application))
    page = read(client.get(address(application, "send")))
    text = page.main.text
    for words in (LONG.strip(), "Sensoren laufen seit zwei Jahren.", "geplant", "20.000"):
        assert words in text

    first = client.post(address(application, "send"), follow=True)
    second = client.post(address(application, "send"), follow=True)

    assert f"Ihr Aktenzeichen ist {Application.objects.get().reference}" in read(first).main.text
    assert "bereits abgegeben" in read(second).main.text
    assert Submission.objects.count() == 1


def test_incomplete_application_is_not_sent_by_a_forged_post():
    application = make_draft()
    client = client_of(editor_of(application))

    page = read(client.post(address(application, "send")))

    assert "Nicht abgegeben" in page.main.text
    assert not Submission.objects.exists()


def test_overview_names_versions_people_and_the_next_step():
    application = make_submitted(name="Wörkheim")
    client = client_of(editor_of(application))

    page = read(client.get(address(application))).main
    assert "Alles ist angekommen" in page.text
    assert "Fassung 1" in page.section("Was abgegeben wurde").text
    reopened = read(client.post(address(application, "reopen"), follow=True)).main

    assert "Bis Sie sie wieder abgeben, zählt Fassung 1." in reopened.text
    version = read(client.get(address(application, "versions", 1))).main
    assert "Ein Vorhaben ist am Datenschutz gescheitert." in version.text
    assert client.get(address(application, "versions", 2)).status_code == 404


def test_version_shows_what_changed():
    application = make_submitted()
    person = editor_of(application)
    actions.reopen_application(application=application, by=person)
    save(application, Step.CHALLENGE, person, to_learn="Wie andere das lösen.")
    actions.submit_application(application=application, by=person)

    page = read(client_of(person).get(address(application, "versions", 2))).main

    changed = page.section("Was sich seit Fassung 1 geändert hat")
    assert "Wie andere das lösen." in "".join(changed.texts("ins"))
    assert "Innenstadt" in "".join(changed.texts("del"))


def test_withdraw_asks_first_and_can_be_undone():
    application = make_submitted()
    client = client_of(editor_of(application))

    assert (
        "nimmt nicht an der Auswahl teil"
        in read(client.get(address(application, "withdraw"))).main.text
    )
    client.post(address(application, "withdraw"), {"note": "Kein Personal"})
    page = read(client.get(address(application))).main
    assert "wurde zurückgezogen" in page.text
    client.post(address(application, "begin-again"))

    assert Application.objects.get().state == "draft"


def test_print_version_holds_the_text_and_lines_to_sign():
    application = make_complete()

    page = read(client_of(editor_of(application)).get(address(application, "print"))).main

    assert LONG.strip() in page.text
    assert page.section("Unterschriften").texts("dd") == ["Anke Ruland", "Bürgermeisterin"]


def test_topics_that_are_chosen_stand_open_and_all_others_closed():
    application = make_complete()
    topic = application.call.topics.get()

    _client, page, _hidden = writing(application, "topics")

    (details,) = page.main.all("details")
    assert "open" in details.attributes
    name = topic_field("gives", topic, "level")
    chosen = page.main.one("select", name=name).all("option", selected="")
    assert [option["value"] for option in chosen] == ["2"]


def test_begin_offers_the_municipalities_of_the_register_with_this_name():
    call = make_open_call()
    place = MunicipalityFactory(local_name="София", name_de="Sofia", name_en="Sofia", country="BG")
    client = client_of(make_user())
    url = f"/de/calls/{call.slug}/apply/"

    page = read(client.post(url, {"name": "sofia", "country": "BG"})).main
    assert "София (Sofia)" in page.text
    assert not Application.objects.exists()
    client.post(url, {"name": "sofia", "country": "BG", "place": place.pk})

    assert Application.objects.get().municipality == place


def test_municipality_whose_selection_is_not_public_yet_is_not_offered_to_others():
    member = TandemMemberFactory(tandem__status="planned")
    call, place = make_open_call(), member.municipality
    client = client_of(make_user())

    client.post(
        f"/de/calls/{call.slug}/apply/", {"name": place.local_name, "country": place.country}
    )

    assert Application.objects.get().municipality is None


@pytest.mark.parametrize(
    "data", [{}, {"name": "X"}, {"name": "", "country": "DE"}, {"name": "X", "country": "US"}]
)
def test_begin_without_name_or_country_says_so(data):
    call = make_open_call()

    page = read(client_of(make_user()).post(f"/de/calls/{call.slug}/apply/", data or {"x": 1}))

    assert page.title.startswith("Fehler:")
    assert not Application.objects.exists()


def test_draft_of_a_call_and_its_form_are_hidden():
    call = make_ready_call()

    client = client_of(make_user())
    assert client.get(f"/de/calls/{call.slug}/apply/").status_code == 404
    assert client.get(f"/de/calls/{call.slug}/form/").status_code == 404


@pytest.mark.parametrize("step", ["send", "files", "print", "people", "topics", ""])
def test_pages_cost_the_same_number_of_queries_whatever_is_filled_in(
    step, django_assert_max_num_queries
):
    call = make_open_call()
    application = make_complete(call)
    attach(application)
    client = client_of(editor_of(application))
    client.get(address(application, step))

    with django_assert_max_num_queries(MOST_QUERIES):
        assert client.get(address(application, step)).status_code == 200


def test_hostile_text_stays_text_on_every_page():
    application = make_complete()
    person = editor_of(application)
    evil = "<script>alert(1)</script>{{ 7|add:7 }}\u202e"
    save(application, Step.CHALLENGE, person, challenge=evil * 10, to_learn=evil)
    actions.submit_application(application=application, by=person)
    client = client_of(person)

    for path in ("challenge", "print", "versions/1"):
        html = client.get(address(application, *path.split("/"))).content.decode()
        assert "<script>alert(1)" not in html
        assert "{{ 7|add:7 }}" in html


def test_form_page_for_the_public_names_every_question_without_cookie():
    call = make_open_call()
    answer = Client().get(f"/de/calls/{call.slug}/form/")

    page = read(answer).main
    for words in ("Ihre Herausforderung", "beschlossen", call.questions.first().text_de):
        assert words in page.text
    assert not answer.cookies


def test_marks_of_the_form_are_what_the_page_was_opened_with():
    application = make_draft()
    _client, _page, hidden = writing(application)

    assert set(json.loads(hidden["marks"])) == set(full_values(application)[Step.CHALLENGE])


def test_working_languages_stand_by_name_and_are_stored_by_code():
    application = make_draft()
    client, page, hidden = writing(application, "cooperation")
    names = [label.text for label in page.main.all("label")]

    start = names.index("Albanisch")
    assert names[start : start + 3] == ["Albanisch", "Armenisch", "Bulgarisch"]

    send(client, application, "cooperation", hidden | {"working_languages": ["it", "bg"]})

    application.refresh_from_db()
    assert application.working_languages == ["bg", "it"]
