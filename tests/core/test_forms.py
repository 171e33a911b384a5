from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils import translation

from core.forms import ConstraintModelForm
from tandems.models import ProfileVersion, TandemMember
from tests.factories import KICK_OFF, ProfileVersionFactory, TandemMemberFactory

TOO_EARLY = KICK_OFF - dt.timedelta(days=1)


class LeavingForm(ConstraintModelForm):
    """Shows when a city leaves, and not when it joined, on which a constraint depends."""

    class Meta:
        model = TandemMember
        fields = ("left_on",)


class ReleaseForm(ConstraintModelForm):
    """Shows the state alone; the only released version is a matter of the hidden partnership."""

    class Meta:
        model = ProfileVersion
        fields = ("state",)


@pytest.mark.django_db
def test_constraint_on_a_hidden_field_speaks_above_the_form():
    member = TandemMemberFactory()

    form = LeavingForm({"left_on": TOO_EARLY.isoformat()}, instance=member)

    with translation.override("en"):
        assert form.errors == {NON_FIELD_ERRORS: ["The municipality leaves before it joins."]}
    with pytest.raises(ValueError, match="didn't validate"):
        form.save()
    assert TandemMember.objects.get().left_on is None


@pytest.mark.django_db
def test_unique_constraint_on_a_hidden_field_speaks_above_the_form():
    released = ProfileVersionFactory()
    version = ProfileVersionFactory(
        tandem=released.tandem, state="superseded", released_at=released.released_at
    )

    form = ReleaseForm({"state": "released"}, instance=version)

    with translation.override("en"):
        assert form.errors == {NON_FIELD_ERRORS: ["Another version of this profile is released."]}


@pytest.mark.django_db
def test_message_speaks_the_language_of_the_reader():
    form = LeavingForm({"left_on": TOO_EARLY.isoformat()}, instance=TandemMemberFactory())

    assert form.non_field_errors() == ["Der Austritt der Kommune liegt vor dem Beitritt."]


@pytest.mark.django_db
def test_valid_form_is_saved():
    member = TandemMemberFactory()

    form = LeavingForm({"left_on": KICK_OFF.isoformat()}, instance=member)

    assert form.errors == {}
    form.save()
    assert TandemMember.objects.get().left_on == KICK_OFF


@pytest.mark.django_db
def test_wrong_value_is_reported_once_at_its_field():
    member = TandemMemberFactory(joined_earliest=dt.date(2023, 1, 1), joined_latest=None)
    member.joined_latest = KICK_OFF  # breaks another constraint

    form = LeavingForm({"left_on": "yesterday"}, instance=member)

    assert list(form.errors) == ["left_on"]
    assert len(form.errors["left_on"]) == 1


@pytest.mark.django_db
def test_message_stands_at_its_field_where_the_form_shows_it():
    form = LeavingForm({}, instance=TandemMemberFactory())

    moved = form.with_shown_fields(
        ValidationError(
            {"left_on": ["too early"], "joined_latest": ["too late"], NON_FIELD_ERRORS: ["odd"]}
        )
    )

    assert moved.message_dict == {"left_on": ["too early"], NON_FIELD_ERRORS: ["too late", "odd"]}
