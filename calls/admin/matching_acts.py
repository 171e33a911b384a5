"""What is done on the matching page: rules by hand, proposing pairs, taking a proposal back."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext

from calls import actions
from calls.admin.matching_page import ask, rule_form_for, show, shown_pairs
from calls.admin.procedure_frame import procedure_for
from calls.forms import DropForm
from calls.models import Application, Call, Pairing
from calls.queries.matching import rules_of_pairs
from core.forms import add_errors

#: Digits of a primary key that every database takes.
LONGEST_KEY = 18


def back_to(request: HttpRequest, call: Call) -> str:
    """Return the address of the matching page with the same choice of candidates."""
    address = reverse("admin:calls_pairing_matching", args=[call.slug])
    query = request.META.get("QUERY_STRING", "")
    return f"{address}?{query}" if query else address


def add_rule(request: HttpRequest, slug: str) -> HttpResponse:
    """Fix or exclude a pair."""
    call = procedure_for(request, slug).call
    form = rule_form_for(request, call, request.POST)
    if form.is_valid():
        try:
            actions.set_pair_rule(call=call, **form.cleaned_data, by=request.user)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("The rule is set; the sets are computed anew."))
            return redirect(back_to(request, call))
    return show(request, call, form, status=422)


def remove_rule(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take a rule back."""
    call = procedure_for(request, slug).call
    rule = rules_of_pairs(call, request.user).filter(pk=pk).first()
    if rule is not None:
        actions.remove_pair_rule(rule=rule, by=request.user)
    # On a double click it is gone already, which is what was wanted.
    messages.success(request, _("The rule is removed; the sets are computed anew."))
    return redirect(back_to(request, call))


def propose(request: HttpRequest, slug: str) -> HttpResponse:
    """Show once more what is proposed to whom, and propose it."""
    call = procedure_for(request, slug).call
    pairs = visible_pairs(request, call)
    if not pairs:
        messages.error(request, _("Choose at least one pair."))
        return redirect(back_to(request, call))
    if "confirmed" in request.POST:
        return propose_now(request, call, pairs)
    asked = ask(request, call)
    shown = shown_pairs(asked.matching, asked.best) if asked.best else []
    chosen = [row for row in shown if row.value in request.POST.getlist("pair") and not row.state]
    if not chosen:
        messages.error(request, _("The sets have changed meanwhile. Please look at them again."))
        return redirect(back_to(request, call))
    context = {
        **admin.site.each_context(request),
        "title": _("Propose these pairs"),
        "call": call,
        "asked": asked,
        "pairs": chosen,
        "days": call.procedure.consent_days,
    }
    return render(request, "admin/calls/matching_propose.html", context)


def propose_now(request: HttpRequest, call: Call, pairs: list[tuple[int, int]]) -> HttpResponse:
    """Propose pairs, and say how many, or why none."""
    try:
        made = actions.propose_pairs(call=call, pairs=pairs, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        told = ngettext(
            "%(number)s pair is proposed; both municipalities are told by e-mail.",
            "%(number)s pairs are proposed; all municipalities are told by e-mail.",
            len(made),
        )
        messages.success(request, told % {"number": len(made)})
    return redirect(back_to(request, call))


def visible_pairs(request: HttpRequest, call: Call) -> list[tuple[int, int]]:
    """Return the pairs that the form names and of which no city is closed to the person."""
    pairs = pairs_in(request.POST.getlist("pair"))
    rows = Application.objects.visible_to(request.user).filter(call=call)
    named = {key for pair in pairs for key in pair}
    visible = set(rows.filter(pk__in=named).values_list("pk", flat=True))
    return [pair for pair in pairs if visible >= set(pair)]


def pairs_in(values: list[str]) -> list[tuple[int, int]]:
    """Return the primary keys of the pairs among what a form sent; anything else is left out."""
    found = []
    for value in values:
        parts = value.split(".")
        if len(parts) == 2 and all(is_key(part) for part in parts):
            found.append((int(parts[0]), int(parts[1])))
    return found


def is_key(text: str) -> bool:
    """Tell whether a text is a primary key."""
    return text.isascii() and text.isdigit() and len(text) <= LONGEST_KEY


def drop(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Ask why, and take a proposal back."""
    call = procedure_for(request, slug).call
    rows = Pairing.objects.visible_to(request.user).filter(call=call).with_cities()
    pairing: Any = get_object_or_404(rows, pk=pk)
    form = DropForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.drop_pairing(pairing=pairing, **form.cleaned_data, by=request.user)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(
                request, _("The proposal is taken back; both municipalities are told.")
            )
            return redirect(back_to(request, call))
    context = {
        **admin.site.each_context(request),
        "title": _("Take the proposal back"),
        "call": call,
        "pairing": pairing,
        "form": form,
        "forms": [form],
        "has_errors": bool(form.errors),
    }
    return render(request, "admin/calls/matching_drop.html", context)
