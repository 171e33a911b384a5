"""The versions of a profile: listed, read, compared, restored."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.permissions import Permission, require
from tandems.access import Access
from tandems.actions.restoring import restore_version
from tandems.differences import differences
from tandems.enums import UNFINISHED
from tandems.forms.release import CompareForm
from tandems.models import ProfileVersion
from tandems.views.asking import form_page, frame, read_page, workspace_of
from tandems.views.release import moved_on
from tandems.views.versioned import on_its_way, reading, version_of, versions_of


@read_page
def changes(request: HttpRequest, slug: str) -> HttpResponse:
    """Compare two versions: those that the address names, else the newest with the public one."""
    access = workspace_of(request, slug)
    versions = list(versions_of(access))
    pair = chosen_pair(versions)
    asked = {**{name: value for name, value in pair.items() if value}, **request.GET.dict()}
    form = CompareForm(asked, versions=versions)
    if form.is_valid():
        pair = form.cleaned_data
    by_number = {version.number: version for version in versions}
    old, new = by_number.get(pair["old"]), by_number.get(pair["new"])
    context = frame(
        access,
        "profile",
        form=form if len(versions) > 1 else None,
        old=old,
        new=new,
        changes=differences(old, new) if new else [],
    )
    return render(request, "tandems/workspace/changes.html", context)


def chosen_pair(versions: list[ProfileVersion]) -> dict[str, Any]:
    """Return the numbers that are compared where nobody chose: public version, newest version.

    Where the public one is the newest it is compared with the one before it.
    """
    newest = versions[0].number if versions else None
    public = next((row.number for row in versions if row.state == "released"), None)
    if public == newest:
        public = versions[1].number if len(versions) > 1 else None
    return {"old": public, "new": newest}


@read_page
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """List all versions with what became of them."""
    access = workspace_of(request, slug)
    context = frame(
        access,
        "profile",
        versions=list(versions_of(access)),
        may_restore=access.may(Permission.DRAFT_PROFILE),
        unfinished=UNFINISHED,
    )
    return render(request, "tandems/workspace/versions.html", context)


@read_page
def detail(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show a version as its readers would meet it, with what was said about it."""
    access = workspace_of(request, slug)
    version = version_of(access, number)
    content = reading(access, version, request.GET.get("language", ""))
    members = access.members if version.state in UNFINISHED else ()
    waits = any(row.municipality in content["missing"] for row in members)
    context = frame(
        access,
        "profile",
        **content,
        is_unfinished=version.state in UNFINISHED,
        is_asked=version.state in UNFINISHED and not version.is_draft,
        confirms=waits and access.may(Permission.SUBMIT_PROFILE),
        may_release=access.may(Permission.RELEASE_PROFILE),
        may_submit=access.may(Permission.SUBMIT_PROFILE),
        may_write=access.may(Permission.DRAFT_PROFILE),
    )
    return render(request, "tandems/workspace/version.html", context)


@form_page
def restore(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Ask whether an old version becomes the draft, and make it so."""
    access = workspace_of(request, slug)
    require(request.user, Permission.DRAFT_PROFILE, access.tandem)
    version = version_of(access, number)
    draft = on_its_way(access)
    if version.state in UNFINISHED:
        return moved_on(
            request,
            access,
            _("This version is still in progress; it does not need to be restored."),
        )
    if draft is not None:
        require(request.user, Permission.SUBMIT_PROFILE, access.tandem)
    if draft is not None and not draft.is_draft:
        words = _(
            "Another version is waiting for confirmation or release. Turn it back into a draft "
            "first."
        )
        return moved_on(request, access, words)
    if request.method == "POST":
        try:
            known = known_draft(access, request.POST.get("replaces", ""))
            restore_version(source=version, replaces=known, by=request.user)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect("workspace:version-restore", slug=slug, number=number)
        messages.success(request, _("The draft says what the old version said."))
        return redirect("workspace:profile", slug=slug)
    context = frame(access, "profile", version=version, draft=draft)
    return render(request, "tandems/workspace/restore.html", context)


def known_draft(access: Access, number: str) -> ProfileVersion | None:
    """Return the draft that stood on the page, named by its number; none where it named none."""
    if not (number.isascii() and number.isdigit()) or len(number) > 9:
        return None
    return access.tandem.profile_versions.filter(number=int(number)).first()
