"""Addresses of meetings: public ones, those behind the login, those in an internal area."""

from __future__ import annotations

from typing import Any

from meetings.urls import (
    agenda,
    commitments,
    consultation,
    feeds,
    inviting,
    learning,
    membership,
    minutes,
    planning,
    poll,
    public,
)

app_name = "meetings"
urlpatterns: list[Any] = [
    *feeds.urlpatterns,
    *poll.urlpatterns,
    *inviting.urlpatterns,
    *commitments.urlpatterns,
    *public.urlpatterns,
    *public.last,
]
#: Below /meetings/, before the public ones.
internal_urls: list[Any] = [
    *planning.inside,
    *agenda.inside,
    *poll.inside,
    *inviting.inside,
    *feeds.inside,
    *minutes.inside,
    *commitments.inside,
    *consultation.inside,
    *membership.inside,
]
#: Below /tandems/<slug>/workspace/.
workspace_urls: list[Any] = [
    *commitments.workspace,
    *planning.workspace,
    *learning.workspace,
    *membership.workspace,
]
