"""What tells people that something happened in their partnership."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.enums import Notification, Pace
from accounts.models import User
from accounts.paces import due_at, looks_after_all, pace_of
from municipalities.models import Municipality
from tandems import mails
from tandems.models import Document, Tandem, TandemNotice
from tandems.notices import (
    EVENTS,
    URGENT,
    concerned_by,
    readers_of,
    sentence_of,
    still_readable,
    stored_facts,
    stored_path,
    with_roles,
)

#: After so many days nobody is told any more: it is no news, and its page has it anyway.
KEPT_DAYS = 30


@transaction.atomic
def tell_people(
    *,
    tandem: Tandem,
    kind: Notification,
    event: str,
    path: str,
    facts: Mapping[str, str] | None = None,
    city: Municipality | None = None,
    document: Document | None = None,
    cities: bool = True,
    team: bool = False,
    by: Any,
) -> int:
    """Note for everybody concerned that something happened; return for how many people.

    ``event`` names a sentence of ``tandems.notices.EVENTS``, filled with ``facts`` and the name of
    ``city``. ``path`` is what ``reverse`` returns, in whatever language. ``cities``: whoever acts
    for a current member is told; ``team``: the project team and BBSR are. ``by`` is not. Of a
    ``document`` only those are told who may read it.

    Who wants to be told at once gets a mail that belongs to the current transaction, all others
    their next digest. Raises :class:`KeyError` for an unknown event or a missing fact.
    """
    kept = stored_facts(facts, city)
    # A slip in the call is found by its own test, not by the job of the next morning.
    sentence_of(event, kept)
    people = concerned_by(tandem, cities=cities, team=team)
    people = [person for person in people if person.pk != getattr(by, "pk", None)]
    if document is not None:
        people = readers_of(document, people)
    later = []
    told = 0
    for person in people:
        notice = TandemNotice(
            user=person,
            tandem=tandem,
            document=document,
            kind=kind,
            event=event,
            facts=kept,
            path=stored_path(path),
        )
        pace = _pace(person, notice)
        told += pace != Pace.NEVER
        if pace == Pace.NOW:
            mails.something_happened(notice)
        elif pace != Pace.NEVER:
            later.append(notice)
    TandemNotice.objects.bulk_create(later)
    return told


def send_due_notices(*, by: Any = None) -> int:
    """Write the digests that are due now; return how many were written.

    May run every minute. What the person may no longer read, or no longer wants, goes unsaid.
    """
    now = timezone.now()
    waiting: dict[int, list[TandemNotice]] = {}
    for notice in TandemNotice.objects.filter(event__in=EVENTS):
        waiting.setdefault(notice.user_id, []).append(notice)
    if not waiting:
        return 0
    keys = TandemNotice.objects.values("user")
    written = 0
    for person in with_roles(User.objects.filter(pk__in=keys).order_by("pk")):
        if any(_is_over(person, notice, now) for notice in waiting.get(person.pk, ())):
            written += _write_digest(person, now)
    return written


@transaction.atomic
def _write_digest(person: User, now: dt.datetime) -> bool:
    """Write what is due for one person; both mail and deletion, or neither."""
    locked = User.objects.select_for_update().get(pk=person.pk)
    rows = TandemNotice.objects.filter(user=locked, event__in=EVENTS).select_related("tandem")
    over = [notice for notice in rows if _is_over(locked, notice, now)]
    TandemNotice.objects.filter(pk__in=[notice.pk for notice in over]).delete()
    wanted = [notice for notice in over if _pace(locked, notice) != Pace.NEVER]
    told = still_readable(locked, wanted)
    if not told:
        return False
    mails.digest_due(locked, told)
    locked.digest_sent_at = now
    locked.save(update_fields=["digest_sent_at"])
    return True


def _pace(person: User, notice: TandemNotice) -> str:
    return pace_of(
        person,
        notice.kind,
        is_team=looks_after_all(person),
        is_urgent=notice.event in URGENT,
    )


def _is_over(person: User, notice: TandemNotice, now: dt.datetime) -> bool:
    """Tell whether the waiting ends: the digest is due, or none is wanted any more."""
    due = due_at(notice.happened_at, _pace(person, notice), person.time_zone)
    return due is None or due <= now


def delete_old_notices(*, by: Any = None) -> int:
    """Delete what nobody was told for long, after a fault for example; return how many."""
    before = timezone.now() - dt.timedelta(days=KEPT_DAYS)
    return TandemNotice.objects.filter(happened_at__lt=before).delete()[0]


def forget_notices(*, user: Any, by: Any) -> None:
    """Delete what waits to be told to a person whose account is erased."""
    TandemNotice.objects.filter(user=user).delete()
