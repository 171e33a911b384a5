"""Colleagues who write an application together."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from post_office.models import Email

from calls import actions
from calls.enums import Step
from calls.models import Application
from tests.applications import address, client_of, editor_of, make_draft, make_submitted, save
from tests.factories import make_user
from tests.reading import read

pytestmark = pytest.mark.django_db


def invited(email="neu@woerkheim.example", **fields):
    """Return an application and somebody who was invited to it."""
    application = make_draft(name="Wörkheim")
    editor = actions.invite_editor(
        application=application, email=email, by=editor_of(application), **fields
    )
    return application, editor


def test_invited_colleague_gets_a_link_signs_in_and_writes_along():
    colleague = make_user()
    application, _editor = invited(colleague.email.upper())
    mail = Email.objects.get()
    link = re.search(r"http://localhost:8000(/\S+)", mail.message)[1]
    client = client_of(colleague)

    assert (mail.to, mail.subject) == (
        [colleague.email],
        "Einladung zum Mitschreiben: Bewerbung von Wörkheim",
    )
    assert "gemeinsam mit anderen an der Bewerbung von Wörkheim" in read(client.get(link)).main.text
    assert client.get(address(application)).status_code == 404
    joined = client.post(link, follow=True)

    assert joined.redirect_chain[-1][0] == address(application)
    save(application, Step.CHALLENGE, colleague, challenge="Hitze")
    assert Application.objects.get().challenge == "Hitze"
    assert client.get(link).status_code == 410


def test_link_is_for_the_invited_address_only():
    application, editor = invited()
    stranger = make_user()

    answer = client_of(stranger).post(editor.link, follow=True)

    assert "für eine andere E-Mail-Adresse" in read(answer).main.text
    assert client_of(stranger).get(address(application)).status_code == 404


@pytest.mark.parametrize("role", ["reviewer", "coordinator", "bbsr"])
def test_people_of_the_programme_do_not_join(role):
    person = make_user(role)
    _application, editor = invited(person.email)

    with pytest.raises(ValidationError, match="kann sich nicht bewerben"):
        actions.join_application(editor=editor, by=person)


def test_link_counts_for_thirty_days(time_machine):
    person = make_user()
    application, editor = invited(person.email)
    time_machine.move_to(timezone.now() + dt.timedelta(days=30, minutes=1), tick=False)

    with pytest.raises(ValidationError, match="gilt nicht mehr"):
        actions.join_application(editor=editor, by=person)
    assert application.editors.waiting().count() == 1


@pytest.mark.parametrize("token", ["abc", "MQ:1:2", "%00"])
def test_link_that_we_did_not_make_opens_nothing(token):
    assert client_of(make_user()).get(f"/de/calls/join/{token}/").status_code == 410


def test_same_address_is_invited_once_and_ten_people_at_most():
    application, _editor = invited("a@example.org")
    person = editor_of_first(application)

    with pytest.raises(ValidationError, match="bereits eingeladen"):
        actions.invite_editor(application=application, email="A@Example.org", by=person)
    for number in range(8):
        actions.invite_editor(application=application, email=f"p{number}@example.org", by=person)
    with pytest.raises(ValidationError, match="höchstens 10 Personen"):
        actions.invite_editor(application=application, email="zuviel@example.org", by=person)


def editor_of_first(application):
    """Return who began it, where others were invited too."""
    return application.editors.exclude(user=None).first().user


def test_removed_colleague_writes_no_more_and_the_last_one_stays():
    colleague = make_user()
    application, editor = invited(colleague.email)
    actions.join_application(editor=editor, by=colleague)
    first = application.editors.exclude(pk=editor.pk).get()

    actions.remove_editor(editor=first, by=colleague)

    with pytest.raises(PermissionDenied):
        save(application, Step.CHALLENGE, first.user, challenge="noch")
    with pytest.raises(ValidationError, match="Jemand muss schreiben können"):
        actions.remove_editor(editor=application.editors.get(), by=colleague)


@pytest.mark.parametrize("role", [None, "contact", "coordinator", "bbsr"])
def test_strangers_invite_and_remove_nobody(role):
    application, editor = invited()
    stranger = make_user(role)

    with pytest.raises(PermissionDenied):
        actions.invite_editor(application=application, email="x@example.org", by=stranger)
    with pytest.raises(PermissionDenied):
        actions.remove_editor(editor=editor, by=stranger)


def test_colleague_asks_to_write_along_and_learns_nothing_of_the_application():
    application = make_submitted(name="Wörkheim")
    Email.objects.all().delete()
    colleague = make_user()
    colleague.name = "Jan Pohl"
    colleague.save()
    client = client_of(colleague)
    begin = f"/de/calls/{application.call.slug}/apply/"

    page = read(client.post(begin, {"name": "WÖRKHEIM", "country": "DE"}))
    asked = client.post(f"{begin}ask/{application.pk}/", follow=True)
    again = client.post(f"{begin}ask/{application.pk}/", follow=True)

    assert "In Ihrem Haus wurde schon begonnen" in page.main.text
    assert application.reference not in page.main.text
    assert "wissen Bescheid" in read(asked).main.text
    assert "schon gefragt" in read(again).main.text
    (mail,) = Email.objects.all()
    assert mail.to == [editor_of(application).email]
    assert f"Jan Pohl ({colleague.email})" in mail.message


def test_begin_again_leads_who_writes_already_to_the_own_application():
    application = make_draft(name="Wörkheim")
    client = client_of(editor_of(application))

    answer = client.post(
        f"/de/calls/{application.call.slug}/apply/", {"name": "Wörkheim", "country": "DE"}
    )

    assert answer.headers["Location"] == address(application)
