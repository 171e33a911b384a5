"""Addresses of news and standing pages, directly below the language."""

from __future__ import annotations

from django.urls import path

from editorial import views
from editorial.enums import PageKey

app_name = "editorial"
urlpatterns = [
    path("news/", views.index, name="index"),
    path("news/feed.atom", views.feed, name="feed"),
    path("news/<slug:slug>/", views.article, name="article"),
    *(path(f"{key}/", views.standing_page, {"key": key}, name=key) for key in PageKey.values),
]
