"""What lets municipalities outside a partnership read one of its meetings, and ends that."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.enums import Notification
from accounts.permissions import Permission, require
from core.actions import note_change
from core.models import save_new
from meetings.access import closed_to_guests
from meetings.models import Meeting, MeetingGuest
from municipalities.models import Municipality
from tandems.actions.notices import tell_people
from tandems.locks import lock_tandem
from tandems.models import Tandem


@transaction.atomic
def let_into_meeting(*, meeting: Meeting, municipality: Municipality, by: Any) -> MeetingGuest:
    """Let a municipality outside the partnership read a meeting, and nothing else.

    Raises :class:`PermissionDenied` for who does not speak for a member and
    :class:`ValidationError` for a member, a guest and a meeting that is over, was cancelled or has
    no partnership.
    """
    locked, tandem = _locked(meeting, by)
    if closed := closed_to_guests(locked):
        raise ValidationError(closed, code="closed")
    if municipality.pk in tandem.acting_municipalities:
        raise ValidationError(
            {"municipality": _("Choose a municipality that does not belong to your partnership.")}
        )
    if locked.guests.filter(municipality=municipality).exists():
        raise ValidationError(
            {"municipality": _("This municipality is a guest of the meeting already.")}
        )
    guest = MeetingGuest(meeting=locked, municipality=municipality, let_in_by=by)
    save_new(guest)
    note_change(locked, field="guest", old="", new="let in", note=str(municipality), by=by)
    tell_people(
        tandem=tandem,
        kind=Notification.TANDEM_TOPICS,
        event="meeting_guest",
        path=reverse("workspace:meetings", args=[tandem.slug]),
        facts={"meeting": str(locked)},
        city=municipality,
        by=by,
    )
    return guest


@transaction.atomic
def end_meeting_guest(*, guest: MeetingGuest, by: Any) -> Meeting:
    """End at once that a municipality reads a meeting; the history keeps that it did.

    Raises :class:`ValidationError` where it is no guest any more.
    """
    locked, _tandem = _locked(guest.meeting, by)
    stay = locked.guests.select_related("municipality").filter(pk=guest.pk).first()
    if stay is None:
        raise ValidationError(_("This guest access has ended already."), code="over")
    place = stay.municipality
    stay.delete()
    note_change(locked, field="guest", old="let in", new="ended", note=str(place), by=by)
    return locked


def _locked(meeting: Meeting, by: Any) -> tuple[Meeting, Tandem]:
    """Return the meeting as it is stored now, locked after its partnership, for who leads it."""
    if meeting.tandem_id is None:
        raise ValidationError(_("This meeting belongs to no partnership."), code="no tandem")
    tandem = lock_tandem(meeting.tandem_id)
    rows = Meeting.objects.select_for_update(no_key=True).filter(tandem=tandem)
    locked = rows.filter(pk=meeting.pk).first()
    if locked is None:
        raise ValidationError(_("This meeting belongs to no partnership."), code="no tandem")
    require(by, Permission.LEAD_MEETINGS, tandem)
    return locked, tandem
