"""Who works on what in which municipality, of those who agreed to stand in the directory."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import CITY_ROLES
from accounts.models.roles import RoleAssignment
from accounts.permissions import Permission
from core.models import SearchTextField
from municipalities.models import Topic


class DirectoryEntryQuerySet(models.QuerySet["DirectoryEntry"]):
    """Questions about the directory."""

    def visible_to(self, user: Any) -> DirectoryEntryQuerySet:
        """Return the entries that ``user`` may read: of people who act for a municipality today."""
        if not user.is_authenticated or not user.has_perm(Permission.READ_DIRECTORY):
            return self.none()
        held = RoleAssignment.objects.held_on(timezone.localdate()).filter(
            user=OuterRef("user"), role__in=CITY_ROLES
        )
        return self.filter(Exists(held), user__is_active=True)


class DirectoryEntry(models.Model):
    """What a person lets the other municipalities know: office, work, topics, languages.

    The row is the consent: whoever withdraws it deletes the row, and nothing of it stays.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="directory_entry"
    )
    office = models.CharField(_("office or department"), max_length=150)
    works_on = models.CharField(_("what I work on"), max_length=500, blank=True)
    topics = models.ManyToManyField(
        Topic, blank=True, related_name="directory_entries", verbose_name=_("fields of action")
    )
    #: ISO 639-1.
    languages = models.JSONField(_("languages"), default=list, blank=True)
    shows_address = models.BooleanField(_("my e-mail address may be shown"), default=False)
    consented_at = models.DateTimeField(_("agreed at"), default=timezone.now)
    #: The sentence that the person agreed to, in the language in which it was read.
    consent = models.TextField(_("consent"))
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)
    search_text = SearchTextField(copies=("office", "works_on"))

    objects = DirectoryEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry in the directory")
        verbose_name_plural = _("entries in the directory")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~Q(office=""),
                name="directory_entry_names_the_office",
                violation_error_message=_("Name your office or department."),
            ),
            models.CheckConstraint(
                condition=~Q(consent=""),
                name="directory_entry_rests_on_a_consent",
                violation_error_message=_("An entry needs your consent."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)
