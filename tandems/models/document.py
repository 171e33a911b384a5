"""Documents of a partnership, in versions, and who may read them."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, reach_of
from calls.enums import WorkingLanguage
from core.files.kinds import FileKind
from core.files.storage import random_name
from core.models import StatusChange
from municipalities.models import Municipality
from tandems.enums import DocumentKind, MemberRole, TandemStatus, Visibility
from tandems.models.partnership import Tandem, TandemMember
from tandems.models.reading import reading
from tandems.models.topic import TandemTopic, TopicGuest

#: Circles that the members of the partnership belong to.
INNER = (Visibility.PARTNERSHIP, Visibility.NETWORK, Visibility.PUBLIC)


def visibility_at_the_end_of(day: Any) -> Coalesce:
    """Return who might read a document at the end of ``day``, for its rows.

    ``day`` is a day, or what refers to a column or an alias that holds one (empty: now). What
    changed afterwards stands in the history of states.
    """
    later = StatusChange.objects.filter(
        content_type__app_label="tandems",
        content_type__model="document",
        object_id=OuterRef("pk"),
        field="visibility",
        changed_at__date__gt=day,
    )
    return Coalesce(Subquery(later.order_by("changed_at", "pk").values("old")[:1]), F("visibility"))


def last_day_of(municipalities: set[int]) -> Subquery:
    """Return the last day of the municipalities in the partnership of a row; empty: none so far."""
    members = TandemMember.objects.filter(
        tandem=OuterRef("tandem"), municipality__in=municipalities, role=MemberRole.MEMBER
    )
    return Subquery(members.order_by(F("left_on").desc(nulls_first=True)).values("left_on")[:1])


class DocumentQuerySet(models.QuerySet["Document"]):
    """Questions about documents."""

    def visible_to(self, user: Any = None) -> DocumentQuerySet:
        """Return what ``user`` (``None``: a visitor) may read.

        Public ones of public partnerships are for everybody; those of the network, once the
        partnership is public, for whoever acts for a municipality of it; those of a partnership for
        its members and, where they belong to a topic, for the guests of the topic; those of the
        team for the team and the municipality that put them in. Who left reads what was there on
        its last day and open to it then: what is opened later is not for it, and what is closed
        later is closed to it too.
        """
        reach = reach_of(user, Permission.READ_WORKSPACE)
        if reach is None:
            return self
        known = ~Q(tandem__status=TandemStatus.PLANNED)
        public = Q(visibility=Visibility.PUBLIC) & known
        rows = self.filter(removed_at__isnull=True)
        if not reach:
            return rows.filter(public)
        today = timezone.localdate()
        network = TandemMember.objects.acting().filter(municipality__in=reach)
        guests = TopicGuest.objects.current_on(today).filter(
            topic=OuterRef("topic"), municipality__in=reach
        )
        mine, own = Q(reading(reach, "added_on")), Q(municipality__in=reach)
        was_open = Q(visibility_then__in=INNER) | own
        allowed = public | (Q(visibility__in=INNER) & mine & was_open)
        allowed |= Q(visibility__in=INNER, topic__isnull=False) & Q(Exists(guests))
        allowed |= Q(visibility=Visibility.TEAM) & own & mine
        if network.exists():
            allowed |= Q(visibility__in=[Visibility.NETWORK, Visibility.PUBLIC]) & known
        rows = rows.alias(added_on=TruncDate("added_at"), last_day=last_day_of(reach))
        then = visibility_at_the_end_of(OuterRef("last_day"))
        return rows.alias(visibility_then=then).filter(allowed)

    def as_of(self, day: dt.date, municipalities: set[int]) -> DocumentQuerySet:
        """Return what was there at the end of ``day`` and open to members of the partnership.

        What the team alone might read was open to the one of ``municipalities`` that put it in.
        Each row carries as ``visibility_then`` who might read it.
        """
        rows = self.filter(added_at__date__lte=day)
        was_open = Q(visibility_then__in=INNER) | Q(municipality__in=municipalities)
        return rows.annotate(visibility_then=visibility_at_the_end_of(day)).filter(was_open)

    def present(self) -> DocumentQuerySet:
        """Return those that were not removed, the newest first, with their versions."""
        rows = self.filter(removed_at__isnull=True).prefetch_related("versions")
        return rows.select_related("tandem", "municipality", "topic__topic").order_by(
            "-added_at", "-pk"
        )


class Document(models.Model):
    """A document that a partnership keeps: what it is, in which language, who may read it."""

    tandem = models.ForeignKey(Tandem, on_delete=models.CASCADE, related_name="documents")
    key = models.UUIDField(_("key"), default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(
        Municipality,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="documents",
        verbose_name=_("added by"),
    )
    topic = models.ForeignKey(
        TandemTopic, on_delete=models.SET_NULL, null=True, blank=True, related_name="documents"
    )
    kind = models.CharField(
        _("kind"), max_length=12, choices=DocumentKind, default=DocumentKind.OTHER
    )
    title = models.CharField(_("title"), max_length=200)
    description = models.CharField(_("description"), max_length=500, blank=True)
    language = models.CharField(_("language"), max_length=2, choices=WorkingLanguage)
    dated_on = models.DateField(_("date of the document"), null=True, blank=True)
    visibility = models.CharField(
        _("who may read it"), max_length=11, choices=Visibility, default=Visibility.PARTNERSHIP
    )
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    added_at = models.DateTimeField(_("added at"), default=timezone.now)
    removed_at = models.DateTimeField(_("removed at"), null=True, blank=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        indexes: ClassVar[list[models.Index]] = [
            # The documents of a partnership, the newest first.
            models.Index(fields=["tandem", "-added_at"]),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(kind__in=DocumentKind.values) & Q(language__in=WorkingLanguage.values),
                name="document_kind_and_language_are_known",
                violation_error_message=_("Choose the kind and the language of the document."),
            ),
            models.CheckConstraint(
                condition=Q(visibility__in=Visibility.values),
                name="document_visibility_is_known",
                violation_error_message=_("Choose who may read the document."),
            ),
            models.CheckConstraint(
                condition=~Q(title=""),
                name="document_has_a_title",
                violation_error_message=_("Give the document a title."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def acting_municipalities(self) -> set[int]:
        """Return who may change it: the municipality that put it in; of the team’s none."""
        if self.municipality_id is None:
            return set()
        return self.tandem.acting_municipalities & {self.municipality_id}

    def newest_until(self, day: dt.date | None) -> DocumentVersion | None:
        """Return the newest version that was there by the end of ``day`` (``None``: now)."""
        rows = sorted(self.versions.all(), key=lambda version: version.number)
        known = [row for row in rows if day is None or timezone.localdate(row.uploaded_at) <= day]
        return known[-1] if known else None


class DocumentVersion(models.Model):
    """A file of a document; an earlier one stays when a newer one comes."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(_("version number"), default=1)
    file = models.FileField(_("file"), upload_to=random_name)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("type"), max_length=4, choices=FileKind)
    size = models.PositiveIntegerField(_("size in bytes"))
    sha256 = models.CharField(_("checksum"), max_length=64)
    note = models.CharField(_("what is new"), max_length=200, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    uploaded_at = models.DateTimeField(_("uploaded at"), default=timezone.now)

    class Meta:
        verbose_name = _("version of a document")
        verbose_name_plural = _("versions of a document")
        ordering: ClassVar[list[str]] = ["-number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["document", "number"],
                name="document_version_has_its_own_number",
                violation_error_message=_("Another version of this document has this number."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.number})"
