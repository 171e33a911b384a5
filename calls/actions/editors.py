"""What lets colleagues write an application together."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.mailboxes import mailbox_of, normalise_address
from accounts.permissions import Permission, require
from calls import mails
from calls.models import Application, ApplicationEditor, writers_of
from core.actions import note_change
from core.models import StatusChange, save_new

#: Editors of one application, those included who have not come yet.
MOST_EDITORS = 10
#: How long an invitation counts.
INVITATION = dt.timedelta(days=30)
#: Between two requests of one person to be let in.
PAUSE = dt.timedelta(days=1)


@transaction.atomic
def invite_editor(*, application: Application, email: str, by: Any) -> ApplicationEditor:
    """Invite a colleague by e-mail to write along; raises :class:`ValidationError` if full."""
    locked = Application.objects.select_for_update().get(pk=application.pk)
    require(by, Permission.APPLY, locked)
    address = normalise_address(email)
    if locked.editors.count() >= MOST_EDITORS:
        raise ValidationError(
            _("An application takes up to %(number)s people. Remove somebody first.")
            % {"number": MOST_EDITORS}
        )
    editor = ApplicationEditor(application=locked, email=address, invited_by=by)
    save_new(editor)
    note_change(locked, field="editors", old="", new="invited", by=by)
    mails.editor_invited(editor)
    return editor


@transaction.atomic
def join_application(*, editor: ApplicationEditor, by: Any) -> ApplicationEditor:
    """Let an invited colleague in.

    Raises :class:`ValidationError` for another address, for people of the programme, and when the
    invitation has run out.
    """
    locked = ApplicationEditor.objects.select_for_update().filter(pk=editor.pk, user=None).first()
    if locked is None or locked.invited_at + INVITATION < timezone.now():
        raise ValidationError(_("This invitation no longer counts. Ask for a new one."))
    if mailbox_of(locked.email) != mailbox_of(by.email):
        raise ValidationError(
            _("This invitation is for another e-mail address. Sign in with the invited one.")
        )
    if by.is_staff:
        raise ValidationError(_("Whoever works for the programme cannot apply."))
    locked.user, locked.joined_at = by, timezone.now()
    locked.full_clean()
    locked.save()
    note_change(locked.application, field="editors", old="invited", new="joined", by=by)
    return locked


@transaction.atomic
def remove_editor(*, editor: ApplicationEditor, by: Any) -> None:
    """Take somebody off an application; the last one stays."""
    application = Application.objects.select_for_update().get(pk=editor.application_id)
    require(by, Permission.APPLY, application)
    writers = writers_of(application.pk, application.municipality_id)
    if editor.user_id and not writers.exclude(pk=editor.user_id).exists():
        raise ValidationError(_("Somebody must be able to write. Invite another person first."))
    deleted, _rows = ApplicationEditor.objects.filter(pk=editor.pk).delete()
    if deleted:
        note_change(application, field="editors", old="held", new="removed", by=by)


@transaction.atomic
def forget_editor(*, user: Any, by: Any) -> None:
    """Take an erased person, and invitations to the mailbox, off every application.

    A draft that was never sent goes with its last editor: nobody else could read it. What was sent
    is the municipality's and stays until the procedure is over.
    """
    own = ApplicationEditor.objects.filter(user=user)
    applications = list(Application.objects.filter(pk__in=own.values("application")))
    own.delete()
    ApplicationEditor.objects.waiting().to_mailbox(user.email).delete()
    for application in applications:
        writers = writers_of(application.pk, application.municipality_id)
        is_lonely = not writers.exclude(pk=user.pk).exists()
        if is_lonely and not application.submissions.exists():
            application.delete()


@transaction.atomic
def ask_to_join(*, application: Application, by: Any) -> None:
    """Tell those who write an application that a colleague asks to be let in; once a day."""
    locked = Application.objects.select_for_update().get(pk=application.pk)
    asked = f"asked {by.pk}"
    lately = StatusChange.objects.of(locked).filter(changed_at__gt=timezone.now() - PAUSE)
    if by.is_staff or lately.filter(field="editors", new=asked).exists():
        raise ValidationError(_("You have asked already. Please give your colleagues a day."))
    note_change(locked, field="editors", old="", new=asked, by=by)
    mails.editor_asks(locked, by)
