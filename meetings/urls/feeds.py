"""Addresses of calendars."""

from __future__ import annotations

from django.urls import path

from meetings.views import feeds

#: Below /meetings/, in the namespace ``meetings``.
urlpatterns = [
    path("calendar.ics", feeds.calendar, name="calendar"),
    path("<int:pk>/meeting.ics", feeds.calendar_entry, name="calendar-entry"),
]
#: Below /meetings/, in the namespace ``meeting``: behind the login.
inside = [
    path("feeds/", feeds.own, name="feeds"),
    path("feeds/make/", feeds.make, name="feeds-make"),
    path("feeds/replace/", feeds.replace, name="feeds-replace"),
    path("feeds/revoke/", feeds.revoke, name="feeds-revoke"),
    path("<int:pk>/internal/meeting.ics", feeds.internal_entry, name="entry"),
]
