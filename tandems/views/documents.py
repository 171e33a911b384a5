"""The documents of a partnership: list, adding, reading, renewing, opening, removing."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.permissions import Permission, require
from calls.content import marks_of
from calls.enums import WorkingLanguage
from calls.views.writing import opened_with
from core.forms import add_errors
from core.models import StatusChange
from core.pages import Filters, list_page
from tandems.access import Access
from tandems.actions import documents as actions
from tandems.content import languages_of
from tandems.enums import DocumentKind, Visibility
from tandems.forms.documents import (
    AddDocumentForm,
    DocumentForm,
    RemovalForm,
    VersionForm,
    VisibilityForm,
)
from tandems.models import Document
from tandems.views.asking import form_page, frame, read_page, workspace_of
from tandems.views.downloads import file as file, public_file as public_file
from tandems.views.listing import as_read, document_of, documents_of, listed
from tandems.views.merging import conflicts_of

PER_PAGE = 25
#: History shown on the page of a document.
MOST_CHANGES = 50


def right_on(document: Document) -> Permission:
    """Return which right it takes to change a document as it is read now."""
    is_wide = document.visibility in actions.WIDE
    return Permission.SUBMIT_PROFILE if is_wide else Permission.CONTRIBUTE


def circles_of(access: Access, subject: Any) -> list[str]:
    """Return who may be let in: by a colleague the partnership, by contact and team everybody."""
    inner = [Visibility.TEAM, Visibility.PARTNERSHIP]
    outer = [Visibility.NETWORK, Visibility.PUBLIC]
    return [*inner, *outer] if access.may(Permission.SUBMIT_PROFILE, subject) else [*inner]


@read_page
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """List the documents; filters: kind, language, topic, who may read them."""
    access = workspace_of(request, slug)
    filters = Filters(request)
    kinds = [(value, str(label)) for value, label in DocumentKind.choices]
    codes = languages_of(member.municipality for member in access.tandem.members.all())
    languages = [(code, str(WorkingLanguage(code).label)) for code in codes]
    topics = [(str(row.pk), str(row)) for row in access.tandem.topics.with_places()]
    circles = [(value, str(label)) for value, label in Visibility.choices]
    chosen = {
        "kind": filters.choose("kind", _("Kind"), kinds),
        "language": filters.choose("language", _("Language"), languages),
        "topic": filters.choose("topic", _("Topic"), topics),
        "visibility": filters.choose("visibility", _("Who may read it"), circles),
    }
    rows = documents_of(access).filter(**conditions_of(chosen, access))
    page = list_page(request, rows, per_page=PER_PAGE, filters=filters, personal=True)
    context = frame(
        access,
        "documents",
        list=page,
        documents=listed(as_read(page.rows, access), access.until),
        filters=filters,
        may_add=access.may(Permission.CONTRIBUTE),
        is_inside=True,
    )
    return render(request, "tandems/workspace/documents.html", context)


def conditions_of(chosen: dict[str, str], access: Access) -> dict[str, str]:
    """Return what the chosen filters ask of the rows; who left asks who might read them then."""
    names = {} if access.until is None else {"visibility": "visibility_then"}
    return {names.get(name, name): value for name, value in chosen.items() if value}


@form_page
def add(request: HttpRequest, slug: str) -> HttpResponse:
    """Put a document in."""
    access = workspace_of(request, slug)
    require(access.user, Permission.CONTRIBUTE, access.tandem)
    members = [row for row in access.members if access.may(Permission.CONTRIBUTE, row)]
    form = AddDocumentForm(
        request.POST or None,
        request.FILES or None,
        members=members,
        visibilities=[
            circle
            for circle in circles_of(access, members[0] if members else access.tandem)
            if circle != Visibility.PUBLIC
        ],
        **choices_for(access),
    )
    if request.method == "POST" and form.is_valid():
        try:
            document = actions.add_document(
                tandem=access.tandem,
                member=form.cleaned_data.get("member") or next(iter(members), None),
                file=form.cleaned_data["file"],
                words=form.words(),
                visibility=form.cleaned_data["visibility"],
                by=request.user,
            )
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("The document has been added."))
            return redirect("workspace:document", slug=slug, key=document.key)
    context = frame(access, "documents", form=form)
    return render(request, "tandems/workspace/document_form.html", context)


def choices_for(access: Access) -> dict[str, Any]:
    """Return what the form about a document offers: topics and languages of the partnership."""
    places = (member.municipality for member in access.tandem.members.all())
    return {"topics": access.tandem.topics.with_places(), "languages": languages_of(places)}


@read_page
def detail(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    """Show a document with its versions and what happened to it."""
    access = workspace_of(request, slug)
    if answer := gone(request, access, key):
        return answer
    document = document_of(access, key)
    newest = document.newest_until(access.until)
    if newest is None:
        raise Http404
    history = StatusChange.objects.of(document).filter(field="visibility")[:MOST_CHANGES]
    context = frame(
        access,
        "documents",
        document=document,
        newest=newest,
        versions=[row for row in document.versions.all() if access.reads(row.uploaded_at)],
        history=[
            (change, Visibility(change.new).label)
            for change in history
            if access.reads(change.changed_at)
        ],
        may_change=access.may(right_on(document), document),
    )
    return render(request, "tandems/workspace/document.html", context)


def gone(request: HttpRequest, access: Access, key: uuid.UUID) -> HttpResponse | None:
    """Return the way to the list, with words, where a document was removed meanwhile."""
    removed = Document.objects.filter(tandem=access.tandem, key=key, removed_at__isnull=False)
    if not removed.exists():
        return None
    messages.warning(request, _("This document was removed meanwhile."))
    return redirect("workspace:documents", slug=access.tandem.slug)


@form_page
def edit(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    """Change what is said about a document."""
    access = workspace_of(request, slug)
    if answer := gone(request, access, key):
        return answer
    document = document_of(access, key)
    require(access.user, right_on(document), document)
    stored = {name: getattr(document, name) for name in actions.WORDS}
    initial = {**stored, "topic": document.topic_id}
    form = DocumentForm(request.POST or None, initial=initial, **choices_for(access))
    plain = {name: str(value or "") for name, value in stored.items()}
    marks = opened_with(request) or marks_of(plain)
    conflicts: dict[str, str] = {}
    if request.method == "POST" and form.is_valid():
        try:
            conflicts = actions.change_document(
                document=document, words=form.words(), opened=marks, by=request.user
            )
        except ValidationError as error:
            add_errors(form, error)
        else:
            if not conflicts:
                messages.success(request, _("Saved."))
                return redirect("workspace:document", slug=slug, key=key)
            marks = {**marks, **marks_of(conflicts)}
    shown = {name.removesuffix("_id"): value for name, value in conflicts.items()}
    context = frame(
        access,
        "documents",
        form=form,
        document=document,
        marks=json.dumps(marks),
        conflicts=conflicts_of(form, shown),
    )
    status = 409 if conflicts else 200
    return render(request, "tandems/workspace/document_form.html", context, status=status)


@form_page
def version(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    """Put a newer file in."""
    access = workspace_of(request, slug)
    if answer := gone(request, access, key):
        return answer
    document = document_of(access, key)
    require(access.user, right_on(document), document)
    is_public = document.visibility == Visibility.PUBLIC
    form = VersionForm(request.POST or None, request.FILES or None, is_public=is_public)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_document_version(
                document=document,
                file=form.cleaned_data["file"],
                note=form.cleaned_data["note"],
                by=request.user,
            )
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("The new version has been added."))
            return redirect("workspace:document", slug=slug, key=key)
    context = frame(access, "documents", form=form, document=document, is_version=True)
    return render(request, "tandems/workspace/document_form.html", context)


@form_page
def visibility(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    """Say who may read a document; before the public may, show how it will look."""
    access = workspace_of(request, slug)
    if answer := gone(request, access, key):
        return answer
    document = document_of(access, key)
    require(access.user, right_on(document), document)
    circles = circles_of(access, document)
    form = VisibilityForm(request.POST or None, visibilities=circles, now=document.visibility)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_visibility(
                document=document, visibility=form.cleaned_data["visibility"], by=request.user
            )
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Saved. It applies from now on."))
            return redirect("workspace:document", slug=slug, key=key)
    context = frame(
        access,
        "documents",
        form=form,
        document=document,
        documents=listed([document]),
        is_inside=False,
        may_publish=Visibility.PUBLIC in circles,
    )
    return render(request, "tandems/workspace/document_visibility.html", context)


@form_page
def remove(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    """Ask once more, then take a document away."""
    access = workspace_of(request, slug)
    if answer := gone(request, access, key):
        return answer
    document = document_of(access, key)
    require(access.user, right_on(document), document)
    form = RemovalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.remove_document(
                document=document, note=form.cleaned_data["note"], by=request.user
            )
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("The document is removed."))
        return redirect("workspace:documents", slug=slug)
    context = frame(access, "documents", form=form, document=document)
    return render(request, "tandems/workspace/document_remove.html", context)
