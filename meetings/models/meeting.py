"""Meetings of a partnership, of the network and around it."""

from __future__ import annotations

import datetime as dt
import uuid
import zoneinfo
from typing import Any, ClassVar

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, reach_of
from calls.enums import WorkingLanguage
from core.dates import DatePrecision
from core.models import DatedModel, SourcedModel
from core.queries import hanging, with_parts
from meetings.enums import MeetingFormat, MeetingKind, MeetingScope, MeetingStatus
from municipalities.enums import Country
from municipalities.models import Municipality, Topic, validate_time_zone
from tandems.enums import TandemStatus
from tandems.models import Tandem, TandemMember, reading

#: Subscribers keep this many of the latest meetings: all that the programme can hold in decades.
LONGEST_FEED = 10_000


class MeetingQuerySet(models.QuerySet["Meeting"]):
    """Questions about meetings."""

    def visible_to(self, user: Any = None) -> MeetingQuerySet:
        """Return what ``user`` (``None``: a visitor) may see.

        Internal meetings and those in which a partnership meets that is not public yet are for the
        team, for the municipalities of its partnerships (who left: those up to then) and for its
        guests; those of the whole network are for all that are in a partnership now.
        """
        reach = reach_of(user, Permission.READ_WORKSPACE)
        if reach is None:
            return self
        # A short list of partnerships, not a join: the order of the list can follow its index.
        planned = Tandem.objects.filter(status=TandemStatus.PLANNED).values("pk")
        joint = Meeting.partnerships.through._default_manager.filter(tandem__in=planned)
        public = Q(is_public=True) & ~Q(tandem__in=planned) & ~Q(pk__in=joint.values("meeting"))
        if not reach:
            return self.filter(public)
        return self.filter(public | read_from_within(reach))

    def from_within_for(self, user: Any) -> MeetingQuerySet:
        """Return those that ``user`` reads from within: as a member, guest, or the team."""
        reach = reach_of(user, Permission.READ_WORKSPACE)
        if reach is None:
            return self
        return self.filter(read_from_within(reach)) if reach else self.none()

    def with_progress(self) -> MeetingQuerySet:
        """Tell of each how far its consultation is (``consultation_state``), if it has one."""
        return self.annotate(consultation_state=F("consultation__state"))

    def coming_on(self, today: dt.date) -> MeetingQuerySet:
        """Return those that are not over on ``today``, the next one first."""
        return self.filter(sorted_on__gte=today).order_by("earliest", "pk")

    def past_on(self, today: dt.date) -> MeetingQuerySet:
        """Return those that are over on ``today``, the last one first, undated ones at the end."""
        return self.filter(sorted_on__lt=today).order_by("-sorted_on", "-pk")

    def in_year(self, year: int) -> MeetingQuerySet:
        """Return those that can have taken place in the year."""
        return self.filter(earliest__lte=dt.date(year, 12, 31), latest__gte=dt.date(year, 1, 1))

    def dated_to_the_day(self) -> MeetingQuerySet:
        """Return those whose day is documented: only these can stand in a calendar."""
        return self.filter(precision=DatePrecision.DAY)

    def in_feed(self) -> MeetingQuerySet:
        """Return what the public calendar shows: the latest ones whose day is documented."""
        dated = self.visible_to(None).dated_to_the_day()
        return dated.order_by("-sorted_on", "-pk")[:LONGEST_FEED]

    def in_feed_of(self, user: Any, first: dt.date) -> MeetingQuerySet:
        """Return what the personal calendar of ``user`` shows, from the day ``first`` on.

        That is what the roles held today let the person read from within: public meetings of others
        are not among it, for the team everything is. ``is_linked``: the person takes part, or is a
        guest, and is told how to do so remotely, until the meeting is over.
        """
        dated = self.from_within_for(user).dated_to_the_day().filter(sorted_on__gte=first)
        linked = ahead_at(timezone.now())
        if (reach := reach_of(user, Permission.READ_WORKSPACE)) is not None:
            linked &= taking_part(reach)
        dated = dated.annotate(is_linked=Case(When(linked, then=True), default=Value(False)))
        return dated.order_by("-sorted_on", "-pk")[:LONGEST_FEED]

    def with_tandem(self) -> MeetingQuerySet:
        """Fetch what names the partnership along."""
        return with_parts(self, tandem=("slug", "name_de", "name_en"))

    def for_lists(self) -> MeetingQuerySet:
        """Fetch no more than a list of meetings shows, the name of the partnership among it."""
        dates = ("earliest", "latest", "precision")
        shown = ("kind", "status", "format", "place", "slug", "is_public", *dates)
        names = ("title_de", "title_en", "tandem__name_de", "tandem__name_en")
        return self.select_related("tandem").only(*shown, *names)


