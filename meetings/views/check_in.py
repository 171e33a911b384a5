"""The page on which a city answers, months after the end, what is left of the exchange."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt

from accounts.models import User
from calls.views.writing import opened_with
from meetings.actions.check_in import answer_check_in, commitments_asked, may_answer
from meetings.actions.check_in_content import FATE, Said, SavedAnswer
from meetings.forms.check_in import CheckInForm, named_in
from meetings.links import CheckInLink, check_in_by
from meetings.models import CheckIn
from meetings.views.poll import apart
from tandems.views.asking import form_page
from tandems.views.merging import conflicts_of
from tandems.views.trying import done


@login_not_required
@csrf_exempt
@form_page
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Ask what is left, and record what is answered; answered again, it is corrected.

    Opening it changes nothing, because mail scanners do; the button does. The link proves who asks,
    so there is nothing to forge.
    """
    return apart(answer_for(request, check_in_by(token)))


def answer_for(request: HttpRequest, link: CheckInLink | None) -> HttpResponse:
    """Return the page for whom the link names, or that the link is no longer valid.

    Where two people answer otherwise at the same time, the later one is shown both answers.
    """
    person = User.objects.filter(pk=link.person).first() if link else None
    if link is None or person is None or not may_answer(check_in=link.check_in, by=person):
        return render(request, "meetings/check_in_over.html", over(link), status=410)
    if link.is_over:
        return render(request, "meetings/check_in_over.html", over(link, is_old=True), status=410)
    check_in = link.check_in
    data = request.POST if request.method == "POST" else None
    asked = list(commitments_asked(check_in=check_in, named=named_in(data), by=person))
    form = CheckInForm(data, check_in=check_in, commitments=asked, answers=check_in.answers.all())
    stored = Said.of(check_in, [row.pk for row in asked]).marks
    # A commitment that was added while the form stood open has not been seen by anybody.
    opened = {**stored, **opened_with(request)}
    conflicts: list[dict[str, str]] = []

    def act() -> SavedAnswer:
        return answer_check_in(check_in=check_in, said=form.said(), opened=opened, by=person)

    if request.method == "POST" and (saved := done(form, act)) is not None:
        if not saved.conflicts:
            back: HttpResponseRedirect = redirect(request.path)
            return back
        now = Said.of(saved.check_in, [row.pk for row in asked]).marks
        opened |= {name: now[name] for name in saved.conflicts}
        conflicts = both_answers(form, saved.conflicts)
    context = {
        "check_in": check_in,
        "tandem": check_in.tandem,
        "person": person,
        "form": form,
        "marks": json.dumps(opened),
        "conflicts": conflicts,
        "is_answered": check_in.answered_at is not None,
    }
    status = 409 if conflicts else 200
    return render(request, "meetings/check_in.html", context, status=status)


def over(link: CheckInLink | None, *, is_old: bool = False) -> dict[str, Any]:
    """Return what the page says that a link no longer opens."""
    check_in: CheckIn | None = link.check_in if link else None
    return {"check_in": check_in, "tandem": check_in and check_in.tandem, "is_old": is_old}


def both_answers(form: CheckInForm, stored: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return label, own and stored value of what stands in conflict, in the order of the form."""
    fields = {name: value for name, value in stored.items() if not name.startswith(FATE)}
    for name in stored.keys() - fields.keys():
        key = name.removeprefix(FATE)
        fields[name], fields[f"note_{key}"] = stored[name]
    both = conflicts_of(form, fields)
    return [entry for entry in both if entry["mine"] != entry["theirs"]]
