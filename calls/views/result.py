"""The page on which a municipality reads what was decided, and answers the place it was offered.

Before the letters are released the page is the same whatever was decided: it says that the result
has not been announced.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from calls import actions
from calls.enums import OfferState, PairingState
from calls.forms import DeclineForm
from calls.models import Application, Offer, Pairing
from calls.views.asking import application_of, form_page, frame
from core.forms import add_errors


@form_page
def result(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    """Show the released letters, the newest first, and take the answer to an offer."""
    application = application_of(request, slug, key)
    form: DeclineForm | None = None
    answered = False
    if request.method == "POST":
        form, answered = answer(request, application)
    if answered:
        return redirect("calls:result", slug, key)
    offers = application.offers.select_related("answered_by", "letter").order_by("-pk")
    offer = offers.first()
    context = frame(
        request,
        application,
        letters=application.letters.released(),
        **shown_of(application, offer, form),
    )
    return render(request, "calls/result.html", context)


def answer(request: HttpRequest, application: Application) -> tuple[DeclineForm, bool]:
    """Take the answer to an offer; return the form, and whether the answer was taken or is void."""
    number = request.POST.get("offer", "")
    own = application.offers.filter(pk=int(number) if number.isdecimal() else 0)
    offer = get_object_or_404(own)
    confirms = request.POST.get("answer") == "confirm"
    form = DeclineForm(
        None if confirms else request.POST, is_confirmed=offer.state == OfferState.CONFIRMED
    )
    if not confirms and not form.is_valid():
        return form, False
    try:
        actions.answer_offer(
            offer=offer,
            confirms=confirms,
            note="" if confirms else form.cleaned_data["note"],
            by=request.user,
        )
    except ValidationError as error:
        if hasattr(error, "error_dict"):
            add_errors(form, error)
            return form, False
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, taken_words(confirms))
    return form, True


def taken_words(confirms: bool) -> str:
    """Return what an answer has led to."""
    if confirms:
        return _("The place is confirmed. As soon as there is a partner for you, we tell you.")
    return _("The place is declined; the project team was told. Thank you for saying so.")


def shown_of(
    application: Application, offer: Offer | None, form: DeclineForm | None
) -> dict[str, Any]:
    """Return what the page shows of the newest offer, and what can be answered now."""
    if offer is None:
        return {"offer": None}
    is_confirmed = offer.state == OfferState.CONFIRMED
    is_open = offer.state == OfferState.OPEN
    may_answer = is_open and timezone.now() < offer.due_at
    relied_on = is_confirmed and has_agreed_partner(application)
    return {
        "offer": offer,
        "may_confirm": may_answer,
        "may_decline": may_answer or (is_confirmed and not relied_on),
        "relied_on": relied_on,
        "is_late": offer.state == OfferState.LAPSED or (is_open and not may_answer),
        "form": form or DeclineForm(is_confirmed=is_confirmed),
    }


def has_agreed_partner(application: Application) -> bool:
    """Tell whether a partner relies on the place of a municipality."""
    held = [PairingState.AGREED, PairingState.FORMED]
    return Pairing.objects.of(application).filter(state__in=held).exists()
