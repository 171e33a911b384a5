"""The public text of a partnership in versions; the released one stands on its page."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models import SourcedModel
from municipalities.models import Municipality
from tandems.enums import (
    Evidence,
    ProfileSection,
    ProfileState,
    ResultKind,
)
from tandems.models.partnership import Tandem


class ProfileVersionQuerySet(models.QuerySet["ProfileVersion"]):
    """Questions about versions of profiles."""

    def unfinished(self) -> ProfileVersionQuerySet:
        """Return those on their way to the public page, the newest first, with partnership."""
        ways = (ProfileState.DRAFT, ProfileState.SUBMITTED, ProfileState.CONFIRMED)
        return self.filter(state__in=ways).select_related("tandem").order_by("-pk")


class ProfileVersion(SourcedModel):
    """One version of a partnership's public text; the released one stands on its page."""

    tandem = models.ForeignKey(Tandem, on_delete=models.CASCADE, related_name="profile_versions")
    state = models.CharField(
        _("state"), max_length=10, choices=ProfileState, default=ProfileState.DRAFT
    )
    summary = models.TextField(_("summary"), blank=True)
    as_of = models.DateField(_("as of"), null=True, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    confirmed_by_municipalities = models.ManyToManyField(
        Municipality, blank=True, related_name="+", verbose_name=_("confirmed by")
    )
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    released_at = models.DateTimeField(_("released at"), null=True, blank=True)

    objects = ProfileVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of a profile")
        verbose_name_plural = _("versions of a profile")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tandem"],
                condition=Q(state=ProfileState.RELEASED),
                name="tandem_has_one_released_profile",
                violation_error_message=_("Another version of this profile is released."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=ProfileState.values),
                name="profile_version_state_is_known",
                violation_error_message=_("Choose the state of the profile."),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[ProfileState.RELEASED, ProfileState.SUPERSEDED])
                | Q(released_at__isnull=False),
                name="released_profile_has_a_moment",
                violation_error_message=_("A released profile needs the moment of its release."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tandem}: {self.get_state_display()}"


class ProfileEntry(SourcedModel):
    """A challenge, goal or result in a version of the profile."""

    profile = models.ForeignKey(ProfileVersion, on_delete=models.CASCADE, related_name="entries")
    section = models.CharField(_("section"), max_length=10, choices=ProfileSection)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    text = models.TextField(_("text"))
    result_kind = models.CharField(
        _("kind of result"), max_length=24, choices=ResultKind, blank=True
    )
    evidence = models.CharField(
        _("evidence"), max_length=16, choices=Evidence, default=Evidence.DOCUMENTED
    )

    class Meta:
        verbose_name = _("entry of a profile")
        verbose_name_plural = _("entries of a profile")
        ordering: ClassVar[list[str]] = ["position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["profile", "position"],
                name="profile_entry_has_its_own_position",
                violation_error_message=_("This position is taken by another entry."),
            ),
            models.CheckConstraint(
                condition=Q(section__in=ProfileSection.values),
                name="profile_entry_section_is_known",
                violation_error_message=_("Choose the section."),
            ),
            models.CheckConstraint(
                condition=Q(evidence__in=Evidence.values),
                name="profile_entry_evidence_is_known",
                violation_error_message=_("Choose how well the entry is documented."),
            ),
            models.CheckConstraint(
                condition=Q(result_kind__in=[*ResultKind.values, ""]),
                name="profile_entry_result_kind_is_known",
                violation_error_message=_("Choose the kind of result."),
            ),
            models.CheckConstraint(
                condition=Q(section=ProfileSection.RESULT) | Q(result_kind=""),
                name="profile_entry_only_results_have_a_kind",
                violation_error_message=_("Only a result has a kind."),
            ),
        ]

    def __str__(self) -> str:
        return self.text
