"""Calendars of meetings: the public one, of a partnership, of a person, of one meeting."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.utils.translation import get_language, gettext as _

from accounts.permissions import Permission, reach_of
from accounts.sessions import in_background
from core.pages import open_to_read, packed_once, public_page
from core.queries import remembered
from meetings import ical, streaming
from meetings.actions import feeds as actions
from meetings.forms.feeds import ReplaceForm
from meetings.links import feed_by, feed_link
from meetings.models import CalendarFeed, Meeting, MeetingQuerySet
from meetings.views.asking import meeting_of
from tandems.models import Tandem
from tandems.views.asking import act_page, read_page

CALENDAR_TYPE = "text/calendar; charset=utf-8"
#: Longer feeds are sent in parts; up to here one is a page like others, which is kept.
LONGEST_WHOLE = 500
#: So long a personal calendar looks back.
LOOK_BACK = dt.timedelta(days=365)


@public_page
def calendar(request: HttpRequest) -> HttpResponseBase:
    """Return all meetings whose day is documented as a calendar to subscribe to."""
    version = remembered("calendar version", streaming.feed_version)
    language = get_language() or "de"
    kept = streaming.kept_feed(language, version)
    parts = kept.parts() if kept else streaming.public_parts(language)
    if version.count <= LONGEST_WHOLE:
        return HttpResponse(b"".join(parts), content_type=CALENDAR_TYPE)
    changed = remembered("calendar change", streaming.last_change)
    response = feed(request, parts, version, version.etag(language, "", False), changed=changed)
    return packed_once(response, kept.packed) if kept else response


@public_page
def of_partnership(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Return the public meetings of a partnership, those held with others among them."""
    tandem = get_object_or_404(Tandem.objects.visible_to(None), slug=slug)
    own = Q(tandem=tandem) | Q(pk__in=tandem.joint_meetings.values("pk"))
    return own_feed(
        request,
        Meeting.objects.visible_to(None).filter(own).in_feed(),
        name=_("%(partnership)s: meetings") % {"partnership": tandem.name},
        language=get_language() or "de",
    )


@in_background
@open_to_read
def personal(request: HttpRequest, token: str) -> HttpResponseBase:
    """Return what the person may read from within, as the roles of today decide.

    The address alone proves who asks: a calendar program cannot sign in. It says in no way whether
    an address was replaced, its account closed or made up.
    """
    subscription = feed_by(token)
    if subscription is None:
        raise Http404
    user = subscription.user
    meetings = Meeting.objects.visible_to(user)
    with translation.override(user.language):
        response = own_feed(
            request,
            meetings.in_feed_of(user, timezone.localdate() - LOOK_BACK),
            name=_("#connectedinEurope: my meetings"),
            language=user.language,
            inside=True,
        )
    response.headers["Content-Language"] = user.language
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def own_feed(
    request: HttpRequest,
    meetings: MeetingQuerySet,
    *,
    language: str,
    name: str,
    inside: bool = False,
) -> HttpResponseBase:
    """Return the feed of a partnership or person as it is now."""
    rows = streaming.rows_of(meetings, inside=inside)
    version = streaming.version_of(rows)
    parts = streaming.own_parts(rows, language=language, name=name, inside=inside)
    return feed(request, parts, version, version.etag(language, name, inside))


def feed(
    request: HttpRequest,
    parts: Iterable[bytes],
    version: streaming.Version,
    etag: str,
    *,
    changed: dt.datetime | None = None,
) -> HttpResponseBase:
    """Return a feed, or 304 without writing it where the subscriber has this state already.

    ``changed`` is given only where it counts every change; whom roles let in, or a partnership
    joins, changes no meeting.
    """
    modified = int(changed.timestamp()) if changed else None
    response: Any = get_conditional_response(request, etag=etag, last_modified=modified)
    if response is None and version.count <= LONGEST_WHOLE:
        response = HttpResponse(b"".join(parts), content_type=CALENDAR_TYPE)
    elif response is None:
        # HEAD asks for the headers: nothing is written for it.
        shown = () if request.method == "HEAD" else parts
        response = StreamingHttpResponse(shown, content_type=CALENDAR_TYPE)
    response.headers["ETag"] = etag
    if modified:
        response.headers["Last-Modified"] = http_date(modified)
    answer: HttpResponseBase = response
    return answer


@public_page
def calendar_entry(request: HttpRequest, pk: int) -> HttpResponse:
    """Return one meeting as a calendar file; without a documented day there is none."""
    meetings = Meeting.objects.visible_to(None).dated_to_the_day().with_tandem()
    return saved(get_object_or_404(meetings, pk=pk))


@read_page
def internal_entry(request: HttpRequest, pk: int) -> HttpResponse:
    """Return one meeting as a calendar file for those who take part, guests among them."""
    access = meeting_of(request, pk, guests=True)
    if not Meeting.objects.visible_to(request.user).dated_to_the_day().filter(pk=pk).exists():
        raise Http404
    return saved(access.meeting, inside=True, linked=access.shows_link)


def saved(meeting: Meeting, *, inside: bool = False, linked: bool = False) -> HttpResponse:
    """Return the calendar file of a meeting as one to save."""
    body = ical.entry_file(meeting, inside=inside, linked=linked)
    response = HttpResponse(body, content_type=CALENDAR_TYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="{meeting.slug}.ics"'
    return response


@read_page
def own(request: HttpRequest) -> HttpResponse:
    """Show the address of the personal calendar and how to subscribe to it, or offer to make one.

    Whose roles have ended can still end the address.
    """
    subscription = CalendarFeed.objects.filter(user=request.user.pk).first()
    reads = reach_of(request.user, Permission.READ_WORKSPACE) != set()
    if subscription is None and not reads:
        raise PermissionDenied
    context: dict[str, Any] = {"feed": subscription, "reads": reads}
    if subscription is not None:
        address = f"{settings.PUBLIC_URL}{feed_link(subscription)}"
        context["address"] = address
        # The scheme at which calendar programs offer to subscribe.
        context["program_address"] = f"webcal://{address.partition('://')[2]}"
        context["form"] = ReplaceForm(initial={"replaces": subscription.nonce})
    return render(request, "meetings/feeds.html", context)


@act_page
def make(request: HttpRequest) -> HttpResponse:
    """Make the address of the personal calendar."""
    if reach_of(request.user, Permission.READ_WORKSPACE) == set():
        raise PermissionDenied
    try:
        actions.make_feed(by=request.user)
    except ValidationError as error:
        messages.info(request, " ".join(error.messages))
    else:
        messages.success(request, _("Your calendar has an address now. Subscribe to it once."))
    return redirect("meeting:feeds")


@act_page
def replace(request: HttpRequest) -> HttpResponse:
    """Replace the address: the old one is worth nothing from then on."""
    form = ReplaceForm(request.POST)
    known = form.cleaned_data["replaces"] if form.is_valid() else ""
    try:
        actions.replace_feed(nonce=known, by=request.user)
    except ValidationError as error:
        messages.info(request, " ".join(error.messages))
    else:
        told = _("Your calendar has a new address. The old one no longer shows anything.")
        messages.success(request, told)
    return redirect("meeting:feeds")


@act_page
def revoke(request: HttpRequest) -> HttpResponse:
    """End the address without a new one."""
    try:
        actions.revoke_feed(by=request.user)
    except ValidationError as error:
        messages.info(request, " ".join(error.messages))
    else:
        messages.success(request, _("The address of your calendar no longer shows anything."))
    reads = reach_of(request.user, Permission.READ_WORKSPACE) != set()
    return redirect("meeting:feeds" if reads else "dashboard")
