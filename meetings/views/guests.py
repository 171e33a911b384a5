"""Guests of a meeting: who lets them in, and how that ends."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.permissions import Permission, require
from meetings.access import closed_to_guests
from meetings.actions.guests import end_meeting_guest, let_into_meeting
from meetings.enums import MeetingScope
from meetings.forms.guests import EndGuestForm, GuestForm
from meetings.models import Meeting, MeetingGuest
from meetings.queries import guests_for_meeting
from meetings.views import asking
from tandems.access import Access, access_of
from tandems.guests import meetings_open_to
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
    back = reverse("workspace:meetings", args=[slug])
    return guests_page(request, meeting, frame(access, "meetings"), done_url=back, back=back)


@form_page
def of_meeting(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a municipality read a meeting that no partnership leads; others have their own page."""
    access = asking.meeting_of(request, pk, lead=True)
    meeting = access.meeting
    if meeting.tandem is not None:
        return redirect("workspace:meeting-guests", slug=meeting.tandem.slug, pk=pk)
    return guests_page(
        request,
        meeting,
        asking.frame(access, "home"),
        done_url=reverse("meeting:guests", args=[pk]),
        back=meeting.internal_url,
    )


def guests_page(
    request: HttpRequest, meeting: Meeting, context: dict[str, Any], *, done_url: str, back: str
) -> HttpResponse:
    """Show the guests of a meeting and let another one in; ``context``: the frame of the page."""
    alone = meeting.scope == MeetingScope.TANDEM
    form = GuestForm(typed(request), choices=guests_for_meeting(meeting), alone=alone)

    def act() -> MeetingGuest:
        return let_into_meeting(meeting=meeting, **form.cleaned_data, by=request.user)

    if request.method == "POST" and (guest := done(form, act)):
        told = _("%(place)s can now see this meeting as a guest.") % {"place": guest.municipality}
        messages.success(request, told)
        return redirect(done_url)
    context |= {
        "meeting": meeting,
        "guests": meeting.guests.select_related("municipality"),
        "form": form,
        "closed": closed_to_guests(meeting),
        "back": back,
    }
    return render(request, "meetings/guests.html", context)


@form_page
def end_guest(request: HttpRequest, slug: str, pk: int, guest: int) -> HttpResponse:
    """End that a municipality reads a meeting."""
    access, meeting = meeting_of(request, slug, pk)
    back = reverse("workspace:meetings", args=[slug])
    return end_page(request, meeting, guest, frame(access, "meetings"), back=back)


@form_page
def end_of_meeting(request: HttpRequest, pk: int, guest: int) -> HttpResponse:
    """End that a municipality reads a meeting that no partnership leads."""
    access = asking.meeting_of(request, pk, lead=True)
    meeting = access.meeting
    if meeting.tandem is not None:
        slug = meeting.tandem.slug
        return redirect("workspace:meeting-guest-end", slug=slug, pk=pk, guest=guest)
    back = reverse("meeting:guests", args=[pk])
    return end_page(request, meeting, guest, asking.frame(access, "home"), back=back)


def end_page(
    request: HttpRequest, meeting: Meeting, guest: int, context: dict[str, Any], *, back: str
) -> HttpResponse:
    """Ask whether the access of a guest ends; ``context``: the frame of the page."""
    stay = meeting.guests.select_related("municipality").filter(pk=guest).first()
    if stay is None:
        # The other tab was faster, or the button was pressed twice.
        messages.warning(request, _("This guest access has ended already."))
        return redirect(back)
    form = EndGuestForm(typed(request))

    def act() -> Meeting:
        return end_meeting_guest(guest=stay, by=request.user)

    if request.method == "POST" and done(form, act) is not None:
        told = _("%(place)s can no longer see this meeting.") % {"place": stay.municipality}
        messages.success(request, told)
        return redirect(back)
    context |= {"meeting": meeting, "guest": stay, "form": form, "back": back}
    return render(request, "meetings/guest_end.html", context)


def meeting_of(request: HttpRequest, slug: str, pk: int) -> tuple[Access, Any]:
    """Return a meeting of the partnership that the person leads; others meet 404 or 403."""
    access = workspace_of(request, slug)
    rows = Meeting.objects.visible_to(request.user).filter(tandem=access.tandem)
    meeting = get_object_or_404(rows, pk=pk)
    meeting.tandem = access.tandem
    require(request.user, Permission.LEAD_MEETINGS, access.tandem)
    return access, meeting
