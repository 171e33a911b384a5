"""The letters about the decision that holds: by kind, with state, language and who edited them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Case, Count, IntegerField, Q, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _, ngettext

from accounts.permissions import Permission, require
from calls import actions
from calls.enums import CallState, LetterState, Outcome
from calls.models import Call, Decision, Letter, SelectionSession, closed_to
from calls.queries.letters import decisions_without_letter, letters_to_release
from core.pages import Filters, list_page

PER_PAGE = 50
KINDS = [(str(outcome.value), outcome.label) for outcome in Outcome]
#: Calls about which there may be letters.
WITH_LETTERS = (CallState.IN_REVIEW, CallState.DECIDED, CallState.ARCHIVED)


@dataclass(frozen=True, slots=True)
class Kind:
    """How many letters of one kind a person may see: drafts, and released ones."""

    label: str
    drafts: int
    released: int


def index(request: HttpRequest) -> HttpResponse:
    """Show the calls about whose selection there may be letters."""
    require(request.user, Permission.PREPARE_SELECTION)
    sessions = SelectionSession.objects.decided()
    rows = Call.objects.visible_to(request.user).filter(
        Q(state__in=WITH_LETTERS[:2]) | Q(selection_sessions__in=sessions)
    )
    decided = set(sessions.values_list("call", flat=True))
    calls = [(call, call.pk in decided) for call in rows.distinct().newest_first()]
    context = {**admin.site.each_context(request), "title": _("Letters"), "calls": calls}
    return render(request, "admin/calls/letter_calls.html", context)


def letters(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the letters of the session whose decision holds, those of earlier ones left out."""
    call, session = call_and_session(request, slug)
    filters = Filters(request)
    context = {
        **admin.site.each_context(request),
        "title": _("Letters about the selection"),
        "call": call,
        "session": session,
        "filters": filters,
        "may_release": request.user.has_perm(Permission.DECIDE_SELECTION),
    }
    if session is not None:
        context |= numbers_of(session, request.user)
        kind = filters.choose("kind", _("Kind of letter"), KINDS)
        rows = rows_of(session, request.user)
        rows = rows.filter(outcome=kind) if kind else rows
        context["list"] = list_page(
            request, rows, per_page=PER_PAGE, filters=filters, personal=True
        )
    return render(request, "admin/calls/letter_list.html", context)


def draft(request: HttpRequest, slug: str) -> HttpResponse:
    """Draft the letters that are missing, and anew those that nobody has edited."""
    _call, session = call_and_session(request, slug)
    session = get_object_or_404(SelectionSession, pk=session.pk if session else 0)
    try:
        drafted = actions.draft_letters(session=session, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, drafted_words(drafted))
    return redirect("admin:calls_letter_letters", slug)


def drafted_words(drafted: actions.Drafted) -> str:
    """Return in words what became of the drafts."""
    parts = [
        ngettext("%(number)s letter drafted.", "%(number)s letters drafted.", drafted.new)
        % {"number": drafted.new}
    ]
    if drafted.renewed:
        words = ngettext("%(number)s drafted again.", "%(number)s drafted again.", drafted.renewed)
        parts.append(words % {"number": drafted.renewed})
    if drafted.kept:
        words = ngettext("%(number)s left as it is.", "%(number)s left as they are.", drafted.kept)
        parts.append(words % {"number": drafted.kept})
    return " ".join(parts)


def call_and_session(request: HttpRequest, slug: str) -> tuple[Call, SelectionSession | None]:
    """Return the call and the session whose decision holds, for who prepares the selection."""
    require(request.user, Permission.PREPARE_SELECTION)
    call = get_object_or_404(Call.objects.visible_to(request.user), slug=slug)
    session = SelectionSession.objects.current(call)
    if session is not None:
        session.call = call
    return call, session


def rows_of(session: SelectionSession, user: Any) -> Any:
    """Return the letters that a person may see, places first, refusals last."""
    order = Case(
        *(When(outcome=outcome, then=Value(place)) for place, outcome in enumerate(Outcome)),
        output_field=IntegerField(),
    )
    rows = Letter.objects.visible_to(user).filter(session=session).defer("body")
    rows = rows.select_related("application", "edited_by")
    return rows.order_by(order, "application__place_name", "pk")


def numbers_of(session: SelectionSession, user: Any) -> dict[str, Any]:
    """Return how many letters there are of each kind, what is missing and what is closed.

    What a conflict of interest closes to the person is counted by itself, without its kind: else
    the sums would tell what was decided about it.
    """
    visible = Letter.objects.visible_to(user).filter(session=session).order_by()
    counted = {
        (outcome, state): number
        for outcome, state, number in visible.values_list("outcome", "state").annotate(
            number=Count("pk")
        )
    }
    closed = closed_to(user, "application")
    return {
        "kinds": [
            Kind(
                capfirst(str(outcome.label)),
                counted.get((outcome, LetterState.DRAFT), 0),
                counted.get((outcome, LetterState.RELEASED), 0),
            )
            for outcome in Outcome
        ],
        "missing": decisions_without_letter(session).exclude(closed).count(),
        "waiting": letters_to_release(session).exclude(closed).count(),
        "closed": Decision.objects.filter(session=session).filter(closed).count(),
    }
