"""Addresses of finding a date."""

from __future__ import annotations

from django.urls import path

from meetings.views import poll, proposing

#: Below /meetings/, in the namespace ``meetings``.
urlpatterns = [
    path("answer/<str:token>/dates/", poll.answer_by_link, name="answer-poll"),
]
#: Below /meetings/, in the namespace ``meeting``: behind the login.
inside = [
    path("<int:pk>/internal/date/", poll.index, name="poll"),
    path("<int:pk>/internal/date/propose/", proposing.propose, name="poll-propose"),
    path("<int:pk>/internal/date/fix/<int:option>/", poll.fix, name="poll-fix"),
    path("<int:pk>/internal/date/close/", poll.close, name="poll-close"),
]
