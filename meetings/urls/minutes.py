"""Addresses of minutes."""

from __future__ import annotations

from django.urls import path

from meetings.views import agreeing, minutes

#: Below /meetings/, in the namespace ``meeting``: behind the login.
inside = [
    path("<int:pk>/internal/minutes/", minutes.index, name="minutes"),
    path("<int:pk>/internal/minutes/begin/", minutes.begin, name="minutes-begin"),
    path("<int:pk>/internal/minutes/entries/add/", minutes.add_entry, name="minutes-entry-add"),
    path("<int:pk>/internal/minutes/entries/<int:entry>/", minutes.entry, name="minutes-entry"),
    path(
        "<int:pk>/internal/minutes/entries/<int:entry>/remove/",
        minutes.remove_entry,
        name="minutes-entry-remove",
    ),
    path("<int:pk>/internal/minutes/public/", minutes.public_part, name="minutes-public"),
    path("<int:pk>/internal/minutes/send/", agreeing.send, name="minutes-send"),
    path("<int:pk>/internal/minutes/agree/", agreeing.agree, name="minutes-agree"),
    path("<int:pk>/internal/minutes/comment/", agreeing.comment, name="minutes-comment"),
    path("<int:pk>/internal/minutes/return/", agreeing.send_back, name="minutes-return"),
    path("<int:pk>/internal/minutes/extend/", agreeing.extend, name="minutes-extend"),
    path("<int:pk>/internal/minutes/release/", agreeing.release, name="minutes-release"),
    path("<int:pk>/internal/minutes/correct/", agreeing.correct, name="minutes-correct"),
    path("<int:pk>/internal/minutes/give-up/", agreeing.give_up, name="minutes-give-up"),
    path("<int:pk>/internal/minutes/<int:number>/", minutes.version, name="minutes-version"),
]
