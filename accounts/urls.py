"""Addresses around people; what allauth brings hangs beside them."""

from __future__ import annotations

from django.urls import path

from accounts.views import directory, invitations, notices, own, people

app_name = "accounts"
urlpatterns = [
    path("people/", people.people, name="people"),
    path("people/<int:pk>/", people.one, name="person"),
    path("people/invite/", people.invite, name="invite"),
    path("invitations/<int:pk>/withdraw/", people.withdraw, name="withdraw"),
    path("roles/<int:pk>/end/", people.end, name="end-role"),
    path("roles/<int:pk>/hand-over/", people.hand_over, name="hand-over"),
    path("invitation/<str:token>/", invitations.invitation, name="invitation"),
    path("directory/", directory.index, name="directory"),
    path("directory/entry/", directory.entry, name="directory-entry"),
    path("directory/withdraw/", directory.withdraw, name="directory-withdraw"),
    path("notices/", notices.choose, name="notices"),
    path("notices/stop/<str:token>/", notices.stop, name="stop-digests"),
    path("profile/", own.profile, name="profile"),
    path("mails/<str:token>/", invitations.mute, name="mute"),
    path("session/", own.session, name="session"),
    path("sessions/<int:pk>/end/", own.end_session, name="end-session"),
    path("session/stay/", own.stay, name="stay"),
    path("own-data/", own.own_data, name="own-data"),
    path("own-data/download/", own.download, name="download"),
    path("own-data/erase/", own.erase, name="erase"),
]
