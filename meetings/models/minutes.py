"""The minutes of a meeting, written together and agreed by its cities."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from meetings.enums import UNFINISHED_MINUTES, MinutesState
from meetings.models.agenda import AgendaItem, GuidingQuestion
from meetings.models.meeting import Meeting
from municipalities.models import Municipality


class MinutesQuerySet(models.QuerySet["Minutes"]):
    """Questions about minutes."""

    def unfinished(self) -> MinutesQuerySet:
        """Return those that are still on their way."""
        return self.filter(state__in=UNFINISHED_MINUTES)

    def agreed(self) -> MinutesQuerySet:
        """Return those that count."""
        return self.filter(state=MinutesState.AGREED)

    def released(self) -> MinutesQuerySet:
        """Return those that count and whose public part everybody may read."""
        return self.agreed().filter(released_at__isnull=False)


class Minutes(models.Model):
    """One version of the minutes of a meeting; once agreed it stays, and a correction is a new one.

    The entries and the note on the correction are internal; ``public_text`` (Markdown) is for
    everybody, once it is released.
    """

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="minutes")
    number = models.PositiveSmallIntegerField(_("version"), default=1)
    state = models.CharField(
        _("state"), max_length=12, choices=MinutesState, default=MinutesState.DRAFT
    )
    agree_by = models.DateField(_("agree by"), null=True, blank=True)
    public_text = models.TextField(_("public part"), max_length=4_000, blank=True)
    correction_note = models.CharField(_("what is corrected"), max_length=300, blank=True)
    begun_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    begun_at = models.DateTimeField(_("begun at"), default=timezone.now)
    sent_at = models.DateTimeField(_("out for agreement since"), null=True, blank=True)
    reminded_at = models.DateTimeField(_("reminded at"), null=True, blank=True)
    agreed_at = models.DateTimeField(_("all cities agreed at"), null=True, blank=True)
    released_at = models.DateTimeField(_("public part released at"), null=True, blank=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)

    objects = MinutesQuerySet.as_manager()

    class Meta:
        verbose_name = _("minutes")
        verbose_name_plural = _("minutes")
        ordering: ClassVar[list[str]] = ["-number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["meeting", "number"],
                name="minutes_have_their_own_number",
                violation_error_message=_("There is a version with this number already."),
            ),
            models.UniqueConstraint(
                fields=["meeting"],
                condition=Q(state__in=UNFINISHED_MINUTES),
                name="minutes_are_unfinished_once",
                violation_error_message=_("Somebody else has begun the minutes already."),
            ),
            models.UniqueConstraint(
                fields=["meeting"],
                condition=Q(state=MinutesState.AGREED),
                name="minutes_count_once",
                violation_error_message=_("Other minutes of this meeting count already."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=MinutesState.values),
                name="minutes_state_is_known",
                violation_error_message=_("Choose the state of the minutes."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=UNFINISHED_MINUTES) | Q(agreed_at__isnull=False),
                name="minutes_are_agreed_at_a_moment",
                violation_error_message=_("Agreed minutes need the moment."),
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True) | ~Q(state__in=UNFINISHED_MINUTES),
                name="minutes_are_released_after_the_agreement",
                violation_error_message=_("The public part is released after the agreement."),
            ),
            models.CheckConstraint(
                condition=~Q(state=MinutesState.IN_AGREEMENT) | Q(agree_by__isnull=False),
                name="minutes_out_for_agreement_have_a_day",
                violation_error_message=_("Say by when the cities should agree."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meeting} ({self.number})"

    @property
    def is_open(self) -> bool:
        """Tell whether they are still written."""
        return self.state == MinutesState.DRAFT


class MinutesEntry(models.Model):
    """What was said to one item of the agenda, or to something that was not on it."""

    minutes = models.ForeignKey(Minutes, on_delete=models.CASCADE, related_name="entries")
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    agenda_item = models.ForeignKey(
        AgendaItem, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    question = models.ForeignKey(
        GuidingQuestion, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    #: A copy: the agenda may change, the minutes stay.
    heading = models.CharField(_("heading"), max_length=300)
    text = models.TextField(_("text"), max_length=10_000, blank=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)

    class Meta:
        verbose_name = _("entry of the minutes")
        verbose_name_plural = _("entries of the minutes")
        ordering: ClassVar[list[str]] = ["position", "pk"]

    def __str__(self) -> str:
        return self.heading


class MinutesAgreement(models.Model):
    """The word of one city that the minutes say what was said."""

    minutes = models.ForeignKey(Minutes, on_delete=models.CASCADE, related_name="agreements")
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="minutes_agreements"
    )
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    given_at = models.DateTimeField(_("given at"), default=timezone.now)

    class Meta:
        verbose_name = _("agreement to the minutes")
        verbose_name_plural = _("agreements to the minutes")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["minutes", "municipality"],
                name="minutes_agreement_is_given_once",
                violation_error_message=_("This city has agreed already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.municipality}: {self.minutes}"


class MinutesComment(models.Model):
    """What somebody asks to change in minutes that are out for agreement."""

    minutes = models.ForeignKey(Minutes, on_delete=models.CASCADE, related_name="comments")
    entry = models.ForeignKey(
        MinutesEntry, on_delete=models.SET_NULL, null=True, blank=True, related_name="comments"
    )
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    text = models.TextField(_("comment"), max_length=2_000)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    written_at = models.DateTimeField(_("written at"), default=timezone.now)

    class Meta:
        verbose_name = _("comment on the minutes")
        verbose_name_plural = _("comments on the minutes")
        ordering: ClassVar[list[str]] = ["written_at", "pk"]

    def __str__(self) -> str:
        return self.text[:60]