def read_from_within(municipalities: set[int]) -> Q:
    """Return which meetings municipalities read from within: as members, guests, of the network.

    What has no day is still to come: a city that has left does not read it.
    """
    undated = Q(latest__isnull=True) & acting(municipalities)
    mine = Q(reading(municipalities, "latest")) | undated
    return mine | open_to(municipalities)


def taking_part(municipalities: set[int]) -> Q:
    """Return in which meetings municipalities take part now: as acting members, or as guests."""
    own = acting(municipalities) & ~Q(scope__in=[MeetingScope.SEVERAL, MeetingScope.PROGRAMME])
    return own | open_to(municipalities)


def acting(municipalities: set[int]) -> Q:
    """Return for which partnerships of meetings municipalities act now."""
    members = TandemMember.objects.acting().filter(municipality__in=municipalities)
    return Q(Exists(members.filter(tandem=OuterRef("tandem"))))


def ahead_at(moment: dt.datetime) -> Q:
    """Return which meetings can be joined: until they end, also once they are noted as held."""
    open_ended = Q(ends_at__isnull=True, latest__gte=timezone.localdate(moment))
    return (Q(ends_at__gt=moment) | open_ended) & ~Q(status=MeetingStatus.CANCELLED)


def open_to(municipalities: set[int]) -> Q:
    """Return which meetings of several partnerships, of the network or with guests are for them."""
    guests = hanging(Meeting, "guests").filter(municipality__in=municipalities)
    members = TandemMember.objects.acting().filter(municipality__in=municipalities)
    joined = members.filter(tandem__joint_meetings=OuterRef("pk"))
    in_network = members.exclude(tandem__status=TandemStatus.PLANNED)
    several = Q(Exists(joined), scope=MeetingScope.SEVERAL)
    network = Q(Exists(in_network), scope=MeetingScope.PROGRAMME)
    return several | network | Q(pk__in=guests.values("meeting"))


