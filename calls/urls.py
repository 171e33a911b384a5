"""Addresses below /calls/."""

from __future__ import annotations

from django.urls import path

from calls import views

app_name = "calls"
urlpatterns = [
    path("", views.index, name="index"),
    path("<slug:slug>/", views.detail, name="detail"),
]
