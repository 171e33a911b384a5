"""What makes, replaces and revokes the address of a personal calendar; everybody does it alone."""

from __future__ import annotations

import secrets
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import Permission, reach_of
from core.models import save_new
from meetings.models import CalendarFeed


@transaction.atomic
def make_feed(*, by: Any) -> CalendarFeed:
    """Make the address of somebody's own calendar.

    Raises :class:`ValidationError` for who has one already, or reads no meeting from within.
    """
    locked = _locked(by)
    if CalendarFeed.objects.filter(user=locked).exists():
        raise ValidationError(_("Your calendar has an address already."), code="already")
    if reach_of(by, Permission.READ_WORKSPACE) == set():
        raise ValidationError(_("You take part in no partnership at present."), code="no role")
    feed = CalendarFeed(user=locked, nonce=_nonce())
    save_new(feed)
    return feed


@transaction.atomic
def replace_feed(*, nonce: str, by: Any) -> CalendarFeed:
    """Give somebody's own calendar a new address; the old one is worth nothing at once.

    ``nonce`` is that of the address that the person replaces. Raises :class:`ValidationError` for
    one that was replaced already, and for who has no address.
    """
    feed = _feed_of(_locked(by))
    if feed.nonce != nonce:
        raise ValidationError(_("This address was replaced already."), code="already")
    feed.nonce, feed.created_at = _nonce(), timezone.now()
    feed.save(update_fields=["nonce", "created_at"])
    return feed


@transaction.atomic
def revoke_feed(*, by: Any) -> None:
    """End the address of somebody's own calendar at once.

    Raises :class:`ValidationError` for who has none (any more).
    """
    _feed_of(_locked(by)).delete()


def _locked(person: Any) -> User:
    """Return the person, locked: who presses a button twice at once acts one after the other."""
    return User.objects.select_for_update(no_key=True).get(pk=person.pk)


def _feed_of(person: User) -> CalendarFeed:
    """Return the person's calendar as it is stored now; refuse where there is none."""
    feed = CalendarFeed.objects.filter(user=person).first()
    if feed is None:
        raise ValidationError(_("Your calendar has no address."), code="none")
    return feed


def _nonce() -> str:
    """Return what nobody guesses: 128 bits."""
    return secrets.token_urlsafe(16)
