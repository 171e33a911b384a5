"""Addresses of the consultation room."""

from __future__ import annotations

from django.urls import path

from meetings.views.consultation import advisers, closing, planning, room, withdrawing

#: Below /meetings/, in the namespace ``meeting``: behind the login.
inside = [
    path("<int:pk>/internal/consultation/", room.room, name="consultation"),
    path("<int:pk>/internal/consultation/watch/", room.watch, name="consultation-watch"),
    path("<int:pk>/internal/consultation/prepare/", planning.prepare, name="consultation-prepare"),
    path("<int:pk>/internal/consultation/add/", advisers.add, name="consultation-add"),
    path("<int:pk>/internal/consultation/remove/", advisers.remove, name="consultation-remove"),
    path("<int:pk>/internal/consultation/begin/", room.begin, name="consultation-begin"),
    path("<int:pk>/internal/consultation/next/", room.next_phase, name="consultation-next"),
    path("<int:pk>/internal/consultation/write/", room.write, name="consultation-write"),
    path("<int:pk>/internal/consultation/state/", room.state, name="consultation-state"),
    path("<int:pk>/internal/consultation/close/", closing.close, name="consultation-close"),
    path("<int:pk>/internal/consultation/stop/", room.stop, name="consultation-stop"),
    path("<int:pk>/internal/consultation/take-up/", room.take_up, name="consultation-take-up"),
    path("<int:pk>/internal/consultation/release/", closing.release, name="consultation-release"),
    path(
        "<int:pk>/internal/consultation/withdraw/",
        withdrawing.withdraw,
        name="consultation-withdraw",
    ),
]
