"""What sends an application, takes it up again and withdraws it."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone, translation

from accounts.permissions import Permission, require
from calls import content, mails
from calls.actions.application import locked_for_writing
from calls.checklist import check
from calls.deadline import refuse_late
from calls.document import receipt_of
from calls.enums import APPLICATION_TRANSITIONS, ApplicationState
from calls.models import Application, Call, Submission
from core.actions import change_status

logger = logging.getLogger("vernetzt.receipts")


@transaction.atomic
def submit_application(
    *, application: Application, opened_at: dt.datetime | None = None, by: Any
) -> Submission:
    """Send an application: number, frozen copy and receipt, all or nothing.

    Raises :class:`ValidationError` with every gap (code ``gap``), after the deadline (``deadline``)
    and when it was sent already (``state``): of two who send at once the second one meets that.
    """
    locked = locked_for_writing(application=application, opened_at=opened_at, by=by)
    gaps = check(locked).gaps
    if gaps:
        raise ValidationError([ValidationError(gap.words, code="gap") for gap in gaps])
    now = timezone.now()
    reference = locked.reference or _next_reference(locked.call)
    changed = change_status(
        locked,
        field="state",
        new=ApplicationState.SUBMITTED,
        transitions=APPLICATION_TRANSITIONS,
        changes={"submitted_at": now, "reference": reference, "changed_at": now},
        by=by,
    )
    number = changed.submissions.count() + 1
    document = content.frozen(changed, number=number, sent_at=now, by=by)
    submission = Submission.objects.create(
        application=changed,
        number=number,
        document=document,
        sha256=content.checksum(document),
        sent_by=by,
        sent_at=now,
    )
    # At once, for the person who waits; should that fail, the jobs do it.
    transaction.on_commit(lambda: _try_receipt(submission))
    return submission


def _next_reference(call: Call) -> str:
    """Return the next free number of the call; it stays locked until the transaction ends."""
    # Beginning an application only refers to the call; it need not wait for this.
    Call.objects.select_for_update(no_key=True).get(pk=call.pk)
    taken = Application.objects.filter(call=call).exclude(reference="").count()
    year = call.closes_at.year if call.closes_at else timezone.localdate().year
    return f"{year}-{call.pk}-{taken + 1:03d}"


@transaction.atomic
def reopen_application(*, application: Application, by: Any) -> Application:
    """Take up again what was sent; until it is sent again, the version sent before counts."""
    require(by, Permission.APPLY, application)
    refuse_late(Call.objects.get(pk=application.call_id))
    return change_status(
        application,
        field="state",
        new=ApplicationState.REOPENED,
        transitions=APPLICATION_TRANSITIONS,
        by=by,
    )


@transaction.atomic
def withdraw_application(
    *,
    application: Application,
    note: str = "",
    opened_at: dt.datetime | None = None,
    by: Any,
) -> Application:
    """Withdraw an application before the deadline; the municipality may begin another one."""
    require(by, Permission.APPLY, application)
    refuse_late(Call.objects.get(pk=application.call_id), opened_at)
    withdrawn = change_status(
        application,
        field="state",
        new=ApplicationState.WITHDRAWN,
        transitions=APPLICATION_TRANSITIONS,
        note=note,
        by=by,
    )
    mails.application_withdrawn(withdrawn, by)
    return withdrawn


@transaction.atomic
def begin_again(*, application: Application, by: Any) -> Application:
    """Make a draft of a withdrawn application, with everything that stood in it.

    Raises :class:`ValidationError` when the municipality has begun another one meanwhile.
    """
    require(by, Permission.APPLY, application)
    refuse_late(Call.objects.get(pk=application.call_id))
    return change_status(
        application,
        field="state",
        new=ApplicationState.DRAFT,
        transitions=APPLICATION_TRANSITIONS,
        by=by,
    )


@transaction.atomic
def delete_unsent_applications(*, by: Any = None) -> int:
    """Delete what was not sent, or was withdrawn, ``DRAFT_DAYS`` after the deadline.

    Nobody decides on it, and its people never gave it out of hand. Its files are swept away after.
    Returns how many.
    """
    before = timezone.now() - dt.timedelta(days=settings.DRAFT_DAYS)
    idle = [ApplicationState.DRAFT, ApplicationState.WITHDRAWN]
    old = Application.objects.filter(state__in=idle, call__closes_at__lt=before)
    return old.delete()[1].get(Application._meta.label, 0)


def _try_receipt(submission: Submission) -> None:
    """Write one receipt now; what fails is tried again by :func:`write_receipts`."""
    try:
        write_receipt(submission=submission)
    except Exception as error:
        # The application counts as sent, whatever happens to its receipt.
        data = {"submission": submission.pk, "error": type(error).__name__}
        logger.exception("A receipt could not be written.", extra={"data": data})


@transaction.atomic
def write_receipt(*, submission: Submission, by: Any = None) -> bool:
    """Make the PDF of exactly what was sent and put the mail with it into the outbox, once."""
    locked = (
        Submission.objects.select_for_update().without_receipt().filter(pk=submission.pk).first()
    )
    if locked is None:
        return False
    with translation.override(_language_of(locked)):
        pdf = receipt_of(locked)
    locked.receipt_at = timezone.now()
    locked.receipt.save("receipt.pdf", ContentFile(pdf), save=False)
    locked.save()
    mails.application_received(locked, pdf)
    return True


def _language_of(submission: Submission) -> str:
    """Return the language of whoever sent it, in which the receipt is written."""
    return submission.sent_by.language if submission.sent_by else "de"


def write_receipts(*, by: Any = None) -> int:
    """Write every receipt that is still missing; return how many."""
    written = 0
    for submission in Submission.objects.without_receipt():
        try:
            written += write_receipt(submission=submission, by=by)
        except Exception as error:
            # One that cannot be made must not hold up the others; the next run tries again.
            data = {"submission": submission.pk, "error": type(error).__name__}
            logger.exception("A receipt could not be written.", extra={"data": data})
    return written
