"""Signed links and addresses out of mails: for one person each, who need not sign in.

Opening one changes nothing, because mail scanners do; the button on the page does. A link names
a row, not an address, and ends with it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from meetings.models import Attendance, CalendarFeed, CheckIn

ANSWER_SALT = "meetings.answer"
ADDRESS_SALT = "meetings.answer_address"
CHECK_IN_SALT = "meetings.check_in"
#: So long a link to a check-in works at least: one out of the internal area is opened at once.
JUST_MADE = dt.timedelta(days=1)
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
    return _attendance(key) if isinstance(key, int) else None


def answer_address(attendance: Attendance) -> str:
    """Return where a calendar program mails the answer of an invited person to.

    What stands behind the ``+`` (RFC 5233) names the invitation and proves, as a link does, that
    whoever writes there was sent it: what a mail says of its sender proves nothing. Empty where the
    portal reads no answers.
    """
    local, _at, domain = settings.ANSWER_ADDRESS.rpartition("@")
    mark = _mark(attendance.pk, settings.SECRET_KEY)
    return f"{local}+{attendance.pk}-{mark}@{domain}" if domain else ""


def attendance_by_address(addresses: Iterable[str]) -> Attendance | None:
    """Return whose invitation one of the addresses of a mail names, as :func:`attendance_by`."""
    local, _at, domain = settings.ANSWER_ADDRESS.lower().rpartition("@")
    ours = re.compile(
        rf"{re.escape(local)}\+([1-9]\d{{0,17}})-([0-9a-f]{{32}})@{re.escape(domain)}"
    )
    for address in addresses:
        if domain and (found := ours.fullmatch(address.lower())):
            key, mark = int(found.group(1)), found.group(2)
            secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
            if any(constant_time_compare(mark, _mark(key, secret)) for secret in secrets):
                return _attendance(key)
    return None


def _mark(key: int, secret: str) -> str:
    """Return 128 bits that only we can make, in letters that survive a server without capitals."""
    digest = salted_hmac(ADDRESS_SALT, str(key), secret=secret, algorithm="sha256")
    return digest.hexdigest()[:32]


def _attendance(key: int) -> Attendance | None:
    rows = Attendance.objects.select_related("meeting__tandem", "user", "municipality")
    found = rows.filter(pk=key).first()
    if found is None or (found.user is not None and not found.user.is_active):
        return None
    return found


@dataclass(frozen=True, slots=True)
class CheckInLink:
    """Which check-in a link names, whom (a key of users), and whether it is too old to answer."""

    check_in: CheckIn
    person: int
    is_over: bool


def check_in_link(check_in: CheckIn, user: Any) -> str:
    """Return the address, without host, where a person answers the check-in of its city."""
    token = signing.dumps([check_in.pk, user.pk], salt=CHECK_IN_SALT)
    return reverse("meetings:check-in", args=[token])


def check_in_by(token: str) -> CheckInLink | None:
    """Return what a link to a check-in names; nothing for one that we did not make.

    What is forwarded and kept for years must not change what everybody reads: after a last day only
    links work that were made just now, for who is signed in.
    """
    value = _read(token, CHECK_IN_SALT)
    if not isinstance(value, list) or len(value) != 2:
        return None
    rows = CheckIn.objects.select_related("tandem", "municipality")
    check_in = rows.filter(pk=value[0]).first()
    if check_in is None:
        return None
    is_late = timezone.localdate() > check_in.link_until
    is_over = is_late and _read(token, CHECK_IN_SALT, max_age=JUST_MADE) is None
    return CheckInLink(check_in, value[1], is_over)


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


def _read(token: str, salt: str, max_age: dt.timedelta | None = None) -> Any:
    """Return what a token holds; ``None`` for one that we did not sign, or that is too old."""
    try:
        return signing.loads(token, salt=salt, max_age=max_age)
    except _UNREADABLE:
        return None
