"""Addresses of the learning log."""

from __future__ import annotations

from django.urls import path

from meetings.views import learning

#: Below /tandems/<slug>/workspace/.
workspace = [
    path("log/", learning.index, name="log"),
    path("log/network/", learning.network, name="log-network"),
    path("log/add/", learning.add, name="log-add"),
    path("log/<int:pk>/", learning.detail, name="log-entry"),
    path("log/<int:pk>/edit/", learning.edit, name="log-edit"),
    path("log/<int:pk>/remove/", learning.remove, name="log-remove"),
]
