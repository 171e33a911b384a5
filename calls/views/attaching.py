"""The pages on which files and colleagues are added to an application."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from calls import actions
from calls.content import questions_of
from calls.enums import Step
from calls.forms import ColleagueForm, FileForm
from calls.models import MOST_FILES, Application, officers_of
from calls.views.asking import application_of, form_page, frame, opened_at
from calls.views.sending import done
from calls.views.writing import neighbour
from core.files import check_upload, download
from core.forms import add_errors


@form_page
def files(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    """Show the files of an application and take a further one."""
    application = application_of(request, slug, key)
    form = FileForm(request.POST or None, request.FILES or None)
    asked = {row.pk: row for row in questions_of(application, files=True)}
    if request.method == "POST" and form.is_valid():
        try:
            actions.attach_file(
                application=application,
                file=check_upload(form.cleaned_data["file"]),
                question=asked.get(number(request.POST.get("question", ""))),
                opened_at=opened_at(request, application),
                by=request.user,
            )
        except ValidationError as error:
            add_errors(form, ValidationError({"file": error.messages}))
        else:
            messages.success(request, _("The file is attached."))
            return redirect("calls:files", slug=slug, key=key)
    present = list(application.attachments.present().select_related("question"))
    context = frame(
        request,
        application,
        here=Step.FILES,
        form=form,
        files=present,
        asked=[
            (row, [file for file in present if file.question_id == row.pk])
            for row in asked.values()
        ],
        others=[file for file in present if file.question_id is None],
        most=MOST_FILES,
        largest=settings.UPLOAD_MAX_MEGABYTES,
        is_full=len(present) >= MOST_FILES,
        previous=neighbour(application, Step.FILES, -1),
        following=neighbour(application, Step.FILES, 1),
    )
    return render(request, "calls/files.html", context)


def number(text: str) -> int:
    """Return a primary key that a form names, 0 where it names none."""
    return int(text) if text.isdigit() and len(text) < 12 else 0


@require_POST
def remove(request: HttpRequest, slug: str, key: uuid.UUID, file: uuid.UUID) -> HttpResponse:
    """Take a file off."""
    application = application_of(request, slug, key)
    attachment = get_object_or_404(application.attachments.present(), key=file)
    try:
        actions.remove_file(
            attachment=attachment, opened_at=opened_at(request, application), by=request.user
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("The file is removed."))
    return redirect("calls:files", slug=slug, key=key)


@require_safe
def file(request: HttpRequest, slug: str, key: uuid.UUID, file: uuid.UUID) -> HttpResponseBase:
    """Hand out a file to who writes the application.

    The project team has a page of its own: it reads what was sent, and nothing of a draft.
    """
    application = application_of(request, slug, key)
    attachment: Any = get_object_or_404(application.attachments, key=file)
    answer: HttpResponseBase = download(attachment.file, name=attachment.name, kind=attachment.kind)
    return answer


@form_page
def colleagues(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    """Invite a colleague to write along."""
    application = application_of(request, slug, key)
    form = ColleagueForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.invite_editor(application=application, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("The invitation is on its way."))
            return redirect("calls:colleagues", slug=slug, key=key)
    context = frame(
        request,
        application,
        form=form,
        editors=application.editors.select_related("user"),
        officers=officers_of(application.municipality_id).select_related("user"),
    )
    return render(request, "calls/colleagues.html", context)


@require_POST
def remove_colleague(request: HttpRequest, slug: str, key: uuid.UUID, pk: int) -> HttpResponse:
    """Take somebody off the application."""
    application = application_of(request, slug, key)
    editor = get_object_or_404(application.editors, pk=pk)
    is_self = editor.user_id == request.user.pk
    answer = done(
        request,
        application,
        lambda: actions.remove_editor(editor=editor, by=request.user),
        _("Removed. What this person wrote stays."),
    )
    still = not is_self or Application.objects.edited_by(request.user).filter(key=key).exists()
    return answer if still else redirect("calls:apply", slug=slug)
