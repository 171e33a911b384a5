"""The learning log: what a city took from one contact."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, reach_of
from calls.enums import WorkingLanguage
from meetings.enums import ContactKind, LogVisibility
from meetings.models.commitment import Commitment
from meetings.models.meeting import Meeting
from municipalities.models import Municipality, Topic
from tandems.enums import TandemStatus
from tandems.models import Tandem, TandemMember, reading


class LearningEntryQuerySet(models.QuerySet["LearningEntry"]):
    """Questions about entries of the learning log."""

    def visible_to(self, user: Any = None) -> LearningEntryQuerySet:
        """Return what ``user`` (``None``: a visitor) may read.

        Public ones of public partnerships are for everybody, those of the network for whoever acts
        for a municipality in a partnership, those of a partnership for its members (who left: up to
        then), and those of a city for itself and the project team.
        """
        reach = reach_of(user, Permission.READ_WORKSPACE)
        if reach is None:
            return self
        known = ~Q(tandem__status=TandemStatus.PLANNED)
        allowed = Q(visibility=LogVisibility.PUBLIC) & known
        if not reach:
            return self.filter(allowed)
        rows = self.alias(written_on=models.functions.TruncDate("written_at"))
        mine = Q(reading(reach, "written_on"))
        shared = Q(visibility__in=[LogVisibility.PARTNERSHIP, LogVisibility.NETWORK]) & mine
        allowed |= shared | (Q(municipality__in=reach) & mine)
        allowed |= Q(visibility=LogVisibility.PUBLIC) & mine
        if TandemMember.objects.acting().filter(municipality__in=reach).exists():
            allowed |= Q(visibility=LogVisibility.NETWORK) & known
        return rows.filter(allowed)

    def in_order(self) -> LearningEntryQuerySet:
        """Return the newest first, with what they name."""
        rows = self.select_related("municipality", "meeting", "topic", "commitment", "written_by")
        return rows.order_by("-happened_on", "-pk")


class LearningEntry(models.Model):
    """What one city learned from one contact, written in three minutes.

    Public: not the person who wrote it.
    """

    tandem = models.ForeignKey(Tandem, on_delete=models.CASCADE, related_name="learning_entries")
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="learning_entries"
    )
    meeting = models.ForeignKey(
        Meeting, on_delete=models.SET_NULL, null=True, blank=True, related_name="learning_entries"
    )
    topic = models.ForeignKey(
        Topic, on_delete=models.PROTECT, null=True, blank=True, related_name="learning_entries"
    )
    kind = models.CharField(_("kind of contact"), max_length=12, choices=ContactKind)
    happened_on = models.DateField(_("day"))
    language = models.CharField(_("language"), max_length=2, choices=WorkingLanguage)
    learned = models.TextField(_("what we learned"), max_length=500)
    surprised = models.TextField(_("what surprised us"), max_length=500, blank=True)
    contradicts = models.TextField(_("what contradicts our practice"), max_length=500, blank=True)
    next_step = models.CharField(_("next step"), max_length=300, blank=True)
    commitment = models.ForeignKey(
        Commitment, on_delete=models.SET_NULL, null=True, blank=True, related_name="learned_from"
    )
    visibility = models.CharField(
        _("who may read it"),
        max_length=11,
        choices=LogVisibility,
        default=LogVisibility.PARTNERSHIP,
    )
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    written_at = models.DateTimeField(_("written at"), default=timezone.now)
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)

    objects = LearningEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry of the learning log")
        verbose_name_plural = _("entries of the learning log")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tandem", "-happened_on", "-id"]),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(kind__in=ContactKind.values),
                name="learning_entry_kind_is_known",
                violation_error_message=_("Choose the kind of contact."),
            ),
            models.CheckConstraint(
                condition=Q(visibility__in=LogVisibility.values),
                name="learning_entry_visibility_is_known",
                violation_error_message=_("Choose who may read the entry."),
            ),
            models.CheckConstraint(
                condition=~Q(learned=""),
                name="learning_entry_says_what_was_learned",
                violation_error_message=_("Write what you learned."),
            ),
        ]

    def __str__(self) -> str:
        return self.learned[:60]

    def get_absolute_url(self) -> str:
        """Return the page in the internal area."""
        return reverse("workspace:log-entry", args=[self.tandem.slug, self.pk])

    @property
    def acting_municipalities(self) -> set[int]:
        """Return the city that wrote it, while it is a member."""
        return {self.municipality_id} & self.tandem.acting_municipalities
