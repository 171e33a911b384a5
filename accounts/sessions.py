"""How long a session lasts, and what becomes of a form that was sent too late.

A session ends after some time without a click and, whatever happens, some hours after it began
(``SESSION_IDLE_MINUTES``, ``SESSION_HOURS``; OWASP ASVS 5.0, 7.3). What the person had typed is
kept in the new session and shown again, to the same person alone, after signing in (WCAG 2.2,
2.2.5).
"""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import actions

GetResponse = Callable[[HttpRequest], HttpResponseBase]

#: What is longer than this many characters is not kept.
LONGEST_FORM = 500_000
BEGAN, SEEN, LAST_VISIT = "began_at", "seen_at", "last_visit"
KEPT, ENDED = "kept_form", "ended_for"
#: Fields whose names hold one of these words are never kept.
SECRET = ("csrf", "password", "code", "credential")


def begin(request: HttpRequest, last_visit: dt.datetime | None) -> None:
    """Note that a session begins now, and when the one before it began."""
    request.session[BEGAN] = request.session[SEEN] = int(time.time())
    request.session[LAST_VISIT] = last_visit.isoformat() if last_visit else None
    request.session.pop(ENDED, None)


def seconds_left(request: HttpRequest) -> tuple[int, int]:
    """Return the seconds until the session ends without a click, and until it ends anyway."""
    now = int(time.time())
    began = request.session.setdefault(BEGAN, now)
    seen = request.session.setdefault(SEEN, now)
    return (
        seen + settings.SESSION_IDLE_MINUTES * 60 - now,
        began + settings.SESSION_HOURS * 3_600 - now,
    )


def step() -> int:
    """Return the seconds after which a further click is worth a row in the database."""
    return int(min(60, settings.SESSION_IDLE_MINUTES * 60 // 4))


def keep_form(request: HttpRequest, owner: Any) -> bool:
    """Keep what was typed for ``owner``, and tell whether there was anything to keep."""
    fields = request.POST.copy()
    for name in list(fields):
        if any(word in name.lower() for word in SECRET):
            del fields[name]
    text = fields.urlencode()
    if not text or len(text) > LONGEST_FORM:
        return False
    request.session[KEPT] = {"owner": owner, "path": request.path, "fields": text}
    return True


def keep_late_form(request: HttpRequest) -> None:
    """Keep a form that comes after another request, of a second tab perhaps, met the end.

    Only the browser whose session ended, and no form for visitors.
    """
    view = request.resolver_match and request.resolver_match.func
    owner = request.session.get(ENDED)
    if request.method == "POST" and owner and getattr(view, "login_required", True):
        keep_form(request, owner)


def give_back_form(request: HttpRequest) -> None:
    """Put a kept form back into the request for its page, which then shows it filled.

    The method stays GET: nothing is done until the person sends the form again.
    """
    kept = request.session.get(KEPT)
    if not kept or request.method != "GET":
        return
    if kept["owner"] != request.user.pk:
        # Somebody else uses this browser now.
        del request.session[KEPT]
    elif kept["path"] == request.path:
        del request.session[KEPT]
        request.POST = QueryDict(kept["fields"])
        told = _("What you typed is still here. Please check the form and send it again.")
        messages.info(request, told)


class SessionMiddleware:
    """Ends sessions at their limits and gives forms back."""

    def __init__(self, get_response: GetResponse) -> None:
        """Remember the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """End the session where its time is over, then pass the request on."""
        # Without the cookie nobody is signed in, and public pages must not ask.
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return self.get_response(request)
        if not re.fullmatch(r"[a-z0-9]{32}", request.COOKIES[settings.SESSION_COOKIE_NAME]):
            # PostgreSQL refuses to look for some characters at all.
            request.session = type(request.session)()
        if not request.user.is_authenticated:
            response = self.get_response(request)
            if not request.user.is_authenticated:
                keep_late_form(request)
            return response
        if min(seconds_left(request)) <= 0:
            self.end(request)
            response = self.get_response(request)
            keep_late_form(request)
            return response
        give_back_form(request)
        # Moments show on the clock of the person who reads.
        with timezone.override(request.user.time_zone):
            return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, _args: Any, _kwargs: Any) -> None:
        """Count the request as a click, unless a script made it."""
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.user.is_authenticated:
            return
        now = int(time.time())
        if now - request.session.get(SEEN, 0) >= step() and not getattr(
            view, "in_background", False
        ):
            request.session[SEEN] = now
            actions.note_session_use(session_key=request.session.session_key, by=request.user)

    def end(self, request: HttpRequest) -> None:
        """Sign out, keep what was sent, and say why."""
        owner = request.user.pk
        logout(request)
        request.session[ENDED] = owner
        told = _("You were signed out because your session had ended. Please sign in again.")
        messages.info(request, told)


def in_background(view: Any) -> Any:
    """Mark a view that scripts ask by themselves: it does not keep the session alive."""
    view.in_background = True
    return view