class Meeting(DatedModel, SourcedModel):
    """A meeting with its kind, place and date, announced, held or cancelled.

    ``earliest`` and ``latest`` hold the first and last day when ``precision`` is ``day``, else the
    documented bounds. ``starts_at`` and ``ends_at`` are set only where the time of day is known.
    """

    reference = models.SlugField(_("reference"), max_length=80, unique=True)
    uid = models.UUIDField(_("calendar identity"), default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=20, choices=MeetingKind)
    scope = models.CharField(_("belongs to"), max_length=10, choices=MeetingScope)
    tandem = models.ForeignKey(
        Tandem, on_delete=models.PROTECT, null=True, blank=True, related_name="meetings"
    )
    partnerships = models.ManyToManyField(
        Tandem, blank=True, related_name="joint_meetings", verbose_name=_("partnerships that meet")
    )
    #: Told to visitors, from the announcement on; otherwise only its own people know of it.
    is_public = models.BooleanField(_("public"), default=False)
    title = models.CharField(_("title"), max_length=200)
    slug = models.SlugField(_("slug"), max_length=120)
    description = models.TextField(_("description"), blank=True)
    format = models.CharField(_("format"), max_length=8, choices=MeetingFormat, blank=True)
    status = models.CharField(
        _("status"), max_length=12, choices=MeetingStatus, default=MeetingStatus.PLANNED
    )
    starts_at = models.DateTimeField(_("starts at"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends at"), null=True, blank=True)
    time_zone = models.CharField(
        _("time zone of the place"), max_length=40, blank=True, validators=[validate_time_zone]
    )
    place = models.CharField(_("place"), max_length=200, blank=True)
    address = models.CharField(_("address"), max_length=300, blank=True)
    access_notes = models.CharField(_("getting there and access"), max_length=500, blank=True)
    #: For participants alone, never on a public page or in a public calendar.
    remote_link = models.URLField(_("link for taking part remotely"), max_length=500, blank=True)
    remote_note = models.CharField(_("how to dial in"), max_length=300, blank=True)
    language = models.CharField(
        _("working language"), max_length=2, choices=WorkingLanguage, blank=True
    )
    country = models.CharField(_("country"), max_length=2, choices=Country, blank=True)
    host = models.ForeignKey(
        Municipality,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="hosted_meetings",
    )
    participants = models.ManyToManyField(
        Municipality, blank=True, related_name="meetings", verbose_name=_("participating cities")
    )
    participant_count = models.PositiveIntegerField(_("number of people"), null=True, blank=True)
    participant_note = models.CharField(_("note on the people"), max_length=200, blank=True)
    topics = models.ManyToManyField(Topic, blank=True, related_name="meetings")
    #: When the first invitations were sent; from then on changes are told.
    invited_at = models.DateTimeField(_("invited at"), null=True, blank=True)
    sequence = models.PositiveIntegerField(_("calendar revision"), default=0)
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)
    # Undated meetings sort before all others, on every database alike.
    sorted_on = models.GeneratedField(
        expression=Coalesce("latest", models.Value(dt.date(1, 1, 1))),
        output_field=models.DateField(),
        db_persist=True,
    )

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        indexes: ClassVar[list[models.Index]] = [
            # Past meetings, the last one first; coming ones by their day; what goes on for days.
            models.Index(fields=["-sorted_on", "-id"]),
            models.Index(fields=["earliest", "id"]),
            models.Index("latest", name="long_meeting", condition=Q(latest__gt=F("earliest"))),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *DatedModel.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(scope=MeetingScope.TANDEM) | Q(tandem__isnull=False),
                name="meeting_of_a_partnership_names_it",
                violation_error_message=_("Name the partnership that meets."),
            ),
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True)
                | Q(ends_at__isnull=True)
                | Q(ends_at__gt=F("starts_at")),
                name="meeting_ends_after_it_starts",
                violation_error_message=_("The meeting ends before it starts."),
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(starts_at__isnull=False),
                name="meeting_with_an_end_has_a_start",
                violation_error_message=_("Give the start as well as the end."),
            ),
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True)
                | (~Q(time_zone="") & Q(precision=DatePrecision.DAY)),
                name="meeting_with_a_time_has_day_and_zone",
                violation_error_message=_("A time of day needs the day and the time zone."),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=MeetingKind.values),
                name="meeting_kind_is_known",
                violation_error_message=_("Choose the kind of meeting."),
            ),
            models.CheckConstraint(
                condition=Q(scope__in=MeetingScope.values),
                name="meeting_scope_is_known",
                violation_error_message=_("Choose who the meeting belongs to."),
            ),
            models.CheckConstraint(
                condition=Q(status__in=MeetingStatus.values),
                name="meeting_status_is_known",
                violation_error_message=_("Choose the status of the meeting."),
            ),
            models.CheckConstraint(
                condition=~Q(is_public=True, status=MeetingStatus.PLANNED),
                name="meeting_in_preparation_is_not_public",
                violation_error_message=_("Announce the meeting before it becomes public."),
            ),
            models.CheckConstraint(
                condition=Q(format__in=[*MeetingFormat.values, ""]),
                name="meeting_format_is_known",
                violation_error_message=_("Choose the format of the meeting."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the public page."""
        return reverse("meetings:detail", args=[self.pk, self.slug])

    @cached_property
    def acting_municipalities(self) -> set[int]:
        """Return the municipalities that take part in it today, for questions of rights.

        These are the current members of its partnership or partnerships; of a meeting of the whole
        network, all current members. Who leads it is asked with :func:`meetings.access.lead_of`.
        """
        members = TandemMember.objects.acting()
        if self.scope == MeetingScope.PROGRAMME:
            members = members.exclude(tandem__status=TandemStatus.PLANNED)
        elif self.scope == MeetingScope.SEVERAL:
            members = members.filter(tandem__joint_meetings=self)
        else:
            members = members.filter(tandem=self.tandem_id)
        return set(members.values_list("municipality_id", flat=True))

    @property
    def internal_url(self) -> str:
        """Return the page for those who take part."""
        return reverse("meeting:home", args=[self.pk])

    @property
    def is_only_announced(self) -> bool:
        """Tell whether nothing documents that the meeting took place."""
        return self.status in {MeetingStatus.ANNOUNCED, MeetingStatus.UNCONFIRMED}

    @property
    def local_start(self) -> dt.datetime | None:
        """Return the start on the clock of the place."""
        return self.starts_at and self.starts_at.astimezone(zoneinfo.ZoneInfo(self.time_zone))

    @property
    def local_end(self) -> dt.datetime | None:
        """Return the end on the clock of the place."""
        return self.ends_at and self.ends_at.astimezone(zoneinfo.ZoneInfo(self.time_zone))
