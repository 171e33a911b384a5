"""What has had its time: applications that were not chosen, and people who leave the portal."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from calls import content
from calls.enums import (
    ApplicationState,
    ConflictKind,
    PairingState,
    ReviewState,
)
from calls.models import (
    Application,
    ApplicationTopic,
    ConflictDeclaration,
    DiscussionNote,
    EligibilityCheck,
    Letter,
    ListEntry,
    Offer,
    Pairing,
    PairingConsent,
    PairRule,
    Review,
    ReviewAssignment,
    Score,
    Submission,
)
from calls.queries.retention import RETENTION, due_applications, history_about
from core.actions import note_change

logger = logging.getLogger("vernetzt.retention")
#: Stands where a text was that must not be empty.
GONE = "–"
#: Of the columns of an application, what stays for statistics and the record.
KEPT = frozenset({"place_name", "place_country", "place_population"})


def forget_refused_applications(*, by: Any = None) -> int:
    """Empty every application that has had its time; return how many.

    What stays is the municipality's name, country and number of inhabitants, the topics with their
    levels, reference, moments, points and decision: statistics and the record of the decision need
    them. Each application is a transaction of its own; one that fails is tried again the next time.
    """
    forgotten = 0
    for pk in list(due_applications(timezone.now()).values_list("pk", flat=True)):
        try:
            forgotten += _forget(pk, by)
        except Exception as error:
            # One that cannot be emptied must not hold up the others.
            data = {"application": pk, "error": type(error).__name__}
            logger.exception("An application could not be emptied.", extra={"data": data})
    return forgotten


@transaction.atomic
def _forget(pk: int, by: Any) -> bool:
    """Empty one application; tell whether it was due still."""
    application = Application.objects.select_for_update().get(pk=pk)
    if not due_applications(timezone.now()).filter(pk=pk).exists():
        return False
    # The history first, while the rows that it is about are still there.
    _clear_history(application)
    files = _clear_sent(application)
    _clear_form(application)
    _clear_review(application)
    _clear_offers(application)
    note_change(application, field=RETENTION, old="", new="emptied", by=by)
    transaction.on_commit(partial(_delete_files, files))
    return True


def _delete_files(names: list[str]) -> None:
    for name in names:
        default_storage.delete(name)


def _clear_history(application: Application) -> None:
    """Take notes, and the people of the city, out of the history of an application and its parts.

    Who of the programme did what stays.
    """
    both = Q(german=application) | Q(european=application)
    pairings = Pairing.objects.filter(both)
    parts: tuple[tuple[type[models.Model], Any], ...] = (
        (Application, Application.objects.filter(pk=application.pk)),
        (ReviewAssignment, application.assignments.all()),
        (Review, Review.objects.filter(assignment__application=application)),
        (EligibilityCheck, EligibilityCheck.objects.filter(application=application)),
        (ConflictDeclaration, application.conflicts.all()),
        (DiscussionNote, application.notes.all()),
        (ListEntry, application.list_entries.all()),
        (Letter, application.letters.all()),
        (Offer, application.offers.all()),
        (PairRule, PairRule.objects.filter(both)),
        (Pairing, pairings),
        (PairingConsent, PairingConsent.objects.filter(pairing__in=pairings)),
    )
    own = history_about(Application).filter(object_id=application.pk)
    own.filter(field="editors").delete()
    own.filter(field="state").update(changed_by=None)
    for model, rows in parts:
        found = history_about(model).filter(object_id__in=rows.values("pk"))
        found.update(note="")
        if model in {Offer, Pairing, PairingConsent}:
            found.update(changed_by=None)


def _clear_sent(application: Application) -> list[str]:
    """Empty what was sent and let go of the files; return their names in the storage."""
    files = [row.file.name for row in application.attachments.all()]
    for submission in application.submissions.all():
        files.append(submission.receipt.name)
        # The checksum stays: it proves what an archive holds.
        Submission.objects.filter(pk=submission.pk).update(
            document=content.emptied(submission.document), receipt="", sent_by=None
        )
    application.attachments.all().delete()
    return [name for name in files if name]


def _clear_form(application: Application) -> None:
    """Empty what stands in the form, and who wrote it."""
    for names in content.COLUMNS.values():
        for name in names:
            if name not in KEPT:
                setattr(application, name, content.blank(name))
    application.begun_by = None
    # Nobody revises it any more: what was sent counts.
    application.state = ApplicationState.SUBMITTED
    application.save()
    ApplicationTopic.objects.filter(application=application).update(sentence="")
    application.answers.all().delete()
    application.agreements.all().delete()
    application.editors.all().delete()
    application.saves.all().delete()


def _clear_review(application: Application) -> None:
    """Take the words out of reviews, notes, declarations and lists; points and steps stay."""
    reviews = Review.objects.filter(assignment__application=application)
    reviews.exclude(state=ReviewState.FILED).delete()
    reviews.update(comment="")
    Score.objects.filter(review__assignment__application=application).update(justification="")
    application.notes.all().delete()
    application.conflicts.closing().update(sentence=GONE)
    application.conflicts.filter(kind=ConflictKind.NONE).update(sentence="")
    ListEntry.objects.filter(application=application).update(reason="")


def _clear_offers(application: Application) -> None:
    """Take the words out of letters and answers; pairs that came to nothing go."""
    application.letters.all().update(subject=GONE, body="")
    application.offers.all().update(note="", answered_by=None)
    both = Q(german=application) | Q(european=application)
    Pairing.objects.filter(both).exclude(state=PairingState.FORMED).delete()
    PairRule.objects.filter(both).delete()


@transaction.atomic
def forget_reviewer(*, user: Any, by: Any) -> None:
    """Let go of what an erased person has not filed: drafts of reviews, and what was to be read.

    What was filed counts for the decision and stays, nameless.
    """
    unfiled = ReviewAssignment.objects.filter(reviewer=user).unfiled()
    pks = list(unfiled.values_list("pk", flat=True))
    Review.objects.filter(assignment__in=pks).delete()
    ReviewAssignment.objects.filter(pk__in=pks).delete()
