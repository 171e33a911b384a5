"""What gives a city without a partner a new one: a partnership that grows out of the old one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _, override

from accounts.permissions import Permission, require
from calls.enums import Outcome
from calls.models import (
    Application,
    Call,
    Decision,
    Letter,
    Offer,
    SelectionSession,
    Submission,
    closed_to,
)
from calls.queries.letters import decisions_to_tell
from calls.queries.places import waits_for_release
from core.actions import note_change
from core.models import save_new
from municipalities.enums import Country
from municipalities.models import Municipality
from tandems.actions.events import enter_partnership, lock_partnership, tell_membership
from tandems.actions.officers import give_roles
from tandems.actions.partnership import mark_maintained
from tandems.actions.places import LANGUAGES, place_of, take_over_roles
from tandems.enums import MemberRole, TandemKind, TandemStatus
from tandems.models import Tandem, TandemMember
from tandems.pairs import name_of
from tandems.takeover import free_slug, next_number, topics_of

#: A partnership that is not over.
GOING_ON = (TandemStatus.PLANNED, TandemStatus.ACTIVE)


def reserve_of(*, tandem: Tandem, by: Any) -> QuerySet[Decision]:
    """Return who is on the reserve list of the partnership's call and can still be asked, by rank.

    Left out are those to whom a place was offered or is about to be, those that are in a
    partnership by now, withdrawn ones, and those that a conflict of interest closes to ``by``.
    Before the letters about the decision went out there is nobody.
    """
    session = SelectionSession.objects.current(tandem.call) if tandem.call else None
    if session is None or waits_for_release(session):
        return Decision.objects.none()
    offered = Offer.objects.filter(application=OuterRef("application"))
    drafted = Letter.objects.filter(
        session=session, application=OuterRef("application"), outcome=Outcome.ACCEPTED
    )
    placed = TandemMember.objects.filter(
        municipality=OuterRef("application__municipality"),
        role=MemberRole.MEMBER,
        left_on__isnull=True,
        tandem__status__in=GOING_ON,
    )
    rows = decisions_to_tell(session).filter(outcome=Outcome.RESERVE)
    rows = rows.exclude(Exists(offered)).exclude(Exists(drafted)).exclude(Exists(placed))
    return rows.exclude(closed_to(by, "application")).order_by("rank", "pk")


@transaction.atomic
def rematch_partnership(
    *,
    tandem: Tandem,
    staying: TandemMember,
    partner: Municipality | Application,
    place: Mapping[str, Any] | None = None,
    agreed_on: dt.date,
    agreement: str,
    kick_off_on: dt.date | None = None,
    by: Any,
) -> Tandem:
    """Form a new partnership of a city that stays and a new partner; the old one stays as it is.

    ``partner`` is a municipality of the register, or an application from the reserve list. The
    latter enters the register with what ``place`` says (see ``tandems.actions.places.place_of``),
    and its contact person and deputy get their roles. Topics follow from what both cities sent,
    where they did. No mail asks the two: ``agreed_on`` and ``agreement`` note when and how they
    said yes. Like every new partnership it is planned until its kick-off was held.

    Raises :class:`PermissionDenied` where a conflict of interest closes the application, and
    :class:`ValidationError` for days that cannot be, for a city that does not stay or has a new
    partner already, and for an application that is not on the reserve list any more.
    """
    old = lock_partnership(tandem=tandem, by=by)
    city = _refuse_unready(old, staying, agreed_on, agreement, kick_off_on)
    sent: Submission | None = None
    if isinstance(partner, Application):
        sent, municipality = _from_reserve(old, partner, city, place or {}, by)
    else:
        municipality = partner
        _refuse_pair(old, city, municipality)
    members = sorted((city, municipality), key=lambda one: one.country != Country.DE)
    new = _new_tandem(old, members, kick_off_on)
    for member in members:
        enter_partnership(tandem=new, municipality=member, since=timezone.localdate(), by=by)
    if sent is not None:
        _write_topics(new, members, city, sent, by)
        take_over_roles(municipality=municipality, sent=sent, by=by)
        give_roles(municipality=municipality, sent=sent, by=by)
    note_change(new, field="status", old="", new=new.status, by=by)
    note_change(new, field="agreement", old="", new=agreed_on.isoformat(), note=agreement, by=by)
    note_change(old, field="successor", old="", new=str(new)[:40], by=by)
    mark_maintained(tandem=old, by=by)
    mark_maintained(tandem=new, by=by)
    tell_membership(tandem=old, event="partnership_rematched", by=by)
    return new


def _refuse_unready(
    old: Tandem,
    staying: TandemMember,
    agreed_on: dt.date,
    agreement: str,
    kick_off_on: dt.date | None,
) -> Municipality:
    """Return the city that stays, or raise :class:`ValidationError`."""
    acting = old.members.acting().select_related("municipality")
    row = acting.filter(pk=staying.pk).first()
    if row is None:
        raise ValidationError({"staying": _("This city is no longer in the partnership.")})
    rows = Tandem.objects.filter(previous=old, status__in=GOING_ON)
    again = rows.filter(members__municipality=row.municipality_id).first()
    if again is not None:
        raise ValidationError(
            _("%(city)s has a new partnership already: %(name)s."),
            code="rematched",
            params={"city": row.municipality, "name": again},
        )
    if agreed_on > timezone.localdate():
        raise ValidationError({"agreed_on": _("Choose today or an earlier day.")})
    if not agreement:
        raise ValidationError({"agreement": _("Say how both cities have agreed.")})
    if kick_off_on is not None and kick_off_on <= timezone.localdate():
        raise ValidationError({"kick_off_on": _("Propose a day in the future.")})
    return row.municipality


def _refuse_pair(old: Tandem, city: Municipality, partner: Municipality) -> None:
    """Raise :class:`ValidationError` unless the two can be a tandem."""
    if partner.pk in old.acting_municipalities:
        words = _("This municipality is in the partnership already.")
        raise ValidationError({"municipality": words})
    if (city.country == Country.DE) == (partner.country == Country.DE):
        words = _("A tandem is one German city and one from elsewhere in Europe.")
        raise ValidationError({"municipality": words})


def _from_reserve(
    old: Tandem, application: Application, city: Municipality, place: Mapping[str, Any], by: Any
) -> tuple[Submission, Municipality]:
    """Return what an application of the reserve list sent last, and its municipality."""
    rows = Application.objects.select_for_update(of=("self",), no_key=True)
    locked = rows.select_related("call").get(pk=application.pk)
    require(by, Permission.PREPARE_SELECTION, locked)
    sent = locked.submissions.order_by("number").last()
    if sent is None or not reserve_of(tandem=old, by=by).filter(application=locked).exists():
        raise ValidationError(
            _("%(city)s cannot be taken from the reserve list any more."),
            code="reserve",
            params={"city": locked.place_name},
        )
    municipality = place_of(application=locked, sent=sent, place=place, by=by)
    _refuse_pair(old, city, municipality)
    return sent, municipality


def _new_tandem(old: Tandem, members: list[Municipality], kick_off_on: dt.date | None) -> Tandem:
    """Write the partnership, named after its cities, with the next number of the programme."""
    if old.call_id:
        # As in forming the partnerships of the call, which locks nothing else.
        Call.objects.select_for_update(no_key=True).get(pk=old.call_id)
    rows = [TandemMember(municipality=place) for place in members]
    with override("de"):
        tandem = Tandem(
            slug=free_slug("-".join(place.slug for place in members)),
            number=next_number(),
            kind=TandemKind.TANDEM,
            status=TandemStatus.PLANNED,
            call=old.call,
            previous=old,
            kick_off_proposed_on=kick_off_on,
            **{f"name_{code}": name_of(rows, code) for code in LANGUAGES},
        )
        save_new(tandem)
    return tandem


def _write_topics(
    tandem: Tandem, members: list[Municipality], city: Municipality, sent: Submission, by: Any
) -> None:
    """Write what follows from both applications, where the city that stays sent one too."""
    own = Submission.objects.filter(
        application__call=tandem.call_id, application__municipality=city
    )
    row = own.select_related("application").order_by("pk").last()
    if row is None or not by.has_perm(Permission.PREPARE_SELECTION, row.application):
        return
    documents = [row if place == city else sent for place in members]
    for position, topic in enumerate(topics_of(members, documents)):
        topic.tandem, topic.position = tandem, position
        save_new(topic)
