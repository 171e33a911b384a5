"""The pages on which an application is checked, sent, taken up again and withdrawn."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from calls import actions
from calls.content import frozen
from calls.document import changes_between, sections_of
from calls.forms import WithdrawForm
from calls.models import Application
from calls.views.asking import application_of, form_page, frame, opened_at
from core.files import FileKind, download
from core.forms import add_errors


@form_page
def send(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    """Show the whole application once more, and send it."""
    application = application_of(request, slug, key)
    errors: list[str] = []
    if request.method == "POST":
        try:
            submission = actions.submit_application(
                application=application, opened_at=opened_at(request, application), by=request.user
            )
        except ValidationError as error:
            application = application_of(request, slug, key)
            if application.is_sent and not application.is_editable:
                # A double click, or a colleague was faster: what was wanted has happened.
                messages.info(request, _("The application has already been sent."))
                return redirect(application.get_absolute_url())
            errors = error.messages
        else:
            messages.success(
                request,
                _("Sent. Your reference number is %(reference)s; the receipt comes by e-mail.")
                % {"reference": submission.application.reference},
            )
            return redirect(application.get_absolute_url())
    if not application.is_editable:
        return redirect(application.get_absolute_url())
    context = frame(
        request,
        application,
        here="send",
        errors=errors,
        sections=sections_of(now_in(application, request.user)),
    )
    return render(request, "calls/send.html", context)


def now_in(application: Application, user: Any) -> dict[str, Any]:
    """Return what would be sent now, as plain data."""
    return frozen(application, number=0, sent_at=application.changed_at, by=user)


@require_safe
def printed(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    """Show the application as it stands, to print and sign."""
    application = application_of(request, slug, key)
    sections = sections_of(now_in(application, request.user))
    context = frame(request, application, sections=sections)
    return render(request, "calls/print.html", context)


@require_safe
def version(request: HttpRequest, slug: str, key: uuid.UUID, number: int) -> HttpResponse:
    """Show a version that was sent, and what changed since the one before."""
    application = application_of(request, slug, key)
    submission = get_object_or_404(application.submissions.select_related("sent_by"), number=number)
    before = application.submissions.filter(number__lt=number).order_by("-number").first()
    context = frame(
        request,
        application,
        submission=submission,
        sections=sections_of(submission.document),
        before=before,
        changes=changes_between(before.document, submission.document) if before else [],
    )
    return render(request, "calls/version.html", context)


@require_safe
def receipt(request: HttpRequest, slug: str, key: uuid.UUID, number: int) -> HttpResponseBase:
    """Hand out the receipt of a version."""
    application = application_of(request, slug, key)
    submission = get_object_or_404(application.submissions, number=number)
    if not submission.receipt:
        raise Http404
    name = f"{application.reference}-{number}.pdf"
    answer: FileResponse = download(submission.receipt, name=name, kind=FileKind.PDF)
    return answer


@require_POST
def reopen(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    """Take up again what was sent."""
    application = application_of(request, slug, key)
    return done(
        request,
        application,
        lambda: actions.reopen_application(application=application, by=request.user),
        _("You can change the application now. Until you send it again, the last version counts."),
    )


@require_POST
def begin_again(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    """Make a draft of what was withdrawn."""
    application = application_of(request, slug, key)
    return done(
        request,
        application,
        lambda: actions.begin_again(application=application, by=request.user),
        _("The application is a draft again, with everything that stood in it."),
    )


@require_POST
def bring_in(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    """Fill what is empty with what an earlier application says."""
    application = application_of(request, slug, key)
    own = Application.objects.edited_by(request.user)
    wanted = request.POST.get("source", "")
    source = get_object_or_404(own, pk=int(wanted) if wanted.isdigit() else 0)
    return done(
        request,
        application,
        lambda: actions.import_application(
            application=application,
            source=source,
            opened_at=opened_at(request, application),
            by=request.user,
        ),
        _("Taken over. Nothing that you had written was replaced."),
    )


@form_page
def withdraw(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    """Ask once more, and withdraw the application."""
    application = application_of(request, slug, key)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.withdraw_application(
                application=application,
                note=form.cleaned_data["note"],
                opened_at=opened_at(request, application),
                by=request.user,
            )
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Withdrawn. Your text is kept until the call is over."))
            return redirect(application.get_absolute_url())
    return render(request, "calls/withdraw.html", frame(request, application, form=form))


def done(
    request: HttpRequest, application: Application, act: Callable[[], object], told: str
) -> HttpResponse:
    """Act, say what happened or why it did not, and go back to the overview."""
    try:
        act()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, told)
    return redirect(application.get_absolute_url())
