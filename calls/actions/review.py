"""What writes reviews: drafts, filing, reopening, and what is discussed afterwards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, require
from calls import mails
from calls.content import merge
from calls.enums import REVIEW_TRANSITIONS, CallState, ReviewState, SessionState
from calls.models import (
    STEPS,
    Application,
    Call,
    Criterion,
    DiscussionNote,
    Review,
    ReviewAssignment,
    Score,
    SelectionSession,
    gaps_in,
    reads_reviews,
    values_of_review,
)
from calls.standing import total_of
from core.actions import change_status
from core.models import save_new

#: The same words again within this time are a second click.
SECOND_CLICK = dt.timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class SavedReview:
    """What became of a draft that was sent: the review, and what stands against it.

    ``conflicts`` maps values that another window of the same person changed to what is stored.
    """

    review: Review
    conflicts: Mapping[str, Any] = field(default_factory=dict)


def _locked(assignment: ReviewAssignment, by: Any) -> ReviewAssignment:
    """Return the locked assignment, for who may score now.

    Raises :class:`PermissionDenied` for all but its reviewer, declared free of conflicts, and
    :class:`ValidationError` (code ``state``) where call or application take no review.
    """
    locked = (
        ReviewAssignment.objects.select_for_update(of=("self",))
        .select_related("application__call")
        .filter(pk=assignment.pk)
        .first()
    )
    if locked is None:
        # The project team has taken it from the reviewer in this moment.
        raise PermissionDenied
    application = locked.application
    require(by, Permission.SCORE, application)
    if locked.reviewer_id != by.pk:
        raise PermissionDenied
    if application.call.state != CallState.IN_REVIEW:
        raise ValidationError(
            _("The applications to this call are not under review now."), code="state"
        )
    if not application.is_sent:
        raise ValidationError(_("The municipality has withdrawn its application."), code="state")
    return locked


@transaction.atomic
def save_review(
    *,
    assignment: ReviewAssignment,
    values: Mapping[str, Any],
    opened_with: Mapping[str, str],
    by: Any,
) -> SavedReview:
    """Save a draft: ``comment`` and, for each criterion, ``step-<pk>`` and ``justification-<pk>``.

    Nothing that another window saved is overwritten: ``opened_with`` holds the marks of what the
    form was opened with (see :func:`calls.content.merge`). Unknown names are left out.

    Raises :class:`PermissionDenied` for all but the reviewer, :class:`ValidationError` where no
    review is taken (code ``state``) or it is filed (code ``filed``), and for points off the scale.
    """
    locked = _locked(assignment, by)
    review = Review.objects.filter(assignment=locked).first()
    if review is not None and review.state == ReviewState.FILED:
        raise ValidationError(
            _("This review was filed meanwhile and can no longer change."), code="filed"
        )
    criteria = list(locked.application.call.criteria.all())
    stored = values_of_review(review, criteria)
    known = {name: value for name, value in values.items() if name in stored}
    changes, conflicts = merge(stored, known, opened_with)
    if review is None:
        review = Review.objects.create(assignment=locked)
    if changes:
        _write(review, criteria, changes)
    return SavedReview(review, conflicts)


def _write(review: Review, criteria: list[Criterion], changes: Mapping[str, Any]) -> None:
    for criterion in criteria:
        parts = {
            part: changes[f"{part}-{criterion.pk}"]
            for part in ("step", "justification")
            if f"{part}-{criterion.pk}" in changes
        }
        if parts.get("step") not in {None, *STEPS}:
            raise ValidationError({f"step-{criterion.pk}": _("Choose 0 to 5 points.")})
        if parts:
            Score.objects.update_or_create(review=review, criterion=criterion, defaults=parts)
    review.comment = changes.get("comment", review.comment)
    review.saved_at = timezone.now()
    review.save()


@transaction.atomic
def file_review(*, assignment: ReviewAssignment, by: Any) -> Review:
    """File a review: it is locked, counts, and opens what others filed to its author.

    The weighted mean and the version of the application that was read are kept with it. A second
    click finds it filed and changes nothing.

    Raises :class:`ValidationError` with the gaps by field where points or justifications are
    missing, else as :func:`save_review` does.
    """
    locked = _locked(assignment, by)
    review = Review.objects.filter(assignment=locked).first()
    if review is not None and review.state == ReviewState.FILED:
        return review
    criteria = list(locked.application.call.criteria.all())
    values = values_of_review(review, criteria)
    if gaps := gaps_in(values, criteria):
        raise ValidationError(gaps)
    if review is None or not criteria:
        raise ValidationError(_("Without criteria nothing can be reviewed."))
    return change_status(
        review,
        field="state",
        new=ReviewState.FILED,
        transitions=REVIEW_TRANSITIONS,
        changes={
            "total": total_of((row.weight, values[f"step-{row.pk}"]) for row in criteria),
            "submission": locked.application.submissions.order_by("number").last(),
            "filed_at": timezone.now(),
        },
        by=by,
    )


@transaction.atomic
def reopen_review(*, review: Review, note: str, by: Any) -> Review:
    """Give a filed review back to its author, with the reason, which the author reads.

    Until it is filed again it does not count, and its author does not see what others filed.

    Raises :class:`PermissionDenied` for who does not prepare the selection, has a conflict there or
    must not read the review yet; :class:`ValidationError` without a reason (at ``note``), for the
    own review, once the project team has recommended, and where the review would not count anyway.
    """
    about = Review.objects.select_related("assignment__application").get(pk=review.pk)
    assignment, application = about.assignment, about.assignment.application
    # A recommendation freezes the ranking: of the two, one comes first.
    call = Call.objects.select_for_update().get(pk=application.call_id)
    require(by, Permission.PREPARE_SELECTION, application)
    if assignment.reviewer_id == by.pk:
        raise ValidationError(_("Ask somebody else of the project team to reopen your review."))
    if not reads_reviews(by, application):
        raise PermissionDenied
    if not note:
        raise ValidationError({"note": _("Say why; the reviewer reads it.")})
    if call.state != CallState.IN_REVIEW:
        raise ValidationError(_("The applications to this call are not under review now."))
    frozen = SelectionSession.objects.filter(call=call).exclude(state=SessionState.OPEN)
    if frozen.exists():
        raise ValidationError(
            _("The project team has recommended a list; the reviews behind it stay as they are.")
        )
    reviewer = assignment.reviewer
    if reviewer is None or not reviewer.has_perm(Permission.SCORE, application):
        raise ValidationError(_("Its author can no longer review this application."))
    changed = change_status(
        about,
        field="state",
        new=ReviewState.DRAFT,
        transitions=REVIEW_TRANSITIONS,
        note=note,
        changes={"total": None, "submission": None, "filed_at": None},
        by=by,
    )
    mails.review_reopened(changed, note)
    return changed


@transaction.atomic
def write_note(*, application: Application, text: str, by: Any) -> DiscussionNote:
    """Add a note to the discussion of an application; the same words at once are written once.

    Raises :class:`PermissionDenied` for who may not read the filed reviews, and
    :class:`ValidationError` for an empty note (at ``text``).
    """
    locked = Application.objects.select_for_update().get(pk=application.pk)
    if not reads_reviews(by, locked):
        raise PermissionDenied
    last = DiscussionNote.objects.filter(application=locked).last()
    now = timezone.now()
    is_again = last and (last.author_id, last.text) == (by.pk, text)
    if last and is_again and last.written_at > now - SECOND_CLICK:
        return last
    if not text:
        raise ValidationError({"text": _("Write the note first.")})
    note = DiscussionNote(application=locked, author=by, text=text, written_at=now)
    save_new(note)
    return note
