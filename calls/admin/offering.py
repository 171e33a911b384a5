"""Who was offered a place, what they answered, and who is next on the reserve list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.permissions import Permission
from calls import actions
from calls.admin.letter_list import call_and_session
from calls.enums import OfferState, Outcome, Pool
from calls.models import Application, Call, Decision, Letter, Offer, SelectionSession, closed_to
from calls.queries.letters import letters_to_release
from calls.queries.places import next_on_reserve, of_pool, places_of, waits_for_release
from core.pages import list_page

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class PoolPlaces:
    """The places of a pool as a person may see them, and who moves up.

    ``is_closed``: the next one is closed to the person and stays without a name.
    """

    pool: str
    label: str
    places: int | None
    confirmed: int
    open: int
    waiting: list[Letter]
    following: Decision | None
    is_closed: bool

    @property
    def free(self) -> int | None:
        """Return how many places nobody holds and no waiting letter offers."""
        if self.places is None:
            return None
        return max(self.places - self.confirmed - self.open - len(self.waiting), 0)


def offers(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the offers of a call, and for each pool the places and who is next."""
    call, session = call_and_session(request, slug)
    closed = closed_to(request.user, "application")
    rows = Offer.objects.filter(application__call=call).exclude(closed)
    rows = rows.select_related("application", "letter", "answered_by")
    hidden = Application.objects.filter(call=call, offers__isnull=False)
    context = {
        **admin.site.each_context(request),
        "title": _("Offered places"),
        "call": call,
        "session": session,
        "pools": [pool_of(call, session, pool, request.user) for pool in Pool] if session else [],
        "list": list_page(request, rows.order_by("-pk"), per_page=PER_PAGE, personal=True),
        "waits": session is not None and waits_for_release(session),
        "closed": hidden.filter(closed_to(request.user)).distinct().count(),
        "may_release": request.user.has_perm(Permission.DECIDE_SELECTION),
    }
    return render(request, "admin/calls/letter_offers.html", context)


def pool_of(call: Call, session: SelectionSession, pool: str, user: Any) -> PoolPlaces:
    """Return the places of a pool without what a conflict of interest closes to the person."""
    closed = closed_to(user, "application")
    held = Offer.objects.filter(application__call=call).exclude(closed)
    states = list(of_pool(held, pool, "application__").values_list("state", flat=True))
    living = Offer.objects.living().filter(application=OuterRef("application"))
    drafts = letters_to_release(session).filter(outcome=Outcome.ACCEPTED)
    drafts = drafts.exclude(closed).exclude(Exists(living)).select_related("application")
    following = next_on_reserve(session, pool)
    is_closed = following is not None and following.application.is_closed_to(user)
    return PoolPlaces(
        pool=pool,
        label=capfirst(str(Pool(pool).label)),
        places=places_of(call, pool),
        confirmed=states.count(OfferState.CONFIRMED),
        open=states.count(OfferState.OPEN),
        waiting=list(of_pool(drafts, pool, "application__").order_by("pk")),
        following=None if is_closed else following,
        is_closed=is_closed,
    )


def propose(request: HttpRequest, slug: str) -> HttpResponse:
    """Draft the letter that offers a free place to the next on the reserve list of a pool."""
    call, _session = call_and_session(request, slug)
    pool = request.POST.get("pool", "")
    if pool not in Pool:
        raise Http404
    try:
        actions.propose_next_offer(call=call, pool=pool, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(
            request, _("The letter with the offer is drafted. It goes out when BBSR releases it.")
        )
    return redirect("admin:calls_letter_offers", slug)
