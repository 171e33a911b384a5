"""Meetings of a partnership, of the network and around it."""

from __future__ import annotations

import datetime as dt
import uuid
import zoneinfo
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, reach_of
from core.dates import DatePrecision
from core.models import DatedModel, SourcedModel
from core.queries import with_parts
from meetings.enums import MeetingFormat, MeetingKind, MeetingScope, MeetingStatus
from municipalities.enums import Country
from municipalities.models import Municipality, Topic, validate_time_zone
from tandems.enums import TandemStatus
from tandems.models import Tandem, reading

#: Subscribers keep this many of the latest meetings; older ones stay on the pages.
LONGEST_FEED = 500


class MeetingQuerySet(models.QuerySet["Meeting"]):
    """Questions about meetings."""

    def visible_to(self, user: Any = None) -> MeetingQuerySet:
        """Return what ``user`` (``None``: a visitor) may see.

        Internal meetings and those of a partnership that is not public yet are for the team, for
        the municipalities of the partnership (who left: those up to then) and for its guests.
        """
        reach = reach_of(user, Permission.READ_WORKSPACE)
        if reach is None:
            return self
        # A short list of partnerships, not a join: the order of the list can follow its index.
        planned = Tandem.objects.filter(status=TandemStatus.PLANNED).values("pk")
        public = ~Q(status=MeetingStatus.PLANNED) & ~Q(tandem__in=planned)
        if not reach:
            return self.filter(public)
        guests = MeetingGuest.objects.filter(municipality__in=reach)
        mine = Q(reading(reach, "sorted_on")) | Q(pk__in=guests.values("meeting"))
        return self.filter(public | mine)

    def visible_in(self, user: Any, tandem: Tandem) -> MeetingQuerySet:
        """Return those of a partnership that ``user`` may see."""
        return self.visible_to(user).filter(tandem=tandem)

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

    def with_tandem(self) -> MeetingQuerySet:
        """Fetch what names the partnership along."""
        return with_parts(self, tandem=("slug", "name_de", "name_en"))

    def for_lists(self) -> MeetingQuerySet:
        """Fetch no more than a list of meetings shows, the name of the partnership among it."""
        shown = ("kind", "status", "format", "place", "earliest", "latest", "precision", "slug")
        names = ("title_de", "title_en", "tandem__name_de", "tandem__name_en")
        return self.select_related("tandem").only(*shown, *names)


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
            # Past meetings, the last one first; coming ones and a year's meetings by their day.
            models.Index(fields=["-sorted_on", "-id"]),
            models.Index(fields=["earliest", "id"]),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *DatedModel.Meta.constraints,
            models.CheckConstraint(
                condition=Q(scope__in=[MeetingScope.PROGRAMME, MeetingScope.RELATED])
                | Q(tandem__isnull=False),
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


class AgendaItem(models.Model):
    """One point of a meeting's agenda."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="agenda")
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    text = models.CharField(_("text"), max_length=300)

    class Meta:
        verbose_name = _("agenda item")
        verbose_name_plural = _("agenda items")
        ordering: ClassVar[list[str]] = ["position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["meeting", "position"],
                name="agenda_item_has_its_own_position",
                violation_error_message=_("This position is taken by another item."),
            ),
        ]

    def __str__(self) -> str:
        return self.text


class MeetingGuest(models.Model):
    """A municipality outside the partnership that may read one of its meetings, nothing else."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="guests")
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="guest_meetings"
    )
    let_in_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    let_in_at = models.DateTimeField(_("guest since"), default=timezone.now)

    class Meta:
        verbose_name = _("guest of a meeting")
        verbose_name_plural = _("guests of a meeting")
        ordering: ClassVar[list[str]] = ["let_in_at", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["meeting", "municipality"],
                name="meeting_guest_is_let_in_once",
                violation_error_message=_("This municipality is a guest of the meeting already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.municipality}: {self.meeting}"
