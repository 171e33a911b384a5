"""Who is let into a meeting, invited to it, and was there."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.people import validate_plain_name
from meetings.enums import Reply
from meetings.models.meeting import Meeting
from municipalities.models import Municipality, validate_time_zone


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


class AttendanceQuerySet(models.QuerySet["Attendance"]):
    """Questions about invited people."""

    def coming(self) -> AttendanceQuerySet:
        """Return those who have not said that they are not coming."""
        return self.exclude(reply=Reply.NO)

    def with_people(self) -> AttendanceQuerySet:
        """Fetch people and cities along, by city and name."""
        rows = self.select_related("user", "municipality")
        return rows.order_by("municipality__slug", "name", "pk")


class Attendance(models.Model):
    """A person who is invited to a meeting: what was answered, and whether the person came.

    People of the portal are named by their account; guests from outside by name and address. Who
    comes for no municipality comes for the project team or from outside. Internal.
    """

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="attendances")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="attendances",
    )
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, null=True, blank=True, related_name="attendances"
    )
    name = models.CharField(_("name"), max_length=150, blank=True, validators=[validate_plain_name])
    email = models.EmailField(_("e-mail address"), blank=True)
    language = models.CharField(
        _("language"), max_length=2, choices=settings.LANGUAGES, default="en"
    )
    time_zone = models.CharField(
        _("time zone"), max_length=40, default="Europe/Berlin", validators=[validate_time_zone]
    )
    reply = models.CharField(_("reply"), max_length=5, choices=Reply, default=Reply.NONE)
    reply_note = models.CharField(_("note"), max_length=300, blank=True)
    replied_at = models.DateTimeField(_("replied at"), null=True, blank=True)
    #: What the person was told last: the revision, and the facts as they stood then.
    told_sequence = models.PositiveIntegerField(null=True, blank=True)
    told_facts = models.JSONField(default=dict, blank=True)
    #: The revision from which on an answer counts: the one that named the date for the first time.
    asked_sequence = models.PositiveIntegerField(null=True, blank=True)
    #: When the person was asked last, and reminded, which of several dates suit.
    dates_asked_at = models.DateTimeField(null=True, blank=True)
    dates_reminded_at = models.DateTimeField(null=True, blank=True)
    has_attended = models.BooleanField(_("was there"), null=True, blank=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    added_at = models.DateTimeField(_("added at"), default=timezone.now)

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["meeting", "user"],
                condition=Q(user__isnull=False),
                name="attendance_of_a_person_is_one",
                violation_error_message=_("This person is invited already."),
            ),
            models.UniqueConstraint(
                fields=["meeting", "email"],
                condition=Q(user__isnull=True),
                name="attendance_of_an_address_is_one",
                violation_error_message=_("This address is invited already."),
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False) | ~Q(email=""),
                name="attendance_has_a_person_or_an_address",
                violation_error_message=_("Give the e-mail address of the guest."),
            ),
            models.CheckConstraint(
                condition=Q(reply__in=Reply.values),
                name="attendance_reply_is_known",
                violation_error_message=_("Choose whether the person is coming."),
            ),
            models.CheckConstraint(
                condition=Q(reply=Reply.NONE, replied_at__isnull=True)
                | (~Q(reply=Reply.NONE) & Q(replied_at__isnull=False)),
                name="attendance_is_answered_at_a_moment",
                violation_error_message=_("An answer needs the moment."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.user) if self.user_id else self.name or self.email

    @property
    def address(self) -> str:
        """Return where mails go."""
        return self.user.email if self.user else self.email

    @property
    def spoken(self) -> str:
        """Return the language in which mails are written."""
        return self.user.language if self.user else self.language

    @property
    def clock(self) -> str:
        """Return the zone (IANA) in which the person reads times."""
        return self.user.time_zone if self.user else self.time_zone


class CityAttendance(models.Model):
    """How many people of a municipality were at a meeting; the number is public, names are not."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="city_attendances")
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="city_attendances"
    )
    people = models.PositiveSmallIntegerField(_("people"))

    class Meta:
        verbose_name = _("attendance of a city")
        verbose_name_plural = _("attendances of cities")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["meeting", "municipality"],
                name="city_attendance_is_counted_once",
                violation_error_message=_("The people of this city are counted already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.municipality}: {self.people}"


class MeetingReminder(models.Model):
    """A reminder so many hours before a meeting, sent once for each date that was fixed."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="reminders")
    hours_before = models.PositiveSmallIntegerField(_("hours before"))
    sent_at = models.DateTimeField(_("mail sent at"), null=True, blank=True)

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        ordering: ClassVar[list[str]] = ["-hours_before"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["meeting", "hours_before"],
                name="meeting_reminder_is_sent_once",
                violation_error_message=_("This reminder is chosen already."),
            ),
            models.CheckConstraint(
                condition=Q(hours_before__gte=1, hours_before__lte=24 * 60),
                name="meeting_reminder_comes_before_the_meeting",
                violation_error_message=_("A reminder comes between an hour and 60 days before."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meeting}: {self.hours_before}"


class CalendarFeed(models.Model):
    """The personal calendar of a user; its address holds until a new one is asked for."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_feed"
    )
    #: Part of what is signed in the address: with a new one, the old address is worth nothing.
    nonce = models.CharField(max_length=32)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)

    class Meta:
        verbose_name = _("personal calendar")
        verbose_name_plural = _("personal calendars")

    def __str__(self) -> str:
        return str(self.user)
