"""How the invented places are given: trial lists, the decision, letters and answers."""

from __future__ import annotations

from django.utils import timezone

from calls import actions
from calls.content import marks_of
from calls.enums import ListOutcome, Pool
from calls.matching import best_sets
from calls.models import Letter, ListEntry, Offer, SelectionList, SelectionSession
from calls.queries import standing_for
from calls.queries.matching import Source, matching_for
from vernetzt.loading.demo_selection.desk import Desk, officer_of

#: How many of each pool stand on the reserve list.
ON_RESERVE = 3
#: Among how many of each pool, by standing, the best set of pairs is looked for.
AMONG = 14


def decide(desk: Desk) -> SelectionSession:
    """Try two lists, recommend the second one, and let BBSR decide it."""
    call = desk.fresh()
    actions.propose_list(
        call=call, name="Nach Punkten", idea="Die Plätze nach der Reihenfolge.", by=desk.coordinator
    )
    trial = actions.create_list(
        call=call,
        name="Sechs Paare",
        idea="Unter den besten Bewerbungen die sechs Paare, die am besten zueinander passen.",
        by=desk.coordinator,
    )
    trial = actions.set_entries(
        selection_list=trial,
        entries=six_pairs(desk),
        opened_at=trial.changed_at,
        by=desk.coordinator,
    )
    session = actions.open_session(
        call=call, held_on=timezone.localdate(), place="Videokonferenz", by=desk.coordinator
    )
    people = [desk.coordinator, desk.bbsr, *desk.readers.values()]
    actions.note_attendance(
        session=session,
        participants=[
            actions.Present(str(person), str(person.roles[0].place), person) for person in people
        ],
        by=desk.coordinator,
    )
    session = actions.recommend(
        session=session,
        selection_list=trial,
        text="Die Liste deckt alle Handlungsfelder ab und lässt sechs Paare zu.",
        by=desk.coordinator,
    )
    return actions.decide(
        session=session, selection_list=trial, reasons=reasons_for(desk, trial), by=desk.bbsr
    )


def six_pairs(desk: Desk) -> dict[int, tuple[str, int | None, str]]:
    """Return who is chosen and who is on reserve.

    Chosen are, among the best of each pool, those who make the best set of pairs; on reserve are
    the next by standing, of other European countries one each.
    """
    call = desk.fresh()
    eligible = {row.pk: row for row in desk.sent() if row.eligibility.is_eligible}
    order = [pk for pk in standing_for(call, desk.coordinator).rows if pk in eligible]
    best = {pool: [pk for pk in order if eligible[pk].pool == pool] for pool in Pool}
    matching = matching_for(call, desk.coordinator, Source.SENT)
    result = best_sets(
        [city for city in matching.germans if city.key in best[Pool.GERMAN][:AMONG]],
        [city for city in matching.europeans if city.key in best[Pool.EUROPEAN][:AMONG]],
        matching.weights,
        matching.rules,
    )
    chosen = [pk for keys in result.sets[0].keys for pk in keys]
    entries: dict[int, tuple[str, int | None, str]] = dict.fromkeys(
        chosen, (ListOutcome.CHOSEN, None, "")
    )
    for pool, rows in best.items():
        countries = {eligible[pk].place_country for pk in chosen if pool == Pool.EUROPEAN}
        rank = 0
        for pk in rows:
            country = eligible[pk].place_country
            if pk not in entries and country not in countries and rank < ON_RESERVE:
                rank += 1
                entries[pk] = (ListOutcome.RESERVE, rank, "")
                countries |= {country} if pool == Pool.EUROPEAN else set()
    return entries


def reasons_for(desk: Desk, trial: SelectionList) -> dict[int, str]:
    """Return a reason for each application, from its standing and the list."""
    rows = standing_for(desk.fresh(), desk.coordinator).rows
    named = dict(ListEntry.objects.filter(selection_list=trial).values_list("application", "rank"))
    reasons = {}
    for application in desk.sent():
        place = rows.get(application.pk)
        mean = f"{place.mean:.2f}".replace(".", ",") if place else "–"
        if application.pk not in named:
            words = "Andere Bewerbungen haben bei gleichem Thema oder Land mehr Punkte."
        elif named[application.pk]:
            words = f"Rang {named[application.pk]} der Nachrückliste."
        else:
            words = "Ausgewählt: überzeugt in der Begutachtung und ergänzt die anderen."
        reasons[application.pk] = f"{words} Mittel {mean} von 5 Punkten."
    return reasons


def answer_letters(desk: Desk, session: SelectionSession) -> None:
    """Draft, edit and release the letters; one city declines, the next of the list moves up."""
    actions.draft_letters(session=session, by=desk.coordinator)
    letter = Letter.objects.filter(session=session).order_by("pk")[0]
    marks = marks_of({"subject": letter.subject, "body": letter.body})
    actions.edit_letter(
        letter=letter,
        subject=letter.subject,
        body=f"{letter.body.rstrip()}\n\nWir danken Ihnen für die sorgfältige Bewerbung.",
        opened_with=marks,
        by=desk.coordinator,
    )
    actions.release_letters(session=session, by=desk.bbsr)
    offers = Offer.objects.filter(application__call=desk.call).select_related("application")
    declining = next(row for row in offers.open() if row.application.pool == Pool.EUROPEAN)
    actions.answer_offer(
        offer=declining,
        confirms=False,
        note="Der Rat hat die Mittel für die Reisen nicht bewilligt.",
        by=officer_of(declining.application),
    )
    # The letter to the next of the reserve list was drafted by that answer.
    actions.release_letters(session=session, by=desk.bbsr)
    for offer in offers.open():
        actions.answer_offer(offer=offer, confirms=True, by=officer_of(offer.application))
