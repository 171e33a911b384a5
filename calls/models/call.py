"""The call for participation: its texts, moments, places and price."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce, TruncDate
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timeuntil
from django.utils.translation import gettext_lazy as _

from calls.enums import CallKind, CallState, LanguageLevel
from calls.price import Price
from core.dates import DatePrecision, DateSpan
from core.models import SourcedModel
from municipalities.models import Topic, validate_time_zone


class CallQuerySet(models.QuerySet["Call"]):
    """Questions about calls."""

    def visible_to(self, user: Any = None) -> CallQuerySet:
        """Return the calls that ``user`` (``None``: a visitor) may see: all but drafts."""
        return self.exclude(state=CallState.DRAFT)

    def open_at(self, moment: dt.datetime) -> CallQuerySet:
        """Return the calls that take applications at ``moment``."""
        return self.filter(state=CallState.OPEN, opens_at__lte=moment, closes_at__gt=moment)

    def newest_first(self) -> CallQuerySet:
        """Return them by deadline, the latest first."""
        day = Coalesce(TruncDate("closes_at"), "closes_on")
        return self.order_by(day.desc(nulls_first=True), "-pk")


class Call(SourcedModel):
    """A call for participation with its places and its deadline.

    Moments are exact and carry a zone. Where only a day or a month is documented, the moment stays
    empty and the day or the bounds are kept instead.
    """

    slug = models.SlugField(_("slug"), max_length=80, unique=True)
    title = models.CharField(_("title"), max_length=200)
    summary = models.TextField(_("summary"), blank=True)
    kind = models.CharField(_("kind"), max_length=24, choices=CallKind)
    state = models.CharField(_("state"), max_length=12, choices=CallState, default=CallState.DRAFT)
    time_zone = models.CharField(
        _("time zone of the moments"), max_length=40, blank=True, validators=[validate_time_zone]
    )
    opens_at = models.DateTimeField(_("opening time"), null=True, blank=True)
    opens_earliest = models.DateField(_("earliest opening day"), null=True, blank=True)
    opens_latest = models.DateField(_("latest opening day"), null=True, blank=True)
    opens_precision = models.CharField(
        max_length=8, choices=DatePrecision, default=DatePrecision.UNKNOWN
    )
    opens_sources = models.JSONField(_("sources of the opening"), default=list, blank=True)
    closes_at = models.DateTimeField(_("deadline (time)"), null=True, blank=True)
    closes_on = models.DateField(_("deadline (day)"), null=True, blank=True)
    closes_sources = models.JSONField(_("sources of the deadline"), default=list, blank=True)
    grace_minutes = models.PositiveSmallIntegerField(
        _("minutes within which a form opened before the deadline may still be sent"), default=30
    )
    partnerships = models.PositiveSmallIntegerField(_("partnerships"), null=True, blank=True)
    places_german = models.PositiveSmallIntegerField(
        _("places for German municipalities"), null=True, blank=True
    )
    places_european = models.PositiveSmallIntegerField(
        _("places for other European municipalities"), null=True, blank=True
    )
    places_sources = models.JSONField(_("sources of the places"), default=list, blank=True)

    description = models.TextField(
        _("what it is about"), blank=True, help_text=_("Markdown. What, for whom, and why.")
    )
    afterwards = models.TextField(
        _("what happens after the deadline"), blank=True, help_text=_("Markdown.")
    )
    contact = models.TextField(
        _("who answers questions"), blank=True, help_text=_("Markdown. An office, not a person.")
    )
    topics = models.ManyToManyField(
        Topic, blank=True, related_name="calls", verbose_name=_("fields of action offered")
    )
    hours_a_month = models.PositiveSmallIntegerField(
        _("working hours a month for each municipality"), null=True, blank=True
    )
    months = models.PositiveSmallIntegerField(
        _("length of the partnership in months"), null=True, blank=True
    )
    trips = models.PositiveSmallIntegerField(
        _("trips for each municipality"), null=True, blank=True
    )
    language_level = models.CharField(
        _("English that is needed"), max_length=2, choices=LanguageLevel, blank=True
    )
    documents_needed = models.TextField(
        _("documents that an application needs"), blank=True, help_text=_("One in each line.")
    )

    objects = CallQuerySet.as_manager()

    class Meta:
        verbose_name = _("call for participation")
        verbose_name_plural = _("calls for participation")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(opens_at__isnull=True)
                | Q(closes_at__isnull=True)
                | Q(closes_at__gt=models.F("opens_at")),
                name="call_closes_after_it_opens",
                violation_error_message=_("The deadline lies before the opening."),
            ),
            models.CheckConstraint(
                condition=(Q(opens_at__isnull=True) & Q(closes_at__isnull=True)) | ~Q(time_zone=""),
                name="call_moments_have_a_zone",
                violation_error_message=_(
                    "Choose a time zone; every time of day is shown with it."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(state=CallState.OPEN)
                | (Q(opens_at__isnull=False) & Q(closes_at__isnull=False)),
                name="call_is_open_only_between_two_moments",
                violation_error_message=_("An open call needs the moments of opening and closing."),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=CallKind.values),
                name="call_kind_is_known",
                violation_error_message=_("Choose the kind of call."),
            ),
            models.CheckConstraint(
                condition=Q(opens_precision__in=DatePrecision.values),
                name="call_opening_precision_is_known",
                violation_error_message=_("Choose how exactly the date is known."),
            ),
            models.CheckConstraint(
                condition=Q(language_level__in=[*LanguageLevel.values, ""]),
                name="call_language_level_is_known",
                violation_error_message=_("Choose a level of the European framework."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=CallState.values),
                name="call_state_is_known",
                violation_error_message=_("Choose the state of the call."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the public page."""
        return reverse("calls:detail", args=[self.slug])

    @property
    def opens(self) -> DateSpan:
        """Return when the call opens: the moment's day in its zone, else what is documented."""
        if local := self.local_opens_at:
            return DateSpan(local.date(), local.date(), DatePrecision.DAY)
        return DateSpan(self.opens_earliest, self.opens_latest, self.opens_precision)

    @property
    def closes(self) -> DateSpan:
        """Return the day of the deadline: the moment's day in its zone, else what is documented."""
        local = self.local_closes_at
        day = local.date() if local else self.closes_on
        return DateSpan(day, day, DatePrecision.DAY if day else DatePrecision.UNKNOWN)

    @property
    def local_opens_at(self) -> dt.datetime | None:
        """Return the moment of opening on the clock of the call's zone."""
        return self.on_its_clock(self.opens_at)

    @property
    def local_closes_at(self) -> dt.datetime | None:
        """Return the moment of the deadline on the clock of the call's zone."""
        return self.on_its_clock(self.closes_at)

    def on_its_clock(self, moment: dt.datetime | None) -> dt.datetime | None:
        """Return a moment in the call's zone."""
        return moment.astimezone(zoneinfo.ZoneInfo(self.time_zone)) if moment else None

    @property
    def shown_state(self) -> str:
        """Return the label of the state; an open call whose deadline has passed is closed."""
        over = self.closes_at is not None and self.closes_at <= timezone.now()
        state = CallState.CLOSED if self.state == CallState.OPEN and over else CallState(self.state)
        return str(state.label)

    @property
    def takes_applications(self) -> bool:
        """Tell whether an application can be begun now."""
        now = timezone.now()
        return (
            self.state == CallState.OPEN
            and self.opens_at is not None
            and self.closes_at is not None
            and self.opens_at <= now < self.closes_at
        )

    @property
    def time_left(self) -> str:
        """Return the time until the deadline in words, in its two largest units."""
        return timeuntil(self.closes_at) if self.closes_at else ""

    @property
    def price(self) -> Price | None:
        """Return what taking part costs, where all of it is known."""
        if self.hours_a_month is None or self.months is None or self.trips is None:
            return None
        return Price(self.hours_a_month, self.months, self.trips)

    @property
    def is_public(self) -> bool:
        """Tell whether visitors may know of the call."""
        return self.state != CallState.DRAFT

    @property
    def places(self) -> int | None:
        """Return the places of both pools together, or ``None`` where one is not documented."""
        if self.places_german is None or self.places_european is None:
            return None
        return self.places_german + self.places_european


def any_call_is_open() -> bool:
    """Tell whether a call takes applications now; asked by ``settings.OPEN_FOR_SIGN_UP``."""
    return Call.objects.open_at(timezone.now()).exists()
