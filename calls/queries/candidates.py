"""Applications as the selection sees them, and where they stand, in few questions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Avg, Exists, OuterRef, Q
from django.db.models.fields.json import KT
from django.utils.translation import get_language

from calls.effect import Candidate, Entry
from calls.enums import ListOutcome, Side
from calls.models import Application, ApplicationTopic, Call, ListEntry, Review, Score
from calls.numbers import SENT
from calls.queries.standing import judgements_of
from calls.standing import Standing, standing_of
from municipalities.models import Municipality


def candidates_of(call: Call, rows: Any) -> dict[int, Candidate]:
    """Return applications (a queryset) by their primary keys, by name; without their topics.

    A newcomer is a municipality that was in no partnership before this call; one that is not in
    the register cannot have been in one.
    """
    joined = Municipality.objects.filter(
        # Neither below nor above: another one. Excluding it would cost a question within this one.
        Q(memberships__tandem__call__isnull=True)
        | Q(memberships__tandem__call__lt=call)
        | Q(memberships__tandem__call__gt=call),
        memberships__isnull=False,
        pk=OuterRef("municipality"),
    )
    rows = rows.annotate(took_part=Exists(joined)).order_by("place_name", "pk")
    found: dict[int, Candidate] = {}
    for pk, key, reference, name, country, population, *rest in rows.values_list(
        *("pk", "key", "reference", "place_name", "place_country", "place_population"),
        # Of the languages the text of the first one: the whole list would be read as JSON.
        *("state", "eligibility__is_eligible", "took_part", KT("working_languages__0")),
        "municipality",
    ):
        state, is_eligible, took_part, language, municipality = rest
        found[pk] = Candidate(
            *(pk, key, reference, name, country, population),
            *(state in SENT, is_eligible, not took_part, language or "", municipality),
        )
    return found


def with_topics(candidates: Iterable[Candidate]) -> dict[int, Candidate]:
    """Return candidates by their primary keys with the topics on which they give and seek."""
    rows = {one.pk: one for one in candidates}
    found: dict[str, dict[int, list[str]]] = {side: defaultdict(list) for side in Side}
    named = ApplicationTopic.objects.exclude(level=None).filter(application__in=rows)
    own = get_language() or "de"
    other = "en" if own == "de" else "de"
    for pk, side, *names in named.values_list(
        "application", "side", f"topic__name_{own}", f"topic__name_{other}"
    ):
        found[side][pk].append(names[0] or names[1] or "")
    return {
        pk: one._replace(
            gives=tuple(found[Side.GIVES].get(pk, ())), seeks=tuple(found[Side.SEEKS].get(pk, ()))
        )
        for pk, one in rows.items()
    }


def entries_of(lists: Collection[int], visible: Collection[int]) -> dict[int, dict[int, Entry]]:
    """Return for each list (primary key) what it makes of the applications that are visible."""
    found: dict[int, dict[int, Entry]] = {pk: {} for pk in lists}
    rows = ListEntry.objects.filter(selection_list__in=found).order_by("pk")
    for pk, application, outcome, rank, reason in rows.values_list(
        "selection_list", "application", "outcome", "rank", "reason"
    ):
        if application in visible:
            found[pk][application] = Entry(outcome, rank, reason)
    return found


def all_candidates(call: Call, *lists: int) -> dict[int, Candidate]:
    """Return every application that was sent or stands on one of the lists, whoever looks."""
    listed = ListEntry.objects.filter(selection_list__in=lists).exclude(outcome=ListOutcome.LEFT)
    sent = Q(pk__in=Application.objects.sent().filter(call=call).values("pk"))
    rows = Application.objects.filter(sent | Q(pk__in=listed.values("application")), call=call)
    return candidates_of(call, rows)


def neutral_standing(call: Call) -> Standing:
    """Return where the sent applications stand by all reviews that count, whoever looks.

    This is what is frozen with a recommendation; pages show what their reader may see.
    """
    sent = Application.objects.sent().filter(call=call).values_list("pk", flat=True)
    return standing_by(call, Review.objects.all(), set(sent))


def standing_by(call: Call, reviews: Any, applications: Collection[int]) -> Standing:
    """Return the standing by those of ``reviews`` that count; one question, with the procedure.

    Organisations are not compared: the selection looks at places alone.

    ``reviews`` is a queryset of what the reader may see; only ``applications`` are looked at.
    """
    judgements = judgements_of(call, reviews, applications)
    disputed_from = float(call.procedure.disputed_from)
    return standing_of(judgements, disputed_from=disputed_from, with_organisations=False)


def criteria_means(call: Call, reviews: Any) -> dict[int, dict[str, float]]:
    """Return for each application the mean points of each criterion by its name, in their order.

    ``reviews`` is the queryset of those that count for whoever looks.
    """
    names = {row.pk: str(row.name) for row in call.criteria.all()}
    of_call = reviews.filter(assignment__application__call=call)
    rows = Score.objects.filter(review__in=of_call, step__isnull=False).order_by()
    means = rows.values_list("review__assignment__application", "criterion").annotate(Avg("step"))
    found: dict[int, dict[int, float]] = defaultdict(dict)
    for application, criterion, mean in means:
        found[application][criterion] = float(mean)
    return {
        application: {name: by_criterion[pk] for pk, name in names.items() if pk in by_criterion}
        for application, by_criterion in found.items()
    }
