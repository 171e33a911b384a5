"""Addresses of planning a meeting."""

from __future__ import annotations

from django.urls import path

from meetings.views import internal, overview, planning, standing

#: Below /meetings/, in the namespace ``meeting``: behind the login.
inside = [
    path("plan/", planning.plan, name="plan"),
    path("internal/", internal.mine, name="list"),
    path("<int:pk>/internal/", overview.home, name="home"),
    path("<int:pk>/internal/edit/", planning.edit, name="edit"),
    path("<int:pk>/internal/announce/", standing.announce, name="announce"),
    path("<int:pk>/internal/announce/withdraw/", standing.withdraw, name="withdraw"),
    path("<int:pk>/internal/held/", standing.held, name="held"),
    path("<int:pk>/internal/held/take-back/", standing.reopen, name="reopen"),
    path("<int:pk>/internal/cancel/", standing.cancel, name="cancel"),
    path("<int:pk>/internal/cancel/take-back/", standing.revive, name="revive"),
]
#: Below /tandems/<slug>/workspace/.
workspace = [
    path("meetings/", internal.index, name="meetings"),
    path("meetings/plan/", planning.plan_for, name="meeting-plan"),
]
