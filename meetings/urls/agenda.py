"""Addresses of questions, agenda and briefing."""

from __future__ import annotations

from django.urls import path

from meetings.views import agenda, briefing, questions

#: Below /meetings/, in the namespace ``meeting``: behind the login.
inside = [
    path("<int:pk>/internal/questions/", questions.index, name="questions"),
    path("<int:pk>/internal/questions/<int:city>/", questions.edit, name="questions-edit"),
    path("<int:pk>/internal/agenda/", agenda.index, name="agenda"),
    path("<int:pk>/internal/agenda/add/", agenda.add, name="agenda-add"),
    path("<int:pk>/internal/agenda/<int:item>/", agenda.edit, name="agenda-item"),
    path("<int:pk>/internal/agenda/<int:item>/move/", agenda.move, name="agenda-move"),
    path("<int:pk>/internal/agenda/<int:item>/remove/", agenda.remove, name="agenda-remove"),
    path("<int:pk>/internal/briefing/", briefing.show, name="briefing"),
]
