"""Organisations and the parts they play in the programme over time."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.enums import OrganisationKind, ProgrammeRoleKind
from core.dates import DatePrecision, DateSpan
from core.models import SourcedModel


class Organisation(SourcedModel):
    """A ministry, institute, project partner or platform around the programme."""

    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    short_name = models.CharField(_("short name"), max_length=60)
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=24, choices=OrganisationKind)
    contribution = models.TextField(_("task in the programme"), blank=True)
    note = models.TextField(_("note"), blank=True)
    seat = models.CharField(_("seat"), max_length=80, blank=True)
    website = models.URLField(_("website"), blank=True)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering: ClassVar[list[str]] = ["position", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(kind__in=OrganisationKind.values),
                name="organisation_kind_is_known",
                violation_error_message=_("Choose the kind of organisation."),
            ),
        ]

    def __str__(self) -> str:
        return self.short_name


class ProgrammeRole(SourcedModel):
    """The part an organisation plays in the programme, from when to when."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="roles")
    kind = models.CharField(_("role"), max_length=24, choices=ProgrammeRoleKind)
    since = models.DateField(_("since"), null=True, blank=True)
    since_precision = models.CharField(
        max_length=8, choices=DatePrecision, default=DatePrecision.UNKNOWN
    )
    until = models.DateField(_("until"), null=True, blank=True)
    until_precision = models.CharField(
        max_length=8, choices=DatePrecision, default=DatePrecision.UNKNOWN
    )

    class Meta:
        verbose_name = _("role in the programme")
        verbose_name_plural = _("roles in the programme")
        ordering: ClassVar[list[Any]] = [models.F("since").asc(nulls_first=True), "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organisation", "kind", "since"],
                name="programme_role_starts_once",
                violation_error_message=_("This role is already recorded."),
            ),
            models.UniqueConstraint(
                fields=["organisation", "kind"],
                condition=models.Q(since__isnull=True),
                name="programme_role_is_undated_once",
                violation_error_message=_("This role is already recorded without a date."),
            ),
            models.CheckConstraint(
                condition=models.Q(since__isnull=True)
                | models.Q(until__isnull=True)
                | models.Q(until__gte=models.F("since")),
                name="programme_role_ends_after_it_starts",
                violation_error_message=_("The role ends before it starts."),
            ),
            models.CheckConstraint(
                condition=models.Q(since_precision__in=DatePrecision.values)
                & models.Q(until_precision__in=DatePrecision.values),
                name="programme_role_precisions_are_known",
                violation_error_message=_("Choose how exactly the date is known."),
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=ProgrammeRoleKind.values),
                name="programme_role_kind_is_known",
                violation_error_message=_("Choose the role in the programme."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}: {self.get_kind_display()}"

    @property
    def since_span(self) -> DateSpan:
        """Return the start as documented."""
        return DateSpan(self.since, self.since, self.since_precision)

    @property
    def until_span(self) -> DateSpan:
        """Return the end as documented."""
        return DateSpan(self.until, self.until, self.until_precision)
