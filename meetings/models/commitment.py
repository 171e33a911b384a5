"""What a municipality promised after an exchange, and what became of it."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, TruncDate
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, reach_of
from calls.enums import WorkingLanguage
from core.models import StatusChange
from meetings.enums import CommitmentState
from meetings.models.meeting import Meeting
from municipalities.models import Municipality, Topic
from tandems.models import Tandem, reading

#: So long a municipality may take back that it has kept or dropped one.
TIME_TO_TAKE_BACK = dt.timedelta(days=14)


class CommitmentQuerySet(models.QuerySet["Commitment"]):
    """Questions about commitments."""

    def visible_to(self, user: Any) -> CommitmentQuerySet:
        """Return those of the partnerships whose internal area ``user`` may read.

        A city that has left reads those that were made up to then.
        """
        reach = reach_of(user, Permission.READ_WORKSPACE)
        if reach is None:
            return self
        return self.alias(made_on=TruncDate("made_at")).filter(reading(reach, "made_on"))

    def open(self) -> CommitmentQuerySet:
        """Return those whose fate is not decided, the most urgent one first."""
        return self.filter(state=CommitmentState.OPEN).order_by("due_on", "pk")

    def settled(self) -> CommitmentQuerySet:
        """Return those that were kept or dropped, the last one first."""
        return self.exclude(state=CommitmentState.OPEN).order_by("-settled_at", "-pk")

    def standing_on(self, day: dt.date) -> CommitmentQuerySet:
        """Tell of each how it stood at the end of a day, for who reads no further.

        ``state_then``, ``settled_then`` and ``reason_then``; ``due_then`` is the day due, where it
        has been moved since, as ISO text.
        """
        kind = {"content_type__app_label": "meetings", "content_type__model": "commitment"}
        changes = StatusChange.objects.filter(**kind, object_id=OuterRef("pk"))
        said = changes.filter(field="state", changed_at__date__lte=day)
        said = said.order_by("-changed_at", "-pk")
        moved = changes.filter(field="due_on", changed_at__date__gt=day)
        was_settled = Q(settled_at__date__lte=day)
        text = models.TextField()
        return self.annotate(
            state_then=Case(
                When(was_settled, then=F("state")),
                default=Coalesce(Subquery(said.values("new")[:1]), Value(CommitmentState.OPEN)),
                output_field=text,
            ),
            settled_then=Case(
                When(was_settled, then=F("settled_at")),
                default=Subquery(said.values("changed_at")[:1]),
            ),
            reason_then=Case(
                When(was_settled, then=F("reason")),
                default=Coalesce(Subquery(said.values("note")[:1]), Value(""), output_field=text),
                output_field=text,
            ),
            due_then=Subquery(moved.order_by("changed_at", "pk").values("old")[:1]),
        )

    def due_by(self, day: dt.date) -> CommitmentQuerySet:
        """Return open ones that are due on ``day`` or were before."""
        return self.open().filter(due_on__lte=day)

    def with_places(self) -> CommitmentQuerySet:
        """Fetch municipality, partnership and meeting along, and the first day of what was moved.

        That day is kept in the history alone.
        """
        kind = {"content_type__app_label": "meetings", "content_type__model": "commitment"}
        moves = StatusChange.objects.filter(**kind, field="due_on", object_id=OuterRef("pk"))
        first = moves.order_by("changed_at", "pk").values("old")[:1]
        rows = self.annotate(first_due=Subquery(first))
        return rows.select_related("municipality", "tandem", "meeting", "topic")

    def with_public_words(self) -> CommitmentQuerySet:
        """Fetch along what visitors read; ``reason_is_internal`` for what they do not.

        What a city answered in a check-in is public only if it said so there.
        """
        said = {"note": OuterRef("reason"), "check_in__may_publish": False}
        kept_back = self.model.check_ins.rel.related_model.objects.filter(  # type: ignore[attr-defined]
            commitment=OuterRef("pk"), **said
        )
        return self.with_places().annotate(reason_is_internal=Exists(kept_back))


class Commitment(models.Model):
    """A sentence that one municipality stands for, with a day and a fate that everybody can see.

    Visitors see how many there are and what became of them; the words of those that are public.
    """

    tandem = models.ForeignKey(Tandem, on_delete=models.PROTECT, related_name="commitments")
    municipality = models.ForeignKey(
        Municipality,
        on_delete=models.PROTECT,
        related_name="commitments",
        verbose_name=_("municipality that commits itself"),
    )
    meeting = models.ForeignKey(
        Meeting,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="commitments",
        verbose_name=_("meeting"),
    )
    text = models.CharField(_("commitment"), max_length=300)
    #: Of the text; of older ones it may not be known.
    language = models.CharField(_("language"), max_length=2, choices=WorkingLanguage, blank=True)
    due_on = models.DateField(_("due on"))
    state = models.CharField(
        _("state"), max_length=7, choices=CommitmentState, default=CommitmentState.OPEN
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    #: Who sees to it inside the municipality; for the members of the partnership and the team,
    #: never public.
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="commitments",
        verbose_name=_("person who sees to it"),
    )
    topic = models.ForeignKey(
        Topic,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="commitments",
        verbose_name=_("field of action"),
    )
    #: Whether visitors read the sentence and what became of it; its municipality decides that.
    is_public = models.BooleanField(_("public"), default=False)
    #: The day due about which somebody was reminded before, and after it had passed.
    reminded_before = models.DateField(null=True, blank=True)
    reminded_after = models.DateField(null=True, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    made_at = models.DateTimeField(_("made at"), default=timezone.now)
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)

    objects = CommitmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("commitment")
        verbose_name_plural = _("commitments")
        indexes: ClassVar[list[models.Index]] = [
            # What a municipality still has to do, the most urgent first.
            models.Index(fields=["municipality", "state", "due_on"]),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(state__in=CommitmentState.values),
                name="commitment_state_is_known",
                violation_error_message=_("Choose the state of the commitment."),
            ),
            models.CheckConstraint(
                condition=(Q(state=CommitmentState.OPEN) & Q(settled_at__isnull=True))
                | (~Q(state=CommitmentState.OPEN) & Q(settled_at__isnull=False)),
                name="commitment_is_settled_at_a_moment",
                violation_error_message=_("A settled commitment needs the moment."),
            ),
            models.CheckConstraint(
                condition=~Q(state=CommitmentState.DROPPED) | ~Q(reason=""),
                name="commitment_is_dropped_with_a_reason",
                violation_error_message=_("Say why the commitment is dropped."),
            ),
            models.CheckConstraint(
                condition=~Q(text=""),
                name="commitment_has_a_text",
                violation_error_message=_("Say what the municipality commits itself to."),
            ),
            models.CheckConstraint(
                condition=Q(language__in=[*WorkingLanguage.values, ""]),
                name="commitment_language_is_known",
                violation_error_message=_("Choose the language of the commitment."),
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def get_absolute_url(self) -> str:
        """Return the page in the internal area."""
        return reverse("workspace:commitment", args=[self.tandem.slug, self.pk])

    @property
    def acting_municipalities(self) -> set[int]:
        """Return the one that committed itself, while it is a member; its partner cannot settle it.

        For a city that has left the team says what became of it.
        """
        return {self.municipality_id} & self.tandem.acting_municipalities

    @property
    def moved_from(self) -> dt.date | None:
        """Return the day agreed first, of one fetched ``with_places`` that was moved since."""
        first: str | None = getattr(self, "first_due", None)
        return dt.date.fromisoformat(first) if first else None

    @property
    def is_open(self) -> bool:
        """Tell whether the fate is still to come."""
        return self.state == CommitmentState.OPEN

    @property
    def take_back_until(self) -> dt.date | None:
        """Return until when the municipality may take back what it said; of open ones nothing."""
        if self.settled_at is None:
            return None
        return timezone.localdate(self.settled_at) + TIME_TO_TAKE_BACK

    def is_overdue_on(self, today: dt.date) -> bool:
        """Tell whether the day has passed without a word."""
        return self.is_open and self.due_on < today
