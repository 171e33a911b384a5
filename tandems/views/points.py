"""The single points of a profile: added, changed, moved, removed."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.permissions import Permission, require
from tandems.access import Access
from tandems.actions.points import move_point, remove_point, save_point
from tandems.actions.writing import Saved
from tandems.enums import ProfileSection
from tandems.forms.profile import PointForm, key_typed
from tandems.models import ProfileEntry, ProfileVersion
from tandems.points import POINT_SECTIONS, point_values
from tandems.views.asking import form_page, frame, workspace_of
from tandems.views.placing import language_rows, languages_for, section_url, version_of
from tandems.views.writing import keep, typed_into


@form_page
def add(request: HttpRequest, slug: str, section: str) -> HttpResponse:
    """Add a point to a section; the form brings its key along, so that it is added once."""
    access = workspace_of(request, slug)
    if section not in POINT_SECTIONS:
        raise Http404
    return written(request, access, section, key_typed(request.POST.get("key")))


@form_page
def edit(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    """Show a point and save what was typed; one removed meanwhile can be put back."""
    access = workspace_of(request, slug)
    entry = point_in(version_of(access), key)
    section = entry.section if entry else request.POST.get("section", "")
    if section not in ProfileSection.values:
        raise Http404
    return written(request, access, section, key)


def point_in(version: ProfileVersion | None, key: uuid.UUID) -> ProfileEntry | None:
    """Return a point of the version with its texts, if it is there."""
    if version is None:
        return None
    entry = version.entries.with_texts().filter(key=key, is_point=True).first()
    if entry is not None:
        entry.profile = version
    return entry


def written(request: HttpRequest, access: Access, section: str, key: uuid.UUID) -> HttpResponse:
    """Show the form of a point, and save what was typed."""
    if request.method == "POST":
        require(request.user, Permission.DRAFT_PROFILE, access.tandem)
    version = version_of(access)
    entry = point_in(version, key)
    languages = languages_for(access, entry.texts.all() if entry else ())
    stored = point_values(entry, languages)
    data = typed_into(request, stored)
    form = PointForm(data, section=section, languages=languages, stored=stored)
    leads_to = section_url(access.tandem.slug, section) + "#points"
    outcome = keep(
        request,
        form,
        lambda values, marks: save(version, section, key, values, marks, request.user),
        lambda: point_values(point_in(version, key), languages),
        lambda: leads_to,
    )
    if outcome.response is not None:
        return outcome.response
    is_open = access.may(Permission.DRAFT_PROFILE) and version is not None and version.is_draft
    context = frame(
        access,
        "profile",
        version=version,
        entry=entry,
        key=str(key),
        section=ProfileSection(section),
        section_url=leads_to,
        heading=_("Single point") if entry else _("Add a point"),
        form=form,
        shows_form=is_open or bool(request.POST),
        is_open=is_open,
        marks=json.dumps(dict(outcome.marks)),
        conflicts=outcome.conflicts,
        languages=language_rows(entry, languages, "", {}, may_say=is_open),
    )
    return render(request, "tandems/workspace/point.html", context, status=outcome.status)


def save(
    version: ProfileVersion | None,
    section: str,
    key: uuid.UUID,
    values: Mapping[str, Any],
    marks: Mapping[str, str],
    by: Any,
) -> Saved:
    """Save a point; raises :class:`ValidationError` while there is no draft."""
    if version is None:
        raise ValidationError(
            _("Nobody has begun a draft yet. What you typed has not been saved yet.")
        )
    return save_point(
        profile=version, section=section, key=key, values=values, opened_with=marks, by=by
    )


@form_page
def move(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    """Let a point change places with the one above or below it."""
    access = workspace_of(request, slug)
    version = version_of(access)
    entry = point_in(version, key)
    if request.method != "POST" or version is None:
        return redirect("workspace:profile", slug=slug)
    require(request.user, Permission.DRAFT_PROFILE, access.tandem)
    is_up = request.POST.get("direction") == "up"
    try:
        move_point(profile=version, key=key, up=is_up, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    if entry is None:
        return redirect("workspace:profile", slug=slug)
    return redirect(section_url(slug, entry.section) + "#points")


@form_page
def remove(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    """Ask whether a point shall go, then take it out of the draft."""
    access = workspace_of(request, slug)
    require(request.user, Permission.DRAFT_PROFILE, access.tandem)
    version = version_of(access)
    entry = point_in(version, key)
    if request.method == "POST" and version is not None:
        try:
            remove_point(profile=version, key=key, by=request.user)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("The point has been removed. Earlier versions keep it."))
        if entry is None:
            return redirect("workspace:profile", slug=slug)
        return redirect(section_url(slug, entry.section) + "#points")
    if entry is None:
        raise Http404
    context = frame(
        access,
        "profile",
        entry=entry,
        texts=entry.texts.all(),
        section_url=section_url(slug, entry.section) + "#points",
    )
    return render(request, "tandems/workspace/point_remove.html", context)
