"""What has had its time goes: unconfirmed accounts, accounts that nobody uses, erased people."""

from __future__ import annotations

import datetime as dt

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.apps import apps
from django.db import models
from django.utils import timezone
from post_office.models import Email

from accounts import actions, mails
from accounts.data import data_of
from accounts.models import RoleAssignment, User
from core.actions import note_change
from tests.applications import make_draft as begin_draft
from tests.factories import InvitationFactory, UserFactory, make_user

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def unconfirmed(days, **fields):
    user = UserFactory(date_joined=timezone.now() - days * DAY, **fields)
    EmailAddress.objects.create(user=user, email=user.email, verified=False, primary=True)
    return user


def unused(days, role=None):
    user = make_user(role)
    moment = timezone.now() - days * DAY
    User.objects.filter(pk=user.pk).update(last_login=moment, date_joined=moment)
    return user


def test_account_that_nobody_confirmed_is_deleted_after_its_days(settings):
    settings.UNCONFIRMED_DAYS = 7
    kept = [unconfirmed(6), make_user(), unused(20), unconfirmed(20, is_superuser=True)]
    unconfirmed(8)

    assert actions.delete_unconfirmed_accounts() == 1
    assert set(User.objects.all()) == set(kept)


def test_unused_account_is_announced_a_month_before_and_then_erased(settings):
    settings.UNUSED_ACCOUNT_DAYS = 730
    user = unused(701)

    first = actions.erase_unused_accounts()
    mail = Email.objects.get()
    again = actions.erase_unused_accounts()
    User.objects.update(erasure_announced_at=timezone.now() - 31 * DAY)
    last = actions.erase_unused_accounts()

    assert (first, again, last) == (0, 0, 1)
    assert (mail.to, mail.subject) == ([user.email], "Ihr Konto wird gelöscht")
    assert "in 30 Tagen gelöscht" in mail.message
    user.refresh_from_db()
    assert (user.is_active, user.name) == (False, "")


def test_signing_in_once_keeps_the_account():
    user = unused(701)
    actions.erase_unused_accounts()
    now = timezone.now()
    User.objects.update(erasure_announced_at=now - 31 * DAY, last_login=now - DAY)

    assert actions.erase_unused_accounts() == 0
    user.refresh_from_db()
    assert user.is_active


def test_account_with_a_role_or_in_use_is_never_announced():
    unused(2_000, "contact")
    unused(600)
    future = unused(2_000, "deputy")
    RoleAssignment.objects.filter(user=future).update(since=timezone.localdate() + DAY)

    assert actions.erase_unused_accounts() == 0
    assert not Email.objects.exists()


