"""The page on which a city answers, months after the end, what is left of the exchange."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt

from accounts.models import User
from meetings.actions.check_in import answer_check_in, commitments_asked, may_answer
from meetings.forms.check_in import CheckInForm, named_in
from meetings.links import check_in_by
from meetings.models import CheckIn
from meetings.views.poll import apart
from tandems.views.asking import form_page
from tandems.views.trying import done


@login_not_required
@csrf_exempt
@form_page
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Ask what is left, and record what is answered; answered again, it is corrected.

    Opening it changes nothing, because mail scanners do; the button does. The link proves who asks,
    so there is nothing to forge.
    """
    return apart(answer_for(request, token))


def answer_for(request: HttpRequest, token: str) -> HttpResponse:
    """Return the page for whom the link names, or that the link is no longer valid."""
    found = check_in_by(token)
    if found is None:
        return render(request, "meetings/check_in_over.html", status=410)
    check_in, key = found
    person = User.objects.filter(pk=key).first()
    if person is None or not may_answer(check_in=check_in, by=person):
        return render(request, "meetings/check_in_over.html", status=410)
    data = request.POST if request.method == "POST" else None
    form = CheckInForm(
        data,
        check_in=check_in,
        commitments=commitments_asked(check_in=check_in, named=named_in(data), by=person),
        answers=check_in.answers.all(),
    )

    def act() -> CheckIn:
        return answer_check_in(check_in=check_in, said=form.said(), by=person)

    if request.method == "POST" and done(form, act) is not None:
        back: HttpResponseRedirect = redirect(request.path)
        return back
    context = {
        "check_in": check_in,
        "tandem": check_in.tandem,
        "person": person,
        "form": form,
        "is_answered": check_in.answered_at is not None,
    }
    return render(request, "meetings/check_in.html", context)
