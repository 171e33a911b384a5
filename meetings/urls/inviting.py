"""Addresses of invitations, answers and attendance."""

from __future__ import annotations

from django.urls import path

from meetings.views import answering, attendance, inviting

#: Below /meetings/, in the namespace ``meetings``.
urlpatterns = [
    path("answer/<str:token>/", answering.by_link, name="answer"),
]
#: Below /meetings/, in the namespace ``meeting``: behind the login.
inside = [
    path("<int:pk>/internal/invitations/", inviting.index, name="invitations"),
    path("<int:pk>/internal/invitations/send/", inviting.send, name="invitations-send"),
    path("<int:pk>/internal/invitations/add/", inviting.add, name="invitation-add"),
    path(
        "<int:pk>/internal/invitations/<int:attendance>/remove/",
        inviting.remove,
        name="invitation-remove",
    ),
    path("<int:pk>/internal/reminders/", inviting.reminders, name="reminders"),
    path("<int:pk>/internal/reply/", answering.reply, name="reply"),
    path("<int:pk>/internal/attendance/", attendance.record, name="attendance"),
]
