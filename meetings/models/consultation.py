"""Peer consultation: one city gives a case, others advise, each in their turn."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.enums import WorkingLanguage
from meetings.enums import (
    ConsultationMethod,
    ConsultationMode,
    ConsultationRole,
    ConsultationState,
    ContributionKind,
    Phase,
)
from meetings.models.commitment import Commitment
from meetings.models.meeting import Meeting
from municipalities.models import Municipality


class Consultation(models.Model):
    """The consultation that a meeting is about: the case, the phase, and what came of it.

    Confidential: only those who have a part in it read it. The case giver alone releases one
    sentence, which then stands on the public page of the meeting.
    """

    meeting = models.OneToOneField(Meeting, on_delete=models.CASCADE, related_name="consultation")
    title = models.CharField(_("case"), max_length=200)
    case_city = models.ForeignKey(
        Municipality,
        on_delete=models.PROTECT,
        related_name="consultations",
        verbose_name=_("city of the case"),
    )
    mode = models.CharField(
        _("mode"), max_length=7, choices=ConsultationMode, default=ConsultationMode.LIVE
    )
    language = models.CharField(_("language"), max_length=2, choices=WorkingLanguage)
    state = models.CharField(
        _("state"), max_length=8, choices=ConsultationState, default=ConsultationState.PREPARED
    )
    phase = models.PositiveSmallIntegerField(_("phase"), choices=Phase, null=True, blank=True)
    key_question = models.CharField(_("key question"), max_length=300, blank=True)
    method = models.CharField(_("method"), max_length=12, choices=ConsultationMethod, blank=True)
    valuable = models.TextField(_("what was valuable"), max_length=2_000, blank=True)
    first_step = models.CharField(_("first step"), max_length=300, blank=True)
    commitment = models.OneToOneField(
        Commitment, on_delete=models.SET_NULL, null=True, blank=True, related_name="consultation"
    )
    released_sentence = models.CharField(_("released sentence"), max_length=300, blank=True)
    released_at = models.DateTimeField(_("released at"), null=True, blank=True)
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)

    class Meta:
        verbose_name = _("consultation")
        verbose_name_plural = _("consultations")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(state__in=ConsultationState.values),
                name="consultation_state_is_known",
                violation_error_message=_("Choose the state of the consultation."),
            ),
            models.CheckConstraint(
                condition=~Q(state=ConsultationState.RUNNING) | Q(phase__in=Phase.values),
                name="consultation_that_goes_on_has_a_phase",
                violation_error_message=_("A consultation that goes on has a phase."),
            ),
            models.CheckConstraint(
                condition=~Q(state=ConsultationState.CLOSED) | Q(closed_at__isnull=False),
                name="consultation_is_closed_at_a_moment",
                violation_error_message=_("A closed consultation needs the moment."),
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True) | Q(state=ConsultationState.CLOSED),
                name="consultation_is_released_after_it_closed",
                violation_error_message=_("A sentence is released when the consultation is over."),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ConsultationMember(models.Model):
    """The part that one person has in a consultation."""

    consultation = models.ForeignKey(Consultation, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="consultations"
    )
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    role = models.CharField(_("role"), max_length=11, choices=ConsultationRole)

    class Meta:
        verbose_name = _("part in a consultation")
        verbose_name_plural = _("parts in a consultation")
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["consultation", "user"],
                name="consultation_member_has_one_role",
                violation_error_message=_("A person has one role in a consultation."),
            ),
            models.UniqueConstraint(
                fields=["consultation", "role"],
                condition=~Q(role=ConsultationRole.ADVISER),
                name="consultation_role_is_given_once",
                violation_error_message=_("This role is taken; only advisers are several."),
            ),
            models.CheckConstraint(
                condition=Q(role__in=ConsultationRole.values),
                name="consultation_role_is_known",
                violation_error_message=_("Choose a role."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"


class ConsultationPhase(models.Model):
    """How long a phase was to take, and when it began and ended on the clock of the server."""

    consultation = models.ForeignKey(Consultation, on_delete=models.CASCADE, related_name="phases")
    phase = models.PositiveSmallIntegerField(_("phase"), choices=Phase)
    #: Of a live consultation minutes, of a written one days × 1440.
    minutes = models.PositiveIntegerField(_("length in minutes"))
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("phase of a consultation")
        verbose_name_plural = _("phases of a consultation")
        ordering: ClassVar[list[str]] = ["phase"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["consultation", "phase"],
                name="consultation_phase_comes_once",
                violation_error_message=_("This phase is planned already."),
            ),
            models.CheckConstraint(
                condition=Q(phase__in=Phase.values),
                name="consultation_phase_is_known",
                violation_error_message=_("Choose one of the six phases."),
            ),
            models.CheckConstraint(
                condition=Q(minutes__gte=1, minutes__lte=60 * 24 * 30),
                name="consultation_phase_takes_a_month_at_most",
                violation_error_message=_("A phase takes between one minute and 30 days."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_phase_display())


class ContributionQuerySet(models.QuerySet["Contribution"]):
    """Questions about contributions."""

    def in_order(self) -> ContributionQuerySet:
        """Return them as they were written, with who wrote them."""
        return self.select_related("written_by", "municipality").order_by("written_at", "pk")


class Contribution(models.Model):
    """What somebody wrote in a consultation; only ever added."""

    consultation = models.ForeignKey(
        Consultation, on_delete=models.CASCADE, related_name="contributions"
    )
    phase = models.PositiveSmallIntegerField(_("phase"), choices=Phase)
    kind = models.CharField(_("kind"), max_length=12, choices=ContributionKind)
    text = models.TextField(_("text"), max_length=2_000)
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    written_at = models.DateTimeField(_("written at"), default=timezone.now)

    objects = ContributionQuerySet.as_manager()

    class Meta:
        verbose_name = _("contribution")
        verbose_name_plural = _("contributions")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(phase__in=Phase.values) & Q(kind__in=ContributionKind.values),
                name="contribution_has_a_known_phase_and_kind",
                violation_error_message=_("This cannot be written here."),
            ),
            models.CheckConstraint(
                condition=~Q(text=""),
                name="contribution_has_a_text",
                violation_error_message=_("Write something first."),
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60]
