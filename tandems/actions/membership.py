"""What lets cities into a partnership: they join and dock on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.actions import note_change
from core.dates import DatePrecision, day
from municipalities.models import Municipality
from tandems.actions.events import (
    enter_partnership,
    lock_partnership,
    tell_membership,
    tell_on_timeline,
)
from tandems.actions.partnership import mark_maintained
from tandems.actions.places import LANGUAGES
from tandems.enums import MemberRole, TandemKind, TandemStatus
from tandems.models import Tandem, TandemMember
from tandems.pairs import name_of, standing

#: How many municipalities learn together at most.
MOST_MEMBERS = 3
#: A last day further ahead is a slip of the pen.
FARTHEST = dt.timedelta(days=731)
#: As much of a name stands in the history.
LONGEST_NOTED = 40
#: Kind before and after → what the timeline says of it.
BECOMES = {
    (TandemKind.TANDEM, TandemKind.TRIDEM): _("The tandem becomes a tridem."),
    (TandemKind.GUEST_EXCHANGE, TandemKind.TANDEM): _("The guest exchange becomes a tandem."),
    (TandemKind.GUEST_EXCHANGE, TandemKind.TRIDEM): _("The guest exchange becomes a tridem."),
}


@transaction.atomic
def join_partnership(
    *,
    tandem: Tandem,
    municipality: Municipality,
    joined_on: dt.date,
    sources: Iterable[str] = (),
    by: Any,
) -> TandemMember:
    """Let a city join; with the third one the partnership is a tridem.

    A city that left may come back, as a new membership. A guest that joins stops being one.

    Raises :class:`ValidationError` for a day ahead or before the last leaving of the same city,
    for a fourth city, for a current member, and in a partnership that has ended.
    """
    locked = lock_partnership(tandem=tandem, by=by)
    _refuse_ended(locked)
    _refuse_day_ahead("joined_on", joined_on)
    before = list(locked.members.select_related("municipality").order_by("position", "pk"))
    _refuse_doubled(before, municipality, MemberRole.MEMBER, {"joined_on": joined_on})
    acting = {row.municipality_id for row in locked.members.acting()}
    if len(acting) >= MOST_MEMBERS and municipality.pk not in acting:
        raise ValidationError(_("A partnership has up to three members."))
    _end_visit(before, municipality, joined_on, by)
    row = enter_partnership(
        tandem=locked, municipality=municipality, since=joined_on, sources=sources, by=by
    )
    _rename(locked, before, by)
    change_kind(tandem=locked, on=joined_on, by=by)
    mark_maintained(tandem=locked, by=by)
    tell_membership(tandem=locked, event="member_joined", city=municipality, by=by)
    return row


@transaction.atomic
def dock_guest(
    *,
    tandem: Tandem,
    municipality: Municipality,
    since: dt.date,
    until: dt.date | None = None,
    sources: Iterable[str] = (),
    by: Any,
) -> TandemMember:
    """Let a city dock on as a guest, for some time or until further notice.

    A guest is named on the public page. It reads a topic or meeting only where it was let in.

    Raises :class:`ValidationError` for a day ahead, a last day before the first one, a current
    member or guest, and in a partnership that has ended.
    """
    locked = lock_partnership(tandem=tandem, by=by)
    _refuse_ended(locked)
    _refuse_day_ahead("since", since)
    if until is not None and until < since:
        raise ValidationError({"until": _("The last day lies before the first one.")})
    if until is not None and until > timezone.localdate() + FARTHEST:
        raise ValidationError({"until": _("Choose a day within the next two years.")})
    before = list(locked.members.select_related("municipality"))
    _refuse_doubled(before, municipality, MemberRole.GUEST, {"since": since})
    row = enter_partnership(
        tandem=locked,
        municipality=municipality,
        role=MemberRole.GUEST,
        since=since,
        until=until,
        sources=sources,
        by=by,
    )
    mark_maintained(tandem=locked, by=by)
    tell_membership(tandem=locked, event="guest_docked", city=municipality, by=by)
    return row


def _refuse_ended(tandem: Tandem) -> None:
    """Raise :class:`ValidationError` for a partnership that nobody can join any more."""
    if tandem.status not in {TandemStatus.PLANNED, TandemStatus.ACTIVE}:
        raise ValidationError(_("This partnership has ended."), code="ended")


def _refuse_day_ahead(field: str, on: dt.date) -> None:
    if on > timezone.localdate():
        raise ValidationError({field: _("Choose today or an earlier day.")})


def _refuse_doubled(
    rows: Iterable[TandemMember],
    municipality: Municipality,
    role: str,
    begins: Mapping[str, dt.date],
) -> None:
    """Raise :class:`ValidationError` where the city is there already, or was until a later day.

    ``begins``: field → first day. Only a guest that joins may still be there.
    """
    ((field, on),) = begins.items()
    for row in rows:
        if row.municipality_id != municipality.pk:
            continue
        if row.is_guest and role == MemberRole.MEMBER:
            last = row.joined_earliest
        elif not row.has_left(timezone.localdate()):
            words = (
                _("This municipality is a guest already.")
                if row.is_guest
                else _("This municipality is already a current member.")
            )
            raise ValidationError({"municipality": words})
        else:
            last = row.left_on
        if last is not None and on < last:
            words = _("The city was there before. Choose %(day)s or a later day.")
            raise ValidationError({field: ValidationError(words, params={"day": day(last)})})


def _end_visit(
    rows: Iterable[TandemMember], municipality: Municipality, joined_on: dt.date, by: Any
) -> None:
    """End the visit of a guest on the day on which it joins."""
    for row in rows:
        if row.municipality_id == municipality.pk and row.is_guest:
            if row.left_on is not None and row.left_on <= joined_on:
                continue
            row.left_on, row.left_precision = joined_on, DatePrecision.DAY
            row.full_clean()
            row.save()
            note_change(row, field="membership", old=row.role, new="left", by=by)


def _rename(tandem: Tandem, before: list[TandemMember], by: Any) -> None:
    """Let a name that was made of the cities follow them; any other name stays."""
    full = standing(row for row in before if not row.is_guest)
    acting = tandem.members.acting().select_related("municipality").order_by("position", "pk")
    earlier, is_renamed = str(tandem.name), False
    for code in LANGUAGES:
        if getattr(tandem, f"name_{code}") == name_of(full, code):
            setattr(tandem, f"name_{code}", name_of(standing(acting), code))
            is_renamed = True
    if is_renamed:
        tandem.full_clean()
        tandem.save()
        old, new = earlier[:LONGEST_NOTED], str(tandem.name)[:LONGEST_NOTED]
        if old != new:
            note_change(tandem, field="name", old=old, new=new, by=by)


def change_kind(*, tandem: Tandem, on: dt.date, by: Any) -> None:
    """Let the kind follow the number of cities, and tell it on the timeline."""
    count = len(set(tandem.members.acting().values_list("municipality", flat=True)))
    kind = TandemKind.TRIDEM if count >= MOST_MEMBERS else TandemKind.TANDEM
    old = TandemKind(tandem.kind)
    text = BECOMES.get((old, kind))
    if text is None or count == 1:
        return
    tandem.kind = kind
    tandem.save()
    note_change(tandem, field="kind", old=old, new=kind, by=by)
    tell_on_timeline(tandem=tandem, text=text, on=on, by=by)
