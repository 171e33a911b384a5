"""Styled answers for what goes wrong."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template import loader
from django.utils import translation

from accounts.sessions import keep_form
from core.pages import language_of_browser, language_of_path
from vernetzt import logs


def refusal(request: HttpRequest, template: str, status: int) -> HttpResponse:
    """Return a styled page in the language of the path.

    The language is set here again: a refusal may come from a layer above the one that reads it.
    """
    language = language_of_path(request.path) or language_of_browser(request)
    with translation.override(language):
        response = render(request, template, status=status)
    # The layers that set these may not have been reached.
    response.headers["Content-Language"] = language
    response.headers["Cache-Control"] = "private, no-store"
    return response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer a request that makes no sense (400)."""
    return refusal(request, "400.html", 400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer a request without the right (403)."""
    return refusal(request, "403.html", 403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose protection token is missing or old (403).

    Who signed in again in another tab has an old token in this one: what was typed there is shown
    again, to be sent once more. The browser itself says that the form came from this site.
    """
    ours = request.headers.get("Sec-Fetch-Site") == "same-origin"
    if ours and request.user.is_authenticated and keep_form(request, request.user.pk):
        return redirect(request.get_full_path())
    return refusal(request, "403.html", 403)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer an address that leads nowhere (404)."""
    return refusal(request, "404.html", 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a fault of ours (500) without touching database or context processors.

    The number on the page is the ``request_id`` of the log line.
    """
    language = language_of_path(request.path) or "de"
    context: dict[str, Any] = {
        "request_id": logs.request_id.get(),
        "page": {"language": language},
    }
    with translation.override(language):
        return HttpResponse(loader.render_to_string("500.html", context), status=500)
