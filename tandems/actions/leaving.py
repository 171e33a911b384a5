"""What records the last day of a city, corrects it and takes it back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy as _

from core.actions import note_change
from core.dates import DatePrecision, day
from core.models import StatusChange
from tandems.actions.events import (
    Words,
    lock_partnership,
    tell_membership,
)
from tandems.actions.membership import FARTHEST, MOST_MEMBERS, change_kind
from tandems.actions.partnership import mark_maintained
from tandems.actions.places import LANGUAGES
from tandems.actions.release import ASKED, tell_if_ready
from tandems.models import ProfileConfirmation, TandemMember
from tandems.pairs import note_of
from tandems.reasons import joined, public_reason, reason_moved

#: How exactly the day of leaving may be known.
LEFT_PRECISIONS = (DatePrecision.DAY, DatePrecision.MONTH, DatePrecision.YEAR_END)


@dataclass(frozen=True, slots=True)
class LastDay:
    """What is said about the last day of a city.

    ``reason``, by language, is public. What is ``internal`` stands in the history alone.
    """

    left_on: dt.date | None
    precision: str
    reason: Words
    sources: tuple[str, ...]
    internal: str = ""

    @classmethod
    def of(cls, row: TandemMember) -> LastDay:
        """Return what is stored."""
        reason = public_reason(row, "left_reason")
        return cls(row.left_on, row.left_precision, reason, tuple(row.sources))

    @classmethod
    def said(
        cls,
        row: TandemMember,
        left_on: dt.date,
        precision: str,
        reasons: Words | None,
        is_public: bool,
        sources: Iterable[str],
    ) -> LastDay:
        """Return what somebody says now; sources are added to those that stand there."""
        given = {code: (reasons or {}).get(code, "") for code in LANGUAGES}
        return cls(
            left_on,
            precision,
            given if is_public else dict.fromkeys(LANGUAGES, ""),
            tuple(dict.fromkeys([*row.sources, *sources])),
            internal="" if is_public else note_of(given),
        )


@transaction.atomic
def leave_partnership(
    *,
    member: TandemMember,
    left_on: dt.date,
    precision: str = DatePrecision.DAY,
    reasons: Words | None = None,
    is_public: bool = False,
    sources: Iterable[str] = (),
    by: Any,
) -> TandemMember:
    """Note that a city leaves, or that a guest goes; ``left_on`` is the last day on which it acts.

    The day may have passed, be today or lie ahead; one that lies ahead can be moved. A reason that
    is not public stands in the history of the membership alone. What the city works on stays, and
    so does the partnership, even with one city. What the city confirmed after its last day no
    longer counts, and a profile that waited for its word alone is ready.

    Raises :class:`ValidationError` for who has left already, and for a day before the joining.
    """
    row = _locked(member, by)
    if row.has_left(timezone.localdate()):
        raise ValidationError(
            _("%(city)s has left already."), code="left", params={"city": row.municipality}
        )
    said = LastDay.said(row, left_on, precision, reasons, is_public, sources)
    _refuse_day(row, left_on, precision)
    _write(row, said, "", by)
    return row


@transaction.atomic
def correct_leaving(
    *,
    member: TandemMember,
    was: dt.date,
    left_on: dt.date,
    precision: str = DatePrecision.DAY,
    reasons: Words | None = None,
    is_public: bool = False,
    sources: Iterable[str] = (),
    note: str,
    by: Any,
) -> TandemMember:
    """Correct what is recorded of a leaving, also of one that is past; ``note`` says why.

    ``was`` is the last day that the person has read. From a day in the past to one that has not
    passed: then the city acts again until that day. Saved twice it is corrected once.

    Raises :class:`ValidationError` for who has no last day, for one that was changed meanwhile,
    for a day before the joining or after the city came back, and where it would be a fourth member.
    """
    row = _locked(member, by)
    today = timezone.localdate()
    acted = not row.has_left(today)
    if row.left_on is None:
        raise _without_last_day(row)
    said = LastDay.said(row, left_on, precision, reasons, is_public, sources)
    if not _differs(row, said):
        return row
    if row.left_on != was:
        raise ValidationError(
            _("Somebody else has changed the last day meanwhile: it is %(day)s now."),
            code="changed",
            params={"day": day(row.left_on)},
        )
    if not note:
        raise ValidationError({"note": _("Give the reason in a sentence.")})
    _refuse_day(row, left_on, precision)
    acts_again = not acted and left_on >= today and not row.is_guest
    acting = set(row.tandem.members.acting().values_list("municipality", flat=True))
    if acts_again and len(acting | {row.municipality_id}) > MOST_MEMBERS:
        raise ValidationError(_("A partnership has up to three members."))
    _write(row, said, note, by)
    if acts_again:
        change_kind(tandem=row.tandem, on=today, by=by)
    return row


@transaction.atomic
def stay_in_partnership(*, member: TandemMember, note: str, by: Any) -> TandemMember:
    """Take a last day back that has not passed: the city stays after all, and ``note`` says why.

    The public page no longer names a day or a reason; the history keeps both.

    Raises :class:`ValidationError` for who has left already, and for who has no last day.
    """
    row = _locked(member, by)
    if row.has_left(timezone.localdate()):
        raise ValidationError(
            _("%(city)s has left already."), code="left", params={"city": row.municipality}
        )
    if row.left_on is None:
        raise _without_last_day(row)
    if not note:
        raise ValidationError({"why": _("Give the reason in a sentence.")})
    before, nothing = LastDay.of(row), dict.fromkeys(LANGUAGES, "")
    _fill(row, LastDay(None, DatePrecision.UNKNOWN, nothing, before.sources))
    steps = [note, reason_moved(before.reason, nothing)]
    old = _day(before)
    note_change(row, field="left_on", old=old, new="resumed", note=joined(steps), by=by)
    mark_maintained(tandem=row.tandem, by=by)
    tell_membership(tandem=row.tandem, event="member_stays", city=row.municipality, by=by)
    return row


def _locked(member: TandemMember, by: Any) -> TandemMember:
    """Return the membership as it stands now, locked after its partnership, for the team."""
    tandem = lock_partnership(tandem=member.tandem, by=by)
    rows = TandemMember.objects.select_for_update(of=("self",), no_key=True)
    row: TandemMember = rows.select_related("municipality").get(pk=member.pk)
    row.tandem = tandem
    return row


def _without_last_day(row: TandemMember) -> ValidationError:
    return ValidationError(
        _("No last day is recorded for %(city)s."), code="stays", params={"city": row.municipality}
    )


def _refuse_day(row: TandemMember, left_on: dt.date, precision: str) -> None:
    """Raise :class:`ValidationError` unless this can be the last day of the city."""
    if left_on > timezone.localdate() + FARTHEST:
        raise ValidationError({"left_on": _("Choose a day within the next two years.")})
    if row.joined_earliest and left_on < row.joined_earliest:
        raise ValidationError({"left_on": _("The municipality leaves before it joins.")})
    if precision not in LEFT_PRECISIONS:
        raise ValidationError({"precision": _("Choose how exactly the date is known.")})
    again = row.tandem.members.filter(municipality=row.municipality_id, pk__gt=row.pk)
    days = again.filter(joined_earliest__lt=left_on).values_list("joined_earliest", flat=True)
    if (back := min((one for one in days if one), default=None)) is not None:
        words = _("The city came back on %(day)s. Choose that day or an earlier one.")
        error = ValidationError(words, params={"day": day(back)})
        raise ValidationError({"left_on": error})


def _differs(row: TandemMember, said: LastDay) -> bool:
    """Tell whether something is said that does not stand there yet."""
    before = LastDay.of(row)
    facts = (said.left_on, said.precision, said.reason, said.sources)
    return facts != (before.left_on, before.precision, before.reason, before.sources) or (
        _is_news(row, said.internal)
    )


def _is_news(row: TandemMember, note: str) -> bool:
    """Tell whether a reason that is not public is another one than what was noted last."""
    last = StatusChange.objects.of(row).exclude(note="").order_by("pk").last()
    return bool(note) and (last is None or not last.note.endswith(note))


def _fill(row: TandemMember, said: LastDay) -> None:
    """Put into the row what is said, and save it."""
    row.left_on, row.left_precision = said.left_on, said.precision
    for code in LANGUAGES:
        setattr(row, f"left_reason_{code}", said.reason[code])
    row.sources = list(said.sources)
    row.full_clean()
    row.save()


def _write(row: TandemMember, said: LastDay, why: str, by: Any) -> None:
    """Save a last day, note each difference to what stood there, and tell people of another day.

    What the city confirmed after that day no longer counts; a profile that waited for its word
    alone is ready.
    """
    today = timezone.localdate()
    acted = not row.has_left(today)
    before, is_news = LastDay.of(row), _is_news(row, said.internal)
    moved = before.left_on != said.left_on
    if moved:
        # Before it is gone: the people of the city that leaves are told too.
        tell_membership(
            tandem=row.tandem,
            event="guest_left" if row.is_guest else "member_left",
            city=row.municipality,
            facts={"day": _day(said)},
            by=by,
        )
    _fill(row, said)
    if before.left_on is None:
        note_change(row, field="membership", old=row.role, new="left", note=said.internal, by=by)
    else:
        _note_differences(row, before, said, why, is_news, by)
    mark_maintained(tandem=row.tandem, by=by)
    if moved:
        _withdraw_words(row, by)
    if acted and row.has_left(today) and not row.is_guest:
        tell_if_ready(tandem=row.tandem, by=by)


def _note_differences(
    row: TandemMember, before: LastDay, said: LastDay, why: str, is_news: bool, by: Any
) -> None:
    """Write a row of history for everything that is said differently from now on."""
    internal = said.internal if is_news else ""
    if before.left_on != said.left_on:
        days = {"old": _day(before), "new": _day(said)}
        note_change(row, field="left_on", **days, note=joined([why, internal]), by=by)
        why = internal = ""
    if before.precision != said.precision:
        steps = {"old": before.precision, "new": said.precision}
        note_change(row, field="left_precision", **steps, note=why, by=by)
        why = ""
    public = reason_moved(before.reason, said.reason)
    if public or internal:
        note = joined([why, public, internal])
        note_change(row, field="left_reason", old="", new="changed", note=note, by=by)
        why = ""
    if added := [address for address in said.sources if address not in before.sources]:
        note = joined([why, *added])
        note_change(row, field="sources", old="", new="changed", note=note, by=by)


def _withdraw_words(row: TandemMember, by: Any) -> None:
    """Let no longer count what a city confirmed after its last day; what is public stays so."""
    if row.tandem.members.acting().filter(municipality=row.municipality_id).exists():
        return
    given = ProfileConfirmation.objects.filter(
        profile__tandem=row.tandem_id,
        profile__state__in=ASKED,
        municipality=row.municipality_id,
        given_at__date__gt=row.left_on,
    )
    facts = {"city": row.municipality, "day": day(row.left_on) if row.left_on else ""}
    note = gettext("The confirmation by %(city)s no longer counts: its last day was %(day)s.")
    for word in given.select_related("profile"):
        word.delete()
        old = row.municipality.slug[:40]
        note_change(
            word.profile, field="confirmation", old=old, new="ended", note=note % facts, by=by
        )


def _day(said: LastDay) -> str:
    """Return a last day as the history keeps it; empty where there was none."""
    return said.left_on.isoformat() if said.left_on else ""
