"""Reminding the people of drafts: chosen in the list, shown before, sent on the second page."""

from __future__ import annotations

import uuid
import zoneinfo
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin, messages
from django.core import signing
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _, ngettext

from accounts.permissions import Permission, require
from calls import actions
from calls.admin.application_list import TEXTS, choose, last_reminders
from calls.checklist import check
from calls.models import Application, writers_of

#: Applications reminded by one click: each takes some hundredths of a second, and people wait.
MOST_AT_ONCE = 300
SALT = "calls.reminder"
TEMPLATE = "mail/deadline_comes"


@dataclass(frozen=True, slots=True)
class Letter:
    """The mail about one application, as it goes out in a language."""

    language: str
    name: str
    subject: str
    text: str


def preview(request: HttpRequest) -> HttpResponse:
    """Show whom a reminder would reach and what it would say; nothing is sent yet."""
    require(request.user, Permission.PREPARE_SELECTION)
    choice = choose(request)
    back = f"{reverse('admin:calls_application_changelist')}?{choice.filters.query}"
    keys = keys_in(request.POST.getlist("chosen"))
    rows = choice.rows.unsent() if "all" in request.POST else choice.rows.filter(key__in=keys)
    chosen = list(with_people(rows))
    if not chosen:
        messages.error(request, _("Choose at least one application that was not sent yet."))
        return redirect(back)
    against = actions.obstacles_to_reminding(applications=chosen, by=request.user)
    possible = [row for row in chosen if not against[row.pk]]
    reminded, later = possible[:MOST_AT_ONCE], possible[MOST_AT_ONCE:]
    before = last_reminders(reminded)
    context = {
        **admin.site.each_context(request),
        "title": _("Remind of the deadline"),
        "call": choice.call,
        "back": back,
        "rows": [(row, before.get(row.pk)) for row in reminded],
        "mails": sum(row.people for row in reminded),
        "later": len(later),
        "left_out": grouped((row, against[row.pk]) for row in chosen if against[row.pk]),
        "previewed": seal(reminded, request.user),
        "example": reminded[0] if reminded else None,
        "letters": letters_about(reminded[0]) if reminded else [],
    }
    return render(request, "admin/calls/application_remind.html", context)


def send(request: HttpRequest) -> HttpResponse:
    """Send the reminders that were shown, and say who was left out and why."""
    require(request.user, Permission.PREPARE_SELECTION)
    keys = unseal(request.POST.get("previewed", ""), request.user)
    rows = Application.objects.visible_to(request.user).select_related("call").defer(*TEXTS)
    chosen = list(rows.filter(key__in=keys).order_by("pk"))
    if not chosen:
        messages.error(request, _("Choose first whom to remind, and look at the mail."))
        return redirect("admin:calls_application_changelist")
    outcome = actions.remind(applications=chosen, by=request.user)
    if outcome.reminded:
        messages.success(request, reminded_words(len(outcome.reminded), outcome.mails))
    for reason, names in grouped(outcome.left_out):
        words = _("Not reminded: %(names)s. %(reason)s")
        messages.warning(request, words % {"names": names, "reason": reason})
    query = urlencode({"call": chosen[0].call.slug})
    return redirect(f"{reverse('admin:calls_application_changelist')}?{query}")


def seal(applications: list[Any], user: Any) -> str:
    """Return whom a person was shown, so that only that can be sent, and only by this person."""
    keys = [row.key.hex for row in applications]
    return signing.dumps([user.pk, keys], salt=SALT, compress=True)


def unseal(text: str, user: Any) -> list[uuid.UUID]:
    """Return the keys of the applications that a person was shown; nothing for anything else."""
    try:
        person, keys = signing.loads(text, salt=SALT)
    except signing.BadSignature:
        return []
    return [uuid.UUID(key) for key in keys] if person == user.pk else []


def keys_in(values: list[str]) -> list[uuid.UUID]:
    """Return the keys of applications among what a form sent; anything else is left out."""
    found = []
    for value in values:
        try:
            found.append(uuid.UUID(value))
        except ValueError:
            continue
    return found


def with_people(rows: Any) -> Any:
    """Return applications with the number of people whom a mail about them reaches."""
    people = writers_of(OuterRef(OuterRef("pk")), OuterRef(OuterRef("municipality")))
    counted = people.order_by().values("is_active").annotate(number=Count("pk")).values("number")
    reached = Coalesce(Subquery(counted), 0)
    return rows.select_related("call").defer(*TEXTS).annotate(people=reached)


def grouped(pairs: Any) -> list[tuple[str, str]]:
    """Return each reason with the names of those whom it meets."""
    names: dict[str, list[str]] = {}
    for application, reason in pairs:
        names.setdefault(str(reason.label), []).append(application.place_name)
    return [(reason, ", ".join(found)) for reason, found in names.items()]


def reminded_words(number: int, written: int) -> str:
    """Return in words what was sent."""
    told = ngettext("%(number)s application reminded", "%(number)s applications reminded", number)
    mails = ngettext(
        "%(number)s mail is on its way.", "%(number)s mails are on their way.", written
    )
    return f"{told % {'number': number}}: {mails % {'number': written}}"


def letters_about(application: Application) -> list[Letter]:
    """Return the mail about an application in every language of the portal."""
    whole = Application.objects.select_related("call").get(pk=application.pk)
    return [letter(code, str(name), whole) for code, name in settings.LANGUAGES]


def letter(code: str, name: str, application: Application) -> Letter:
    """Return the mail about an application as somebody of that language would get it."""
    writers = writers_of(application.pk, application.municipality_id)
    people = list(writers.filter(language=code).order_by("pk"))
    zone = people[0].time_zone if people else application.call.time_zone
    with translation.override(code), timezone.override(zoneinfo.ZoneInfo(zone)):
        context = {
            "application": application,
            "call": application.call,
            "url": f"{settings.PUBLIC_URL}{application.get_absolute_url()}",
            "missing": [gap.words for gap in check(application).gaps],
            "site": settings.PUBLIC_URL,
            "language": code,
        }
        subject = render_to_string(f"{TEMPLATE}_subject.txt", context, using="text")
        text = render_to_string(f"{TEMPLATE}.txt", context, using="text")
        return Letter(code, name, " ".join(subject.split()), text.strip())
