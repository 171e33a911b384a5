"""What the pages of a meeting share: who is let in, and the frame around them."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from meetings.access import MeetingAccess, access_of_meeting
from meetings.enums import MeetingKind
from meetings.models import Meeting
from meetings.queries import with_pages

#: The pages of a meeting, as its menu shows them: name of the address, label, for guests too.
PARTS = (
    ("home", _("Overview"), True),
    ("questions", _("Questions"), True),
    ("agenda", _("Agenda"), True),
    ("poll", _("Date"), True),
    ("invitations", _("Invitations"), False),
    ("minutes", _("Minutes"), False),
    ("commitments", _("Commitments"), False),
    ("consultation", _("Consultation"), False),
)
#: Pages that say who comes: only for who acts, not for a city that has left.
OF_PEOPLE = frozenset({"invitations"})


def meeting_of(
    request: HttpRequest, pk: int, *, lead: bool = False, guests: bool = False
) -> MeetingAccess:
    """Return how the person reads a meeting from within; who has no way in meets 404.

    With ``lead`` only who plans the meeting is let in (others: 403), without ``guests`` no guest.
    """
    rows = Meeting.objects.visible_to(request.user).select_related("tandem", "host")
    meeting = get_object_or_404(with_pages(rows), pk=pk)
    access = access_of_meeting(request.user, meeting)
    if access is None:
        raise Http404
    if (access.is_guest and not guests) or (lead and not access.leads):
        raise PermissionDenied
    return access


def frame(access: MeetingAccess, part: str, **context: Any) -> dict[str, Any]:
    """Return what every page of a meeting shows, and what this one adds.

    ``part`` is the page of the menu (:data:`PARTS`) that this page belongs to.
    """
    meeting = access.meeting
    shown = [
        (name, label)
        for name, label, for_guests in PARTS
        if (for_guests or not access.is_guest)
        and (access.acts or name not in OF_PEOPLE)
        and (name != "consultation" or meeting.kind == MeetingKind.CONSULTATION)
    ]
    return {
        "access": access,
        "meeting": meeting,
        "tandem": meeting.tandem,
        "parts": [
            {"name": name, "url": f"meeting:{name}", "label": label, "is_here": name == part}
            for name, label in shown
        ],
        **context,
    }
