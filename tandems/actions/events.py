"""What every change of a membership begins and ends with: the lock, the notices, the timeline."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Max
from django.urls import reverse
from django.utils.translation import override

from accounts.enums import Notification
from accounts.permissions import Permission, require
from core.actions import note_change
from core.dates import DatePrecision
from core.models import save_new
from municipalities.models import Municipality
from tandems.actions.notices import tell_people
from tandems.actions.places import LANGUAGES
from tandems.enums import MemberRole
from tandems.locks import lock_tandem
from tandems.models import Tandem, TandemChange, TandemMember

#: A text by language (``de``, ``en``).
Words = Mapping[str, str]


def lock_partnership(*, tandem: Tandem, by: Any) -> Tandem:
    """Return the partnership, locked for who may change its membership.

    Every change of a membership begins with this, so that of two at once the second one meets
    what the first one left.
    """
    require(by, Permission.CHANGE_MEMBERSHIP, tandem)
    return lock_tandem(tandem.pk)


def enter_partnership(
    *,
    tandem: Tandem,
    municipality: Municipality,
    role: str = MemberRole.MEMBER,
    since: dt.date,
    until: dt.date | None = None,
    sources: Iterable[str] = (),
    by: Any,
) -> TandemMember:
    """Write a membership behind all others of a locked partnership."""
    last = tandem.members.aggregate(last=Max("position"))["last"]
    row = TandemMember(
        tandem=tandem,
        municipality=municipality,
        position=0 if last is None else last + 1,
        role=role,
        joined_earliest=since,
        joined_latest=since,
        joined_precision=DatePrecision.DAY,
        left_on=until,
        left_precision=DatePrecision.DAY if until else DatePrecision.UNKNOWN,
        sources=list(sources),
    )
    save_new(row)
    note_change(row, field="membership", old="", new=role, by=by)
    return row


def tell_membership(
    *,
    tandem: Tandem,
    event: str,
    city: Municipality | None = None,
    facts: Words | None = None,
    by: Any,
) -> None:
    """Tell the cities and the team what happened to the membership."""
    tell_people(
        tandem=tandem,
        kind=Notification.TANDEM_MEMBERSHIP,
        event=event,
        path=reverse("workspace:home", args=[tandem.slug]),
        facts=facts,
        city=city,
        team=True,
        by=by,
    )


def tell_on_timeline(*, tandem: Tandem, text: Any, on: dt.date, by: Any) -> TandemChange:
    """Add an entry to the public timeline, in both languages; ``text`` is still in no language."""
    last = TandemChange.objects.filter(tandem=tandem).aggregate(last=Max("position"))["last"]
    words = {}
    for code in LANGUAGES:
        with override(code):
            words[f"text_{code}"] = str(text)
    with override("de"):
        entry = TandemChange(
            tandem=tandem,
            position=0 if last is None else last + 1,
            earliest=on,
            latest=on,
            precision=DatePrecision.DAY,
            **words,
        )
        save_new(entry)
    return entry
