"""Addresses of guests and of membership."""

from __future__ import annotations

from django.urls import path

from meetings.views import ending, guests, membership

#: Below /meetings/, in the namespace ``meeting``: behind the login.
inside = [
    path("<int:pk>/internal/guests/", guests.of_meeting, name="guests"),
    path("<int:pk>/internal/guests/<int:guest>/end/", guests.end_of_meeting, name="guest-end"),
]
#: Below /tandems/<slug>/workspace/.
workspace = [
    path("meetings/<int:pk>/guests/", guests.let_in, name="meeting-guests"),
    path("meetings/<int:pk>/guests/<int:guest>/end/", guests.end_guest, name="meeting-guest-end"),
    path("membership/", membership.index, name="membership"),
    path("membership/join/", membership.join, name="membership-join"),
    path("membership/dock/", membership.dock, name="membership-dock"),
    path("membership/rematch/", membership.rematch, name="membership-rematch"),
    path("membership/end/", ending.end, name="membership-end"),
    path("membership/<int:pk>/leave/", membership.leave, name="membership-leave"),
]
