"""What attaches files to an application and takes them off again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.actions.application import locked_for_writing, renew
from calls.enums import QuestionKind
from calls.models import MOST_FILES, Application, Attachment, Question
from core.files import CheckedFile, store
from core.files.storage import FOLDER, names_in_use


def attach_file(
    *,
    application: Application,
    file: CheckedFile,
    question: Question | None = None,
    opened_at: dt.datetime | None = None,
    by: Any,
) -> Attachment:
    """Add a checked file; raises :class:`ValidationError` for a sixth one and for a copy.

    The file is written before the row: what a crash leaves between them is swept away by
    :func:`delete_orphaned_files`. A row without its file cannot come to be.
    """
    stored = ""
    try:
        with transaction.atomic():
            locked = locked_for_writing(application=application, opened_at=opened_at, by=by)
            present = locked.attachments.present()
            if present.filter(sha256=file.sha256).exists():
                raise ValidationError(_("This file is attached already."), code="copy")
            if present.count() >= MOST_FILES:
                raise ValidationError(
                    _("An application takes up to %(number)s files. Remove one first.")
                    % {"number": MOST_FILES},
                    code="full",
                )
            if question is not None and (
                question.call_id != locked.call_id or question.kind != QuestionKind.FILE
            ):
                raise ValidationError(_("Choose a question of this call."))
            stored = store(file)
            attachment = Attachment(
                application=locked,
                question=question,
                file=stored,
                name=file.name,
                kind=file.kind,
                size=file.size,
                sha256=file.sha256,
                uploaded_by=by,
            )
            attachment.save()
            renew(application=locked, by=by)
    except BaseException:
        if stored:
            default_storage.delete(stored)
        raise
    return attachment


@transaction.atomic
def remove_file(*, attachment: Attachment, opened_at: dt.datetime | None = None, by: Any) -> None:
    """Take a file off the form; one that was never sent is deleted."""
    application = locked_for_writing(application=attachment.application, opened_at=opened_at, by=by)
    row = Attachment.objects.present().filter(pk=attachment.pk).first()
    if row is None:
        return
    if _was_sent(row):
        row.removed_at = timezone.now()
        row.save()
    else:
        name = row.file.name or ""
        row.delete()
        transaction.on_commit(lambda: default_storage.delete(name))
    renew(application=application, by=by)


def _was_sent(attachment: Attachment) -> bool:
    """Tell whether a version that was sent holds this file."""
    key = str(attachment.key)
    return any(
        key == held["key"]
        for row in attachment.application.submissions.all()
        for held in row.document["files"]
    )


def delete_orphaned_files(*, by: Any = None) -> int:
    """Delete stored files older than a day that no row of any app names; return how many.

    A crash between file and row leaves them, and a row that goes with its application.
    """
    known = names_in_use()
    before = timezone.now() - dt.timedelta(days=1)
    deleted = 0
    for name in _stored_names():
        if name not in known and default_storage.get_modified_time(name) < before:
            default_storage.delete(name)
            deleted += 1
    return deleted


def _stored_names() -> Iterator[str]:
    """Yield the names of all stored files; attachments of queued mails lie elsewhere."""
    if not default_storage.exists(FOLDER):
        return
    for part in default_storage.listdir(FOLDER)[0]:
        for name in default_storage.listdir(f"{FOLDER}/{part}")[1]:
            yield f"{FOLDER}/{part}/{name}"
