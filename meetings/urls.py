"""Addresses below /meetings/, and of commitments in a partnership's internal area."""

from __future__ import annotations

from django.urls import path

from meetings.views import commitments, guests, internal, membership, public

app_name = "meetings"
urlpatterns = [
    path("", public.index, name="index"),
    path("calendar.ics", public.calendar, name="calendar"),
    path("<int:pk>/meeting.ics", public.calendar_entry, name="calendar-entry"),
    path("<int:pk>/<slug:slug>/", public.detail, name="detail"),
]
#: Below /tandems/<slug>/workspace/.
workspace_urls = [
    path("commitments/", commitments.index, name="commitments"),
    path("commitments/<int:pk>/", commitments.detail, name="commitment"),
    path("meetings/", internal.index, name="meetings"),
    path("meetings/<int:pk>/guests/", guests.let_in, name="meeting-guests"),
    path("meetings/<int:pk>/guests/<int:guest>/end/", guests.end_guest, name="meeting-guest-end"),
    path("membership/", membership.index, name="membership"),
    path("membership/join/", membership.join, name="membership-join"),
    path("membership/dock/", membership.dock, name="membership-dock"),
    path("membership/rematch/", membership.rematch, name="membership-rematch"),
    path("membership/end/", membership.end, name="membership-end"),
    path("membership/<int:pk>/leave/", membership.leave, name="membership-leave"),
]
