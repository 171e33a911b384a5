"""An application from the first look at the call to the receipt, through HTTP and mails alone."""

from __future__ import annotations

import pytest
from django.test import Client

from calls.models import Application
from tests.applications import client_of, full_values, make_open_call
from tests.factories import make_user
from tests.reading import read

pytestmark = pytest.mark.django_db


def filled(page):
    """Return what the form of a step sends by itself: its hidden fields and filled lines."""
    form = page.main.one("form", id="step")
    return {
        field["name"]: field.attributes.get("value", "")
        for field in form.all("input")
        if field.attributes.get("type") in {"hidden", "text", "email"}
    }


def test_officer_applies_from_the_call_to_the_receipt(django_capture_on_commit_callbacks):
    call = make_open_call()
    visitor = Client()
    page = read(visitor.get(f"/de/calls/{call.slug}/"))
    assert f"/de/calls/{call.slug}/apply/" in page.main.hrefs()
    assert visitor.get(f"/de/calls/{call.slug}/form/").status_code == 200
    assert visitor.get(f"/de/calls/{call.slug}/apply/").url.startswith("/de/accounts/login/")

    officer = client_of(make_user())
    begun = officer.post(
        f"/de/calls/{call.slug}/apply/", {"name": "Wörkheim", "country": "DE"}, follow=True
    )
    application = Application.objects.get()
    assert begun.redirect_chain[-1][0].endswith("/municipality/")
    for step, values in full_values(application).items():
        url = f"/de/calls/{call.slug}/apply/{application.key}/{step}/"
        page = read(officer.get(url))
        answer = officer.post(url, {**filled(page), "place_country": "DE", **values, "go": "stay"})
        assert (answer.status_code, answer.headers.get("Location")) == (302, url)
    send = f"/de/calls/{call.slug}/apply/{application.key}/send/"
    assert "Ein Vorhaben ist am Datenschutz gescheitert." in read(officer.get(send)).main.text
    with django_capture_on_commit_callbacks(execute=True):
        sent = officer.post(send, follow=True)
    application.refresh_from_db()
    assert application.reference in read(sent).main.text
