"""Who reads an application for the selection, what stands against it, and what they find."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from accounts.permissions import Permission, reach_of
from calls.enums import (
    LEFT_AT_DESK,
    ApplicationState,
    CallState,
    ConflictKind,
    DeskState,
    ReviewState,
)
from calls.models.answers import Submission
from calls.models.application import Application
from calls.models.conflict import ConflictDeclaration, closed_to
from calls.models.terms import STEPS, Criterion


class ReviewAssignmentQuerySet(models.QuerySet["ReviewAssignment"]):
    """Questions about who reads what."""

    def of(self, user: Any) -> ReviewAssignmentQuerySet:
        """Return what a person is to read; what a conflict of interest closed is not among it."""
        closed = closed_to(user, "application")
        return self.filter(Q(reviewer=user) & ~closed)

    def unfiled(self) -> ReviewAssignmentQuerySet:
        """Return those whose review was not filed yet."""
        return self.exclude(review__state=ReviewState.FILED)

    def with_desk_state(self) -> ReviewAssignmentQuerySet:
        """Say of each what its reviewer still has to do, as ``desk_state``."""
        declared = ConflictDeclaration.objects.filter(
            application=OuterRef("application"), person=OuterRef("reviewer")
        )
        sent = Submission.objects.filter(application=OuterRef("application")).order_by("-number")
        is_filed = Q(review__state=ReviewState.FILED)
        return self.annotate(newest=Subquery(sent.values("pk")[:1])).annotate(
            desk_state=Case(
                When(
                    application__state=ApplicationState.WITHDRAWN, then=Value(DeskState.WITHDRAWN)
                ),
                When(~Exists(declared), then=Value(DeskState.DECLARE)),
                When(is_filed & ~Q(review__submission=F("newest")), then=Value(DeskState.OUTDATED)),
                When(is_filed, then=Value(DeskState.FILED)),
                When(review__isnull=False, then=Value(DeskState.DRAFT)),
                default=Value(DeskState.READ),
                output_field=models.CharField(),
            )
        )

    def left(self) -> ReviewAssignmentQuerySet:
        """Return those whose review is awaited now."""
        rows: Any = self.filter(application__call__state=CallState.IN_REVIEW).with_desk_state()
        left: ReviewAssignmentQuerySet = rows.filter(desk_state__in=LEFT_AT_DESK)
        return left


class ReviewAssignment(models.Model):
    """A person who is to review an application, for an organisation of the project team."""

    application = models.ForeignKey(
        Application, on_delete=models.CASCADE, related_name="assignments"
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="assignments"
    )
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    assigned_at = models.DateTimeField(_("assigned at"), default=timezone.now)

    objects = ReviewAssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assignment of a reviewer")
        verbose_name_plural = _("assignments of reviewers")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["application", "reviewer"],
                name="reviewer_is_assigned_once",
                violation_error_message=_("This person reads the application already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reviewer}: {self.application}"


class ReviewQuerySet(models.QuerySet["Review"]):
    """Questions about reviews."""

    def visible_to(self, user: Any) -> ReviewQuerySet:
        """Return the own ones and, of others, filed ones once the own one is filed.

        The project team reads every filed one, except where it still has to file its own; a
        conflict of interest closes all of an application.
        """
        own = Q(assignment__reviewer=user)
        mine = ReviewAssignment.objects.filter(
            application=OuterRef("assignment__application"), reviewer=user
        )
        filed = Q(state=ReviewState.FILED)
        if reach_of(user, Permission.READ_APPLICATIONS) is None:
            others = filed & ~Exists(mine.unfiled())
        elif user.has_perm(Permission.SCORE):
            others = filed & Exists(mine.filter(review__state=ReviewState.FILED))
        else:
            return self.none()
        open_ones = self.exclude(closed_to(user, "assignment__application"))
        return open_ones.filter(own | others)

    def counting(self) -> ReviewQuerySet:
        """Return the filed ones of people without a conflict of interest."""
        person = Q(person=OuterRef("assignment__reviewer"))
        whole = Q(
            kind=ConflictKind.INSTITUTIONAL, organisation=OuterRef("assignment__organisation")
        )
        conflicts = ConflictDeclaration.objects.closing().filter(
            person | whole, application=OuterRef("assignment__application")
        )
        return self.filter(state=ReviewState.FILED).exclude(Exists(conflicts))


class Review(models.Model):
    """What one person finds about an application: a draft of their own until it is filed."""

    assignment = models.OneToOneField(
        ReviewAssignment, on_delete=models.PROTECT, related_name="review"
    )
    state = models.CharField(
        _("state"), max_length=5, choices=ReviewState, default=ReviewState.DRAFT
    )
    comment = models.TextField(_("overall comment"), blank=True)
    #: Weighted mean of the scores, 0 to 5, set when it is filed; see ``calls.standing.total_of``.
    total = models.DecimalField(
        _("weighted mean"), max_digits=3, decimal_places=2, null=True, blank=True
    )
    #: The version that was read: a later one shows that the review is older than the text.
    submission = models.ForeignKey(
        Submission, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    saved_at = models.DateTimeField(_("saved at"), default=timezone.now)
    filed_at = models.DateTimeField(_("filed at"), null=True, blank=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(state__in=ReviewState.values),
                name="review_state_is_known",
                violation_error_message=_("Choose the state of the review."),
            ),
            models.CheckConstraint(
                condition=~Q(state=ReviewState.FILED)
                | Q(filed_at__isnull=False, total__isnull=False, submission__isnull=False),
                name="filed_review_has_moment_total_and_version",
                violation_error_message=_("A filed review needs moment, total and version."),
            ),
            models.CheckConstraint(
                condition=Q(total__isnull=True) | (Q(total__gte=0) & Q(total__lte=5)),
                name="review_total_lies_on_the_scale",
                violation_error_message=_("The weighted mean lies between 0 and 5."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.assignment)


class Score(models.Model):
    """The step of one criterion that a reviewer chose, and why."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="scores")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="scores")
    step = models.PositiveSmallIntegerField(_("points"), null=True, blank=True)
    justification = models.TextField(_("justification"), blank=True)

    class Meta:
        verbose_name = _("score")
        verbose_name_plural = _("scores")
        ordering: ClassVar[list[str]] = ["criterion__position", "criterion"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["review", "criterion"],
                name="criterion_is_scored_once_in_a_review",
                violation_error_message=_("This criterion is scored already."),
            ),
            models.CheckConstraint(
                condition=Q(step__isnull=True) | Q(step__in=STEPS),
                name="score_lies_on_the_scale",
                violation_error_message=_("Choose 0 to 5 points."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion}: {self.step}"


class DiscussionNoteQuerySet(models.QuerySet["DiscussionNote"]):
    """Questions about notes."""

    def visible_to(self, user: Any) -> DiscussionNoteQuerySet:
        """Return those of applications whose filed reviews the person may read."""
        mine = ReviewAssignment.objects.filter(application=OuterRef("application"), reviewer=user)
        rows = self.exclude(closed_to(user, "application"))
        if reach_of(user, Permission.READ_APPLICATIONS) is None:
            return rows.exclude(Exists(mine.unfiled()))
        if user.has_perm(Permission.SCORE):
            return rows.filter(Exists(mine.filter(review__state=ReviewState.FILED)))
        return self.none()


class DiscussionNote(models.Model):
    """What reviewers and team say to each other about an application, after filing."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    text = models.TextField(_("note"), max_length=4000)
    written_at = models.DateTimeField(_("written at"), default=timezone.now)

    objects = DiscussionNoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("discussion note")
        verbose_name_plural = _("discussion notes")
        ordering: ClassVar[list[str]] = ["written_at", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~Q(text=""),
                name="discussion_note_says_something",
                violation_error_message=_("Write the note first."),
            ),
        ]

    def __str__(self) -> str:
        return self.text


class EligibilityCheck(models.Model):
    """Whether an application meets the formal conditions of the call, and why (not)."""

    application = models.OneToOneField(
        Application, on_delete=models.CASCADE, related_name="eligibility"
    )
    is_eligible = models.BooleanField(_("meets the formal conditions"))
    reason = models.TextField(_("reason"), blank=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    checked_at = models.DateTimeField(_("checked at"), default=timezone.now)

    class Meta:
        verbose_name = _("check of eligibility")
        verbose_name_plural = _("checks of eligibility")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(is_eligible=True) | ~Q(reason=""),
                name="ineligible_application_has_a_reason",
                violation_error_message=_("Say which condition is not met."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application}: {self.is_eligible}"
