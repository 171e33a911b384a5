"""Addresses of commitments and check-ins."""

from __future__ import annotations

from django.urls import path

from meetings.views import check_in, commitments, promising

#: Below /meetings/, in the namespace ``meetings``.
urlpatterns = [
    path("check-in/<str:token>/", check_in.answer, name="check-in"),
]
#: Below /meetings/, in the namespace ``meeting``: behind the login.
inside = [
    path("<int:pk>/internal/commitments/", promising.of_meeting, name="commitments"),
]
#: Below /tandems/<slug>/workspace/.
workspace = [
    path("commitments/", commitments.index, name="commitments"),
    path("commitments/<int:pk>/", commitments.detail, name="commitment"),
    path("commitments/<int:pk>/person/", commitments.person, name="commitment-person"),
    path("commitments/<int:pk>/public/", commitments.show, name="commitment-show"),
    path("commitments/<int:pk>/reopen/", commitments.reopen, name="commitment-reopen"),
]
