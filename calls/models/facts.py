"""What is documented about a call, and its timetable."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from calls.enums import CallSection
from calls.models.call import Call
from core.models import DatedModel, SourcedModel


class CallFact(SourcedModel):
    """One documented statement about a call, under a heading."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="facts")
    section = models.CharField(_("section"), max_length=12, choices=CallSection)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    text = models.TextField(_("text"))

    class Meta:
        verbose_name = _("fact of a call")
        verbose_name_plural = _("facts of a call")
        ordering: ClassVar[list[str]] = ["position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["call", "position"],
                name="call_fact_has_its_own_position",
                violation_error_message=_("This position is taken by another fact."),
            ),
            models.CheckConstraint(
                condition=Q(section__in=CallSection.values),
                name="call_fact_section_is_known",
                violation_error_message=_("Choose the section."),
            ),
        ]

    def __str__(self) -> str:
        return self.text


class CallMilestone(DatedModel, SourcedModel):
    """One step in the timetable of a call."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="milestones")
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    text = models.CharField(_("text"), max_length=300)

    class Meta:
        verbose_name = _("milestone of a call")
        verbose_name_plural = _("milestones of a call")
        ordering: ClassVar[list[str]] = ["position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *DatedModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["call", "position"],
                name="call_milestone_has_its_own_position",
                violation_error_message=_("This position is taken by another milestone."),
            ),
        ]

    def __str__(self) -> str:
        return self.text
