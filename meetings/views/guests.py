"""Guests of a meeting: who lets them in, and how that ends."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.permissions import Permission, require
from meetings.access import closed_to_guests
from meetings.actions.guests import end_meeting_guest, let_into_meeting
from meetings.forms.guests import EndGuestForm, GuestForm
from meetings.models import Meeting, MeetingGuest
from tandems.access import Access, access_of
from tandems.guests import guests_for, meetings_open_to
from tandems.views.asking import form_page, frame, workspace_of
from tandems.views.trying import done, typed


@form_page
def let_in(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Let a municipality read a meeting to come; a guest is led to the meeting."""
    visited = meetings_open_to(request.user).filter(tandem__slug=slug, pk=pk).first()
    if visited is not None and request.method != "POST":
        access = access_of(request.user, visited.tandem)
        if access is None or not access.acts:
            return redirect(visited.internal_url)
    access, meeting = meeting_of(request, slug, pk)
    form = GuestForm(typed(request), choices=guests_for(access.tandem))

    def act() -> MeetingGuest:
        return let_into_meeting(meeting=meeting, **form.cleaned_data, by=request.user)

    if request.method == "POST" and (guest := done(form, act)):
        told = _("%(place)s can now see this meeting as a guest.") % {"place": guest.municipality}
        messages.success(request, told)
        return redirect("workspace:meetings", slug=slug)
    guests = meeting.guests.select_related("municipality")
    closed = closed_to_guests(meeting)
    context = frame(access, "meetings", meeting=meeting, guests=guests, form=form, closed=closed)
    return render(request, "meetings/guests.html", context)


@form_page
def end_guest(request: HttpRequest, slug: str, pk: int, guest: int) -> HttpResponse:
    """End that a municipality reads a meeting."""
    access, meeting = meeting_of(request, slug, pk)
    stay = meeting.guests.select_related("municipality").filter(pk=guest).first()
    if stay is None:
        # The other tab was faster, or the button was pressed twice.
        messages.warning(request, _("This guest access has ended already."))
        return redirect("workspace:meetings", slug=slug)
    form = EndGuestForm(typed(request))

    def act() -> Meeting:
        return end_meeting_guest(guest=stay, by=request.user)

    if request.method == "POST" and done(form, act) is not None:
        told = _("%(place)s can no longer see this meeting.") % {"place": stay.municipality}
        messages.success(request, told)
        return redirect("workspace:meetings", slug=slug)
    context = frame(access, "meetings", meeting=meeting, guest=stay, form=form)
    return render(request, "meetings/guest_end.html", context)


def meeting_of(request: HttpRequest, slug: str, pk: int) -> tuple[Access, Any]:
    """Return a meeting of the partnership that the person leads; others meet 404 or 403."""
    access = workspace_of(request, slug)
    rows = Meeting.objects.visible_to(request.user).filter(tandem=access.tandem)
    meeting = get_object_or_404(rows, pk=pk)
    require(request.user, Permission.LEAD_MEETINGS, access.tandem)
    return access, meeting
