"""Addresses below /tandems/."""

from __future__ import annotations

from django.urls import path

from tandems import views

app_name = "tandems"
urlpatterns = [
    path("", views.index, name="index"),
    path("<slug:slug>/", views.detail, name="detail"),
]