#: Model.field that holds something about a person → what becomes of it when the person is erased.
PERSONAL = {
    "accounts.User.email": "replaced",
    "accounts.User.name": "emptied",
    "accounts.User.language": "kept: says nothing about a nameless account",
    "accounts.User.time_zone": "kept: says nothing about a nameless account",
    "accounts.User.reads": "emptied",
    "accounts.User.muted": "emptied",
    "accounts.User.summary_sent_at": "kept: says nothing about a nameless account",
    "accounts.User.erasure_announced_at": "kept: says nothing about a nameless account",
    "accounts.User.password": "emptied",
    "accounts.User.last_login": "kept: says nothing about a nameless account",
    "accounts.User.date_joined": "kept: says nothing about a nameless account",
    "accounts.User.is_active": "switched off",
    "accounts.User.is_superuser": "kept: no way in is left",
    "accounts.RoleAssignment.user": "kept: the history of the office, nameless",
    "accounts.Invitation.email": "deleted",
    "accounts.Invitation.invited_by": "kept: the history, nameless",
    "account.EmailAddress.user": "deleted",
    "account.EmailAddress.email": "deleted",
    "account.EmailConfirmation.email_address": "deleted",
    "mfa.Authenticator.user": "deleted",
    "usersessions.UserSession.user": "deleted",
    "socialaccount.SocialAccount.user": "deleted",
    "calls.Application.begun_by": "kept: the history, nameless",
    "calls.Application.contact_email": "kept: the municipality's statement, until it goes",
    "calls.Application.deputy_email": "kept: the municipality's statement, until it goes",
    "calls.ApplicationEditor.user": "deleted, and a draft nobody else writes with it",
    "calls.ApplicationEditor.email": "deleted",
    "calls.ApplicationEditor.invited_by": "kept: the history, nameless",
    "calls.ApplicationSave.saved_by": "kept: the history, nameless",
    "calls.Agreement.given_by": "kept: the history, nameless",
    "calls.Attachment.uploaded_by": "kept: the history, nameless",
    "calls.Submission.sent_by": "kept: the history, nameless",
    "calls.ConflictDeclaration.person": "kept: the record of the decision, nameless",
    "calls.ReviewAssignment.reviewer": "kept nameless where a review was filed, else deleted",
    "calls.ReviewAssignment.assigned_by": "kept: the history, nameless",
    "calls.DiscussionNote.author": "kept: the record of the decision, nameless",
    "calls.EligibilityCheck.checked_by": "kept: the record of the decision, nameless",
    "calls.SelectionList.made_by": "kept: the history, nameless",
    "calls.SelectionSession.recommended_by": "kept: the record of the decision, nameless",
    "calls.SelectionSession.decided_by": "kept: the record of the decision, nameless",
    "calls.SessionParticipant.person": "kept with the name: files tell who decided",
    "calls.Letter.edited_by": "kept: the history, nameless",
    "calls.Letter.released_by": "kept: the history, nameless",
    "calls.Offer.answered_by": "kept: the history, nameless",
    "calls.PairRule.made_by": "kept: the history, nameless",
    "calls.Pairing.proposed_by": "kept: the history, nameless",
    "calls.PairingConsent.given_by": "kept: the history, nameless",
    "core.StatusChange.changed_by": "kept: the history, nameless",
    "meetings.Commitment.made_by": "kept: the history, nameless",
    "accounts.User.paces": "emptied",
    "accounts.User.digest_sent_at": "emptied",
    "accounts.DirectoryEntry.user": "deleted",
    "meetings.MeetingGuest.let_in_by": "kept: the history, nameless",
    "tandems.Document.added_by": "kept: the history, nameless",
    "tandems.DocumentVersion.uploaded_by": "kept: the history, nameless",
    "tandems.Picture.uploaded_by": "kept: the history, nameless",
    "tandems.ProfileComment.written_by": "kept: the history, nameless",
    "tandems.ProfileConfirmation.given_by": "kept: the history, nameless",
    "tandems.ProfileEntry.changed_by": "kept: the history, nameless",
    "tandems.ProfileText.checked_by": "kept: the history, nameless",
    "tandems.ProfileText.written_by": "kept: the history, nameless",
    "tandems.ProfileVersion.started_by": "kept: the history, nameless",
    "tandems.TandemNotice.user": "deleted",
    "tandems.TopicGuest.let_in_by": "kept: the history, nameless",
    "tandems.ProfileVersion.submitted_by": "kept: the history, nameless",
    "tandems.ProfileVersion.released_by": "kept: the history, nameless",
    "meetings.Commitment.person": "kept: the history, nameless",
    "meetings.GuidingQuestion.asked_by": "kept: the history, nameless",
    "meetings.Attendance.user": "deleted",
    "meetings.Attendance.email": "deleted a year after the meeting; accounts have theirs",
    "meetings.Attendance.added_by": "kept: the history, nameless",
    "meetings.CalendarFeed.user": "deleted",
    "meetings.DatePoll.opened_by": "kept: the history, nameless",
    "meetings.Minutes.begun_by": "kept: the history, nameless",
    "meetings.Minutes.released_by": "kept: the history, nameless",
    "meetings.MinutesEntry.changed_by": "kept: the history, nameless",
    "meetings.MinutesAgreement.given_by": "kept: the history, nameless",
    "meetings.MinutesComment.written_by": "kept: the history, nameless",
    "meetings.CheckIn.answered_by": "kept: the history, nameless",
    "meetings.Consultation.prepared_by": "kept: the history, nameless",
    "meetings.ConsultationMember.user": "deleted where it is over, else nameless until replaced",
    "meetings.Contribution.written_by": "emptied, and the text deleted a year after the end",
    "meetings.LearningEntry.written_by": "kept: the history, nameless",
}


def test_every_field_about_people_is_in_the_inventory():
    """A new link to a person, or address, must say what becomes of it."""
    found = set()
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if not isinstance(field, models.Field) or isinstance(field, models.AutoField):
                continue
            about = (
                field.related_model in {User, EmailAddress}
                or isinstance(field, models.EmailField)
                or (model is User and not isinstance(field, models.ManyToManyField))
            )
            if about and not field.many_to_many:
                found.add(f"{model._meta.app_label}.{model.__name__}.{field.name}")
    # Kept by libraries that are not in use, or without a word about the person.
    found -= {name for name in found if name.startswith("admin.")}

    assert found == set(PERSONAL)


def test_nothing_of_an_erased_person_is_left_in_the_database():
    user = make_user("contact")
    user.name, user.email = "Unverwechselbar Müller", "unverwechselbar@krefeld.example"
    user.reads = ["unverwechselbar"]
    user.save()
    EmailAddress.objects.update(email=user.email)
    Authenticator.objects.create(user=user, type="totp", data={})
    SocialAccount.objects.create(user=user, provider="bbsr", uid="x")
    InvitationFactory(email="unverwechselbar+2@krefeld.example")
    begin_draft(by=user)
    begin_draft(by=make_user()).editors.create(email="unverwechselbar+3@krefeld.example")
    mails.role_ended(user.roles[0])

    actions.erase_person(user=user, by=user)

    for model in apps.get_models():
        for row in model._default_manager.values():
            assert "unverwechselbar" not in str(row).lower(), model


def test_own_data_holds_every_kind_of_record():
    user = make_user("contact")
    InvitationFactory(email=user.email)
    SocialAccount.objects.create(user=user, provider="bbsr", uid="x")
    note_change(user.roles[0], old="", new="held", by=user)
    begin_draft(by=user)

    held = data_of(user)

    assert {name: bool(rows) for name, rows in held.items()} == {
        "account": True,
        "directory_entry": False,
        "notices": False,
        "workspace": True,
        "meetings": True,
        "applications": True,
        "selection": False,
        "addresses": True,
        "second_factors": False,
        "identities": True,
        "sessions": False,
        "roles": True,
        "invitations": True,
        "changes": True,
    }
