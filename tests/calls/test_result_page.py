"""What a municipality reads of the selection, and how it answers the place that it was offered."""

from __future__ import annotations

import re
import zoneinfo

import pytest
from django.test import Client
from django.utils import timezone
from post_office.models import Email

from calls import actions
from calls.content import marks_of
from calls.enums import OfferState, Outcome, PairingState
from calls.models import Application, Letter, Offer, Pairing
from tests.applications import client_of, editor_of
from tests.factories import make_user
from tests.reading import read
from tests.selection import applications_of, decided, make_call_in_review
from vernetzt.dashboard import dashboard_of

pytestmark = pytest.mark.django_db
ANNOUNCED = "has not been announced yet"
HOSTILE = "[Klick](https://evil.example)<script>alert(1)</script>{{ 7|add:7 }}"


def address(application, page="result/"):
    return f"/en/calls/{application.call.slug}/apply/{application.key}/{page}"


def drafted(german=3, european=1):
    """Return a decision with drafted letters: a place, the reserve list, and a refusal."""
    call = make_call_in_review(german, european)
    rows = applications_of(call)
    session = decided(
        call, {rows[0]: "accepted", rows[1]: ("reserve", 1), rows[2]: "refused", rows[3]: "refused"}
    )
    actions.draft_letters(session=session, by=make_user("coordinator"))
    return session, rows


def released():
    session, rows = drafted()
    actions.release_letters(session=session, by=make_user("bbsr"))
    Email.objects.all().delete()
    return session, rows


def as_read(letter):
    """Return the text of a letter as a reader meets it, its lists without hyphens."""
    return " ".join(letter.body.replace("\n- ", "\n").split())


def visit(application, user=None):
    return read(client_of(user or editor_of(application)).get(address(application)))


def send(application, client=None, **data):
    offer = Offer.objects.filter(application=application).latest("pk")
    client = client or client_of(editor_of(application))
    return client.post(address(application), {"offer": offer.pk, **data}, follow=True)


def test_before_the_release_the_page_is_the_same_whatever_was_decided():
    session, rows = drafted(4, 1)
    undecided = rows[4]
    session.decisions.filter(application=undecided).delete()
    pages = []
    for row in (*rows[:3], undecided):
        client = client_of(editor_of(row))
        for page in ("result/", ""):
            html = client.get(address(row, page)).content.decode()
            html = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", html)
            html = re.sub(r'name="opened" value="[^"]+"', "", html)
            for own in (str(row.key), row.place_name, row.reference):
                html = html.replace(own, "")
            person = editor_of(row)
            html = html.replace(person.name, "").replace(person.email, "")
            pages.append(re.sub(r"\d\d:\d\d:\d\d", "", html))

    assert ANNOUNCED in pages[0]
    assert set(pages[::2]) == {pages[0]}
    assert len({re.sub(r"apply/.*?/", "", page) for page in pages[1::2]}) == 1


def test_nothing_of_the_decision_is_found_before_the_release_by_mail_or_dashboard():
    _session, rows = drafted()

    urls = [task.url for task in dashboard_of(editor_of(rows[0]))["tasks"]]

    assert not any(url.endswith("/result/") for url in urls)
    assert Email.objects.count() == 0


@pytest.mark.parametrize("number", [0, 1, 2])
def test_letter_stands_there_with_its_day_once_it_was_released(number):
    _session, rows = released()
    letter = Letter.objects.get(application=rows[number])

    page = visit(rows[number])

    assert ANNOUNCED not in page.main.text
    article = page.main.one("article")
    assert article["lang"] == letter.language
    assert article.one("h2").text == letter.subject
    assert as_read(letter) in article.text
    assert "Letter of" in article.text
    assert bool(page.main.all("button", value="confirm")) == (letter.outcome == Outcome.ACCEPTED)


def test_letter_of_another_city_is_not_found():
    _session, rows = released()

    answers = [
        client_of(user).get(address(rows[0])).status_code
        for user in (editor_of(rows[1]), make_user("contact"), make_user("bbsr"), make_user())
    ]

    assert answers == [404] * 4
    assert Client().get(address(rows[0])).status_code == 302


def test_newest_letter_comes_first_and_the_older_one_stays():
    session, rows = released()
    bbsr = make_user("bbsr")
    corrected = decided(session.call, dict.fromkeys(rows, "refused") | {rows[2]: "accepted"})
    actions.draft_letters(session=corrected, by=bbsr)
    assert len(visit(rows[2]).main.all("article")) == 1
    actions.release_letters(session=corrected, by=bbsr)

    page = visit(rows[2])

    texts = [article.text for article in page.main.all("article")]
    newest, oldest = Letter.objects.filter(application=rows[2]).order_by("-pk")
    assert as_read(newest) in texts[0]
    assert as_read(oldest) in texts[1]
    assert newest.outcome == Outcome.ACCEPTED
    assert page.main.all("button", value="confirm")


def test_letter_is_text_not_markup():
    session, rows = drafted()
    letter = Letter.objects.get(application=rows[1])
    team = make_user("coordinator")
    actions.edit_letter(
        letter=letter,
        subject=HOSTILE,
        body=HOSTILE,
        opened_with=marks_of({"subject": letter.subject, "body": letter.body}),
        by=team,
    )
    actions.release_letters(session=session, by=make_user("bbsr"))

    answer = client_of(editor_of(rows[1])).get(address(rows[1]))

    assert HOSTILE in read(answer).main.one("article").text
    assert b"<script>alert" not in answer.content
    assert not any("evil" in href for href in read(answer).main.hrefs())


