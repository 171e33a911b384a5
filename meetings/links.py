"""Signed links out of mails: they open one page for one person, without signing in.

Opening one changes nothing, because mail scanners do; the button on the page does. A link names
a row, not an address, and ends with it.
"""

from __future__ import annotations

from typing import Any

from django.core import signing
from django.urls import reverse

from meetings.models import Attendance, CalendarFeed, CheckIn

ANSWER_SALT = "meetings.answer"
CHECK_IN_SALT = "meetings.check_in"
#: Without the moment, so that the address of a calendar stays the same on each page that shows it.
_FEEDS = signing.Signer(salt="meetings.feed")
_UNREADABLE = (signing.BadSignature, ValueError, TypeError)


def answer_link(attendance: Attendance) -> str:
    """Return the address, without host, where an invited person answers."""
    return reverse("meetings:answer", args=[signing.dumps(attendance.pk, salt=ANSWER_SALT)])


def attendance_by(token: str) -> Attendance | None:
    """Return whose invitation a link names; nothing for a link that we did not make.

    Also nothing for somebody who has an account that was closed since.
    """
    key = _read(token, ANSWER_SALT)
    rows = Attendance.objects.select_related("meeting__tandem", "user", "municipality")
    found = rows.filter(pk=key).first() if isinstance(key, int) else None
    if found is None or (found.user is not None and not found.user.is_active):
        return None
    return found


def check_in_link(check_in: CheckIn, user: Any) -> str:
    """Return the address, without host, where a person answers the check-in of its city."""
    token = signing.dumps([check_in.pk, user.pk], salt=CHECK_IN_SALT)
    return reverse("meetings:check-in", args=[token])


def check_in_by(token: str) -> tuple[CheckIn, int] | None:
    """Return which check-in a link names, and whom (a key of users)."""
    value = _read(token, CHECK_IN_SALT)
    if not isinstance(value, list) or len(value) != 2:
        return None
    rows = CheckIn.objects.select_related("tandem", "municipality")
    check_in = rows.filter(pk=value[0]).first()
    return (check_in, value[1]) if check_in else None


def feed_link(feed: CalendarFeed) -> str:
    """Return the address, without host, of a personal calendar: the same one each time."""
    return reverse("personal-calendar", args=[_FEEDS.sign_object([feed.user_id, feed.nonce])])


def feed_by(token: str) -> CalendarFeed | None:
    """Return whose calendar an address names; nothing for one that was replaced or revoked."""
    try:
        value = _FEEDS.unsign_object(token)
    except _UNREADABLE:
        return None
    if not isinstance(value, list) or len(value) != 2:
        return None
    rows = CalendarFeed.objects.select_related("user")
    return rows.filter(user=value[0], nonce=value[1], user__is_active=True).first()


def _read(token: str, salt: str) -> Any:
    """Return what a token holds; ``None`` for one that we did not sign."""
    try:
        return signing.loads(token, salt=salt)
    except _UNREADABLE:
        return None
