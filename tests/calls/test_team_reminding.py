"""Reminding from the list, through HTTP: chosen, shown before, sent once, and told."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core import signing
from django.test import Client
from post_office.models import Email

from accounts.enums import UserRole
from calls import actions
from calls.admin.reminding import MOST_AT_ONCE, SALT
from calls.enums import Step
from calls.models import Application
from core.models import StatusChange
from tests.applications import editor_of, make_draft, make_open_call, make_submitted, save
from tests.calls.desk import HOSTILE, LIST, desk, row
from tests.factories import make_user
from tests.races import act_at_once
from tests.reading import read

pytestmark = pytest.mark.django_db
PREVIEW = f"{LIST}remind/"
SEND = f"{LIST}remind/send/"


def chosen(*applications):
    return {"chosen": [str(application.key) for application in applications]}


def previewed(client, data, query=""):
    """Return the page before sending, and what its form sends."""
    page = read(client.post(PREVIEW + query, data))
    fields = page.main.all("input", name="previewed")
    return page, {field["name"]: field["value"] for field in fields}


def reminders():
    return StatusChange.objects.filter(field="reminder")


def test_list_offers_it_for_drafts_and_what_is_revised_alone():
    call = make_open_call()
    draft, sent, revised = make_draft(call), make_submitted(call), make_submitted(call)
    actions.reopen_application(application=revised, by=editor_of(revised))

    page = read(desk().get(LIST))

    boxes = page.main.all("input", name="chosen")
    assert {box["value"] for box in boxes} == {str(draft.key), str(revised.key)}
    assert f"Remind {draft}" in {box["aria-label"] for box in boxes}
    assert "Remind all 2 that match" in page.main.text
    assert str(sent.key) not in {box["value"] for box in boxes}


def test_list_of_a_closed_call_offers_nothing(time_machine):
    call = make_draft().call
    time_machine.move_to(call.closes_at, tick=False)

    page = read(desk().get(LIST))

    assert page.main.all("input", name="chosen") + page.main.all("button", name="all") == []


def test_chosen_are_shown_with_the_mail_and_then_sent():
    application, client = make_draft(name="Wörkheim"), desk()
    other = make_draft(application.call, name="Anderswo")

    page, form = previewed(client, chosen(application))

    assert not Email.objects.exists()
    assert not reminders().exists()
    assert "1 application will be reminded, by 1 mail." in page.main.text
    assert page.main.one("tbody").texts("th") == ["Wörkheim"]
    assert page.main.one("tbody").texts("td")[0] == "1"
    letters = {letter.one("div")["lang"]: letter.text for letter in page.main.all("article")}
    assert "- Nennen Sie die Vertretung." in letters["de"]
    assert "- Name the deputy." in letters["en"]

    answer = client.post(SEND, form, follow=True)

    assert answer.redirect_chain == [(f"{LIST}?call={application.call.slug}", 302)]
    assert "1 application reminded: 1 mail is on its way." in read(answer).body.text
    mail = Email.objects.get()
    assert mail.to == [editor_of(application).email]
    # What was shown is what was written, to the letter.
    shown = letters["de"]
    assert " ".join(mail.message.split()) == shown.partition(f"{mail.subject} ")[2]
    assert reminders().get().subject == application
    assert str(other) not in mail.message


def test_second_click_sends_nothing_and_says_why():
    application, client = make_draft(name="Wörkheim"), desk()
    _page, form = previewed(client, chosen(application))
    client.post(SEND, form)

    answer = client.post(SEND, form, follow=True)

    words = read(answer).body.text
    assert "Not reminded: Wörkheim. Was reminded within the last 24 hours." in words
    assert Email.objects.count() == reminders().count() == 1
    assert "reminded on" in words


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_send_once():
    application = make_draft()
    clients = [desk(), desk()]
    forms = [previewed(client, chosen(application))[1] for client in clients]

    answers = act_at_once(
        *(
            lambda client=client, form=form: client.post(SEND, form).status_code
            for client, form in zip(clients, forms, strict=True)
        )
    )

    assert answers == [302, 302]
    assert Email.objects.count() == reminders().count() == 1


def test_all_that_match_the_filter_are_chosen_and_no_others():
    call = make_open_call()
    german = [make_draft(call, name=f"Ort {number}") for number in range(3)]
    swiss = make_draft(call, name="Zug")
    Application.objects.filter(pk=swiss.pk).update(place_country="CH")
    make_submitted(call)
    other_call = make_draft()
    Email.objects.all().delete()

    client, query = desk(), f"?call={call.slug}&country=DE&sort=name"
    page, form = previewed(client, {"all": "1"}, query)
    client.post(SEND, form)

    assert page.main.one("tbody").texts("th") == [str(one) for one in german]
    assert {one.subject for one in reminders()} == set(german)
    assert other_call not in {one.subject for one in reminders()}


def test_application_of_another_call_cannot_be_chosen_in_this_list():
    own, other = make_draft(), make_draft()

    page, form = previewed(desk(), chosen(own, other), f"?call={own.call.slug}")

    assert page.main.one("tbody").texts("th") == [str(own)]
    assert signing.loads(form["previewed"], salt=SALT)[1] == [own.key.hex]


@pytest.mark.parametrize("data", [{}, {"chosen": ["x", "", "\x00", "1"]}, {"all": "1"}])
def test_whoever_chooses_nobody_is_told(data):
    make_submitted()

    answer = desk().post(f"{PREVIEW}?state=submitted", data, follow=True)

    assert "state=submitted" in answer.redirect_chain[0][0]
    assert "Choose at least one application" in read(answer).body.text


def test_preview_names_who_is_left_out_and_why():
    call, client = make_open_call(), desk()
    fresh, reminded, sent = make_draft(call), make_draft(call), make_submitted(call)
    client.post(SEND, previewed(client, chosen(reminded))[1])

    page, form = previewed(client, chosen(fresh, reminded, sent))

    left = page.main.section("Left out").text
    assert f"Was reminded within the last 24 hours. {reminded}" in left
    assert f"Has been sent, or was withdrawn. {sent}" in left
    assert signing.loads(form["previewed"], salt=SALT)[1] == [fresh.key.hex]
    nobody, form = previewed(client, chosen(reminded))
    assert "None of the chosen applications can be reminded now." in nobody.main.text
    assert form == {}


@pytest.mark.parametrize("previewed_as", ["", "x", "signed by us for something else", "of others"])
def test_what_was_not_shown_before_is_not_sent(previewed_as):
    application, client = make_draft(), desk()
    form = previewed(desk("bbsr"), chosen(application))[1]
    if previewed_as != "of others":
        form = {"previewed": signing.dumps([1, [application.key.hex]], salt="else") + previewed_as}

    answer = client.post(SEND, form | chosen(application), follow=True)

    assert "look at the mail" in read(answer).body.text
    assert not reminders().exists()


def test_deadline_that_passes_between_the_two_pages_is_told(time_machine):
    application = make_draft(name="Wörkheim")
    deadline = application.call.closes_at
    time_machine.move_to(deadline - dt.timedelta(seconds=30), tick=False)
    client = desk()
    form = previewed(client, chosen(application))[1]
    time_machine.move_to(deadline, tick=False)

    answer = client.post(SEND, form, follow=True)

    assert "Wörkheim. The call does not take applications now." in read(answer).body.text
    assert not Email.objects.exists()


@pytest.mark.parametrize("url", [PREVIEW, SEND])
@pytest.mark.parametrize("role", [None, *set(UserRole) - {"coordinator", "bbsr"}])
def test_nobody_else_reaches_these_pages(url, role):
    application = make_draft()
    form = previewed(desk(), chosen(application))[1]
    client = desk(user=editor_of(application)) if role is None else desk(role)

    answer = client.post(url, form | chosen(application), follow=True)

    assert answer.status_code == 403
    assert not reminders().exists()


@pytest.mark.parametrize("url", [PREVIEW, SEND])
def test_pages_take_posts_alone_from_our_own_forms(url):
    forger = Client(enforce_csrf_checks=True)
    forger.cookies = desk().cookies

    assert desk().get(url).status_code == 405
    assert forger.post(url).status_code == 403
    assert Client().post(url).headers["Location"].startswith("/de/accounts/login/")


def test_hostile_names_are_text_in_every_place():
    application, client = make_draft(), desk()
    save(application, Step.MUNICIPALITY, editor_of(application), place_name=HOSTILE)

    page, form = previewed(client, chosen(application))
    client.post(SEND, form)
    told = read(client.post(SEND, form, follow=True))

    for seen in (page, told):
        assert seen.faults == []
        assert HOSTILE in seen.body.text
        assert seen.main.all("script") == []


def test_more_than_one_click_can_carry_wait_for_the_next():
    call, client = make_open_call(), desk()
    person = make_user()
    for number in range(MOST_AT_ONCE + 2):
        one = row(call, f"Ort {number:03d}")
        one.editors.create(user=person, email=person.email, joined_at=one.begun_at)

    page, form = previewed(client, {"all": "1"})

    assert f"{MOST_AT_ONCE} applications will be reminded" in page.main.text
    assert "2 more wait" in page.main.text
    assert len(signing.loads(form["previewed"], salt=SALT)[1]) == MOST_AT_ONCE
