"""The page on which a city sees its proposed partner, answers, and learns whom to call."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client
from django.utils import timezone, translation

from calls import actions
from calls.enums import PairingState
from calls.models import Application, Pairing, PairingConsent
from tests.applications import client_of
from tests.calls.desk import HOSTILE, desk
from tests.calls.pairing_cases import (
    agree,
    city,
    coordinator,
    make_confirmed,
    propose,
    refresh,
    send_anew,
    writer,
)
from tests.factories import make_user, sign_in
from tests.reading import read

pytestmark = pytest.mark.django_db
SECRETS = ("Marie Curie", "Service du climat", "marie@city1.example", "0033 1", "Paul Langevin")


def make_proposed(**topics):
    call = make_confirmed()
    send_anew(
        city(call, "City 1"),
        contact_name="Marie Curie",
        contact_office="Service du climat",
        contact_email="marie@city1.example",
        contact_phone="0033 1",
        deputy_name="Paul Langevin",
    )
    for side, levels in topics.items():
        name = "Stadt 1" if side == "german" else "City 1"
        send_anew(city(call, name), topics=levels)
    return propose(call)


def address(application, *parts):
    base = f"/en/calls/{application.call.slug}/apply/{application.key}/partner/"
    return base + "".join(f"{part}/" for part in parts)


def page(pairing, application):
    return read(client_of(writer(application)).get(address(application)))


def post(pairing, application, **values):
    return client_of(writer(application)).post(address(application), values, follow=True)


def test_each_city_reads_the_card_from_its_own_side():
    pairing = make_proposed(
        german={("data", "seeks"): 3, ("heat", "gives"): 2, ("bus", "seeks"): 1},
        european={("data", "gives"): 3, ("heat", "seeks"): 2, ("bus", "seeks"): 3},
    )

    german, european = page(pairing, pairing.german), page(pairing, pairing.european)

    learned = german.main.section("What you can learn").text
    assert "Stadt 1 seeks “data” (urgent), City 1 already teaches it to others." in learned
    assert learned.endswith(european.main.section("What you can pass on").text.split("pass on ")[1])
    assert "Both seek “bus”" in german.main.section("What you share").text
    assert "Both seek “bus”" in european.main.section("What you share").text
    assert "Two countries" in german.main.section("Where you differ").text
    assert german.main.fact("Municipality") == "City 1 , France"
    assert european.main.fact("Municipality") == "Stadt 1 , Germany"


def test_page_shows_until_when_to_answer_on_the_clock_of_the_call_and_of_the_reader():
    pairing = make_proposed()
    person = writer(pairing.german)
    person.time_zone = "Europe/Athens"
    person.save()

    text = page(pairing, pairing.german).main.text

    assert "23:59 (Europe/Berlin), for you" in text
    assert "00:59 (Europe/Athens)" in text


def test_before_both_have_agreed_no_person_of_the_partner_is_shown_and_afterwards_the_contact():
    pairing = make_proposed()
    send_anew(pairing.european, challenge="LECKSTELLE")
    before = page(pairing, pairing.german)
    agree(pairing, pairing.german)
    half = page(pairing, pairing.german)
    agree(pairing, pairing.european)
    after = page(pairing, pairing.german)

    for shown in (before, half):
        assert [word for word in SECRETS if word in shown.html] == []
    contact = after.main.section("Contact person of your partner").text
    assert contact == (
        "Contact person of your partner Marie Curie Service du climat marie@city1.example"
    )
    assert [word for word in ("0033 1", "Paul Langevin") if word in after.html] == []


def test_withdrawn_consent_hides_the_people_again():
    pairing = agree(make_proposed())
    german = pairing.german

    client = client_of(writer(german))
    client.post(address(german, "withdraw"))

    shown = read(client.get(address(german)))
    assert [word for word in SECRETS if word in shown.html] == []
    assert refresh(pairing).state == PairingState.PROPOSED


def test_page_tells_no_fit_in_figures_no_other_candidate_and_no_review():
    call = make_confirmed(2, 2)
    pairing = propose(call)

    html = page(pairing, pairing.german).html

    assert "Stadt 2" not in html
    assert "City 2" not in html
    assert not re.search(r"\bfit\b", read_text(html), re.IGNORECASE)
    assert str(pairing.fit) not in html


def read_text(html):
    return re.sub(r"<[^>]*>", " ", html)


def test_city_agrees_on_the_page():
    pairing = make_proposed()

    shown = read(post(pairing, pairing.german, answer="agrees"))

    assert "you are told by e-mail" in shown.main.section("Where it stands").text
    assert shown.main.all("input", name="answer") == []
    consent = PairingConsent.objects.get()
    assert (consent.application, consent.given_by) == (pairing.german, writer(pairing.german))


def test_partner_learns_that_the_other_has_agreed():
    pairing = make_proposed()
    agree(pairing, pairing.german)

    text = page(pairing, pairing.european).main.section("Where it stands").text

    assert "Stadt 1 has agreed already." in text


def test_asking_for_another_without_a_reason_keeps_the_page_and_leads_to_the_field():
    pairing = make_proposed()

    shown = read(post(pairing, pairing.german, answer="another", reason=""))

    assert "#id_reason" in shown.main.hrefs()
    chosen = shown.main.one("input", value="another")
    assert "checked" in chosen.attributes
    assert refresh(pairing).state == PairingState.PROPOSED


def test_reason_for_another_partner_reaches_neither_page_nor_mail_of_the_partner():
    pairing = make_proposed()

    own = read(post(pairing, pairing.german, answer="another", reason="LECKSTELLE"))
    other = page(pairing, pairing.european)

    assert "You have asked for another partner" in own.main.text
    assert "no longer counts" in other.main.section("Where it stands").text
    assert "LECKSTELLE" not in other.html
    assert "asked for another" not in other.main.text


def test_double_click_and_late_answers_are_told_and_change_nothing():
    pairing = make_proposed()
    post(pairing, pairing.german, answer="agrees")

    again = read(post(pairing, pairing.german, answer="agrees"))
    Pairing.objects.update(due_at=timezone.now() - dt.timedelta(seconds=1))
    late = read(post(pairing, pairing.european, answer="agrees"))

    assert "answered already" in again.main.text
    assert "time to answer is over" in late.main.text.lower()
    assert PairingConsent.objects.count() == 1


def test_newest_proposal_is_the_one_that_is_shown_and_answered():
    call = make_confirmed(1, 2)
    first = propose(call)
    actions.drop_pairing(pairing=first, note="Irrtum.", by=coordinator())
    second = propose(call, european="City 2")

    shown = page(second, second.german)
    post(second, second.german, answer="agrees")

    assert shown.main.fact("Municipality").startswith("City 2")
    assert PairingConsent.objects.get().pairing == second
    assert "no longer counts" in page(first, city(call, "City 1")).main.text


def test_formed_partnership_shows_the_day_of_the_kick_off():
    from tandems.enums import TandemStatus
    from tests.factories import TandemFactory

    pairing = agree(make_proposed())
    Pairing.objects.update(state=PairingState.FORMED)
    tandem = TandemFactory(
        pairing=pairing, kick_off_proposed_on=dt.date(2099, 5, 17), status=TandemStatus.PLANNED
    )

    planned = page(pairing, pairing.german).main.section("Where it stands")
    type(tandem).objects.update(status=TandemStatus.ACTIVE)
    active = page(pairing, pairing.german).main.section("Where it stands")

    assert "17 May 2099" in planned.text
    assert planned.hrefs() == []
    assert active.hrefs() == [f"/en/tandems/{tandem.slug}/"]


def test_without_a_proposal_and_for_strangers_there_is_no_such_page():
    call = make_confirmed(2, 1)
    alone = city(call, "Stadt 2")
    assert client_of(writer(alone)).get(address(alone)).status_code == 404
    german = propose(call).german

    for client in (
        client_of(writer(city(call, "City 1"))),
        client_of(make_user("contact")),
        desk("coordinator"),
        desk("bbsr"),
    ):
        assert client.get(address(german)).status_code == 404
        assert client.post(address(german), {"answer": "agrees"}).status_code == 404
        assert client.post(address(german, "withdraw")).status_code == 404
    visitor = Client().get(address(german))
    assert visitor.headers["Location"].startswith("/en/accounts/login/")
    assert not PairingConsent.objects.exists()


def test_fields_that_the_form_does_not_have_change_nothing():
    pairing = make_proposed()

    post(pairing, pairing.german, answer="agrees", state="formed", fit="10000")

    fresh = refresh(pairing)
    assert (fresh.state, fresh.fit) == (PairingState.PROPOSED, pairing.fit)


def test_hostile_names_stay_text():
    call = make_confirmed()
    application = city(call, "City 1")
    Application.objects.filter(pk=application.pk).update(place_name=HOSTILE)
    send_anew(application, place_name=HOSTILE)
    (pairing,) = actions.propose_pairs(
        call=call, pairs=[(city(call, "Stadt 1").pk, application.pk)], by=coordinator()
    )

    shown = page(pairing, pairing.german)

    assert shown.faults == []
    assert "alert(1)" not in "".join(
        "".join(script.all_pieces()) for script in shown.root.all("script")
    )
    assert HOSTILE in shown.main.text


def test_overview_and_dashboard_lead_to_the_proposed_partner_until_it_is_answered():
    pairing = make_proposed()
    german = pairing.german
    client = client_of(writer(german))
    with translation.override("en"):
        overview = read(client.get(f"/en/calls/{german.call.slug}/apply/{german.key}/"))
    before = read(client.get("/en/dashboard/"))
    agree(pairing, german)
    after = read(client.get("/en/dashboard/"))

    assert address(german) in overview.main.hrefs()
    assert address(german) in before.main.hrefs()
    assert "Answer the proposed partner of Stadt 1" in before.main.text
    assert address(german) not in after.main.hrefs()


def test_officer_of_the_municipality_answers_too():
    pairing = make_proposed()
    officer = make_user("contact")
    home = officer.roles[0].municipality
    Application.objects.filter(pk=pairing.german_id).update(municipality=home)
    client = Client()
    sign_in(client, officer)

    answered = client.post(address(pairing.german), {"answer": "agrees"})

    assert answered.status_code == 302
    assert PairingConsent.objects.get().given_by == officer
