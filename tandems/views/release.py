"""The pages on which a profile is submitted, confirmed, commented, returned and released."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.permissions import Permission, require
from core.forms import add_errors
from tandems.access import Access
from tandems.actions.release import (
    ASKED,
    comment_profile,
    confirm_profile,
    release_version,
    return_profile,
    set_aside_profile,
    submit_profile,
)
from tandems.confirming import is_ready
from tandems.content import PAGE_LANGUAGES, fingerprint
from tandems.enums import ProfileState
from tandems.forms.release import CommentForm, ReturnForm, VoiceForm
from tandems.models import ProfileText, ProfileVersion, TandemMember
from tandems.views.asking import form_page, frame, workspace_of
from tandems.views.versioned import against_public, on_its_way, reading


@form_page
def submit(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what a draft changes on the public page, and put it forward."""
    access = workspace_of(request, slug)
    members = voices(access, Permission.SUBMIT_PROFILE)
    version = on_its_way(access)
    if version is None or not version.is_draft:
        return moved_on(request, access, _("There is no draft to submit for confirmation."))
    form = VoiceForm(request.POST or None, members=members)
    if request.method == "POST" and form.is_valid():
        try:
            sent = submit_profile(
                profile=version, member=form.chosen(), seen=seen(request), by=request.user
            )
        except ValidationError as error:
            return refused(request, error, "workspace:profile-submit", slug)
        messages.success(request, told_submitted(sent))
        return redirect("workspace:profile", slug=slug)
    context = frame(
        access,
        "profile",
        form=form,
        seen=fingerprint(version),
        lacks=lacks(version),
        **reading(access, version),
        **against_public(access, version),
    )
    return render(request, "tandems/workspace/submit.html", context)


@form_page
def confirm(request: HttpRequest, slug: str) -> HttpResponse:
    """Show exactly what was submitted, and let a city confirm it."""
    access = workspace_of(request, slug)
    members = voices(access, Permission.SUBMIT_PROFILE)
    if not members:
        # The project team gives no city's word.
        raise PermissionDenied
    version = on_its_way(access)
    if version is None or version.state not in ASKED:
        return moved_on(request, access, _("No version waits for a confirmation."))
    given = set(version.confirmations.values_list("municipality", flat=True))
    waiting = [row for row in members if row.municipality_id not in given]
    if not waiting:
        return moved_on(request, access, _("Your city has confirmed this version already."))
    form = VoiceForm(request.POST or None, members=waiting)
    if request.method == "POST" and form.is_valid():
        try:
            confirm_profile(
                profile=version,
                member=form.chosen() or waiting[0],
                seen=seen(request),
                by=request.user,
            )
        except ValidationError as error:
            return refused(request, error, "workspace:profile-confirm", slug)
        messages.success(request, _("Thank you. Your city has confirmed this version."))
        return redirect("workspace:profile", slug=slug)
    context = frame(
        access,
        "profile",
        form=form,
        seen=version.fingerprint,
        **reading(access, version),
        **against_public(access, version),
    )
    return render(request, "tandems/workspace/confirm.html", context)


@form_page
def comment(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what was said about the version on its way, and take a further comment."""
    access = workspace_of(request, slug)
    members = voices(access, Permission.DRAFT_PROFILE)
    version = on_its_way(access)
    form = CommentForm(request.POST or None)
    if version is None and request.method != "POST":
        return moved_on(request, access, _("No version is on its way, so there is no comment."))
    if request.method == "POST" and form.is_valid():
        try:
            comment_profile(
                profile=found(version),
                member=members[0] if members else None,
                text=form.cleaned_data["text"],
                by=request.user,
            )
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Your comment is now shown with the version."))
            return redirect("workspace:profile-comment", slug=slug)
    comments = version.comments.select_related("municipality", "written_by") if version else ()
    context = frame(access, "profile", form=form, version=version, comments=list(comments))
    return render(request, "tandems/workspace/comment.html", context)


@form_page
def send_back(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a submitted version back to the draft, with a note that says why."""
    access = workspace_of(request, slug)
    members = voices(access, Permission.SUBMIT_PROFILE)
    version = on_its_way(access)
    form = ReturnForm(request.POST or None)
    if (version is None or version.state not in ASKED) and request.method != "POST":
        return moved_on(
            request, access, _("There is no submitted version that could become a draft again.")
        )
    if request.method == "POST" and form.is_valid():
        try:
            return_profile(
                profile=found(version),
                member=members[0] if members else None,
                note=form.cleaned_data["note"],
                by=request.user,
            )
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("The version is a draft again and can be changed."))
            return redirect("workspace:profile", slug=slug)
    given = version.confirmations.select_related("municipality") if version else ()
    context = frame(access, "profile", form=form, version=version, confirmations=list(given))
    return render(request, "tandems/workspace/return.html", context)


