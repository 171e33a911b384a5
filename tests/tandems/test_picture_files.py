"""Files of pictures: who gets them, how they are sent, and what is swept away."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from calls.actions import delete_orphaned_files
from core.files.storage import names_in_use
from tandems.actions import pictures as actions
from tandems.models import Picture, ProfileVersion
from tests.factories import make_user, sign_in
from tests.tandems.files_cases import DAY, Circle, content_of, entered

pytestmark = pytest.mark.django_db


def url_of(place, size="small"):
    picture = place.picture
    return reverse("tandems:picture", args=[picture.tandem.slug, picture.key, size])


def released(circle):
    place = circle.picture()
    ProfileVersion.objects.filter(pk=place.profile_id).update(
        state="released", released_at=timezone.now()
    )
    return place


def test_visitor_sees_a_released_picture_and_gets_no_cookie():
    place = released(Circle())

    for size in ("small", "medium", "large"):
        answer = Client().get(url_of(place, size))
        assert content_of(answer).startswith(b"\xff\xd8\xff")
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert answer.headers["Content-Disposition"] == "inline"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "public, max-age=3600"
        assert not answer.cookies


def test_picture_of_a_draft_is_private_to_who_reads_the_internal_area():
    circle = Circle()
    url = url_of(circle.picture())
    readers = (circle.contact, circle.colleague, circle.neighbour, circle.coordinator)
    others = (None, circle.stranger, make_user(), make_user("observer"), make_user("reviewer"))

    for person in readers:
        answer = entered(person).get(url)
        assert content_of(answer)
        assert answer.headers["Cache-Control"] == "private, no-store"
    assert [entered(person).get(url).status_code for person in others] == [404] * 5


def test_picture_of_a_planned_partnership_is_not_public():
    circle = Circle(status="planned")
    url = url_of(released(circle))

    assert Client().get(url).status_code == 404
    assert content_of(entered(circle.contact).get(url))


def test_picture_that_the_public_version_no_longer_has_is_not_public():
    place = released(Circle())
    ProfileVersion.objects.update(state="superseded")

    assert Client().get(url_of(place)).status_code == 404


def test_team_without_second_factor_is_a_visitor():
    circle = Circle()
    url, client = url_of(circle.picture()), Client()
    sign_in(client, circle.coordinator, second_factor=False)

    assert client.get(url).status_code == 404


def test_city_that_left_sees_what_was_there_by_then():
    circle = Circle()
    early = circle.picture()
    early_url = url_of(early)
    ProfileVersion.objects.update(started_at=timezone.now() - 10 * DAY, state="set_aside")
    Picture.objects.update(uploaded_at=timezone.now() - 10 * DAY)
    late = circle.picture(content=None)
    circle.leave(days=2)
    client = entered(circle.contact)

    assert late.picture == early.picture
    assert content_of(client.get(early_url))
    Picture.objects.update(uploaded_at=timezone.now())
    assert client.get(early_url).status_code == 404


def test_unknown_size_other_partnership_and_wrong_method():
    circle = Circle()
    place = released(circle)
    picture = place.picture

    assert Client().get(url_of(place, "huge")).status_code == 404
    foreign = reverse("tandems:picture", args=[Circle().tandem.slug, picture.key, "small"])
    assert Client().get(foreign).status_code == 404
    assert Client().post(url_of(place)).status_code == 405


def test_file_that_is_not_where_it_should_be_is_not_found():
    place = released(Circle())
    default_storage.delete(place.picture.small.name)

    assert Client().get(url_of(place)).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_unused_pictures_go_after_a_day_and_their_files_with_them(time_machine):
    circle = Circle()
    kept = circle.picture()
    old = ProfileVersion.objects.get()
    names = names_in_use()
    assert len(names) == 3
    assert actions.delete_unused_pictures() == 0

    time_machine.move_to(timezone.now() + dt.timedelta(days=2), tick=False)
    assert actions.delete_unused_pictures() == 0
    delete_orphaned_files()
    assert all(default_storage.exists(name) for name in names)

    actions.remove_picture(place=kept, by=circle.contact)
    assert actions.delete_unused_pictures() == 1
    assert not any(default_storage.exists(name) for name in names)
    assert ProfileVersion.objects.get() == old


def test_files_of_documents_and_pictures_are_no_orphans(time_machine):
    circle = Circle()
    circle.picture()
    circle.document()
    names = names_in_use()
    assert len(names) == 4
    time_machine.move_to(timezone.now() + dt.timedelta(days=2), tick=False)

    delete_orphaned_files()

    assert all(default_storage.exists(name) for name in names)
