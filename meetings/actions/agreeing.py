"""The way of minutes from the draft to the agreement of the cities, and to the public page."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, reach_of, require
from core.actions import change_status, note_change
from core.models import save_new
from meetings.access import require_lead
from meetings.actions.minutes import PUBLIC_PART, keep_row
from meetings.actions.minutes_telling import tell_of_minutes
from meetings.asked import cities_asked, cities_missing, is_seal_of, is_written, seal_of
from meetings.enums import MINUTES_TRANSITIONS, MinutesState
from meetings.locks import lock_minutes
from meetings.models import Meeting, Minutes, MinutesAgreement, MinutesComment, MinutesEntry
from municipalities.models import Municipality

#: Why nothing is done on a page that shows an earlier sending out.
SENT_ANEW = _("The minutes were sent out anew after you opened this page. Please read them again.")


@transaction.atomic
def send_minutes(*, minutes: Minutes, agree_by: dt.date, by: Any) -> Minutes:
    """Send a draft out for the agreement of the cities by a day; from now on nobody changes it.

    Raises :class:`PermissionDenied` for who does not lead the meeting, and
    :class:`ValidationError` for what is no draft, says nothing, or has nobody who could agree, and
    for a day that is not to come.
    """
    locked = lock_minutes(minutes)
    require_lead(by, locked.meeting)
    if not locked.is_open:
        raise ValidationError(_("These minutes have been sent out already."), code="sent")
    if agree_by <= timezone.localdate():
        raise ValidationError({"agree_by": _("Choose a day that is still to come.")})
    if not is_written(locked):
        raise ValidationError(
            _("Nothing is written yet: write at least one entry before you send the minutes out."),
            code="empty",
        )
    if not cities_asked(locked.meeting):
        raise ValidationError(
            _("No city of this meeting is in the partnership any more, so nobody can agree."),
            code="nobody",
        )
    changes = {"agree_by": agree_by, "sent_at": timezone.now(), "reminded_at": None}
    sent = _step(locked, MinutesState.IN_AGREEMENT, by, changes=changes)
    tell_of_minutes(sent, "minutes_sent", facts={"day": agree_by.isoformat()}, by=by)
    return sent


@transaction.atomic
def agree_to_minutes(
    *, minutes: Minutes, municipality: Municipality, seen: str, by: Any
) -> Minutes:
    """Give a city's word that the minutes say what was said; the last one makes them count.

    ``seen`` tells which sending out the person has read (:func:`meetings.asked.seal_of`).

    Raises :class:`PermissionDenied` for who does not speak for a city that is asked (the project
    team speaks for none), and :class:`ValidationError` for what waits for no word, was sent out
    anew meanwhile, and what the city has agreed to already.
    """
    locked = lock_minutes(minutes)
    _require_own_city(locked, municipality, by)
    if locked.agreements.filter(municipality=municipality).exists():
        raise ValidationError(_("Your city has agreed already."), code="given")
    if locked.state != MinutesState.IN_AGREEMENT:
        raise ValidationError(_("These minutes do not wait for an agreement."), code="state")
    if seen != seal_of(locked):
        raise ValidationError(SENT_ANEW, code="changed")
    save_new(MinutesAgreement(minutes=locked, municipality=municipality, given_by=by))
    note_change(locked, field="confirmation", old="", new=municipality.slug[:40], by=by)
    tell_of_minutes(locked, "minutes_agreed_by", city=municipality, by=by)
    return _count_if_complete(locked, by)


def _require_own_city(minutes: Minutes, municipality: Municipality, by: Any) -> None:
    """Raise :class:`PermissionDenied` unless the city is asked and ``by`` speaks for it."""
    reach = reach_of(by, Permission.LEAD_MEETINGS)
    if reach is None or municipality.pk not in reach:
        raise PermissionDenied
    if municipality.pk not in {city.pk for city in cities_asked(minutes.meeting)}:
        raise PermissionDenied


def _count_if_complete(minutes: Minutes, by: Any) -> Minutes:
    """Let minutes count that wait for nobody any more; what they correct counts no longer."""
    if minutes.state != MinutesState.IN_AGREEMENT or not minutes.agreements.exists():
        return minutes
    if cities_missing(minutes):
        return minutes
    before = minutes.meeting.minutes.agreed().first()
    if before is not None:
        _step(before, MinutesState.REPLACED, by)
    agreed = _step(minutes, MinutesState.AGREED, by, changes={"agreed_at": timezone.now()})
    tell_of_minutes(agreed, "minutes_agreed", by=by)
    return agreed


@transaction.atomic
def agree_where_nobody_is_missing(*, tandem: Any, by: Any) -> int:
    """Let minutes count for which nobody's word is missing since a city has left a partnership.

    The others must have agreed: minutes to which no city has said a word never count by
    themselves. Returns of how many; of the meetings of several partnerships and of the network,
    those too. The caller holds the partnership.
    """
    waiting = Minutes.objects.filter(state=MinutesState.IN_AGREEMENT).order_by("meeting")
    hers = Q(meeting__tandem=tandem) | Q(meeting__partnerships=tandem)
    whole = Q(meeting__tandem__isnull=True)
    keys = waiting.filter(hers | whole).values_list("pk", "meeting")
    rows = sorted(set(keys), key=lambda row: row[1])
    return sum(agree_if_nobody_is_missing(key=key, meeting=meeting, by=by) for key, meeting in rows)


@transaction.atomic
def agree_if_nobody_is_missing(*, key: int, meeting: int, by: Any) -> bool:
    """Let one version (primary keys) count where nobody is missing; tell whether it does by that.

    Only the meeting is locked: its own partnership may be another than the one that the caller
    holds, and two that hold one each would wait for each other.
    """
    rows = Meeting.objects.select_for_update(of=("self",), no_key=True)
    locked = rows.select_related("tandem").get(pk=meeting)
    minutes = Minutes.objects.select_for_update(no_key=True).get(pk=key)
    minutes.meeting = locked
    was_waiting = minutes.state == MinutesState.IN_AGREEMENT
    return was_waiting and _count_if_complete(minutes, by).state == MinutesState.AGREED


@transaction.atomic
def comment_on_minutes(
    *,
    minutes: Minutes,
    municipality: Municipality | None,
    text: str,
    entry: MinutesEntry | None = None,
    by: Any,
) -> MinutesComment:
    """Say what should change in minutes that are out for agreement, for a city or (``None``) team.

    The same words of the same person twice in a row are kept once: that was a double click.

    Raises :class:`PermissionDenied` for who does not write along, or not for this city, and
    :class:`ValidationError` for minutes that are not out for agreement.
    """
    locked = lock_minutes(minutes)
    require(by, Permission.CONTRIBUTE, locked.meeting)
    _require_voice(locked, municipality, Permission.CONTRIBUTE, by)
    if locked.state != MinutesState.IN_AGREEMENT:
        raise ValidationError(
            _("These minutes are not out for agreement, so nobody would read a comment."),
            code="state",
        )
    about = entry if entry and entry.minutes_id == locked.pk else None
    comment, is_new = _keep_comment(locked, municipality, text, about=about, by=by)
    if is_new:
        tell_of_minutes(locked, "minutes_commented", by=by)
    return comment


def _keep_comment(
    minutes: Minutes,
    municipality: Municipality | None,
    text: str,
    *,
    about: MinutesEntry | None = None,
    by: Any,
) -> tuple[MinutesComment, bool]:
    """Return a comment, and whether it is new: the last one, said again, was a double click."""
    last = minutes.comments.order_by("pk").last()
    said = (by.pk, text, about and about.pk)
    if last is not None and (last.written_by_id, last.text, last.entry_id) == said:
        return last, False
    comment = MinutesComment(
        minutes=minutes, entry=about, municipality=municipality, text=text, written_by=by
    )
    save_new(comment)
    return comment, True


def _require_voice(
    minutes: Minutes, municipality: Municipality | None, permission: Permission, by: Any
) -> None:
    """Raise :class:`PermissionDenied` unless ``by`` speaks for the city, or is of the team."""
    reach = reach_of(by, permission)
    if (reach is None) != (municipality is None):
        raise PermissionDenied
    if municipality is None or reach is None:
        return
    if municipality.pk not in reach & minutes.meeting.acting_municipalities:
        raise PermissionDenied


@transaction.atomic
def return_minutes(
    *, minutes: Minutes, municipality: Municipality | None, seen: str, note: str = "", by: Any
) -> Minutes:
    """Take minutes back to the draft; every word given on them falls away, comments stay.

    ``seen`` tells which sending out the person has read (:func:`meetings.asked.seal_of`). Where
    that one is a draft again already, it is done; a note stays as a comment, once.

    Raises :class:`PermissionDenied` for who does not lead the meeting, and
    :class:`ValidationError` for minutes that are not out for agreement or were sent out anew.
    """
    locked = lock_minutes(minutes)
    require_lead(by, locked.meeting)
    _require_voice(locked, municipality, Permission.LEAD_MEETINGS, by)
    if locked.is_open and is_seal_of(seen, locked):
        if note and _keep_comment(locked, municipality, note, by=by)[1]:
            tell_of_minutes(locked, "minutes_commented", by=by)
        return locked
    if locked.state != MinutesState.IN_AGREEMENT:
        raise ValidationError(
            _("Only minutes that are out for agreement can become a draft again."), code="state"
        )
    if seen != seal_of(locked):
        raise ValidationError(SENT_ANEW, code="changed")
    for row in locked.agreements.select_related("municipality"):
        slug = row.municipality.slug[:40]
        note_change(locked, field="confirmation", old=slug, new="ended", by=by)
    locked.agreements.all().delete()
    if note:
        _keep_comment(locked, municipality, note, by=by)
    changes = {"agree_by": None, "sent_at": None, "reminded_at": None}
    returned = _step(locked, MinutesState.DRAFT, by, note=note, changes=changes)
    tell_of_minutes(returned, "minutes_returned", by=by)
    return returned


@transaction.atomic
def release_public_part(*, minutes: Minutes, by: Any) -> Minutes:
    """Put the public part of agreed minutes on the public page of the meeting; for good.

    Raises :class:`PermissionDenied` for who does not lead the meeting, and
    :class:`ValidationError` for minutes that have not been agreed, hold no public part, or have
    been released already, and for a meeting without a public page.
    """
    locked = lock_minutes(minutes)
    require_lead(by, locked.meeting)
    if locked.state != MinutesState.AGREED:
        raise ValidationError(
            _("The public part can be released once the cities have agreed."), code="state"
        )
    if locked.released_at is not None:
        raise ValidationError(_("The public part has been released already."), code="released")
    if not any(getattr(locked, name) for name in PUBLIC_PART):
        raise ValidationError(_("These minutes have no public part."), code="empty")
    if not locked.meeting.is_public:
        raise ValidationError(
            _("This meeting is internal: it has no public page."), code="internal"
        )
    locked.released_at, locked.released_by = timezone.now(), by
    keep_row(row=locked, by=by)
    note_change(locked, field="public part", old="", new="released", by=by)
    path = locked.meeting.get_absolute_url()
    tell_of_minutes(locked, "minutes_released", path=path, team=True, by=by)
    return locked


def _step(minutes: Minutes, state: str, by: Any, *, note: str = "", changes: Any = None) -> Minutes:
    """Move minutes to a state, keeping their meeting at hand."""
    moved = change_status(
        minutes,
        field="state",
        new=state,
        transitions=MINUTES_TRANSITIONS,
        note=note,
        changes=changes,
        by=by,
    )
    moved.meeting = minutes.meeting
    return moved