@form_page
def release(request: HttpRequest, slug: str) -> HttpResponse:
    """Show exactly the version that becomes public, and release it."""
    access = workspace_of(request, slug)
    require(request.user, Permission.RELEASE_PROFILE, access.tandem)
    version = on_its_way(access)
    if version is None or version.state not in ASKED:
        return moved_on(request, access, _("No version waits for its release."))
    if request.method == "POST":
        try:
            release_version(profile=version, seen=seen(request), by=request.user)
        except ValidationError as error:
            return refused(request, error, "workspace:profile-release", slug)
        messages.success(request, _("The version is released and stands on the public page."))
        return redirect("workspace:profile", slug=slug)
    context = frame(
        access,
        "profile",
        seen=version.fingerprint or fingerprint(version),
        is_ready=is_ready(version),
        lacks=lacks(version),
        **reading(access, version),
        **against_public(access, version),
    )
    return render(request, "tandems/workspace/release.html", context)


@form_page
def set_aside(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask whether the draft is to be put away, and do so."""
    access = workspace_of(request, slug)
    require(request.user, Permission.SUBMIT_PROFILE, access.tandem)
    version = on_its_way(access)
    if version is None or not version.is_draft:
        return moved_on(request, access, _("There is no draft that could be set aside."))
    if request.method == "POST":
        if request.POST.get("number") != str(version.number):
            # A page that was opened while another draft was there.
            messages.error(request, _("Another draft is there now. Please look again."))
            return redirect("workspace:profile-set-aside", slug=slug)
        try:
            set_aside_profile(profile=version, by=request.user)
        except ValidationError as error:
            return refused(request, error, "workspace:profile-set-aside", slug)
        messages.success(request, _("The draft is set aside. You can restore it at any time."))
        return redirect("workspace:versions", slug=slug)
    return render(
        request, "tandems/workspace/set_aside.html", frame(access, "profile", version=version)
    )


def voices(access: Access, permission: Permission) -> list[TandemMember]:
    """Return the memberships for which the person speaks; none for the project team.

    Raises :class:`PermissionDenied` for who speaks for nobody here.
    """
    require(access.user, permission, access.tandem)
    return [row for row in access.members if access.may(permission, row)]


def seen(request: HttpRequest) -> str:
    """Return the fingerprint of what stood on the page that sends this."""
    return request.POST.get("seen", "")


def found(version: ProfileVersion | None) -> ProfileVersion:
    """Return the version; raises :class:`ValidationError` where it was set aside meanwhile."""
    if version is None:
        raise ValidationError(_("No version is on its way any more."))
    return version


def refused(request: HttpRequest, error: Any, page: str, slug: str) -> HttpResponse:
    """Say why nothing was done, and show the page as things stand now."""
    messages.error(request, " ".join(error.messages))
    return redirect(page, slug=slug)


def moved_on(request: HttpRequest, access: Access, words: str) -> HttpResponse:
    """Say that the state has moved on, and show where the profile stands."""
    messages.info(request, words)
    return redirect("workspace:profile", slug=access.tandem.slug)


def told_submitted(version: ProfileVersion) -> str:
    """Return what happens after a draft was put forward."""
    if version.state == ProfileState.CONFIRMED:
        return _("Submitted. No other city has to confirm it; the project team releases it.")
    return _("Submitted. The other cities are asked to confirm this version.")


def lacks(version: ProfileVersion) -> dict[str, int]:
    """Return how many texts are out of date, and how many cannot be read in both page languages.

    Neither keeps a version from being submitted: the cities decide.
    """
    texts = ProfileText.objects.filter(entry__profile=version)
    entries: dict[int, set[str]] = {}
    outdated = 0
    for entry, language, since in texts.values_list("entry", "language", "outdated_since"):
        entries.setdefault(entry, set()).add(language)
        outdated += since is not None
    one_sided = sum(not spoken.issuperset(PAGE_LANGUAGES) for spoken in entries.values())
    return {"outdated": outdated, "one_sided": one_sided}
