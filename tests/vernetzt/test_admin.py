"""The administration: who gets in, what each role sees, and that nothing is changed there."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse
from post_office.models import STATUS, Email, Log

from accounts import actions
from accounts.enums import CITY_ROLES, UserRole
from accounts.permissions import GRANTS
from calls.admin.pages import PagesAdmin
from calls.models import Application, Call
from core.models import StatusChange
from tests.applications import make_draft
from tests.factories import InvitationFactory, make_user, sign_in
from tests.reading import read

pytestmark = pytest.mark.django_db
#: All but calls, and what has pages of its own: tests/calls/.
MODELS = sorted(
    {
        model
        for model, pages in admin.site._registry.items()
        if model is not Call and not isinstance(pages, PagesAdmin)
    },
    key=lambda model: model._meta.label,
)
MODEL = pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)


def signed_in(role, **options):
    client = Client(raise_request_exception=False)
    sign_in(client, make_user(role), **options)
    return client


def one_of_each():
    """Write one row of every model that the administration shows."""
    contact = make_user("contact")
    actions.invite(
        email="new@example.org",
        role="deputy",
        municipality=contact.roles[0].municipality,
        language="de",
        by=contact,
    )
    Log.objects.create(email=Email.objects.get(), status=STATUS.failed, message="refused")
    InvitationFactory()


def name_of(model, page):
    return f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"


def test_visitors_are_led_to_the_one_sign_in():
    answer = Client().get("/admin/", follow=True)

    assert answer.redirect_chain[-1][0].startswith("/de/accounts/login/?next=")
    assert Client().post("/admin/login/", {"username": "a", "password": "b"}).status_code == 302


@pytest.mark.parametrize("role", UserRole)
def test_administration_opens_for_the_programme_alone(role):
    answer = signed_in(role).get("/admin/", follow=True)

    assert answer.status_code == (403 if role in CITY_ROLES else 200)


@pytest.mark.parametrize("role", [role for role in UserRole if role not in CITY_ROLES])
def test_administration_asks_for_the_second_factor(role):
    answer = signed_in(role, second_factor=False).get("/admin/")

    assert answer.headers["Location"] == "/de/accounts/2fa/"


@MODEL
@pytest.mark.parametrize("role", [role for role in UserRole if role not in CITY_ROLES])
def test_each_role_sees_the_rows_that_the_table_of_rights_names(role, model):
    one_of_each()
    client = signed_in(role)
    right = f"{model._meta.app_label}.view_{model._meta.model_name}"

    statuses = {
        client.get(reverse(name_of(model, "changelist"))).status_code,
        client.get(reverse(name_of(model, "change"), args=[model.objects.first().pk])).status_code,
    }

    assert statuses == {200 if right in GRANTS[role] else 403}


@MODEL
def test_nobody_adds_changes_or_deletes_a_row(model):
    one_of_each()
    client, row = signed_in("bbsr"), model.objects.first()
    before = list(model.objects.order_by("pk").values())

    answers = [
        client.post(reverse(name_of(model, "add")), {"email": "x@example.org"}).status_code,
        client.post(reverse(name_of(model, "change"), args=[row.pk]), {"name": "x"}).status_code,
        client.post(reverse(name_of(model, "delete"), args=[row.pk]), {"post": "yes"}).status_code,
    ]
    client.post(
        reverse(name_of(model, "changelist")),
        {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"},
    )

    assert set(answers) == {403}
    assert list(model.objects.order_by("pk").values()) == before


def test_queue_of_mails_shows_what_failed_and_no_link_of_anybody():
    one_of_each()
    client = signed_in("bbsr")

    logs = read(client.get("/admin/post_office/log/"))
    mail = client.get("/admin/post_office/email/1/change/", follow=True).content.decode()
    listed = client.get("/admin/post_office/email/").content.decode()

    assert "refused" in logs.body.text
    assert "new@example.org" in listed
    assert "/de/accounts/invitation/" not in mail + listed


def test_history_names_who_did_what():
    one_of_each()
    change = StatusChange.objects.latest("pk")

    page = read(signed_in("coordinator").get("/admin/core/statuschange/"))

    assert str(change.changed_by) in page.body.text


@MODEL
@pytest.mark.parametrize("rows", [1, 3])
def test_lists_ask_as_often_for_one_row_as_for_three(model, rows, django_assert_max_num_queries):
    for number in range(rows):
        contact = make_user("contact")
        actions.invite(
            email=f"new-{number}@example.org",
            role="deputy",
            municipality=contact.roles[0].municipality,
            language="de",
            by=contact,
        )
    client = signed_in("bbsr")

    with django_assert_max_num_queries(9):
        assert client.get(reverse(name_of(model, "changelist"))).status_code == 200


@pytest.mark.parametrize(
    ("role", "status"),
    [("coordinator", 302), ("bbsr", 302), ("reviewer", 404), ("observer", 404)],
)
def test_address_of_an_application_is_told_to_who_may_see_it_only(role, status):
    application = make_draft()
    kind = ContentType.objects.get_for_model(Application)

    answer = signed_in(role).get(f"/admin/r/{kind.pk}/{application.pk}/")

    assert answer.status_code == status
    assert (str(application.key) in answer.headers.get("Location", "")) == (status == 302)


@pytest.mark.parametrize("key", ["0", "abc", "1" * 40, "../1"])
def test_record_that_is_not_there_has_no_address(key):
    kind = ContentType.objects.get_for_model(Application)

    assert signed_in("bbsr").get(f"/admin/r/{kind.pk}/{key}/").status_code == 404
    assert signed_in("bbsr").get("/admin/r/999999/1/").status_code == 404
