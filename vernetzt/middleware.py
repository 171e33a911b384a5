"""What happens around every request: id and log line, headers, language of the path."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation

from core.pages import language_of_browser, language_of_path
from vernetzt import logs

GetResponse = Callable[[HttpRequest], HttpResponseBase]
access_log = logging.getLogger("vernetzt.access")
logger = logging.getLogger("vernetzt.proxy")


class RequestIdMiddleware:
    """Gives each request an id, returns it as ``X-Request-ID`` and writes one log line.

    The line holds method, path without query, status and milliseconds: no address, no browser,
    no query, because these may identify a person (see the privacy page).
    """

    def __init__(self, get_response: GetResponse) -> None:
        """Remember the next layer."""
        self.get_response = get_response
        self.is_warned = False

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request and log it."""
        self.warn_of_proxy(request)
        started = time.perf_counter()
        identifier = secrets.token_hex(8)
        request.request_id = identifier  # type: ignore[attr-defined]
        token = logs.request_id.set(identifier)
        try:
            response = self.get_response(request)
            response.headers["X-Request-ID"] = identifier
            if access_log.isEnabledFor(logging.INFO):
                match = request.resolver_match
                access_log.info(
                    "request",
                    extra={
                        "data": {
                            "method": request.method,
                            # The route and never the path: also a mistyped one may hold a token.
                            "path": f"/{match.route}" if match else "-",
                            "status": response.status_code,
                            "ms": round((time.perf_counter() - started) * 1000, 1),
                        }
                    },
                )
            return response
        finally:
            logs.request_id.reset(token)

    def warn_of_proxy(self, request: HttpRequest) -> None:
        """Say once that a proxy stands in front of which the settings do not know."""
        if self.is_warned or settings.TRUSTED_PROXY_COUNT:
            return
        if "HTTP_X_FORWARDED_FOR" in request.META:
            self.is_warned = True
            logger.warning("A proxy is in front, but TRUSTED_PROXY_COUNT is 0. See the README.")


class ResponseHeadersMiddleware:
    """Sets the fixed headers of ``settings.RESPONSE_HEADERS`` on every answer."""

    def __init__(self, get_response: GetResponse) -> None:
        """Remember the next layer and the headers."""
        self.get_response = get_response
        self.headers = dict(settings.RESPONSE_HEADERS)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request and add headers that are not there yet."""
        response = self.get_response(request)
        for name, value in self.headers.items():
            response.headers.setdefault(name, value)
        return response


class PathLanguageMiddleware:
    """Speaks the language that the path names, else the one the browser asks for.

    Django's own middleware also reads a language cookie; public pages neither set nor read one,
    so that an address always shows the same page to everybody.
    """

    def __init__(self, get_response: GetResponse) -> None:
        """Remember the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Activate the language for this request."""
        language = language_of_path(request.path_info)
        with translation.override(language or language_of_browser(request)):
            request.LANGUAGE_CODE = translation.get_language()
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or "de")
        return response
