"""Partnerships with their dated members."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any, ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, reach_of
from calls.models import Call, Pairing
from core.dates import DatePrecision, DateSpan
from core.models import SourcedModel
from core.queries import with_parts
from municipalities.models import NAMING, Municipality
from tandems.enums import (
    MemberRole,
    TandemKind,
    TandemStatus,
)


class TandemQuerySet(models.QuerySet["Tandem"]):
    """Questions about partnerships."""

    def visible_to(self, user: Any = None) -> TandemQuerySet:
        """Return the partnerships that ``user`` (``None``: a visitor) may see.

        Planned ones are for the team and for the municipalities that are or were in them.
        """
        reach = reach_of(user, Permission.READ_WORKSPACE)
        if reach is None:
            return self
        if not reach:
            return self.exclude(status=TandemStatus.PLANNED)
        return self.filter(~Q(status=TandemStatus.PLANNED) | Q(pk__in=tandems_of(reach)))

    def with_workspace_for(self, user: Any) -> TandemQuerySet:
        """Return those whose internal area ``user`` may read.

        A city that left keeps reading what was up to then (see ``tandems.access``); a guest reads
        the topic or meeting that it was let into, and has no way in here.
        """
        reach = reach_of(user, Permission.READ_WORKSPACE)
        return self if reach is None else self.filter(pk__in=tandems_of(reach))

    def with_members(self) -> TandemQuerySet:
        """Fetch the members with their municipalities along, in the order of the pair."""
        return self.prefetch_related(models.Prefetch("members", queryset=prepared_members().all()))

    def with_call(self) -> TandemQuerySet:
        """Fetch what names the call through which the partnership was selected along."""
        return with_parts(self, call=("slug", "state", "title_de", "title_en"))

    def in_order(self) -> TandemQuerySet:
        """Return them by their number in the programme."""
        return self.order_by("number", "pk")

    def on_topic(self, key: str) -> TandemQuerySet:
        """Return those that work on the topic."""
        working = self.model.objects.filter(pk=models.OuterRef("pk"), topics__topic__key=key)
        return self.filter(models.Exists(working))

    def with_country(self, country: str) -> TandemQuerySet:
        """Return those with a member from the country, past members included."""
        members = TandemMember.objects.filter(
            tandem=models.OuterRef("pk"), municipality__country=country
        )
        return self.filter(models.Exists(members))


class Tandem(SourcedModel):
    """A peer-learning partnership of two or three municipalities."""

    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    number = models.PositiveIntegerField(_("number in the programme"), db_index=True)
    kind = models.CharField(_("kind"), max_length=16, choices=TandemKind)
    status = models.CharField(
        _("status"), max_length=16, choices=TandemStatus, default=TandemStatus.PLANNED
    )
    name = models.CharField(_("name"), max_length=200)
    call = models.ForeignKey(
        Call,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="tandems",
        verbose_name=_("selected through the call"),
    )
    pairing = models.OneToOneField(
        Pairing,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="tandem",
        verbose_name=_("formed from the pairing"),
    )
    kick_off_proposed_on = models.DateField(
        _("day proposed for the kick-off"), null=True, blank=True
    )
    previous = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="successors",
        verbose_name=_("grew out of"),
    )
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    ended_reason = models.CharField(_("reason for the end"), max_length=300, blank=True)
    #: From then on the cities keep their page themselves, and files of facts leave it alone.
    maintained_since = models.DateTimeField(_("kept by its cities since"), null=True, blank=True)
    twinning_since = models.CharField(
        _("town twinning since (year)"),
        max_length=4,
        blank=True,
        validators=[RegexValidator(r"^[0-9]{4}$")],
    )
    twinning_sources = models.JSONField(_("sources of the twinning"), default=list, blank=True)
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)

    objects = TandemQuerySet.as_manager()

    class Meta:
        verbose_name = _("partnership")
        verbose_name_plural = _("partnerships")
        indexes: ClassVar[list[models.Index]] = [
            # The list filtered by status.
            models.Index(fields=["status", "number"]),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(kind__in=TandemKind.values),
                name="tandem_kind_is_known",
                violation_error_message=_("Choose the kind of partnership."),
            ),
            models.CheckConstraint(
                condition=Q(status__in=TandemStatus.values),
                name="tandem_status_is_known",
                violation_error_message=_("Choose the status of the partnership."),
            ),
            models.CheckConstraint(
                condition=Q(ended_reason="") | Q(ended_on__isnull=False),
                name="tandem_has_a_reason_only_when_it_ended",
                violation_error_message=_("A reason for the end needs the day of the end."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the public page."""
        return reverse("tandems:detail", args=[self.slug])

    @cached_property
    def acting_municipalities(self) -> set[int]:
        """Return the municipalities that may act for the partnership, for questions of rights."""
        return set(self.members.acting().values_list("municipality_id", flat=True))

    @property
    def is_public(self) -> bool:
        """Tell whether visitors may know of the partnership."""
        return self.status != TandemStatus.PLANNED


