"""What changes the directory: the person's own entry, and what takes it away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import CITY_ROLES
from accounts.models import DirectoryEntry, RoleAssignment, User
from accounts.permissions import Permission, require
from core.models import save_new
from municipalities.models import Topic

#: So many days after the last city role ended, an entry that nobody sees any more is deleted.
KEPT_DAYS = 30


def may_stand_in_directory(*, user: Any, by: Any) -> bool:
    """Tell whether a person may have an entry: who acts for a municipality today, for oneself."""
    return bool(user == by and user.role_names & CITY_ROLES)


@transaction.atomic
def save_entry(
    *,
    user: User,
    office: str,
    works_on: str,
    topics: Iterable[Topic],
    languages: Iterable[str],
    shows_address: bool,
    consent: str = "",
    by: Any,
) -> DirectoryEntry:
    """Write a person's own entry; ``consent`` is the sentence that was agreed to, as it was read.

    Without a sentence the consent given before goes on. Raises :class:`PermissionDenied` for an
    entry of somebody else or of who acts for no municipality, and :class:`ValidationError` where
    no consent was ever given.
    """
    require(by, Permission.READ_DIRECTORY)
    if not may_stand_in_directory(user=user, by=by):
        raise PermissionDenied
    # The person is locked: two tabs would make two entries.
    User.objects.select_for_update().get(pk=user.pk)
    entry = DirectoryEntry.objects.filter(user=user).first() or DirectoryEntry(user=user)
    entry.office, entry.works_on, entry.shows_address = office, works_on, shows_address
    entry.languages = sorted(set(languages))
    if consent:
        entry.consent, entry.consented_at = consent, timezone.now()
    if not entry.consent:
        # Withdrawn in another tab, while the form of this one still stood on the old consent.
        raise ValidationError(_("An entry needs your consent."))
    save_new(entry)
    entry.topics.set(topics)
    return entry


@transaction.atomic
def withdraw_entry(*, user: User, by: Any) -> bool:
    """Delete a person's own entry at once; tell whether there was one."""
    if user != by:
        raise PermissionDenied
    return bool(DirectoryEntry.objects.filter(user=user).delete()[0])


def delete_unused_entries(*, by: Any = None) -> int:
    """Delete the entries of people who have acted for no municipality for a while.

    Nobody sees them since the role ended; the consent was given for the time in office.
    """
    day = timezone.localdate() - dt.timedelta(days=KEPT_DAYS)
    acting = RoleAssignment.objects.not_over_on(day).filter(role__in=CITY_ROLES)
    rows = DirectoryEntry.objects.exclude(user__in=acting.values("user"))
    rows = rows.filter(consented_at__lt=timezone.now() - dt.timedelta(days=KEPT_DAYS))
    return rows.delete()[1].get(DirectoryEntry._meta.label, 0)


def forget_in_directory(*, user: Any, by: Any) -> None:
    """Delete the entry of a person whose account is erased."""
    DirectoryEntry.objects.filter(user=user).delete()
