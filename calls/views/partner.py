"""The page on which a city sees the partner that is proposed to it, and answers.

Before both have agreed, it shows what both stated for the match: no people, no addresses, no text
of the partner's application. Afterwards it shows name, office and e-mail address of the partner's
contact person, because the two must be able to talk; the page says so before anybody agrees. How
high the fit is, who else was a candidate, and why the partner refused is never shown.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from calls import actions
from calls.cards import CardWords, words_of
from calls.enums import ConsentAnswer, PairingState, Step
from calls.forms import AnswerForm
from calls.models import Application, Pairing, Submission
from calls.views.asking import application_of, form_page, frame
from core.forms import add_errors

#: States in which the two cities know how to reach each other.
ACQUAINTED = (PairingState.AGREED, PairingState.FORMED)


@form_page
def partner(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    """Show the proposed partner, and take the answer."""
    application = application_of(request, slug, key)
    pairing = pairing_of(application)
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        agrees = form.cleaned_data["answer"] == ConsentAnswer.AGREES
        try:
            answered = actions.answer_pairing(
                pairing=pairing,
                application=application,
                agrees=agrees,
                reason=form.cleaned_data["reason"],
                by=request.user,
            )
        except ValidationError as error:
            add_errors(form, error)
            pairing = pairing_of(application)
        else:
            messages.success(request, answer_words(answered))
            return redirect("calls:partner", slug, key)
    context = frame(request, application, form=form, **shown_of(pairing, application))
    return render(request, "calls/partner.html", context)


@require_POST
def withdraw_consent(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    """Take the agreement to the proposed partner back."""
    application = application_of(request, slug, key)
    pairing = pairing_of(application)
    try:
        actions.withdraw_consent(pairing=pairing, application=application, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Your agreement is taken back. The project team was told."))
    return redirect("calls:partner", slug, key)


def pairing_of(application: Application) -> Pairing:
    """Return the newest pairing of an application; without one there is no such page."""
    pairing = Pairing.objects.of(application).with_cities().first()
    if pairing is None:
        raise Http404
    return pairing


def answer_words(pairing: Pairing) -> str:
    """Return what an answer has led to."""
    if pairing.state == PairingState.AGREED:
        return _("Both have agreed. The project team now forms the partnership.")
    if pairing.state == PairingState.REFUSED:
        return _("Thank you. The project team will get in touch about another partner.")
    return _("Thank you. As soon as your partner has agreed too, you are told by e-mail.")


def shown_of(pairing: Pairing, application: Application) -> dict[str, Any]:
    """Return what the page shows of a pairing to one of its cities."""
    is_german = pairing.german_id == application.pk
    other = pairing.european if is_german else pairing.german
    answers = {row.application_id: row.answer for row in pairing.consents.all()}
    own = answers.get(application.pk, "")
    is_open = pairing.state == PairingState.PROPOSED and timezone.now() < pairing.due_at
    may_withdraw = pairing.state in {PairingState.PROPOSED, PairingState.AGREED}
    return {
        "pairing": pairing,
        "partner": other,
        **seen_by(words_of(pairing.card), application.pk),
        "own_answer": own,
        "partner_agrees": answers.get(other.pk) == ConsentAnswer.AGREES,
        "may_answer": is_open and not own,
        "may_withdraw": may_withdraw and own == ConsentAnswer.AGREES,
        "contact": contact_of(other) if pairing.state in ACQUAINTED else None,
        "tandem": getattr(pairing, "tandem", None),
    }


def seen_by(card: CardWords, key: int) -> dict[str, Any]:
    """Return a card as one of its cities reads it: what it gains, what it gives, what is shared."""
    sides = (card.german, card.european)
    return {
        "card": card,
        "partner_city": next(city for city in sides if city.key != key),
        "gained": [row.text for row in card.reasons if row.seeker == key],
        "given": [row.text for row in card.reasons if row.giver == key],
        "shared": [row.text for row in card.reasons if key not in {row.seeker, row.giver}],
        "differences": [row.text for row in card.differences],
    }


def contact_of(application: Application) -> dict[str, str]:
    """Return name, office and e-mail address of the contact person, as they were sent last."""
    sent = Submission.objects.filter(application=application).order_by("number").last()
    people = sent.document[Step.PEOPLE] if sent else {}
    return {name: people.get(f"contact_{name}", "") for name in ("name", "office", "email")}
