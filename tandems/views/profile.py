"""The profile of a partnership: where it stands, how it will look, what is checked."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.permissions import Permission, require
from tandems.access import Access
from tandems.actions.writing import check_translation, make_original, start_draft
from tandems.confirming import cities_missing
from tandems.enums import ProfileSection, ProfileState
from tandems.forms.profile import SeenForm
from tandems.models import ProfileEntry, ProfileText, ProfileVersion
from tandems.points import POINT_SECTIONS
from tandems.queries import pictures_of
from tandems.sections import sections_of
from tandems.views.asking import form_page, frame, read_page, workspace_of
from tandems.views.listing import shown_pictures
from tandems.views.placing import (
    acting_cities,
    language_rows,
    languages_for,
    place_of,
    released_of,
    section_url,
    unfinished_of,
    version_of,
)
from tandems.views.writing import markdown as markdown, section as section


@read_page
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """Show where the profile stands, who must do what, and each section with its languages."""
    access = workspace_of(request, slug)
    unfinished, released = unfinished_of(access), released_of(access)
    version = unfinished or released
    entries = list(version.entries.with_texts()) if version else []
    waits = unfinished is not None and not unfinished.is_draft
    missing = cities_missing(unfinished) if unfinished and waits else []
    context = frame(
        access,
        "profile",
        unfinished=unfinished,
        released=released,
        is_old=released is not None and released.is_old_on(timezone.localdate()),
        confirmed_by=confirmed_by(released),
        missing=[str(city) for city in missing],
        is_ready=waits and not missing,
        confirms=any(row.municipality in missing for row in access.members)
        and access.may(Permission.SUBMIT_PROFILE),
        may_write=access.may(Permission.DRAFT_PROFILE),
        may_submit=access.may(Permission.SUBMIT_PROFILE),
        may_release=access.may(Permission.RELEASE_PROFILE),
        outline=outline_of(access, version, entries),
    )
    return render(request, "tandems/workspace/profile.html", context)


def confirmed_by(version: ProfileVersion | None) -> list[str]:
    """Return the cities that confirmed a version, by the moment of their word."""
    return [str(row.municipality) for row in version.confirmations.all()] if version else []


def outline_of(
    access: Access, version: ProfileVersion | None, entries: list[ProfileEntry]
) -> list[dict[str, Any]]:
    """Return each section with its texts, their languages, and how many single points it has."""
    cities = acting_cities(access)
    outline = []
    for part in ProfileSection:
        own = [entry for entry in entries if entry.section == part]
        texts = {entry.municipality: entry for entry in own if not entry.is_point}
        wanted = cities if part == ProfileSection.OFFER else [None]
        outline.append(
            {
                "section": part,
                "url": section_url(access.tandem.slug, part),
                "texts": [
                    text_row(access, part, city, texts.get(city), version)
                    for city in dict.fromkeys([*wanted, *texts])
                ],
                "points": sum(entry.is_point for entry in own),
                "has_points": part in POINT_SECTIONS or any(entry.is_point for entry in own),
            }
        )
    return outline


def text_row(
    access: Access, part: str, city: Any, entry: ProfileEntry | None, version: ProfileVersion | None
) -> dict[str, Any]:
    """Return a text of the outline with its languages."""
    languages = languages_for(access, entry.texts.all() if entry else ())
    slug, name = access.tandem.slug, city.slug if city else ""
    urls = {code: section_url(slug, part, code, name) for code in languages}
    subject = ProfileEntry(
        profile=version or ProfileVersion(tandem=access.tandem), municipality=city
    )
    return {
        "city": city,
        "languages": language_rows(entry, languages, "", urls, may_say=False),
        "may_write": access.may(Permission.DRAFT_PROFILE, subject),
    }


@form_page
def start(request: HttpRequest, slug: str) -> HttpResponse:
    """Begin a draft; who comes from a section goes back to it."""
    access = workspace_of(request, slug)
    if request.method != "POST":
        return redirect("workspace:profile", slug=slug)
    require(request.user, Permission.DRAFT_PROFILE, access.tandem)
    was_there = unfinished_of(access)
    version = start_draft(tandem=access.tandem, by=request.user)
    if was_there is None:
        messages.success(request, _("The draft has been started. The public page stays as it is."))
    elif not version.is_draft:
        messages.warning(request, _("Another version is on its way already."))
    part = request.POST.get("section", "")
    if part in ProfileSection.values:
        return redirect(place_of(request, slug, part).url)
    return redirect("workspace:profile", slug=slug)


@read_page
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the version that is being written as the public page will show it."""
    access = workspace_of(request, slug)
    version = version_of(access)
    texts = ProfileText.objects.filter(entry__profile=version)
    rows = texts.select_related("entry__profile", "entry__municipality")
    context = frame(
        access,
        "profile",
        version=version,
        is_public=version is not None and version.state == ProfileState.RELEASED,
        sections=sections_of(rows.order_by("entry__position", "entry_id", "language")),
        pictures=shown_pictures(pictures_of(version.pk), access.tandem) if version else [],
    )
    return render(request, "tandems/workspace/preview.html", context)


@form_page
def check(request: HttpRequest, slug: str) -> HttpResponse:
    """Note that somebody has checked a translation, or that a text is the original."""
    access = workspace_of(request, slug)
    version = version_of(access)
    if request.method != "POST" or version is None:
        return redirect("workspace:profile", slug=slug)
    require(request.user, Permission.DRAFT_PROFILE, access.tandem)
    form = SeenForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose the text that you have checked."))
        return redirect("workspace:profile", slug=slug)
    entry = version.entries.select_related("municipality").filter(key=form.cleaned_data["entry"])
    try:
        messages.success(request, say(version, form.cleaned_data, request))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect(back_url(slug, entry.first(), form.cleaned_data["language"]))


def say(version: ProfileVersion, data: dict[str, Any], request: HttpRequest) -> str:
    """Do what the button says about a text, and return what to tell the person."""
    if data["go"] == "original":
        make_original(
            profile=version, key=data["entry"], language=data["language"], by=request.user
        )
        return _("This text is the original now.")
    seen = {
        data["language"]: request.POST.get("seen", ""),
        request.POST.get("original", ""): request.POST.get("read", ""),
    }
    check_translation(
        profile=version, key=data["entry"], language=data["language"], seen=seen, by=request.user
    )
    return _("Noted: this translation has been checked.")


def back_url(slug: str, entry: ProfileEntry | None, language: str) -> str:
    """Return the page of the text about which something was said."""
    if entry is None:
        return reverse("workspace:profile", args=[slug])
    if entry.is_point:
        return reverse("workspace:point", args=[slug, entry.key])
    city = entry.municipality.slug if entry.municipality else ""
    return section_url(slug, entry.section, language, city)
