"""What a version of a profile says: entries, each in one or more languages."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.enums import WorkingLanguage
from core.models import SourcedModel
from municipalities.models import Municipality
from tandems.enums import Evidence, ProfileSection, ResultKind, TextState
from tandems.models.profile import ProfileVersion


class ProfileEntryQuerySet(models.QuerySet["ProfileEntry"]):
    """Questions about entries."""

    def with_texts(self) -> ProfileEntryQuerySet:
        """Fetch texts and municipality along, in the order of the page."""
        rows = self.select_related("municipality").prefetch_related("texts")
        return rows.order_by("position", "pk")


class ProfileEntry(SourcedModel):
    """The text of a section, or one documented point in it.

    A section holds one text (Markdown); “what each city gives and seeks” one of each city, which
    only that city writes. Points are single challenges, goals or results with their own sources.
    ``key`` stays the same from version to version, so that versions can be compared.
    """

    profile = models.ForeignKey(ProfileVersion, on_delete=models.CASCADE, related_name="entries")
    key = models.UUIDField(_("key"), default=uuid.uuid4, editable=False)
    section = models.CharField(_("section"), max_length=10, choices=ProfileSection)
    municipality = models.ForeignKey(
        Municipality,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="profile_entries",
    )
    is_point = models.BooleanField(_("single point"), default=False)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    result_kind = models.CharField(
        _("kind of result"), max_length=24, choices=ResultKind, blank=True
    )
    evidence = models.CharField(
        _("evidence"), max_length=16, choices=Evidence, default=Evidence.DOCUMENTED
    )
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    changed_at = models.DateTimeField(_("changed at"), null=True, blank=True)

    objects = ProfileEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry of a profile")
        verbose_name_plural = _("entries of a profile")
        ordering: ClassVar[list[str]] = ["position", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["profile", "position"],
                name="profile_entry_has_its_own_position",
                violation_error_message=_("This position is taken by another entry."),
            ),
            models.UniqueConstraint(
                fields=["profile", "key"],
                name="profile_entry_has_its_own_key",
                violation_error_message=_("This version holds the entry already."),
            ),
            models.UniqueConstraint(
                fields=["profile", "section"],
                condition=Q(is_point=False, municipality__isnull=True),
                name="profile_section_has_one_text",
                violation_error_message=_("This section has a text already."),
            ),
            models.UniqueConstraint(
                fields=["profile", "section", "municipality"],
                condition=Q(is_point=False, municipality__isnull=False),
                name="profile_section_has_one_text_of_each_municipality",
                violation_error_message=_("This municipality has a text there already."),
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
        return f"{self.get_section_display()} {self.position}"

    @property
    def acting_municipalities(self) -> set[int]:
        """Return who may write it: of what a city gives and seeks, that city alone."""
        acting = self.profile.tandem.acting_municipalities
        return acting if self.municipality_id is None else acting & {self.municipality_id}


class ProfileText(models.Model):
    """An entry in one language, and what kind of text that is.

    One language is the original. When it changes, the others are out of date until somebody has
    written or checked them again.
    """

    entry = models.ForeignKey(ProfileEntry, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(_("language"), max_length=2, choices=WorkingLanguage)
    text = models.TextField(_("text"))
    state = models.CharField(
        _("state of the text"), max_length=10, choices=TextState, default=TextState.ORIGINAL
    )
    outdated_since = models.DateTimeField(_("out of date since"), null=True, blank=True)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    written_at = models.DateTimeField(_("written at"), default=timezone.now)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    checked_at = models.DateTimeField(_("checked at"), null=True, blank=True)

    class Meta:
        verbose_name = _("text of a profile")
        verbose_name_plural = _("texts of a profile")
        ordering: ClassVar[list[str]] = ["language"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["entry", "language"],
                name="profile_entry_has_one_text_in_each_language",
                violation_error_message=_("There is a text in this language already."),
            ),
            models.UniqueConstraint(
                fields=["entry"],
                condition=Q(state=TextState.ORIGINAL),
                name="profile_entry_has_one_original",
                violation_error_message=_("Another language is the original already."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=TextState.values) & Q(language__in=WorkingLanguage.values),
                name="profile_text_state_and_language_are_known",
                violation_error_message=_("Choose the language and the state of the text."),
            ),
            models.CheckConstraint(
                condition=~Q(state=TextState.ORIGINAL) | Q(outdated_since__isnull=True),
                name="original_is_never_out_of_date",
                violation_error_message=_("The original cannot be out of date."),
            ),
            models.CheckConstraint(
                condition=Q(state=TextState.CHECKED) | Q(checked_at__isnull=True),
                name="only_checked_texts_have_a_moment_of_checking",
                violation_error_message=_("Only a checked translation has been checked."),
            ),
            models.CheckConstraint(
                condition=~Q(text=""),
                name="profile_text_is_not_empty",
                violation_error_message=_("Write a text."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry} ({self.language})"
