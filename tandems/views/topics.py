"""What a partnership works on: its topics, who visits one of them, and the page of the visitor."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.permissions import Permission, require
from calls.content import mark_of
from calls.views.writing import opened_with
from tandems.access import Access, access_of
from tandems.actions import topics as actions
from tandems.actions.topics import LABELS, TopicContent
from tandems.forms.topics import EndGuestForm, EndTopicForm, ResumeForm, TopicForm, TopicGuestForm
from tandems.guests import guests_for, topics_open_to
from tandems.models import TandemTopic, TopicGuest
from tandems.views.asking import form_page, frame, read_page, workspace_of
from tandems.views.topic_reading import (
    as_guest,
    day_of,
    documents_on,
    guests_on,
    heading_of,
    topic_of,
    topics_in,
)
from tandems.views.trying import done, typed


@read_page
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """List what the partnership works on and what it has worked on, with the visitors of each."""
    access = workspace_of(request, slug)
    guests = Prefetch("guests", guests_on(day_of(access)), to_attr="current_guests")
    topics = list(topics_in(access).prefetch_related(guests))
    context = frame(
        access,
        "topics",
        going_on=[row for row in topics if row.ended_on is None],
        ended=[row for row in topics if row.ended_on],
        may_write=access.may(Permission.SUBMIT_PROFILE),
    )
    return render(request, "tandems/workspace/topics.html", context)


@read_page
def detail(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show a topic with its documents and guests; a guest reads this page and nothing else."""
    visited = topics_open_to(request.user).filter(tandem__slug=slug, pk=pk).first()
    if visited is not None:
        access = access_of(request.user, visited.tandem)
        if access is None or not access.acts:
            return as_guest(request, visited)
    access = workspace_of(request, slug)
    topic = topic_of(access, pk)
    day = day_of(access)
    context = frame(
        access,
        "topics",
        topic=topic,
        heading=heading_of(topic),
        **documents_on(topic, access),
        guests=guests_on(day).filter(topic=topic),
        former=TopicGuest.objects.filter(topic=topic, until__lt=day).select_related("municipality"),
        may_write=access.may(Permission.SUBMIT_PROFILE, topic),
    )
    return render(request, "tandems/workspace/topic.html", context)


@form_page
def add(request: HttpRequest, slug: str) -> HttpResponse:
    """Add a topic."""
    access = workspace_of(request, slug)
    require(request.user, Permission.SUBMIT_PROFILE, access.tandem)
    form = TopicForm(typed(request), tandem=access.tandem)

    def act() -> TandemTopic:
        return actions.add_topic(tandem=access.tandem, content=form.content(), by=request.user)

    if request.method == "POST" and (topic := done(form, act)):
        messages.success(request, _("The topic has been added."))
        return redirect("workspace:topic", slug=slug, pk=topic.pk)
    texts = {"heading": _("Add a topic"), "lead": lead_of(access), "button": _("Add the topic")}
    return form_answer(request, access, form, **texts)


@form_page
def edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Change a topic; where two people change the same, both values are shown."""
    access, topic = writable(request, slug, pk)
    stored = TopicContent.of(topic)
    form = TopicForm(typed(request), tandem=access.tandem, content=stored)
    # A form that was given back after signing in again brings along what it was opened with.
    opened = opened_with(request)
    marks, conflicts = opened or stored.marks, []

    def act() -> actions.SavedTopic:
        return actions.change_topic(
            topic=topic, content=form.content(), opened=opened, by=request.user
        )

    if request.method == "POST" and (saved := done(form, act)):
        if not saved.conflicts:
            return back(request, topic)
        marks |= {name: mark_of(value) for name, value in saved.conflicts.items()}
        conflicts = conflicts_of(form.content(), TopicContent.of(saved.topic), saved.conflicts)
    return form_answer(
        request,
        access,
        form,
        topic=topic,
        heading=_("Change the topic"),
        lead=lead_of(access),
        button=_("Save"),
        marks=json.dumps(marks),
        conflicts=conflicts,
    )


@form_page
def end(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Note until when the partnership worked on a topic, or that it works on it again."""
    access, topic = writable(request, slug, pk)
    # Of two tabs the slower one must not undo by the same button what the faster one did.
    resumes = "resume" in request.POST if request.method == "POST" else bool(topic.ended_on)
    form = ResumeForm(typed(request)) if resumes else EndTopicForm(typed(request))

    def act() -> TandemTopic:
        if resumes:
            return actions.resume_topic(topic=topic, by=request.user)
        return actions.end_topic(topic=topic, **form.cleaned_data, by=request.user)

    if request.method == "POST" and done(form, act) is not None:
        return back(request, topic)
    lead = _("The topic stays on the page with the last day; its guests stay until you end that.")
    if resumes:
        lead = _("The partnership no longer works on this topic. You can take it up again.")
    heading = _("Take the topic up again") if resumes else _("End the topic")
    texts = {"heading": heading, "lead": lead, "button": heading}
    return form_answer(request, access, form, topic=topic, resumes=resumes, **texts)


