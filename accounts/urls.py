"""Addresses around people; what allauth brings hangs beside them."""

from __future__ import annotations

from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("people/", views.people, name="people"),
    path("people/invite/", views.invite, name="invite"),
    path("invitations/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("roles/<int:pk>/end/", views.end, name="end-role"),
    path("roles/<int:pk>/hand-over/", views.hand_over, name="hand-over"),
    path("invitation/<str:token>/", views.invitation, name="invitation"),
    path("profile/", views.profile, name="profile"),
    path("mails/<str:token>/", views.mute, name="mute"),
    path("session/", views.session, name="session"),
    path("session/stay/", views.stay, name="stay"),
    path("own-data/", views.own_data, name="own-data"),
    path("own-data/download/", views.download, name="download"),
    path("own-data/erase/", views.erase, name="erase"),
]
