"""Inviting, accepting, ending, handing over, erasing: who may, what is kept, who is told."""

from __future__ import annotations

import datetime as dt

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.utils import timezone
from post_office.models import Email

from accounts import actions
from accounts.enums import CITY_ROLES, UserRole
from accounts.models import Invitation, RoleAssignment, User
from accounts.permissions import may_give
from core.actions import note_change
from core.models import StatusChange
from tests.factories import (
    InvitationFactory,
    MunicipalityFactory,
    OrganisationFactory,
    RoleAssignmentFactory,
    make_user,
)
from tests.races import act_at_once

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def invite(by, role="deputy", email="new@example.org", **place):
    return actions.invite(email=email, role=role, language="de", by=by, **place)


def told():
    """Return recipients and subjects of all mails in the outbox."""
    return [(mail.to, mail.subject) for mail in Email.objects.order_by("pk")]


def told_changes(subject):
    rows = StatusChange.objects.filter(
        object_id=subject.pk, content_type__model=subject._meta.model_name
    )
    return [(row.old, row.new, row.changed_by) for row in rows.order_by("pk")]


# --- who may give which role ----------------------------------------------------------------------


@pytest.mark.parametrize("giver", UserRole)
@pytest.mark.parametrize("role", UserRole)
def test_role_is_given_by_those_who_may(giver, role):
    user = make_user(giver)
    own = user.roles[0].municipality
    city = role in CITY_ROLES
    row = RoleAssignmentFactory.build(
        user=user, role=role, municipality=own if city else None, organisation=None
    )
    foreign = RoleAssignmentFactory.build(
        user=user, role=role, municipality=MunicipalityFactory() if city else None,
        organisation=None,
    )  # fmt: skip

    everything, cities = giver == "bbsr", giver == "coordinator" and city
    helps = giver in {"contact", "deputy"} and role in {"deputy", "colleague"}
    assert may_give(user, row) is (everything or cities or helps)
    assert may_give(user, foreign) is (everything or cities)


def test_contact_invites_a_deputy_of_the_own_municipality():
    contact = make_user("contact")
    place = contact.roles[0].municipality

    invitation = invite(contact, email=" New.Person@Example.org ", municipality=place)

    assert (invitation.email, invitation.invited_by) == ("new.person@example.org", contact)
    days = (invitation.expires_at - timezone.now()).days
    assert days == 13
    assert told_changes(invitation) == [("", "open", contact)]
    ((recipients, subject),) = told()
    assert recipients == ["new.person@example.org"]
    assert subject == f"Einladung zu #vernetztinEuropa: {place.name_de}"


def test_invitation_speaks_the_language_that_was_chosen_for_it():
    contact = make_user("contact")
    place = contact.roles[0].municipality

    actions.invite(
        email="new@example.org", role="deputy", municipality=place, language="en", by=contact
    )

    mail = Email.objects.get()
    assert mail.subject == f"Invitation to #vernetztinEuropa: {place.name_en}"
    assert "http://localhost:8000/en/accounts/invitation/" in mail.message
    assert mail.html_message.startswith('<!doctype html>\n<html lang="en">')


@pytest.mark.parametrize(
    ("role", "own"), [("contact", True), ("deputy", False), ("reviewer", False)]
)
def test_contact_invites_to_nothing_else(role, own):
    contact = make_user("contact")
    city = role in CITY_ROLES
    place = contact.roles[0].municipality if own else MunicipalityFactory()

    with pytest.raises(PermissionDenied):
        invite(
            contact,
            role=role,
            municipality=place if city else None,
            organisation=None if city else OrganisationFactory(),
        )

    assert (Invitation.objects.count(), told()) == (0, [])


def test_organisation_gives_its_own_roles_only():
    with pytest.raises(ValidationError, match="gibt es in dieser Organisation nicht"):
        invite(make_user("bbsr"), role="observer", organisation=OrganisationFactory())


def test_nobody_is_invited_twice_and_an_expired_invitation_makes_room():
    contact = make_user("contact")
    place = contact.roles[0].municipality
    first = invite(contact, municipality=place)

    with pytest.raises(ValidationError, match="schon eingeladen"):
        invite(contact, municipality=place, email="NEW@example.org")
    Invitation.objects.update(expires_at=timezone.now() - DAY)
    second = invite(contact, municipality=place)

    first.refresh_from_db()
    assert first.withdrawn_at is not None
    assert list(Invitation.objects.open()) == [second]


@pytest.mark.parametrize("role", ["contact", "deputy"])
def test_nobody_is_invited_to_a_role_that_is_held(role):
    holder = make_user(role)

    with pytest.raises(
        ValidationError, match=r"schon eine Ansprechperson|hat diese Rolle dort schon"
    ):
        invite(
            make_user("bbsr"),
            role=role,
            email=holder.email,
            municipality=holder.roles[0].municipality,
        )


# --- accepting ------------------------------------------------------------------------------------


def test_accepted_invitation_gives_the_role_from_today():
    invited, inviter = make_user(), make_user("bbsr")
    invitation = InvitationFactory(email=invited.email, role="deputy", invited_by=inviter)

    assignment = actions.accept_invitation(invitation=invitation, by=invited)

    assert (assignment.user, assignment.role) == (invited, "deputy")
    assert (assignment.since, assignment.until) == (timezone.localdate(), None)
    assert told_changes(assignment) == [("", "held", inviter)]
    assert not Invitation.objects.get().is_open


