"""The page that takes a released sentence back, whatever the person reads of what was said."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from meetings.access import MeetingAccess, access_of_meeting
from meetings.actions import consultation_outcome as actions
from meetings.models import Consultation, Meeting
from meetings.phases import may_withdraw
from meetings.queries import with_pages
from meetings.views.asking import frame
from meetings.views.consultation.reading import back
from tandems.views.asking import form_page


@form_page
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the sentence that visitors read, and take it off the page of the meeting."""
    consultation, access = released_in(request, pk)
    if request.method == "POST":
        take_back(request, consultation.meeting)
        return away(access, pk)
    if consultation.released_at is None:
        messages.info(request, _("No sentence is public any more."))
        return away(access, pk)
    context: dict[str, Any] = {"consultation": consultation}
    if access is not None:
        context = frame(access, "consultation", **context)
    shown = {"meeting": consultation.meeting, "parts": [], **context}
    return render(request, "meetings/consultation_withdraw.html", shown)


def released_in(request: HttpRequest, pk: int) -> tuple[Consultation, MeetingAccess | None]:
    """Return the consultation of a meeting for who may take its sentence back; strangers meet 404.

    ``None``: the person has no way into the meeting, as a city that has left the network.
    """
    rows = Meeting.objects.visible_to(request.user).select_related("tandem", "host")
    meeting = get_object_or_404(with_pages(rows), pk=pk)
    access = access_of_meeting(request.user, meeting)
    consultation = Consultation.objects.filter(meeting=meeting).first()
    if consultation is None:
        raise Http404
    consultation.meeting = meeting
    if may_withdraw(request.user, consultation):
        return consultation, access
    if access is None:
        raise Http404
    raise PermissionDenied


def only_takes_back(request: HttpRequest, pk: int) -> bool:
    """Tell whether taking back a sentence is all that somebody without a way in may do here."""
    try:
        consultation, _access = released_in(request, pk)
    except (Http404, PermissionDenied):
        return False
    return consultation.released_at is not None


def take_back(request: HttpRequest, meeting: Meeting) -> None:
    """Take the sentence back; of a double click the second one is told that it is done already."""
    try:
        actions.withdraw_sentence(meeting=meeting, by=request.user)
    except ValidationError as error:
        messages.info(request, " ".join(error.messages))
    else:
        messages.success(request, _("The sentence is no longer public."))


def away(access: MeetingAccess | None, pk: int) -> HttpResponse:
    """Return to the room; who does not enter it goes to the overview."""
    return redirect("dashboard") if access is None or access.is_guest else back(pk)
