"""What assigns reviewers to applications, by hand and from a proposal, and takes it back."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import Permission, require
from calls import mails
from calls.enums import CallState, ReviewState
from calls.models import (
    Application,
    Call,
    ConflictDeclaration,
    Procedure,
    Review,
    ReviewAssignment,
    closed_to,
)
from calls.queries import Reviewer, reviewers_today
from core.actions import note_change

#: The field under which readers stand in the history of an application.
FIELD = "reviewers"


class Hindrance(models.TextChoices):
    """Why somebody is not assigned to an application."""

    STATE = "state", _("The call is not in review.")
    UNSENT = "unsent", _("The application was withdrawn, or was never sent.")
    CLOSED = "closed", _("A conflict of interest closes it to you.")
    ROLE = "role", _("Is not a reviewer at present.")
    CONFLICT = "conflict", _("Has a conflict of interest.")
    ENOUGH = "enough", _("It has enough reviewers by now.")


@dataclass(slots=True)
class Assignments:
    """What became of pairs: who was assigned, how many were before, who was not and why."""

    assigned: list[ReviewAssignment] = field(default_factory=list)
    known: list[ReviewAssignment] = field(default_factory=list)
    #: Name of the municipality, empty if it is closed to who acts, and of the person.
    refused: list[tuple[str, str, Hindrance]] = field(default_factory=list)


@transaction.atomic
def assign_reviewer(*, application: Application, reviewer: User, by: Any) -> ReviewAssignment:
    """Let somebody read an application, for the organisation of the role of reviewer.

    Who reads it already stays assigned and is told nothing again. Raises
    :class:`PermissionDenied` for who may not prepare the selection or has a conflict there, and
    :class:`ValidationError` with the reason where it is not possible.
    """
    require(by, Permission.PREPARE_SELECTION, application)
    outcome = _assign(application.call, [(application.pk, reviewer.pk)], None, by)
    for _place, _name, hindrance in outcome.refused:
        raise ValidationError(hindrance.label)
    (assignment,) = outcome.assigned + outcome.known
    return assignment


@transaction.atomic
def assign_reviewers(*, call: Call, pairs: Iterable[tuple[int, int]], by: Any) -> Assignments:
    """Assign pairs of application and reviewer (primary keys) that a person chose by hand.

    More than the number of the procedure may read an application. Otherwise as
    :func:`apply_proposal`.
    """
    require(by, Permission.PREPARE_SELECTION)
    return _assign(call, pairs, None, by)


@transaction.atomic
def apply_proposal(*, call: Call, pairs: Iterable[tuple[int, int]], by: Any) -> Assignments:
    """Assign proposed pairs of application and reviewer (primary keys), each once.

    Nothing is stored between the proposal and this: a pair that somebody else has assigned in the
    meantime is left as it is, one that became impossible is refused with the reason, also where the
    application has its number of reviewers by now. Every reviewer gets one mail about all of it.
    Raises :class:`PermissionDenied` for who may not prepare the selection.
    """
    require(by, Permission.PREPARE_SELECTION)
    return _assign(call, pairs, call.procedure.readers, by)


@transaction.atomic
def unassign_reviewer(*, assignment: ReviewAssignment, by: Any) -> None:
    """Take an application from somebody who has not begun to review it.

    Raises :class:`PermissionDenied` as :func:`assign_reviewer` does, :class:`ValidationError` once
    the review holds anything typed, or was filed, and for the own assignment. What is gone already
    stays gone.
    """
    application = assignment.application
    require(by, Permission.PREPARE_SELECTION, application)
    call = _locked_call(application.call_id)
    if call.state != CallState.IN_REVIEW:
        raise ValidationError(Hindrance.STATE.label)
    # Saving a review locks the assignment: what is typed at this moment is seen here, or refused.
    locked = ReviewAssignment.objects.select_for_update().filter(pk=assignment.pk).first()
    if locked is None:
        return
    if locked.reviewer_id == by.pk:
        # Whoever need not file an own review reads the others' at once.
        raise ValidationError(_("Somebody else of the coordination takes this from you."))
    if (review := Review.objects.filter(assignment=locked).first()) is not None:
        if _is_begun(review):
            raise ValidationError(
                _("The review has begun; what was written stays with its reviewer.")
            )
        review.delete()
    locked.delete()
    old = f"assigned {locked.reviewer_id or ''}".strip()
    note_change(application, field=FIELD, old=old, new="unassigned", by=by)


def _is_begun(review: Review) -> bool:
    """Tell whether a review was filed, or holds anything that somebody typed."""
    typed = review.scores.filter(Q(step__isnull=False) | ~Q(justification=""))
    return review.state == ReviewState.FILED or bool(review.comment) or typed.exists()


def _locked_call(pk: int) -> Call:
    """Return a call whose assignments nobody else changes until the transaction ends."""
    Procedure.objects.select_for_update().filter(call=pk).first()
    return Call.objects.get(pk=pk)


def _assign(call: Call, pairs: Iterable[tuple[int, int]], most: int | None, by: Any) -> Assignments:
    """Assign pairs, up to ``most`` people for one application; see :func:`apply_proposal`."""
    wanted = sorted(set(pairs))
    outcome, state = Assignments(), _locked_call(call.pk).state
    rows = Application.objects.select_for_update().filter(
        call=call, pk__in={application for application, _reviewer in wanted}
    )
    # In one order, so that two who act at once wait for each other instead of for ever.
    applications = {row.pk: row for row in rows.order_by("pk")}
    checks = _Checks(call, state, most, by)
    people = User.objects.filter(pk__in={reviewer for _application, reviewer in wanted})
    names = {person.pk: str(person) for person in people}
    for pk, reviewer in wanted:
        application = applications.get(pk)
        if application is None or reviewer not in names:
            # Typed into the form, or gone.
            continue
        if (known := checks.assigned.get((pk, reviewer))) is not None:
            outcome.known.append(known)
        elif (hindrance := checks.hindrance(application, reviewer)) is not None:
            place = "" if hindrance == Hindrance.CLOSED else application.place_name
            outcome.refused.append((place, names[reviewer], hindrance))
        else:
            assignment = _write(application, checks.reviewers[reviewer], by)
            checks.note(assignment)
            outcome.assigned.append(assignment)
    _tell(call, outcome.assigned)
    return outcome


class _Checks:
    """What stands against pairs, asked once for all of them."""

    def __init__(self, call: Call, state: str, most: int | None, by: Any) -> None:
        about = Application.objects.filter(call=call)
        self.state, self.most = state, most
        self.reviewers = reviewers_today()
        self.closed = set(about.filter(closed_to(by)).values_list("pk", flat=True))
        self.people: dict[int, set[int | None]] = defaultdict(set)
        self.organisations: dict[int, set[int]] = defaultdict(set)
        for row in ConflictDeclaration.objects.closing().filter(application__call=call):
            self.people[row.application_id].add(row.person_id)
            if row.kind == "institutional":
                self.organisations[row.application_id].add(row.organisation_id)
        self.assigned: dict[tuple[int, int | None], ReviewAssignment] = {}
        self.readers: Counter[int] = Counter()
        for assignment in ReviewAssignment.objects.filter(application__call=call):
            self.note(assignment)

    def note(self, assignment: ReviewAssignment) -> None:
        """Note somebody who reads an application."""
        pk, person = assignment.application_id, assignment.reviewer_id
        self.assigned[pk, person] = assignment
        reads = person in self.reviewers and not self.is_barred(pk, self.reviewers[person])
        self.readers[pk] += reads

    def is_barred(self, pk: int, reviewer: Reviewer) -> bool:
        """Tell whether a conflict closes an application to a reviewer."""
        whole = not self.organisations[pk].isdisjoint(reviewer.organisations)
        return reviewer.key in self.people[pk] or whole

    def hindrance(self, application: Application, key: int) -> Hindrance | None:
        """Return what stands against a pair."""
        pk, reviewer = application.pk, self.reviewers.get(key)
        if self.state != CallState.IN_REVIEW:
            return Hindrance.STATE
        if pk in self.closed:
            return Hindrance.CLOSED
        if not application.is_sent:
            return Hindrance.UNSENT
        if reviewer is None:
            return Hindrance.ROLE
        if self.is_barred(pk, reviewer):
            return Hindrance.CONFLICT
        enough = self.most is not None and self.readers[pk] >= self.most
        return Hindrance.ENOUGH if enough else None


def _write(application: Application, reviewer: Reviewer, by: Any) -> ReviewAssignment:
    assignment = ReviewAssignment.objects.create(
        application=application,
        reviewer_id=reviewer.key,
        organisation_id=reviewer.organisation,
        assigned_by=by,
    )
    # By number: a name in the history would outlive an account that is erased.
    note_change(application, field=FIELD, old="", new=f"assigned {reviewer.key}", by=by)
    return assignment


def _tell(call: Call, assignments: list[ReviewAssignment]) -> None:
    """Tell every reviewer once how many applications are new."""
    numbers = Counter(row.reviewer_id for row in assignments)
    for person in User.objects.filter(pk__in=[pk for pk in numbers if pk]).order_by("pk"):
        mails.review_assigned(person, call, numbers[person.pk])