def test_place_is_confirmed_by_one_click_and_a_second_one_is_harmless():
    _session, rows = released()
    client = client_of(editor_of(rows[0]))

    first = read(send(rows[0], client, answer="confirm"))
    second = read(send(rows[0], client, answer="confirm"))

    for page in (first, second):
        assert "The place is confirmed." in page.main.text
        assert not page.main.all("button", value="confirm")
    assert Offer.objects.get().state == OfferState.CONFIRMED
    assert f"Answered by {editor_of(rows[0])}" in second.main.text


def test_nothing_is_answered_by_looking():
    _session, rows = released()

    client_of(editor_of(rows[0])).get(address(rows[0]), {"answer": "confirm"})

    assert Offer.objects.get().state == OfferState.OPEN


def test_place_is_declined_with_what_was_typed():
    _session, rows = released()
    make_user("coordinator")

    page = read(send(rows[0], answer="decline", note="Kein Personal."))

    offer = Offer.objects.get()
    assert (offer.state, offer.note) == (OfferState.DECLINED, "Kein Personal.")
    assert "The place is no longer yours." in page.main.text
    assert "Kein Personal." in page.main.text
    assert not page.main.all("button", name="answer")
    assert Email.objects.exists()


def test_back_button_after_declining_confirms_nothing():
    _session, rows = released()
    send(rows[0], answer="decline")

    page = read(send(rows[0], answer="confirm"))

    assert Offer.objects.get().state == OfferState.DECLINED
    assert "This step is not possible" in page.main.text


def test_confirmed_place_is_given_up_with_a_reason():
    _session, rows = released()
    client = client_of(editor_of(rows[0]))
    send(rows[0], client, answer="confirm")

    refused = read(send(rows[0], client, answer="decline"))

    assert Offer.objects.get().state == OfferState.CONFIRMED
    assert refused.main.one("div", class_="form-errors").hrefs() == ["#id_note"]
    assert "open" in refused.main.one("details").attributes

    given_up = read(send(rows[0], client, answer="decline", note="Ratsbeschluss."))
    assert "The place is no longer yours." in given_up.main.text


def test_too_long_reason_is_kept_and_refused():
    _session, rows = released()

    page = read(send(rows[0], answer="decline", note="x" * 2_001))

    assert Offer.objects.get().state == OfferState.OPEN
    assert page.main.one("textarea").text == "x" * 2_001


@pytest.mark.parametrize("confirms", ["confirm", "decline"])
def test_answer_after_the_date_is_refused_in_words(time_machine, confirms):
    _session, rows = released()
    time_machine.move_to(Offer.objects.get().due_at, tick=False)

    page = read(send(rows[0], answer=confirms))

    assert Offer.objects.get().state == OfferState.OPEN
    assert "This time is over" in page.main.text
    assert not page.main.all("button", name="answer")


def test_date_stands_on_both_clocks():
    _session, rows = released()
    person = editor_of(rows[0])
    person.time_zone = "Pacific/Auckland"
    person.save()

    text = visit(rows[0], person).main.text

    due_at = Offer.objects.get().due_at
    assert "23:59 (Europe/Berlin), for you" in text
    own = due_at.astimezone(zoneinfo.ZoneInfo("Pacific/Auckland"))
    assert f"{own:%H:%M} (Pacific/Auckland)" in text


def test_partner_who_relies_on_the_place_keeps_it():
    _session, rows = released()
    send(rows[0], answer="confirm")
    Pairing.objects.create(
        call=rows[0].call, german=rows[0], european=rows[3], state=PairingState.AGREED, fit=1,
        due_at=timezone.now(), card={},
    )  # fmt: skip

    page = visit(rows[0])
    answered = read(send(rows[0], answer="decline", note="Doch nicht."))

    assert not page.main.all("button", value="decline")
    assert "has a partner who relies on it" in answered.main.text
    assert Offer.objects.get().state == OfferState.CONFIRMED


def test_offer_of_another_city_cannot_be_answered_here():
    _session, rows = released()
    offer = Offer.objects.get(application=rows[0])
    client = client_of(editor_of(rows[1]))

    answers = [
        client.post(address(rows[1]), {"offer": value, "answer": "confirm"}).status_code
        for value in (offer.pk, "x", "", "²")
    ]

    assert answers == [404] * 4
    assert Offer.objects.get().state == OfferState.OPEN


def test_dashboard_leads_to_the_offer_until_it_is_answered():
    _session, rows = released()
    person = editor_of(rows[0])

    urls = [task.url for task in dashboard_of(person)["tasks"]]
    assert any(url.endswith(f"{rows[0].key}/result/") for url in urls)
    send(rows[0], answer="confirm")
    urls = [task.url for task in dashboard_of(person)["tasks"]]
    assert not any(url.endswith("/result/") for url in urls)


def test_application_leads_to_the_result_once_the_deadline_is_over():
    _session, rows = drafted()

    page = read(client_of(editor_of(rows[0])).get(address(rows[0], "")))

    assert address(rows[0]) in page.main.hrefs()


def test_unsent_application_waits_for_nothing():
    _session, rows = drafted()
    person = editor_of(rows[2])
    Application.objects.filter(pk=rows[2].pk).update(state="draft")

    page = read(client_of(person).get(address(rows[2])))

    assert "was not sent" in page.main.text
    assert ANNOUNCED not in page.main.text
