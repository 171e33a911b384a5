"""What a meeting is to answer, and how its time is divided."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from calls.enums import WorkingLanguage
from meetings.models.meeting import Meeting
from municipalities.models import Municipality

#: A city asks so many guiding questions at most.
MOST_QUESTIONS = 3


class GuidingQuestion(models.Model):
    """What a city wants to know from a meeting, and the decision that depends on the answer."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="questions")
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="guiding_questions"
    )
    position = models.PositiveSmallIntegerField(_("position"), default=1)
    text = models.CharField(_("guiding question"), max_length=300)
    decision = models.CharField(_("decision that depends on it"), max_length=300, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)

    class Meta:
        verbose_name = _("guiding question")
        verbose_name_plural = _("guiding questions")
        ordering: ClassVar[list[str]] = ["municipality", "position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["meeting", "municipality", "position"],
                name="guiding_question_has_its_own_position",
                violation_error_message=_("This city has asked this question already."),
            ),
            models.CheckConstraint(
                condition=Q(position__gte=1, position__lte=MOST_QUESTIONS),
                name="guiding_question_is_one_of_three",
                violation_error_message=_("A city asks up to three guiding questions."),
            ),
        ]

    def __str__(self) -> str:
        return self.text


class AgendaItem(models.Model):
    """One point of a meeting's agenda."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="agenda")
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    text = models.CharField(_("text"), max_length=300)
    #: The first day is 1.
    day = models.PositiveSmallIntegerField(
        _("day"), default=1, validators=[MinValueValidator(1), MaxValueValidator(30)]
    )
    minutes = models.PositiveSmallIntegerField(
        _("length in minutes"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    lead = models.ForeignKey(
        Municipality,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("led by"),
    )
    #: Where no city leads: an office or an organisation, not a person.
    lead_note = models.CharField(_("led by somebody else"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=2, choices=WorkingLanguage, blank=True)
    question = models.ForeignKey(
        GuidingQuestion,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="agenda",
        verbose_name=_("answers the guiding question"),
    )

    class Meta:
        verbose_name = _("agenda item")
        verbose_name_plural = _("agenda items")
        ordering: ClassVar[list[str]] = ["position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(minutes__isnull=True) | Q(minutes__gte=1, minutes__lte=1440),
                name="agenda_item_takes_a_day_at_most",
                violation_error_message=_("An item takes between one minute and a day."),
            ),
            models.CheckConstraint(
                condition=Q(day__gte=1, day__lte=30),
                name="agenda_item_is_on_a_day_of_the_meeting",
                violation_error_message=_("The first day of a meeting is 1."),
            ),
            models.UniqueConstraint(
                fields=["meeting", "position"],
                name="agenda_item_has_its_own_position",
                violation_error_message=_("This position is taken by another item."),
            ),
        ]

    def __str__(self) -> str:
        return self.text
