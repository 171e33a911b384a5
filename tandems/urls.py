"""Addresses below /tandems/, and of a partnership's internal area."""

from __future__ import annotations

from django.urls import path

from tandems.views import (
    documents,
    history,
    home,
    people,
    pictures,
    points,
    profile,
    public,
    release,
    topics,
    versions,
)

app_name = "tandems"
urlpatterns = [
    path("", public.index, name="index"),
    path("<slug:slug>/", public.detail, name="detail"),
    path("<slug:slug>/pictures/<uuid:key>/<str:size>.jpg", pictures.file, name="picture"),
    path("<slug:slug>/documents/<uuid:key>/", documents.public_file, name="document"),
]
#: Below /tandems/<slug>/workspace/.
workspace_urls = [
    path("", home.index, name="home"),
    path("people/", people.index, name="people"),
    path("history/", history.index, name="history"),
    path("profile/", profile.index, name="profile"),
    path("profile/start/", profile.start, name="profile-start"),
    path("profile/preview/", profile.preview, name="profile-preview"),
    path("profile/markdown/", profile.markdown, name="profile-markdown"),
    path("profile/check/", profile.check, name="profile-check"),
    path("profile/sections/<slug:section>/", profile.section, name="section"),
    path("profile/sections/<slug:section>/points/", points.add, name="point-add"),
    path("profile/points/<uuid:key>/", points.edit, name="point"),
    path("profile/points/<uuid:key>/move/", points.move, name="point-move"),
    path("profile/points/<uuid:key>/remove/", points.remove, name="point-remove"),
    path("profile/submit/", release.submit, name="profile-submit"),
    path("profile/confirm/", release.confirm, name="profile-confirm"),
    path("profile/comment/", release.comment, name="profile-comment"),
    path("profile/return/", release.send_back, name="profile-return"),
    path("profile/release/", release.release, name="profile-release"),
    path("profile/set-aside/", release.set_aside, name="profile-set-aside"),
    path("profile/changes/", versions.changes, name="profile-changes"),
    path("profile/versions/", versions.index, name="versions"),
    path("profile/versions/<int:number>/", versions.detail, name="version"),
    path("profile/versions/<int:number>/restore/", versions.restore, name="version-restore"),
    path("profile/pictures/", pictures.index, name="pictures"),
    path("profile/pictures/add/", pictures.add, name="picture-add"),
    path("profile/pictures/<uuid:key>/", pictures.edit, name="picture"),
    path("profile/pictures/<uuid:key>/move/", pictures.move, name="picture-move"),
    path("profile/pictures/<uuid:key>/remove/", pictures.remove, name="picture-remove"),
    path("documents/", documents.index, name="documents"),
    path("documents/add/", documents.add, name="document-add"),
    path("documents/<uuid:key>/", documents.detail, name="document"),
    path("documents/<uuid:key>/edit/", documents.edit, name="document-edit"),
    path("documents/<uuid:key>/version/", documents.version, name="document-version"),
    path("documents/<uuid:key>/visibility/", documents.visibility, name="document-visibility"),
    path("documents/<uuid:key>/remove/", documents.remove, name="document-remove"),
    path("documents/<uuid:key>/<int:number>/", documents.file, name="document-file"),
    path("topics/", topics.index, name="topics"),
    path("topics/add/", topics.add, name="topic-add"),
    path("topics/<int:pk>/", topics.detail, name="topic"),
    path("topics/<int:pk>/edit/", topics.edit, name="topic-edit"),
    path("topics/<int:pk>/end/", topics.end, name="topic-end"),
    path("topics/<int:pk>/guests/", topics.let_in, name="topic-guests"),
    path("topics/<int:pk>/guests/<int:guest>/end/", topics.end_guest, name="topic-guest-end"),
]