class TandemMemberQuerySet(models.QuerySet["TandemMember"]):
    """Questions about memberships."""

    def visible_to(self, user: Any = None) -> TandemMemberQuerySet:
        """Return those in partnerships that ``user`` (``None``: a visitor) may see."""
        if reach_of(user, Permission.READ_WORKSPACE) == set():
            return self.exclude(tandem__status=TandemStatus.PLANNED)
        return self.filter(tandem__in=Tandem.objects.visible_to(user).values("pk"))

    def acting(self) -> TandemMemberQuerySet:
        """Return current members; guests and those who left do not act for the partnership.

        On the day of leaving a city still acts: it is the last one.
        """
        still = Q(left_on__isnull=True) | Q(left_on__gte=timezone.localdate())
        return self.filter(still, role=MemberRole.MEMBER)

    def hidden_from_visitors(self) -> TandemMemberQuerySet:
        """Return those in partnerships that are not public yet."""
        return self.filter(tandem__status=TandemStatus.PLANNED)

    def with_partners(self) -> TandemMemberQuerySet:
        """Fetch each partnership with all its members along, by number in the programme."""
        return (
            self.select_related("tandem")
            .prefetch_related(models.Prefetch("tandem__members", queryset=prepared_members().all()))
            .order_by("tandem__number", "tandem_id")
        )


class TandemMember(SourcedModel):
    """A municipality in a partnership, from when to when, as member or guest."""

    tandem = models.ForeignKey(Tandem, on_delete=models.CASCADE, related_name="members")
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="memberships"
    )
    position = models.PositiveSmallIntegerField(_("position in the pair"), default=0)
    role = models.CharField(_("role"), max_length=6, choices=MemberRole, default=MemberRole.MEMBER)
    joined_earliest = models.DateField(_("joined, earliest"), null=True, blank=True)
    joined_latest = models.DateField(_("joined, latest"), null=True, blank=True)
    joined_precision = models.CharField(
        max_length=8, choices=DatePrecision, default=DatePrecision.UNKNOWN
    )
    left_on = models.DateField(_("left on"), null=True, blank=True)
    left_precision = models.CharField(
        max_length=8, choices=DatePrecision, default=DatePrecision.UNKNOWN
    )
    #: Public; a reason that is not stands in the history of the membership.
    left_reason = models.CharField(_("reason for leaving"), max_length=300, blank=True)

    objects = TandemMemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tandem", "municipality"],
                condition=Q(left_on__isnull=True),
                name="tandem_member_is_current_once",
                violation_error_message=_("This municipality is already a current member."),
            ),
            models.CheckConstraint(
                condition=Q(left_on__isnull=True)
                | Q(joined_earliest__isnull=True)
                | Q(left_on__gte=F("joined_earliest")),
                name="tandem_member_leaves_after_joining",
                violation_error_message=_("The municipality leaves before it joins."),
            ),
            models.CheckConstraint(
                condition=Q(joined_earliest__isnull=True)
                | Q(joined_latest__isnull=True)
                | Q(joined_latest__gte=F("joined_earliest")),
                name="tandem_member_joining_bounds_are_in_order",
                violation_error_message=_("The latest day lies before the earliest day."),
            ),
            models.CheckConstraint(
                condition=Q(left_reason="") | Q(left_on__isnull=False),
                name="tandem_member_has_a_reason_only_when_it_left",
                violation_error_message=_("A reason for leaving needs the day of leaving."),
            ),
            models.CheckConstraint(
                condition=Q(joined_precision__in=DatePrecision.values)
                & Q(left_precision__in=DatePrecision.values),
                name="tandem_member_precisions_are_known",
                violation_error_message=_("Choose how exactly the date is known."),
            ),
            models.CheckConstraint(
                condition=Q(role__in=MemberRole.values),
                name="tandem_member_role_is_known",
                violation_error_message=_("Choose member or guest."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.municipality} ({self.get_role_display()})"

    @property
    def acting_municipalities(self) -> set[int]:
        """Return the municipality if it is a current member; its partner has no say here."""
        acts = self.role == MemberRole.MEMBER and not self.has_left(timezone.localdate())
        return {self.municipality_id} if acts else set()

    @property
    def joined(self) -> DateSpan:
        """Return when the municipality joined, as documented."""
        return DateSpan(self.joined_earliest, self.joined_latest, self.joined_precision)

    @property
    def left(self) -> DateSpan:
        """Return when the municipality left, as documented."""
        return DateSpan(self.left_on, self.left_on, self.left_precision)

    @property
    def is_guest(self) -> bool:
        """Tell whether the municipality is a guest."""
        return self.role == MemberRole.GUEST

    def has_left(self, today: dt.date) -> bool:
        """Tell whether the municipality was gone on ``today``."""
        return self.left_on is not None and self.left_on < today


def tandems_of(municipalities: set[int]) -> models.QuerySet[Any, Any]:
    """Return the partnerships in which one of the municipalities is or was a member."""
    rows = TandemMember.objects.filter(municipality__in=municipalities, role=MemberRole.MEMBER)
    return rows.values("tandem")


@cache
def prepared_members() -> TandemMemberQuerySet:
    """Return all memberships with their municipalities, in the order of the pair.

    Put together once, because that takes as long as the query itself.
    """
    return with_parts(TandemMember.objects.all(), municipality=NAMING).order_by("position", "pk")
