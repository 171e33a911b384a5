"""Addresses below /meetings/, and of commitments in a partnership's internal area."""

from __future__ import annotations

from django.urls import path

from meetings.views import commitments, public

app_name = "meetings"
urlpatterns = [
    path("", public.index, name="index"),
    path("calendar.ics", public.calendar, name="calendar"),
    path("<int:pk>/meeting.ics", public.calendar_entry, name="calendar-entry"),
    path("<int:pk>/<slug:slug>/", public.detail, name="detail"),
]
#: Below /tandems/<slug>/workspace/.
workspace_urls = (
    [
        path("commitments/", commitments.index, name="commitments"),
        path("commitments/<int:pk>/", commitments.detail, name="commitment"),
    ],
    "workspace",
)
