"""The weekly mail: what waits for a person, what is next, what has changed."""

from __future__ import annotations

import datetime as dt
import zoneinfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from accounts import actions
from accounts.enums import Notification
from accounts.mails import mute_link
from accounts.models import RoleAssignment, User
from core.outbox import write_mail
from vernetzt.dashboard import dashboard_of

#: On which day of the week (Monday is 0) and from which hour on, on the clock of the person.
WEEKDAY, HOUR = 0, 7
WEEK = dt.timedelta(days=7)


def send_weekly_summaries() -> int:
    """Write the summaries that are due now; return how many were written.

    May run every minute: each person gets one a week, and none when there is nothing to tell.
    """
    now = timezone.now()
    held = RoleAssignment.objects.held_on(timezone.localdate()).values("user")
    # Who got one within the last six days has this week's.
    people = User.objects.filter(is_active=True, pk__in=held).exclude(
        summary_sent_at__gt=now - WEEK + dt.timedelta(days=1)
    )
    written = 0
    for user in people:
        local = now.astimezone(zoneinfo.ZoneInfo(user.time_zone))
        if local.weekday() != WEEKDAY or local.hour < HOUR:
            continue
        # Both or neither: a fault between them would send the mail again every minute.
        with transaction.atomic():
            if user.wants(Notification.WEEKLY_SUMMARY):
                written += write_summary(user, now)
            actions.note_summary(user=user, at=now)
    return written


def write_summary(user: User, now: dt.datetime) -> bool:
    """Write one summary, and tell whether there was anything to tell."""
    zone = zoneinfo.ZoneInfo(user.time_zone)
    with translation.override(user.language), timezone.override(zone):
        parts = dashboard_of(user, now - WEEK)
        parts["meetings"] = list(parts["meetings"])
        if not (parts["tasks"] or parts["meetings"] or parts["changes"]):
            return False
        link = f"{settings.PUBLIC_URL}{mute_link(user, Notification.WEEKLY_SUMMARY)}"
        write_mail(
            "mail/weekly_summary",
            to=user.email,
            language=user.language,
            context={**parts, "person": user, "mute": link},
            # RFC 8058: mail programs offer a button for it.
            headers={
                "List-Unsubscribe": f"<{link}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            },
        )
    return True
