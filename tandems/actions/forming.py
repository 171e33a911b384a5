"""What makes a partnership of a pair to which both municipalities have agreed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _, override

from accounts.permissions import Permission, require
from calls.enums import PAIRING_TRANSITIONS, PairingState
from calls.models import Application, Call, Offer, Pairing, Submission
from core.actions import change_status, note_change
from core.dates import DatePrecision
from core.models import save_new
from municipalities.models import Municipality
from tandems import mails
from tandems.actions.officers import give_roles
from tandems.actions.places import LANGUAGES, place_of, take_over_roles
from tandems.enums import TandemKind, TandemStatus
from tandems.models import Tandem, TandemMember
from tandems.takeover import free_slug, next_number, topics_of

#: Primary key of an application → what people say of its municipality; see ``places.place_of``.
Places = Mapping[int, Mapping[str, Any]]


@transaction.atomic
def form_partnership(*, pairing: Pairing, places: Places, kick_off_on: dt.date, by: Any) -> Tandem:
    """Form the partnership of an agreed pairing: everything or nothing.

    Both municipalities join today; a described one enters the register with what ``places`` says.
    Topics follow from what both sent: who gives and who seeks where one meets the other, mutual
    where both do, without direction where both seek. The register learns what each gives and
    seeks. Contact person and deputy of each application get their role, or an invitation to it.
    Those who wrote keep reading their application and get nothing else.

    The partnership is planned until its kick-off was held. Planned ones are seen by the two cities
    and the team alone, and so are municipalities that are new in the register: what the public
    reads of a city is not decided by a click that matches it. :func:`change_tandem_status` makes
    it active.

    Raises :class:`ValidationError` unless both have agreed and hold their places, for a kick-off
    that is not in the future, and when the partnership was formed meanwhile.
    """
    require(by, Permission.CHANGE_MEMBERSHIP)
    rows = Pairing.objects.select_for_update(of=("self",)).select_related("call")
    locked = rows.get(pk=pairing.pk)
    # Of two partnerships of one call at once, the second one gets the next number: while there is
    # no partnership at all, nothing else could be locked for it.
    Call.objects.select_for_update(no_key=True).get(pk=locked.call_id)
    german, european = _applications(locked)
    for application in (german, european):
        require(by, Permission.PREPARE_SELECTION, application)
    _refuse_unready(locked, kick_off_on)
    sent = [_sent(application) for application in (german, european)]
    members = [
        place_of(application=row, sent=document, place=places.get(row.pk, {}), by=by)
        for row, document in zip((german, european), sent, strict=True)
    ]
    tandem = _new_tandem(locked, members, kick_off_on)
    _join(tandem, members)
    _write_topics(tandem, members, sent)
    for municipality, document in zip(members, sent, strict=True):
        take_over_roles(municipality=municipality, sent=document, by=by)
        give_roles(municipality=municipality, sent=document, by=by)
    note_change(tandem, field="status", old="", new=tandem.status, by=by)
    change_status(
        locked,
        field="state",
        new=PairingState.FORMED,
        transitions=PAIRING_TRANSITIONS,
        note=str(tandem),
        by=by,
    )
    mails.partnership_formed(tandem, german, european)
    return tandem


def _applications(pairing: Pairing) -> tuple[Application, Application]:
    """Return both applications of a pairing, locked, as they stand now."""
    keys = [pairing.german_id, pairing.european_id]
    rows = Application.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    found = {row.pk: row for row in rows.select_related("call").filter(pk__in=keys)}
    return found[keys[0]], found[keys[1]]


def _refuse_unready(pairing: Pairing, kick_off_on: dt.date) -> None:
    """Raise :class:`ValidationError` unless a partnership can be formed now."""
    if pairing.state == PairingState.FORMED:
        raise ValidationError(_("This partnership has been formed already."), code="formed")
    if pairing.state != PairingState.AGREED:
        raise ValidationError(_("A partnership is formed after both municipalities have agreed."))
    keys = [pairing.german_id, pairing.european_id]
    offers = Offer.objects.select_for_update().confirmed().filter(application__in=keys)
    if len(set(offers.values_list("application_id", flat=True))) < len(keys):
        raise ValidationError(_("One of the municipalities no longer has a confirmed place."))
    if kick_off_on <= timezone.localdate():
        raise ValidationError({"kick_off_on": _("Propose a day in the future.")})


def _sent(application: Application) -> Submission:
    """Return what an application sent last."""
    sent: Submission | None = application.submissions.order_by("number").last()
    if sent is None:
        raise ValidationError(_("One of the applications was never sent."))
    return sent


def _new_tandem(pairing: Pairing, members: list[Municipality], kick_off_on: dt.date) -> Tandem:
    """Write the partnership, named after its cities, with the next number of the programme."""
    names = {
        f"name_{code}": " – ".join(
            getattr(place, f"name_{code}") or place.name for place in members
        )
        for code in LANGUAGES
    }
    with override("de"):
        tandem = Tandem(
            slug=free_slug("-".join(place.slug for place in members)),
            number=next_number(),
            kind=TandemKind.TANDEM,
            status=TandemStatus.PLANNED,
            call=pairing.call,
            pairing=pairing,
            kick_off_proposed_on=kick_off_on,
            **{name: text[:200] for name, text in names.items()},
        )
        save_new(tandem)
    return tandem


def _join(tandem: Tandem, members: list[Municipality]) -> None:
    """Let the municipalities join today, the German one first."""
    today = timezone.localdate()
    for position, municipality in enumerate(members):
        save_new(
            TandemMember(
                tandem=tandem,
                municipality=municipality,
                position=position,
                joined_earliest=today,
                joined_latest=today,
                joined_precision=DatePrecision.DAY,
            )
        )


def _write_topics(tandem: Tandem, members: list[Municipality], sent: list[Submission]) -> None:
    """Write what the partnership works on: first where one city gives what the other seeks."""
    for position, row in enumerate(topics_of(members, sent)):
        row.tandem, row.position = tandem, position
        save_new(row)
