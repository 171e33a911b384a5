"""What plans a meeting, changes its plan and fixes its date."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _, override

from accounts.permissions import Permission, require
from calls.content import merge
from core.actions import note_change
from core.dates import DatePrecision
from core.models import save_new
from meetings.access import Nobodys, require_lead
from meetings.actions.inviting import tell_invited
from meetings.actions.meeting import MISSING
from meetings.actions.plan_content import LABELS, MANY, NOTICED, PlanContent, When
from meetings.actions.poll_ending import settle_poll
from meetings.enums import MeetingScope, MeetingStatus
from meetings.locks import lock_meeting, lock_plans
from meetings.models import Consultation, Meeting
from meetings.preparation import DATE, FORMAT, PLACE, lacks, lacks_place
from meetings.telling import tell_of_meeting
from meetings.times import today_in
from tandems.enums import TandemStatus
from tandems.models import Tandem, TandemMember

#: Part of the address of a meeting's internal pages, which no public page may take.
TAKEN = "internal"
#: Such a meeting has been told of with its date, which stays or is replaced by another.
DATED = (MeetingStatus.UNCONFIRMED, MeetingStatus.HELD)
#: What the plan lacks → the value whose field says so.
AT = {DATE: "when", FORMAT: "format", PLACE: "place"}


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """What became of a change: the meeting, and the stored values of fields in conflict by name."""

    meeting: Meeting
    conflicts: dict[str, Any]


@transaction.atomic
def plan_meeting(*, tandem: Tandem | None, content: PlanContent, by: Any) -> Meeting:
    """Plan a meeting of a partnership, or (``None``) one that the project team leads.

    That one is for the ``partnerships`` of the content, or without any for the whole network. Other
    partnerships join a partnership's meeting through the team alone. Where no participants are
    named, all cities that meet take part. Of two equal plans at once, as of a double click, the
    second returns what the first one planned.

    Raises :class:`PermissionDenied` for who does not lead and :class:`ValidationError` for what
    the meeting must not be.
    """
    locked = lock_plans(tandem)
    require(by, Permission.LEAD_MEETINGS, locked or Nobodys())
    if content.partnerships:
        require(by, Permission.LEAD_MEETINGS, Nobodys())
    content = _with_lead(content, locked)
    row = Meeting(
        uid=uuid.uuid4(),
        tandem=locked,
        scope=_scope_of(locked, content),
        status=MeetingStatus.PLANNED,
    )
    if not content.participants:
        content = replace(content, participants=tuple(sorted(_members(row, content))))
    if (same := _planned_already(row, content)) is not None:
        return same
    _fill(row, content.plain.keys(), content)
    row.reference = f"{slugify(_name_of(content))[:60]}-{row.uid.hex[:12]}".strip("-")
    _refuse_foreigners(row, content)
    with override("de" if content.title_de else "en"):
        save_new(row)
    _link(row, MANY, content)
    note_change(row, old="", new=MeetingStatus.PLANNED, field="status", by=by)
    tell_of_meeting(row, "meeting_planned", by=by)
    return row


@transaction.atomic
def change_plan(
    *, meeting: Meeting, content: PlanContent, opened: Mapping[str, str], by: Any
) -> SavedPlan:
    """Change what a meeting's plan says; ``opened`` holds the marks of what the form opened with.

    A field that somebody else has changed meanwhile to something else is in conflict: then nothing
    is written, and the caller shows both values. What people who take part must notice raises the
    calendar revision by one and is told to those who are invited. A day ends the date poll.

    Raises :class:`PermissionDenied` for who does not lead it, and for who lets other partnerships
    in without being the team; :class:`ValidationError` for a cancelled meeting, for another kind of
    one that has a consultation, and where what was announced or held, or what people were invited
    to, would lose its day or place.
    """
    locked = lock_meeting(meeting)
    require_lead(by, locked)
    if locked.status == MeetingStatus.CANCELLED:
        raise ValidationError(_("This meeting was cancelled."), code="cancelled")
    before = PlanContent.of(locked)
    content = _with_lead(content, locked.tandem)
    if before.participants and not content.participants:
        content = replace(content, participants=tuple(sorted(_members(locked, content))))
    write, conflicts = merge(before.plain, content.plain, opened)
    if conflicts or not write:
        return SavedPlan(locked, conflicts)
    if "kind" in write and Consultation.objects.filter(meeting=locked).exists():
        reason = _("Keep the kind: this meeting has a consultation, which nobody would find then.")
        raise ValidationError({"kind": reason})
    lacked = _missing(locked)
    _fill(locked, write, content)
    if "partnerships" in write:
        _join(locked, content, by)
    _refuse_foreigners(locked, content, kept=before)
    if lost := [what for what in _missing(locked) if what not in lacked]:
        raise ValidationError({AT[what]: MISSING[what] for what in lost})
    told = bool(NOTICED & set(write))
    _save(locked, raises=told)
    _link(locked, write, content)
    if "when" in write:
        _dated(locked, before.when, by)
    if others := [str(LABELS[name]) for name in write if name != "when"]:
        note_change(locked, field="plan", old="", new="changed", note=", ".join(others), by=by)
    if told:
        _tell_invited(locked, by, is_dated="when" in write)
    return SavedPlan(locked, {})


@transaction.atomic
def set_date(
    *,
    meeting: Meeting,
    earliest: dt.date,
    latest: dt.date,
    starts_at: dt.datetime | None,
    ends_at: dt.datetime | None,
    time_zone: str,
    by: Any,
) -> Meeting:
    """Fix the date of a meeting: moments in UTC, or none of them for whole days.

    ``earliest`` and ``latest`` are its days on the clock of the place (``time_zone``). Raises the
    calendar revision, takes up the reminders anew and tells all who meet or are invited. What is
    fixed already stays as it is, without a word.

    Raises :class:`PermissionDenied` for who does not lead the meeting and :class:`ValidationError`
    for one that was held or cancelled, and for a date that ends before it begins.
    """
    locked = lock_meeting(meeting)
    require_lead(by, locked)
    if locked.status in {MeetingStatus.HELD, MeetingStatus.CANCELLED}:
        raise ValidationError(_("This meeting was held or cancelled."), code="over")
    before = When.of(locked)
    when = When.on_days(earliest, latest, starts_at=starts_at, ends_at=ends_at, time_zone=time_zone)
    if when.plain == before.plain:
        return locked
    _put(locked, when)
    _save(locked, raises=True)
    _dated(locked, before, by)
    _tell_invited(locked, by)
    return locked


def _name_of(content: PlanContent) -> str:
    """Return the title from which addresses are made: the English one, if there is one."""
    return content.title_en or content.title_de


def _with_lead(content: PlanContent, tandem: Tandem | None) -> PlanContent:
    """Return the content whose partnerships, if any, hold the one that leads the meeting."""
    if tandem is None or not content.partnerships:
        return content
    joined = {*content.partnerships, tandem.pk}
    return replace(content, partnerships=tuple(sorted(joined)) if len(joined) > 1 else ())


def _scope_of(tandem: Tandem | None, content: PlanContent) -> str:
    if content.partnerships:
        return MeetingScope.SEVERAL
    return MeetingScope.TANDEM if tandem is not None else MeetingScope.PROGRAMME


def _join(row: Meeting, content: PlanContent, by: Any) -> None:
    """Let other partnerships meet too, or no longer: that is for the project team."""
    require(by, Permission.LEAD_MEETINGS, Nobodys())
    if row.tandem is None and not content.partnerships:
        raise ValidationError({"partnerships": _("Choose at least one partnership.")})
    row.scope = _scope_of(row.tandem, content)


def _members(row: Meeting, content: PlanContent) -> set[int]:
    """Return the municipalities (keys) that meet: the members of the partnerships, or all."""
    members = TandemMember.objects.acting()
    if row.scope == MeetingScope.PROGRAMME:
        members = members.exclude(tandem__status=TandemStatus.PLANNED)
    else:
        members = members.filter(tandem__in=content.partnerships or [row.tandem_id])
    return set(members.values_list("municipality_id", flat=True))


def _refuse_foreigners(row: Meeting, content: PlanContent, kept: PlanContent | None = None) -> None:
    """Refuse cities that do not meet, as hosts or participants; what stands there may stay."""
    known = _members(row, content)
    if kept is not None:
        known |= {*kept.participants, kept.host or 0}
    if content.host and content.host not in known:
        raise ValidationError({"host": _("Choose a municipality that takes part.")})
    if not set(content.participants) <= known:
        raise ValidationError({"participants": _("Choose municipalities that take part.")})


def _planned_already(row: Meeting, content: PlanContent) -> Meeting | None:
    """Return a meeting in preparation with the very same plan."""
    rows = Meeting.objects.filter(tandem=row.tandem, scope=row.scope, kind=content.kind)
    rows = rows.filter(status=MeetingStatus.PLANNED, earliest=content.when.earliest)
    return next((found for found in rows if PlanContent.of(found).plain == content.plain), None)


def _fill(row: Meeting, names: Iterable[str], content: PlanContent) -> None:
    """Put values into a row, and what follows from them; the caller saves it."""
    for name in names:
        if name == "when":
            _put(row, content.when)
        elif name not in MANY:
            setattr(row, "host_id" if name == "host" else name, getattr(content, name))
    if not _name_of(content):
        raise ValidationError({"title_de": _("Give the title in at least one language.")})
    if not row.is_public:
        # Later the address stays: it stands in mails and in other people's pages.
        slug = slugify(_name_of(content))[:110].strip("-") or "meeting"
        row.slug = f"{slug}-meeting" if slug == TAKEN else slug


def _put(row: Meeting, when: When) -> None:
    if (
        row.status == MeetingStatus.HELD
        and when.earliest
        and when.earliest > today_in(row.time_zone)
    ):
        raise ValidationError({"when": _("It was held: choose a day that is not in the future.")})
    if row.status in DATED and row.earliest and not when.earliest:
        raise ValidationError({"when": _("It was announced or held on a date: enter one.")})
    row.earliest, row.latest, row.precision = when.earliest, when.latest, when.precision
    row.starts_at, row.ends_at = when.starts_at, when.ends_at
    row.time_zone = when.time_zone


def _missing(row: Meeting) -> list[str]:
    """Return what the meeting lacks of what was promised to people."""
    if row.status == MeetingStatus.ANNOUNCED:
        return lacks(row)
    return [PLACE] if row.invited_at and row.format and lacks_place(row) else []


def _link(row: Meeting, names: Iterable[str], content: PlanContent) -> None:
    for name in MANY:
        if name in names:
            getattr(row, name).set(getattr(content, name))


def _save(row: Any, *, raises: bool) -> None:
    """Save the row if it is valid, ``raises``: with its calendar revision raised by one."""
    # It is locked: nobody else counts at the same time.
    row.sequence += raises
    # A title in one language is enough; it is asked for in the active one.
    with override("de" if row.title_de else "en"):
        row.full_clean()
        row.save()


def _dated(row: Meeting, before: When, by: Any) -> None:
    """Write a new date down, take up the reminders anew, and tell who meets."""
    row.reminders.update(sent_at=None)
    when = When.of(row)
    if when.noted != before.noted:
        note_change(row, field="date", old=before.noted, new=when.noted, by=by)
    if when.precision == DatePrecision.DAY and row.earliest and row.status != MeetingStatus.HELD:
        tell_of_meeting(row, "meeting_dated", facts={"day": row.earliest.isoformat()}, by=by)


def _tell_invited(row: Meeting, by: Any, *, is_dated: bool = False) -> None:
    """Tell invited people what changed; of a date (``is_dated``), all who were asked for one."""
    tell_invited(meeting=row, by=by)
    if is_dated:
        settle_poll(meeting=row, by=by)
