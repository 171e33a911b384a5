"""Addresses below /meetings/."""

from __future__ import annotations

from django.urls import path

from meetings import views

app_name = "meetings"
urlpatterns = [
    path("", views.index, name="index"),
    path("calendar.ics", views.calendar, name="calendar"),
    path("<int:pk>/meeting.ics", views.calendar_entry, name="calendar-entry"),
    path("<int:pk>/<slug:slug>/", views.detail, name="detail"),
]
