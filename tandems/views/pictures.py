"""The pictures of a profile: their pages in the internal area, and the files themselves."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.middleware import needs_second_factor
from accounts.permissions import Permission, require
from calls.content import marks_of
from calls.views.writing import opened_with
from core.files import FileKind, download
from core.forms import add_errors
from core.pages import open_to_read
from tandems.access import Access, access_of
from tandems.actions.pictures import (
    MOST_PICTURES,
    WORDS,
    add_picture,
    change_picture,
    move_picture,
    remove_picture,
)
from tandems.enums import ProfileState
from tandems.forms.pictures import PictureForm, PictureWordsForm
from tandems.models import SIZES, Picture, ProfilePicture, ProfileVersion
from tandems.views.asking import act_page, form_page, frame, read_page, workspace_of
from tandems.views.listing import shown_pictures
from tandems.views.merging import conflicts_of

#: Seconds for which caches may keep a public picture: so long it stays when its rights are gone.
PUBLIC_SECONDS = 3_600


def version_of(access: Access) -> ProfileVersion | None:
    """Return the version whose pictures are shown: the one being written, else the public one.

    A city that has left sees what was public on its last day.
    """
    versions = ProfileVersion.objects.filter(tandem=access.tandem)
    if access.until is not None:
        released = versions.filter(released_at__date__lte=access.until)
        return released.order_by("-released_at").first()
    return versions.unfinished().first() or versions.released().first()


def draft_of(access: Access) -> ProfileVersion | None:
    """Return the draft, for who may write it; others get 403."""
    require(access.user, Permission.DRAFT_PROFILE, access.tandem)
    drafts = ProfileVersion.objects.filter(tandem=access.tandem, state=ProfileState.DRAFT)
    return drafts.select_related("tandem").first()


def no_draft(request: HttpRequest, slug: str) -> HttpResponse:
    """Say that there is no draft any more, or not yet."""
    messages.warning(
        request, _("Pictures can be changed in a draft only, and there is none at the moment.")
    )
    return redirect("workspace:pictures", slug=slug)


@read_page
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the pictures of the version that is being written, or of the public one."""
    access = workspace_of(request, slug)
    version = version_of(access)
    rows = version.pictures.select_related("picture") if version else ProfilePicture.objects.none()
    may_write = access.may(Permission.DRAFT_PROFILE)
    context = frame(
        access,
        "profile",
        version=version,
        pictures=shown_pictures(rows, access.tandem),
        may_write=may_write,
        may_change=may_write and version is not None and version.is_draft,
        most=MOST_PICTURES,
    )
    return render(request, "tandems/workspace/pictures.html", context)


@form_page
def add(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a picture into the draft."""
    access = workspace_of(request, slug)
    draft = draft_of(access)
    if draft is None:
        return no_draft(request, slug)
    form = PictureForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        words = {name: form.cleaned_data[name] for name in WORDS}
        try:
            add_picture(profile=draft, file=form.cleaned_data["file"], words=words, by=request.user)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("The picture is in the draft."))
            return redirect("workspace:pictures", slug=slug)
    context = frame(access, "profile", form=form)
    return render(request, "tandems/workspace/picture.html", context)


def place_of(access: Access, draft: ProfileVersion | None, key: uuid.UUID) -> Any:
    """Return where a picture of the partnership stands in the draft, ``None`` where it does not."""
    picture = get_object_or_404(Picture, tandem=access.tandem, key=key)
    rows = ProfilePicture.objects.select_related("picture", "profile__tandem")
    return rows.filter(profile=draft, picture=picture).first()


def not_there(request: HttpRequest, slug: str) -> HttpResponse:
    """Say that the picture does not stand in the draft any more."""
    messages.warning(request, _("This picture is no longer in the draft."))
    return redirect("workspace:pictures", slug=slug)


@form_page
def edit(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    """Change what stands beside a picture of the draft."""
    access = workspace_of(request, slug)
    place = place_of(access, draft_of(access), key)
    if place is None:
        return not_there(request, slug)
    stored = {name: getattr(place, name) for name in WORDS}
    form = PictureWordsForm(request.POST or None, initial=stored)
    marks = opened_with(request) or marks_of(stored)
    conflicts: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        words = {name: form.cleaned_data[name] for name in WORDS}
        try:
            conflicts = change_picture(place=place, words=words, opened=marks, by=request.user)
        except ValidationError as error:
            add_errors(form, error)
        else:
            if not conflicts:
                messages.success(request, _("Saved."))
                return redirect("workspace:pictures", slug=slug)
            marks = {**marks, **marks_of(conflicts)}
    context = frame(
        access,
        "profile",
        form=form,
        picture=shown_pictures([place], access.tandem)[0],
        marks=json.dumps(marks),
        conflicts=conflicts_of(form, conflicts),
    )
    return render(
        request, "tandems/workspace/picture.html", context, status=409 if conflicts else 200
    )


@act_page
def move(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    """Put a picture one place further up or down."""
    access = workspace_of(request, slug)
    place = place_of(access, draft_of(access), key)
    if place is None:
        return not_there(request, slug)
    try:
        move_picture(place=place, up=request.POST.get("to") == "up", by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("workspace:pictures", slug=slug)


@form_page
def remove(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    """Ask once more, then take a picture out of the draft."""
    access = workspace_of(request, slug)
    place = place_of(access, draft_of(access), key)
    if place is None:
        return not_there(request, slug)
    if request.method == "POST":
        try:
            remove_picture(place=place, by=request.user)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("The picture is no longer in the draft."))
        return redirect("workspace:pictures", slug=slug)
    picture = shown_pictures([place], access.tandem)[0]
    context = frame(access, "profile", picture=picture)
    return render(request, "tandems/workspace/picture_remove.html", context)


@open_to_read
def file(request: HttpRequest, slug: str, key: uuid.UUID, size: str) -> Any:
    """Show a picture: of a public profile to everybody, any other to who reads the internal area.

    The user is asked for only where the picture is not public: visitors get no cookie.
    """
    if size not in SIZES:
        raise Http404
    picture = get_object_or_404(
        Picture.objects.select_related("tandem"), key=key, tandem__slug=slug
    )
    is_public = (
        picture.tandem.is_public
        and picture.places.filter(profile__state=ProfileState.RELEASED).exists()
    )
    if not is_public and not reads(request, picture):
        raise Http404
    answer = download(getattr(picture, size), name=f"{key}.jpg", kind=FileKind.JPEG)
    answer.headers["Content-Disposition"] = "inline"
    caching = f"public, max-age={PUBLIC_SECONDS}" if is_public else "private, no-store"
    answer.headers["Cache-Control"] = caching
    return answer


def reads(request: HttpRequest, picture: Picture) -> bool:
    """Tell whether the person may see a picture that is not public."""
    # The view is open, so that nobody else has asked for the second factor.
    if not request.user.is_authenticated or needs_second_factor(request):
        return False
    access = access_of(request.user, picture.tandem)
    if access is None or access.until is None:
        return access is not None
    versions = ProfileVersion.objects.filter(tandem=picture.tandem).until(access.until)
    return (
        access.reads(picture.uploaded_at) and picture.places.filter(profile__in=versions).exists()
    )
