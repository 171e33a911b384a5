"""How many places are taken and free, and who moves up."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from calls.enums import Outcome, Pool
from calls.models import Call, Decision, Letter, Offer, SelectionSession
from calls.queries.letters import decisions_to_tell, letters_to_release
from core.queries import hanging
from municipalities.enums import Country
from municipalities.models import Municipality


def of_pool(rows: QuerySet[Any], pool: str, path: str) -> QuerySet[Any]:
    """Return the rows of a pool; ``path`` leads to the application, ``application__`` for one."""
    german = {f"{path}place_country": Country.DE}
    return rows.filter(**german) if pool == Pool.GERMAN else rows.exclude(**german)


def places_of(call: Call, pool: str) -> int | None:
    """Return how many places a pool has, where the call says it."""
    return call.places_german if pool == Pool.GERMAN else call.places_european


def places_held(call: Call, pool: str) -> int:
    """Return how many places of a pool are confirmed, or offered and not answered yet."""
    living = Offer.objects.living().filter(application__call=call)
    return of_pool(living, pool, "application__").count()


def next_on_reserve(session: SelectionSession, pool: str) -> Decision | None:
    """Return who is next on the reserve list of a pool: the lowest rank that got no offer yet.

    Left out are those to whom a place was offered, whatever they answered, those for whom the
    letter with the offer is drafted already, withdrawn applications, and municipalities that found
    a partner in another way (a partnership that had lost a city took them on).
    """
    offered = Offer.objects.filter(application=OuterRef("application"))
    drafted = Letter.objects.filter(
        session=session, application=OuterRef("application"), outcome=Outcome.ACCEPTED
    )
    rows = decisions_to_tell(session).filter(outcome=Outcome.RESERVE)
    taken_on = hanging(Municipality, "memberships").filter(
        municipality=OuterRef("application__municipality"),
        role="member",
        left_on__isnull=True,
        tandem__status__in=["planned", "active"],
    )
    rows = rows.exclude(Exists(offered)).exclude(Exists(drafted)).exclude(Exists(taken_on))
    return of_pool(rows, pool, "application__").order_by("rank", "pk").first()


def replaced_offers(session: SelectionSession) -> QuerySet[Offer]:
    """Return the living offers of earlier decisions that the session's decision does not bear out.

    Whoever moved up from the reserve list of this very session keeps the place.
    """
    given = Decision.objects.filter(
        session=session, application=OuterRef("application"), outcome=Outcome.ACCEPTED
    )
    earlier = Offer.objects.living().filter(application__call=session.call)
    return earlier.exclude(letter__session=session).exclude(Exists(given))


def free_places(session: SelectionSession, pool: str) -> int | None:
    """Return how many places of a pool nobody holds and no waiting letter offers.

    ``None`` where the call does not say how many there are.
    """
    places = places_of(session.call, pool)
    if places is None:
        return None
    living = Offer.objects.living().filter(application=OuterRef("application"))
    waiting = letters_to_release(session).filter(outcome=Outcome.ACCEPTED).exclude(Exists(living))
    held = places_held(session.call, pool) + of_pool(waiting, pool, "application__").count()
    return max(places - held, 0)


def waits_for_release(session: SelectionSession) -> bool:
    """Tell whether letters about the decision itself still have to go out.

    Until then nobody moves up: the city would get the place and the reserve list in one go.
    """
    told = Letter.objects.released().filter(
        session=session, application=OuterRef("application"), outcome=OuterRef("outcome")
    )
    return decisions_to_tell(session).exclude(Exists(told)).exists()