@pytest.mark.parametrize(
    "ended",
    [
        {"accepted_at": timezone.now()},
        {"withdrawn_at": timezone.now()},
        {"expires_at": timezone.now() - DAY},
    ],
)
def test_invitation_that_no_longer_counts_gives_nothing(ended):
    invited = make_user()
    invitation = InvitationFactory(email=invited.email, **ended)

    with pytest.raises(ValidationError, match="gilt nicht mehr"):
        actions.accept_invitation(invitation=invitation, by=invited)

    assert RoleAssignment.objects.count() == 0


def test_invitation_of_another_address_gives_nothing():
    invitation = InvitationFactory()

    with pytest.raises(ValidationError, match="andere E-Mail-Adresse"):
        actions.accept_invitation(invitation=invitation, by=make_user())

    assert RoleAssignment.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_give_one_role():
    invited = make_user()
    invitation = InvitationFactory(email=invited.email)

    outcomes = act_at_once(
        lambda: actions.accept_invitation(invitation=invitation, by=invited),
        lambda: actions.accept_invitation(invitation=invitation, by=invited),
    )

    assert sorted(type(outcome).__name__ for outcome in outcomes) == [
        "RoleAssignment",
        "ValidationError",
    ]
    assert RoleAssignment.objects.count() == 1
    connection.close()


# --- ending and handing over ----------------------------------------------------------------------


def test_ended_role_counts_no_more_and_the_person_is_told():
    contact, deputy = make_user("contact"), make_user()
    place = contact.roles[0].municipality
    held = RoleAssignmentFactory(user=deputy, role="deputy", municipality=place)

    actions.end_role(assignment=held, note="moves on", by=contact)

    held.refresh_from_db()
    assert held.until == timezone.localdate() - DAY
    assert User.objects.get(pk=deputy.pk).roles == []
    assert told_changes(held) == [("held", "ended", contact)]
    assert told() == [([deputy.email], f"Ihre Rolle für {place.name_de} ist beendet")]


def test_role_given_today_ends_without_a_day():
    bbsr = make_user("bbsr")
    held = RoleAssignmentFactory(since=timezone.localdate())

    actions.end_role(assignment=held, by=bbsr)

    assert not RoleAssignment.objects.filter(pk=held.pk).exists()


def test_role_ends_once():
    bbsr = make_user("bbsr")
    held = RoleAssignmentFactory(until=timezone.localdate() - DAY)

    with pytest.raises(ValidationError, match="schon beendet"):
        actions.end_role(assignment=held, by=bbsr)

    assert told() == []


def test_neighbour_ends_no_role():
    with pytest.raises(PermissionDenied):
        actions.end_role(assignment=RoleAssignmentFactory(), by=make_user("contact"))


def test_deputy_takes_over_in_one_step():
    contact = make_user("contact")
    old = contact.roles[0]
    successor = RoleAssignmentFactory(role="deputy", municipality=old.municipality)

    taken = actions.hand_over(
        assignment=old, successor=successor, note="Ask Ms Krüger & Co", by=contact
    )

    today = timezone.localdate()
    held = RoleAssignment.objects.held_on(today).filter(municipality=old.municipality)
    assert [(row.user, row.role) for row in held] == [(successor.user, "contact")]
    assert taken.since == today
    assert told_changes(old) == [("held", "handed over", contact)]
    assert told_changes(successor) == [("held", "moved up", contact)]
    mail, farewell = Email.objects.order_by("pk")
    assert (mail.to, farewell.to) == ([successor.user.email], [contact.email])
    assert "Ask Ms Krüger & Co" in mail.message
    assert "Ask Ms Krüger &amp; Co" in mail.html_message


@pytest.mark.parametrize("role", ["colleague", "elsewhere", "ended"])
def test_nobody_but_the_current_deputy_takes_over(role):
    contact = make_user("contact")
    old = contact.roles[0]
    successor = RoleAssignmentFactory(
        role="colleague" if role == "colleague" else "deputy",
        municipality=MunicipalityFactory() if role == "elsewhere" else old.municipality,
        until=timezone.localdate() - DAY if role == "ended" else None,
    )

    with pytest.raises(ValidationError, match="jetzige Vertretung"):
        actions.hand_over(assignment=old, successor=successor, note="", by=contact)

    old.refresh_from_db()
    assert old.until is None


# --- own data -------------------------------------------------------------------------------------


def test_erased_person_leaves_the_record_without_a_name():
    contact = make_user("contact")
    address, assignment = contact.email, contact.roles[0]
    Authenticator.objects.create(user=contact, type="totp", data={})
    InvitationFactory(email=address)
    change = note_change(assignment, old="", new="held", by=contact)

    actions.erase_person(user=contact, by=contact)

    contact.refresh_from_db()
    assert (contact.email, contact.name) == (f"erased-{contact.pk}@invalid", "")
    assert (contact.is_active, contact.has_usable_password()) == (False, False)
    assert change is None
    assert StatusChange.objects.filter(changed_by=contact).count() == 2
    rows = [EmailAddress, Authenticator, Invitation]
    assert [model.objects.count() for model in rows] == [0, 0, 0]
    assignment.refresh_from_db()
    assert assignment.until == timezone.localdate() - DAY


def test_unused_invitations_go_after_their_time():
    now, month = timezone.now(), dt.timedelta(days=31)
    kept = [InvitationFactory(), InvitationFactory(expires_at=now - DAY)]
    kept.append(InvitationFactory(accepted_at=now - month, expires_at=now - month))
    InvitationFactory(expires_at=now - month)
    InvitationFactory(withdrawn_at=now - month)

    gone = actions.end_unused_invitations()

    assert gone == 2
    assert set(Invitation.objects.all()) == set(kept)
