"""What became of the commitments months after a partnership has ended."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.dates import months_after
from meetings.enums import CHECK_IN_MONTHS, CheckInFate, Cooperation
from meetings.models.commitment import Commitment
from municipalities.models import Municipality
from tandems.models import Tandem

#: So long after the day by which it should be answered a link out of a mail works.
LINK_MONTHS = 12


class CheckInQuerySet(models.QuerySet["CheckIn"]):
    """Questions about check-ins."""

    def about_this_end(self) -> CheckInQuerySet:
        """Return those that ask about the end as it stands; none where cities go on together."""
        return self.filter(ended_on=F("tandem__ended_on"))

    def waiting(self) -> CheckInQuerySet:
        """Return those for which an answer is awaited."""
        return self.about_this_end().filter(answered_at__isnull=True, silent_at__isnull=True)


class CheckIn(models.Model):
    """A question to one city, so many months after the end: what is left of the exchange?

    It is answered through a signed link, without signing in; that nobody answered is recorded too.
    """

    tandem = models.ForeignKey(Tandem, on_delete=models.CASCADE, related_name="check_ins")
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="check_ins"
    )
    #: The end that is asked about; a partnership can be resumed and end again. Of early ones it is
    #: not known: their partnership had been resumed before this was kept.
    ended_on = models.DateField(_("end of the partnership"), null=True, blank=True)
    months = models.PositiveSmallIntegerField(_("months after the end"))
    #: Empty as long as nobody holds an office in the city, so that no letter could be written.
    asked_at = models.DateTimeField(_("asked at"), null=True, blank=True, default=timezone.now)
    reminded_at = models.DateTimeField(_("reminded at"), null=True, blank=True)
    answer_by = models.DateField(_("answer by"))
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    #: Nobody answered in time; this is the answer then.
    silent_at = models.DateTimeField(_("no answer until"), null=True, blank=True)
    cooperation = models.CharField(
        _("cooperation today"), max_length=5, choices=Cooperation, blank=True
    )
    note = models.CharField(_("in a sentence"), max_length=500, blank=True)
    may_publish = models.BooleanField(_("may be published"), default=False)

    objects = CheckInQuerySet.as_manager()

    class Meta:
        verbose_name = _("check-in")
        verbose_name_plural = _("check-ins")
        ordering: ClassVar[list[str]] = ["asked_at", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tandem", "municipality", "months", "ended_on"],
                name="check_in_is_asked_once_about_an_end",
                violation_error_message=_("This city was asked already."),
            ),
            models.CheckConstraint(
                condition=Q(silent_at__isnull=True) | Q(asked_at__isnull=False),
                name="check_in_is_silent_only_after_it_was_asked",
                violation_error_message=_("Nobody was asked, so nobody kept silent."),
            ),
            models.CheckConstraint(
                condition=Q(months__in=CHECK_IN_MONTHS),
                name="check_in_is_after_6_12_or_24_months",
                violation_error_message=_("A city is asked after 6, 12 and 24 months."),
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True) | Q(silent_at__isnull=True),
                name="check_in_is_answered_or_silent",
                violation_error_message=_("An answer and silence exclude each other."),
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True) | Q(cooperation__in=Cooperation.values),
                name="check_in_answer_says_how_cities_cooperate",
                violation_error_message=_("Say how you work together today."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.municipality}: {self.months}"

    @property
    def is_open(self) -> bool:
        """Tell whether an answer is still awaited."""
        return self.answered_at is None and self.silent_at is None

    @property
    def link_until(self) -> dt.date:
        """Return the last day on which a link out of a mail works."""
        return months_after(self.answer_by, LINK_MONTHS)


class CheckInAnswer(models.Model):
    """What a city said of one of its commitments in a check-in."""

    check_in = models.ForeignKey(CheckIn, on_delete=models.CASCADE, related_name="answers")
    commitment = models.ForeignKey(Commitment, on_delete=models.CASCADE, related_name="check_ins")
    fate = models.CharField(_("what became of it"), max_length=8, choices=CheckInFate)
    note = models.CharField(_("in a sentence"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("answer of a check-in")
        verbose_name_plural = _("answers of a check-in")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["check_in", "commitment"],
                name="check_in_answer_is_given_once",
                violation_error_message=_("This commitment is answered already."),
            ),
            models.CheckConstraint(
                condition=Q(fate__in=CheckInFate.values),
                name="check_in_answer_is_known",
                violation_error_message=_("Say what became of the commitment."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.commitment}: {self.fate}"
