"""What the public learns of a selection, and when."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count

from calls.enums import CallState, LetterState, Pool
from calls.models import Application, Call, Offer, SelectionSession
from municipalities.enums import Country
from municipalities.models import Municipality


@dataclass(frozen=True, slots=True)
class Chosen:
    """A municipality that has confirmed its place; ``url`` leads to its page, where it has one."""

    name: str
    country: str
    url: str


@dataclass(frozen=True, slots=True)
class PublicOutcome:
    """The result of a selection as everybody may know it.

    ``decided_on`` is empty until the municipalities have been told. Who stands on the reserve list
    or was refused is in it nowhere, not even as a number, and neither is anything of the reviews.
    """

    decided_on: dt.date | None = None
    applications: int = 0
    countries: int = 0
    german: tuple[Chosen, ...] = ()
    european: tuple[Chosen, ...] = ()

    @property
    def pools(self) -> tuple[tuple[str, tuple[Chosen, ...]], ...]:
        """Return the municipalities of each pool under its name."""
        labels = (str(Pool.GERMAN.label), str(Pool.EUROPEAN.label))
        return tuple(zip(labels, (self.german, self.european), strict=True))


def public_outcome(call: Call) -> PublicOutcome | None:
    """Return what everybody may know of the selection of a call, ``None`` before its deadline.

    It counts from the release of the letters on: nobody reads in public what the municipality has
    not been told. A correction is shown once its own letters are out. A municipality is named once
    it has confirmed its place. Calls that were not made here have no selection here.
    """
    if not call.description or call.state in {CallState.DRAFT, CallState.OPEN}:
        return None
    told = SelectionSession.objects.filter(call=call, letters__state=LetterState.RELEASED)
    session = told.decided().first()
    if session is None or session.decided_at is None:
        return PublicOutcome()
    local = call.on_its_clock(session.decided_at) if call.time_zone else session.decided_at
    counted = Application.objects.sent().filter(call=call)
    numbers = counted.aggregate(
        applications=Count("pk"), countries=Count("place_country", distinct=True)
    )
    named: dict[str, list[Chosen]] = {Pool.GERMAN: [], Pool.EUROPEAN: []}
    confirmed = Offer.objects.confirmed().filter(application__call=call)
    rows = confirmed.select_related("application__municipality")
    # Until its partnership is public, the page of a municipality may not be there for visitors.
    places = Municipality.objects.visible_to(None).filter(applications__offers__in=confirmed)
    visible = set(places.order_by().values_list("pk", flat=True))
    for offer in rows.order_by("application__place_name", "pk"):
        named[offer.application.pool].append(_chosen(offer.application, visible))
    return PublicOutcome(
        decided_on=(local or session.decided_at).date(),
        applications=numbers["applications"],
        countries=numbers["countries"],
        german=tuple(named[Pool.GERMAN]),
        european=tuple(named[Pool.EUROPEAN]),
    )


def _chosen(application: Application, visible: set[int]) -> Chosen:
    place = application.municipality if application.municipality_id in visible else None
    return Chosen(
        name=application.place_name,
        country=str(Country(application.place_country).label),
        url=place.get_absolute_url() if place else "",
    )
