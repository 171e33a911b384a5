"""Calls in the administration: the project team makes them without a developer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from modeltranslation.admin import TranslationAdmin, TranslationStackedInline

from accounts.permissions import Permission, require
from calls import actions
from calls.admin import archive
from calls.enums import TRANSITIONS, CallState
from calls.forms import CallForm, CopyForm, DeadlineForm, StateForm
from calls.models import Answer, Call, Consent, Criterion, Question
from calls.readiness import gaps_of
from core.forms import add_errors

#: Fields that only a draft still changes.
PROMISES = (
    *("slug", "kind", "time_zone", "opens_at", "closes_at", "grace_minutes", "partnerships"),
    *("places_german", "places_european", "topics", "hours_a_month", "months", "trips"),
    *("language_level", "documents_needed"),
)


class PartInline(TranslationStackedInline):  # type: ignore[type-arg]
    """Rows that belong to a call; after the opening they stay as they are."""

    extra = 0
    #: States in which rows may change.
    changed_in: frozenset[str] = frozenset({CallState.DRAFT})

    def may(self, request: HttpRequest, call: Any = None) -> bool:
        """Tell whether the person may change rows of this call in its state."""
        state = CallState.DRAFT if call is None else call.state
        return request.user.has_perm(Permission.CHANGE_CALL) and state in self.changed_in

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Show the rows to who sees the call."""
        return request.user.has_perm(Permission.VIEW_CALL)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """See :meth:`may`."""
        return self.may(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """See :meth:`may`."""
        return self.may(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """See :meth:`may`."""
        return self.may(request, obj)


class CriterionInline(PartInline):
    model = Criterion


class QuestionInline(PartInline):
    model = Question


class ConsentInline(PartInline):
    model = Consent


class AnswerInline(PartInline):
    model = Answer
    # Questions come up while a call is open, and are answered for everybody.
    changed_in = frozenset(set(CallState.values) - {CallState.ARCHIVED})


@admin.register(Call)
class CallAdmin(TranslationAdmin):  # type: ignore[type-arg]
    """A call with its terms; states and deadline change on pages of their own."""

    form = CallForm
    change_form_template = "admin/calls/call_change.html"
    list_display = ("title", "kind", "state", "opens_at", "closes_at")
    list_filter = ("state",)
    inlines = (CriterionInline, QuestionInline, ConsentInline, AnswerInline)
    fields = (
        *("title", "slug", "kind", "summary", "description", "afterwards", "contact"),
        *("time_zone", "opens_at", "closes_at", "grace_minutes"),
        *("partnerships", "places_german", "places_european", "topics"),
        *("hours_a_month", "months", "trips", "language_level", "documents_needed"),
    )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse; applications and partnerships depend on calls."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse for archived calls, which stay as they are."""
        return super().has_change_permission(request, obj) and (
            obj is None or obj.state != CallState.ARCHIVED
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Return what the call has promised by now."""
        if obj is None or obj.state == CallState.DRAFT:
            return ()
        of_languages = (f"documents_needed_{code}" for code in ("de", "en"))
        return (*PROMISES, *of_languages)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save by the actions, which know what may change."""
        if not change:
            actions.create_call(call=obj, by=request.user)
            return
        names = {field.name for field in Call._meta.concrete_fields}
        changes = {
            name: form.cleaned_data[name]
            for name in form.changed_data
            if name in names and name in form.cleaned_data
        }
        actions.change_call(call=obj, changes=changes, by=request.user)

    def get_urls(self) -> list[Any]:
        """Add the pages beside the form."""
        pages: tuple[tuple[str, Callable[..., HttpResponse]], ...] = (
            ("preview", self.preview),
            ("state", self.change_state),
            ("deadline", self.extend),
            ("copy", self.copy),
        )
        own = [
            path(f"<int:pk>/{name}/", self.admin_site.admin_view(view), name=f"calls_call_{name}")
            for name, view in pages
        ]
        own += [
            path(route, self.admin_site.admin_view(view), name=f"calls_call_{name}")
            for route, view, name in (
                ("<int:pk>/archive/", archive.page, "archive"),
                ("<int:pk>/archive.zip", archive.download, "archive_zip"),
            )
        ]
        return [*own, *super().get_urls()]

    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show a call as the public will see it, with what it still needs."""
        require(request.user, Permission.VIEW_CALL)
        call = get_object_or_404(Call, pk=pk)
        context = {
            "call": call,
            "price": call.price,
            "criteria": call.criteria.all(),
            "answers": call.answers.all(),
            "topics": call.topics.all(),
            "milestones": call.milestones.all(),
        }
        return render(request, "calls/detail.html", context)

    def change_state(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Move the call to its next state."""
        call = get_object_or_404(Call, pk=pk)
        states = [CallState(state) for state in TRANSITIONS[call.state]]
        form = StateForm(
            request.POST or None, choices=[(state, str(state.label)) for state in states]
        )
        gaps = gaps_of(call) if call.state == CallState.DRAFT else []
        return self.step(
            request,
            call,
            form,
            lambda data: actions.change_call_state(call=call, **data, by=request.user),
            title=_("Change the state"),
            gaps=gaps,
        )

    def extend(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give an open call a later deadline."""
        call = get_object_or_404(Call, pk=pk)
        form = DeadlineForm(request.POST or None, call=call, initial={"closes_at": call.closes_at})
        return self.step(
            request,
            call,
            form,
            lambda data: actions.extend_deadline(call=call, **data, by=request.user),
            title=_("Extend the deadline"),
        )

    def copy(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Make a new draft of a past call."""
        call = get_object_or_404(Call, pk=pk)
        return self.step(
            request,
            call,
            CopyForm(request.POST or None),
            lambda data: actions.copy_call(call=call, **data, by=request.user),
            title=_("Copy as a new call"),
        )

    def step(
        self,
        request: HttpRequest,
        call: Call,
        form: forms.Form,
        act: Callable[[dict[str, Any]], Call],
        **context: Any,
    ) -> HttpResponse:
        """Ask for what a step needs, take it, and go to the call."""
        require(request.user, Permission.CHANGE_CALL)
        if request.method == "POST" and form.is_valid():
            try:
                changed = act(form.cleaned_data)
            except ValidationError as error:
                add_errors(form, error)
            else:
                messages.success(request, _("Done."))
                return redirect(reverse("admin:calls_call_change", args=[changed.pk]))
        context = {**self.admin_site.each_context(request), "call": call, "form": form, **context}
        return render(request, "admin/calls/step.html", context)
