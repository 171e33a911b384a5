"""Public pages of the meetings."""

from __future__ import annotations

from django.urls import path

from meetings.views import months, public

#: Below /meetings/, in the namespace ``meetings``.
urlpatterns = [
    path("", public.index, name="index"),
    path("month/<int:year>/<int:month>/", months.month, name="month"),
]
#: After all others: they would take some of them.
last = [
    path("<int:pk>/<slug:slug>/", public.detail, name="detail"),
]
