"""Finding a date: proposed times, and whom they suit."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from meetings.enums import PollChoice
from meetings.models.attendance import Attendance
from meetings.models.meeting import Meeting


class DatePoll(models.Model):
    """The question which of several dates suits the people who are invited to a meeting."""

    meeting = models.OneToOneField(Meeting, on_delete=models.CASCADE, related_name="poll")
    answer_by = models.DateTimeField(_("answer by"))
    note = models.CharField(_("note to those invited"), max_length=300, blank=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    opened_at = models.DateTimeField(_("opened at"), default=timezone.now)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("date poll")
        verbose_name_plural = _("date polls")

    def __str__(self) -> str:
        return str(self.meeting)

    @property
    def is_open(self) -> bool:
        """Tell whether answers are still taken: until somebody fixes a date or ends the poll."""
        return self.closed_at is None


class PollOption(models.Model):
    """A date that is proposed."""

    poll = models.ForeignKey(DatePoll, on_delete=models.CASCADE, related_name="options")
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))

    class Meta:
        verbose_name = _("proposed date")
        verbose_name_plural = _("proposed dates")
        ordering: ClassVar[list[str]] = ["starts_at", "ends_at", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["poll", "starts_at", "ends_at"],
                name="poll_option_is_proposed_once",
                violation_error_message=_("This date is proposed already."),
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="poll_option_ends_after_it_starts",
                violation_error_message=_("The date ends before it starts."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at.isoformat()}"


class PollReply(models.Model):
    """Whether a proposed date suits one person."""

    option = models.ForeignKey(PollOption, on_delete=models.CASCADE, related_name="replies")
    attendance = models.ForeignKey(
        Attendance, on_delete=models.CASCADE, related_name="poll_replies"
    )
    choice = models.CharField(_("choice"), max_length=10, choices=PollChoice)

    class Meta:
        verbose_name = _("answer in a date poll")
        verbose_name_plural = _("answers in a date poll")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["option", "attendance"],
                name="poll_reply_is_given_once",
                violation_error_message=_("This person has answered already."),
            ),
            models.CheckConstraint(
                condition=Q(choice__in=PollChoice.values),
                name="poll_reply_choice_is_known",
                violation_error_message=_("Choose whether the date suits."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.attendance}: {self.choice}"
