"""Two people, or two clicks, at the same instant: one effect, and the second person is told."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from post_office.models import Email

from accounts import actions
from accounts.models import Invitation, RoleAssignment
from core.models import StatusChange
from tests.factories import InvitationFactory, MunicipalityFactory, make_user
from tests.races import act_at_once

pytestmark = pytest.mark.django_db(transaction=True)


def kinds(results):
    return [type(result).__name__ for result in results]


def test_two_inviters_invite_one_person_once():
    place = MunicipalityFactory()
    inviters = [make_user("contact", place), make_user("bbsr")]

    results = act_at_once(
        *(
            lambda by=by: actions.invite(
                email="neu@hamm.example", role="deputy", municipality=place, language="de", by=by
            )
            for by in inviters
        )
    )

    assert kinds(results) == ["Invitation", "ValidationError"]
    assert "schon eingeladen" in str(results[1])
    assert Invitation.objects.count() == Email.objects.count() == 1
    assert StatusChange.objects.count() == 1


def test_two_invited_people_become_contact_of_one_city_once():
    place, bbsr = MunicipalityFactory(), make_user("bbsr")
    people = [make_user(), make_user()]
    invitations = [
        InvitationFactory(email=user.email, role="contact", municipality=place, invited_by=bbsr)
        for user in people
    ]

    results = act_at_once(
        *(
            lambda user=user, row=row: actions.accept_invitation(invitation=row, by=user)
            for user, row in zip(people, invitations, strict=True)
        )
    )

    assert kinds(results) == ["RoleAssignment", "ValidationError"]
    assert "schon eine Ansprechperson" in str(results[1])
    assert RoleAssignment.objects.filter(municipality=place).count() == 1
    assert invitations[1].pk in Invitation.objects.open().values_list("pk", flat=True)


def test_invitation_is_accepted_or_withdrawn_not_both():
    user, bbsr = make_user(), make_user("bbsr")
    row = InvitationFactory(email=user.email, role="deputy", invited_by=bbsr)

    results = act_at_once(
        lambda: actions.accept_invitation(invitation=row, by=user),
        lambda: actions.withdraw_invitation(invitation=row, by=bbsr),
    )

    assert kinds(results) == ["RoleAssignment", "ValidationError"]


def test_office_is_handed_over_once():
    contact = make_user("contact")
    own = contact.roles[0]
    deputies = [make_user("deputy", own.municipality) for _ in range(2)]
    own.since = own.since.replace(year=2021)
    own.save()

    results = act_at_once(
        *(
            lambda row=deputy.roles[0]: actions.hand_over(
                assignment=own, successor=row, note="", by=contact
            )
            for deputy in deputies
        )
    )

    assert kinds(results)[0] == "RoleAssignment"
    assert isinstance(results[1], ValidationError)
    held = RoleAssignment.objects.filter(role="contact", until=None)
    assert [row.user for row in held] == [deputies[0]]


def test_handover_and_the_end_of_the_deputy_do_not_cross():
    contact = make_user("contact")
    own = contact.roles[0]
    deputy = make_user("deputy", own.municipality).roles[0]

    results = act_at_once(
        lambda: actions.end_role(assignment=deputy, by=contact),
        lambda: actions.hand_over(assignment=own, successor=deputy, note="", by=contact),
    )

    assert kinds(results) == ["RoleAssignment", "ValidationError"]
    assert RoleAssignment.objects.get(role="contact").until is None


def test_person_is_blocked_once():
    user, bosses = make_user("contact"), [make_user("bbsr"), make_user("bbsr")]

    results = act_at_once(*(lambda by=by: actions.block_person(user=user, by=by) for by in bosses))

    assert kinds(results) == ["User", "ValidationError"]
    assert StatusChange.objects.filter(new="blocked").count() == 1
