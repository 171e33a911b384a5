"""The session of the selection: opened, who was present, what the team recommends."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from calls import actions
from calls.admin.board_list import lists_of, names_in
from calls.admin.selection_frame import call_for, frame
from calls.enums import SessionState
from calls.forms.selection import RecommendForm, SessionForm, TakeBackForm
from calls.models import Call, SelectionList, SelectionSession
from calls.queries.standing import closed_applications
from core.forms import add_errors


def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the running session with the next step, and the decided ones."""
    return show(request, call_for(request, slug))


def running(call: Call) -> SelectionSession | None:
    """Return the session of a call that is not decided yet."""
    rows = SelectionSession.objects.filter(call=call).exclude(state=SessionState.DECIDED)
    return rows.select_related("recommended_list", "recommended_by", "corrects").first()


def show(
    request: HttpRequest,
    call: Call,
    *,
    opening: SessionForm | None = None,
    recommending: RecommendForm | None = None,
    taking: TakeBackForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Answer with the page of the session, and with a form that was refused."""
    session = running(call)
    current = SelectionSession.objects.current(call)
    text = session.recommendation if session else ""
    context = frame(
        request,
        call,
        "session",
        _("Session of the selection"),
        session=session,
        current=current,
        decided=SelectionSession.objects.filter(call=call)
        .decided()
        .select_related("decided_list", "decided_by", "corrects"),
        participants=participants_of(session),
        form=opening or recommending or taking,
        opening=opening or first_form(current),
        recommending=recommending
        or RecommendForm(lists=names_in(lists_of(call)), initial={"text": text}),
        taking=taking or TakeBackForm(),
        closed=closed_applications(call, request.user),
    )
    return render(request, "admin/calls/session_detail.html", context, status=status)


def first_form(current: SelectionSession | None) -> SessionForm:
    """Return the form of the next session, for today."""
    day = timezone.localdate()
    return SessionForm(is_correction=current is not None, initial={"held_on": day})


def participants_of(session: SelectionSession | None) -> list[tuple[Any, list[Any]]]:
    """Return who was present, with the applications for which each stood aside."""
    if session is None:
        return []
    rows = session.participants.prefetch_related("cases_aside__application")
    return [(row, [case.application for case in row.cases_aside.all()]) for row in rows]


def begin(request: HttpRequest, slug: str) -> HttpResponse:
    """Open the next session; after a decision it corrects that one."""
    call = call_for(request, slug)
    current = SelectionSession.objects.current(call)
    form = SessionForm(request.POST, is_correction=current is not None)
    if form.is_valid():
        try:
            actions.open_session(call=call, corrects=current, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("The session is open."))
            return redirect("admin:calls_selectionlist_session", slug)
    return show(request, call, opening=form, status=422)


def session_for(request: HttpRequest, slug: str) -> tuple[Call, SelectionSession | None]:
    """Return a call and the session that the form was about, if it still runs.

    The form names it, so that a late click does not act on the session after it.
    """
    call = call_for(request, slug)
    session = running(call)
    if session is None or request.POST.get("session") != str(session.pk):
        messages.error(request, _("This session is decided, or another one has begun. Look here."))
        return call, None
    return call, session


def recommend(request: HttpRequest, slug: str) -> HttpResponse:
    """Recommend a list to BBSR."""
    call, session = session_for(request, slug)
    if session is None:
        return redirect("admin:calls_selectionlist_session", slug)
    form = RecommendForm(request.POST, lists=names_in(lists_of(call)))
    if form.is_valid():
        rows = SelectionList.objects.filter(call=call)
        chosen = get_object_or_404(rows, pk=form.cleaned_data["selection_list"])
        try:
            actions.recommend(
                session=session,
                selection_list=chosen,
                text=form.cleaned_data["text"],
                by=request.user,
            )
        except ValidationError as error:
            add_errors(form, error)
        else:
            words = _("“%(name)s” is recommended to BBSR and frozen.")
            messages.success(request, words % {"name": chosen.name})
            return redirect("admin:calls_selectionlist_session", slug)
    return show(request, call, recommending=form, status=422)


def take_back(request: HttpRequest, slug: str) -> HttpResponse:
    """Take the recommendation back while BBSR has not decided."""
    call, session = session_for(request, slug)
    if session is None:
        return redirect("admin:calls_selectionlist_session", slug)
    form = TakeBackForm(request.POST)
    if form.is_valid():
        try:
            actions.take_back_recommendation(
                session=session, note=form.cleaned_data["note"], by=request.user
            )
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("The recommendation is taken back."))
            return redirect("admin:calls_selectionlist_session", slug)
    return show(request, call, taking=form, status=422)
