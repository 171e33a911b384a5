"""How the invented municipalities find their partners, and partnerships are formed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.text import slugify

from calls import actions
from calls.matching import best_sets
from calls.models import Application, Pairing
from calls.queries.matching import Source, matching_for
from tandems.actions import form_partnership
from tandems.models import Tandem
from vernetzt.loading.demo_selection.desk import Desk, officer_of


def agree_on_pairs(desk: Desk) -> None:
    """Propose the best set; one city asks for another partner, and two pairs are computed anew."""
    first = propose_best(desk)
    refused = first[0]
    actions.answer_pairing(
        pairing=refused,
        application=refused.european,
        agrees=False,
        reason="Wir haben mit dieser Kommune gerade erst ein Projekt abgeschlossen.",
        by=officer_of(refused.european),
    )
    note = "Wird mit der Kommune neu zugeordnet, deren Partner abgesagt hat."
    actions.drop_pairing(pairing=first[1], note=note, by=desk.coordinator)
    propose_best(desk)
    for pairing in Pairing.objects.holding().filter(call=desk.call).with_cities():
        for application in (pairing.german, pairing.european):
            actions.answer_pairing(
                pairing=pairing, application=application, agrees=True, by=officer_of(application)
            )


def propose_best(desk: Desk) -> list[Pairing]:
    """Propose the pairs of the best set that are not proposed yet; return the new pairings."""
    matching = matching_for(desk.fresh(), desk.coordinator, Source.CONFIRMED)
    result = best_sets(matching.germans, matching.europeans, matching.weights, matching.rules)
    wanted = [pair.keys for pair in result.sets[0].pairs if pair.keys not in matching.held]
    return actions.propose_pairs(call=desk.fresh(), pairs=wanted, by=desk.coordinator)


def form_all(desk: Desk) -> list[Tandem]:
    """Form the partnership of each pair on which both agree."""
    kick_off = timezone.localdate() + dt.timedelta(days=28)
    rows = Pairing.objects.holding().filter(call=desk.call).with_cities().order_by("pk")
    return [
        form_partnership(
            pairing=pairing,
            places={row.pk: place_for(desk, row) for row in (pairing.german, pairing.european)},
            kick_off_on=kick_off,
            by=desk.coordinator,
        )
        for pairing in rows
    ]


def place_for(desk: Desk, application: Application) -> dict[str, Any]:
    """Return what the register learns of an invented municipality."""
    place = desk.data["places"][application.place_name]
    names = place.get("name", {"de": application.place_name, "en": application.place_name})
    return {
        "slug": f"demo-{slugify(names['en'].replace('ß', 'ss'))}",
        "name_de": names["de"],
        "name_en": names["en"],
        "latitude": place["latitude"],
        "longitude": place["longitude"],
        "time_zone": desk.data["zones"][application.place_country],
        "language": application.place_language,
    }