@form_page
def let_in(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Let a municipality outside the partnership read a topic."""
    access, topic = writable(request, slug, pk)
    form = TopicGuestForm(typed(request), choices=guests_for(access.tandem))

    def act() -> TopicGuest:
        return actions.let_guest_in(topic=topic, **form.cleaned_data, by=request.user)

    if request.method == "POST" and (guest := done(form, act)):
        told = _("%(place)s can now see this topic as a guest.") % {"place": guest.municipality}
        return back(request, topic, told)
    lead = _(
        "A guest can see this topic, its documents and which municipalities work on it, but "
        "not the profile in progress, the people, the meetings or the commitments."
    )
    texts = {"heading": _("Add a guest"), "lead": lead, "button": _("Add as a guest")}
    return form_answer(request, access, form, topic=topic, **texts)


@form_page
def end_guest(request: HttpRequest, slug: str, pk: int, guest: int) -> HttpResponse:
    """End the stay of a guest, or give it another last day."""
    access, topic = writable(request, slug, pk)
    stays = topic.guests.select_related("municipality")
    stay = stays.filter(pk=guest).first()
    if stay is None:
        # Who came and went on the same day has left no row; the other tab was faster.
        messages.warning(request, _("This guest access has ended already."))
        return redirect("workspace:topic", slug=slug, pk=pk)
    form = EndGuestForm(typed(request), initial={"until": stay.until})

    def act() -> TopicGuest:
        return actions.end_guest(guest=stay, **form.cleaned_data, by=request.user)

    if request.method == "POST" and done(form, act) is not None:
        return back(request, topic)
    heading = _("End guest access: %(place)s") % {"place": stay.municipality}
    lead = _("On the last day the guest can still see the topic; after that it cannot.")
    texts = {"heading": heading, "lead": lead, "button": _("Save the last day")}
    return form_answer(request, access, form, topic=topic, **texts)


def writable(request: HttpRequest, slug: str, pk: int) -> tuple[Access, TandemTopic]:
    """Return a topic that the person may change; raises :class:`PermissionDenied`."""
    access = workspace_of(request, slug)
    topic = topic_of(access, pk)
    require(request.user, Permission.SUBMIT_PROFILE, topic)
    return access, topic


def form_answer(request: HttpRequest, access: Access, form: Any, **context: Any) -> HttpResponse:
    """Show one of the forms; ``context`` holds heading, lead and button, perhaps a topic."""
    rest = {"topic": None, "marks": "", "conflicts": [], "resumes": False, **context}
    page = frame(access, "topics", form=form, **rest)
    status = 409 if rest["conflicts"] else 200
    return render(request, "tandems/workspace/topic_form.html", page, status=status)


def lead_of(access: Access) -> str:
    """Return what becomes of the topics of a partnership."""
    if access.tandem.is_public:
        return _("What you save here stands on the public page of your partnership at once.")
    return _("What you save here stands on the public page once the partnership is public.")


def back(request: HttpRequest, topic: TandemTopic, told: str = "") -> HttpResponse:
    """Return to the page of the topic with a message."""
    messages.success(request, told or _("Saved."))
    return redirect("workspace:topic", slug=topic.tandem.slug, pk=topic.pk)


def conflicts_of(
    mine: TopicContent, theirs: TopicContent, names: Iterable[str]
) -> list[dict[str, str]]:
    """Return both values of each field that two people changed."""
    return [
        {"label": str(LABELS[name]), "mine": mine.words(name), "theirs": theirs.words(name)}
        for name in names
    ]
