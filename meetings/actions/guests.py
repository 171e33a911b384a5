"""What lets municipalities that do not take part read a meeting, and ends that."""

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
from meetings.access import closed_to_guests, require_lead
from meetings.enums import MeetingScope
from meetings.locks import lock_meeting
from meetings.models import Meeting, MeetingGuest
from meetings.telling import tell_of_meeting
from municipalities.models import Municipality
from tandems.actions.notices import tell_people
from tandems.models import Tandem


@transaction.atomic
def let_into_meeting(*, meeting: Meeting, municipality: Municipality, by: Any) -> MeetingGuest:
    """Let a municipality that does not take part read a meeting, and nothing else.

    Raises :class:`PermissionDenied` for who does not lead the meeting: of a partnership's its
    members do, of the others the project team. Raises :class:`ValidationError` for a municipality
    that takes part or is a guest, and for a meeting that is over or was cancelled.
    """
    locked, tandem = _locked(meeting, by)
    if closed := closed_to_guests(locked):
        raise ValidationError(closed, code="closed")
    if municipality.pk in locked.acting_municipalities:
        told = _("Choose a municipality that does not take part in the meeting anyway.")
        if locked.scope == MeetingScope.TANDEM:
            told = _("Choose a municipality that does not belong to your partnership.")
        raise ValidationError({"municipality": told})
    if locked.guests.filter(municipality=municipality).exists():
        raise ValidationError(
            {"municipality": _("This municipality is a guest of the meeting already.")}
        )
    guest = MeetingGuest(meeting=locked, municipality=municipality, let_in_by=by)
    save_new(guest)
    note_change(locked, field="guest", old="", new="let in", note=str(municipality), by=by)
    if tandem is None:
        tell_of_meeting(locked, "meeting_guest", city=municipality, by=by)
    else:
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


def _locked(meeting: Meeting, by: Any) -> tuple[Meeting, Tandem | None]:
    """Return the meeting as it is stored now, locked after its partnership, for who leads it."""
    locked = lock_meeting(meeting)
    if locked.tandem is None:
        require_lead(by, locked)
    else:
        require(by, Permission.LEAD_MEETINGS, locked.tandem)
    return locked, locked.tandem
