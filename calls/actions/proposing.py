"""What fixes or excludes pairs, and proposes pairs to their cities."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, require
from calls import mails
from calls.cards import DescribedCity, card_of, cities_of
from calls.enums import PairingState, PairRuleKind, Pool
from calls.matching import Weights, are_twinned
from calls.models import Application, Call, Offer, Pairing, PairRule, Procedure
from core.actions import note_change
from core.models import save_new
from municipalities.enums import Country

#: A German and a European application.
Pair = tuple[Application, Application]
#: An answer counts until the end of its day.
LAST_SECOND = dt.time(23, 59, 59)


@transaction.atomic
def set_pair_rule(
    *, call: Call, german: Application, european: Application, kind: str, reason: str, by: Any
) -> PairRule:
    """Fix or exclude a pair before the rest is computed (``calls.enums.PairRuleKind``).

    Raises :class:`ValidationError` for cities of one pool or another call, without a reason, and
    where there is a rule for the pair already.
    """
    _require_both(by, (german, european))
    _refuse_wrong_sides(call, (german, european))
    rule = PairRule(
        call=call, german=german, european=european, kind=kind, reason=reason.strip(), made_by=by
    )
    save_new(rule)
    note_change(rule, field="kind", old="", new=kind, by=by)
    return rule


@transaction.atomic
def remove_pair_rule(*, rule: PairRule, by: Any) -> None:
    """Take a rule back; one that is gone already stays gone."""
    _require_both(by, (rule.german, rule.european))
    locked = PairRule.objects.select_for_update().filter(pk=rule.pk).first()
    if locked is not None:
        # Without the reason: of a rule that is gone, nothing tells any more to whom it is closed.
        note_change(locked, field="kind", old=locked.kind, new="removed", by=by)
        locked.delete()


@transaction.atomic
def propose_pairs(*, call: Call, pairs: Iterable[tuple[int, int]], by: Any) -> list[Pairing]:
    """Propose pairs to their cities, all or none; both are told, and answer by a date.

    The card and the fit are computed now, by the weights of the procedure, and kept as both cities
    see them. The date is the end of a day on the call's clock, ``Procedure.consent_days`` ahead.

    Args:
        call: Whose applications they are.
        pairs: Primary keys of the German and of the other European application.
        by: Who proposes; no conflict of interest may close any of the cities.

    Raises:
        ValidationError: A city has no confirmed place, is held by another pairing or named twice,
            or a pair breaks a rule: excluded by hand, too many with one country, or twinned where
            that is not allowed (a pair fixed by hand overrules that, as twinnings are only a hint).
    """
    keys = list(dict.fromkeys(pairs))
    applications = _locked_applications(call, keys)
    chosen = [(applications[german], applications[european]) for german, european in keys]
    for pair in chosen:
        _require_both(by, pair)
        _refuse_wrong_sides(call, pair)
    _refuse_unplaced(applications)
    _refuse_held(applications)
    procedure = Procedure.objects.get(call=call)
    cities = {city.key: city for city in cities_of(applications.values())}
    _refuse_against_rules(procedure, chosen, cities)
    due_at = _end_of_day(call, procedure.consent_days)
    return [_proposed(call, pair, cities, procedure, due_at, by) for pair in chosen]


def _proposed(
    call: Call,
    pair: Pair,
    cities: dict[int, DescribedCity],
    procedure: Procedure,
    due_at: dt.datetime,
    by: Any,
) -> Pairing:
    """Write the row of a pair that nothing stands against, and tell both cities."""
    german, european = pair
    card = card_of(cities[german.pk], cities[european.pk], Weights(**procedure.weights))
    pairing = Pairing(
        call=call,
        german=german,
        european=european,
        fit=card["fit"]["total"],
        card=card,
        due_at=due_at,
        proposed_by=by,
    )
    save_new(pairing)
    note_change(pairing, old="", new=PairingState.PROPOSED, by=by)
    mails.partner_proposed(pairing)
    return pairing


def _locked_applications(call: Call, keys: list[tuple[int, int]]) -> dict[int, Application]:
    """Return the applications by key, locked: of two proposals at once the second one waits."""
    named = [key for pair in keys for key in pair]
    if not named:
        raise ValidationError(_("Choose at least one pair."))
    if len(set(named)) < len(named):
        raise ValidationError(_("A municipality can be in one pair only."))
    rows = Application.objects.select_for_update(of=("self",), no_key=True).filter(call=call)
    found = {row.pk: row for row in rows.select_related("call").filter(pk__in=named).order_by("pk")}
    if len(found) < len(named):
        raise ValidationError(_("One of the municipalities has no application to this call."))
    return found


def _require_both(user: Any, pair: Pair) -> None:
    """Raise :class:`PermissionDenied` unless no conflict of interest closes either city."""
    for application in pair:
        require(user, Permission.PREPARE_SELECTION, application)


def _refuse_wrong_sides(call: Call, pair: Pair) -> None:
    """Raise :class:`ValidationError` unless both were sent to the call, one from each pool."""
    for application, pool in zip(pair, (Pool.GERMAN, Pool.EUROPEAN), strict=True):
        if (application.call_id, application.pool, application.is_sent) != (call.pk, pool, True):
            raise ValidationError(
                _("A pair has one German and one other European municipality of the same call.")
            )


def _refuse_unplaced(applications: dict[int, Application]) -> None:
    """Raise :class:`ValidationError` for cities without a confirmed place.

    The places stay locked: none is given back while its city is proposed to another.
    """
    offers = Offer.objects.select_for_update().confirmed().filter(application__in=applications)
    placed = set(offers.values_list("application_id", flat=True))
    if names := [row.place_name for key, row in applications.items() if key not in placed]:
        raise ValidationError(
            _("Only confirmed municipalities can be proposed. Not confirmed: %(names)s.")
            % {"names": ", ".join(names)}
        )


def _refuse_held(applications: dict[int, Application]) -> None:
    """Raise :class:`ValidationError` for cities that have a partner, or are asked about one."""
    either = Q(german__in=applications) | Q(european__in=applications)
    rows = Pairing.objects.holding().filter(either).values_list("german_id", "european_id")
    held = {key for pair in rows for key in pair}
    if names := [row.place_name for key, row in applications.items() if key in held]:
        raise ValidationError(
            _("A partner is proposed already, or found: %(names)s.") % {"names": ", ".join(names)}
        )


def _refuse_against_rules(
    procedure: Procedure, pairs: list[Pair], cities: dict[int, DescribedCity]
) -> None:
    """Raise :class:`ValidationError` for pairs that break a rule of the procedure or by hand."""
    rules = PairRule.objects.filter(call=procedure.call_id)
    kinds = {(row.german_id, row.european_id): row.kind for row in rules}
    for german, european in pairs:
        kind = kinds.get((german.pk, european.pk))
        words = {"german": german.place_name, "european": european.place_name}
        if kind == PairRuleKind.FORBIDDEN:
            raise ValidationError(_("A rule excludes %(german)s – %(european)s.") % words)
        is_fixed = kind == PairRuleKind.FIXED
        twinned = are_twinned(cities[german.pk], cities[european.pk])
        if twinned and not procedure.twinning_allowed and not is_fixed:
            raise ValidationError(
                _("%(german)s and %(european)s are twinned, which the rules exclude.") % words
            )
    if procedure.per_country is None:
        return
    held = Pairing.objects.holding().filter(call=procedure.call_id)
    countries = Counter(held.values_list("european__place_country", flat=True))
    countries.update(european.place_country for _german, european in pairs)
    names = [str(Country(code).label) for code, n in countries.items() if n > procedure.per_country]
    if names:
        raise ValidationError(
            _("Too many partnerships with one country: %(names)s.") % {"names": ", ".join(names)}
        )


def _end_of_day(call: Call, days: int) -> dt.datetime:
    """Return the end of the day that lies so many days ahead, on the call's clock."""
    zone = zoneinfo.ZoneInfo(call.time_zone)
    day = timezone.now().astimezone(zone).date() + dt.timedelta(days=days)
    return dt.datetime.combine(day, LAST_SECOND, tzinfo=zone)
