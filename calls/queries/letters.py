"""What letters about the selection are drafted from, which are missing, and who moves up."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, F, OuterRef, QuerySet, Sum
from django.urls import reverse
from django.utils import timezone, translation

from calls.enums import ApplicationState, LetterState, Outcome, Pool
from calls.letters import Facts, Finding
from calls.models import (
    Application,
    Call,
    Decision,
    EligibilityCheck,
    Letter,
    Offer,
    Review,
    Score,
    SelectionSession,
    Submission,
)


def decisions_to_tell(session: SelectionSession) -> QuerySet[Decision]:
    """Return what a session decided about applications that were not withdrawn since."""
    rows = Decision.objects.filter(session=session).select_related("application")
    return rows.exclude(application__state=ApplicationState.WITHDRAWN).order_by("pk")


def decisions_without_letter(session: SelectionSession) -> QuerySet[Decision]:
    """Return those decisions to tell of which there is neither a draft nor a released letter."""
    written = Letter.objects.filter(
        session=session, application=OuterRef("application"), outcome=OuterRef("outcome")
    )
    return decisions_to_tell(session).exclude(Exists(written))


def letters_to_release(session: SelectionSession) -> QuerySet[Letter]:
    """Return the drafts that the next release lets go."""
    rows = Letter.objects.drafts().filter(session=session)
    return rows.exclude(application__state=ApplicationState.WITHDRAWN)


def moved_up(letter: Letter) -> bool:
    """Tell whether a letter offers a place to who stood on the reserve list of its session."""
    reserve = Decision.objects.filter(
        session=letter.session_id, application=letter.application_id, outcome=Outcome.RESERVE
    )
    return letter.outcome == Outcome.ACCEPTED and reserve.exists()


def zone_of(call: Call) -> zoneinfo.ZoneInfo:
    """Return the zone of a call, or that of the portal where only days of it are known."""
    return zoneinfo.ZoneInfo(call.time_zone or timezone.get_default_timezone_name())


def due_at_for(call: Call, confirm_days: int, released_at: dt.datetime) -> dt.datetime:
    """Return by when a place is to be confirmed: the end of a day on the clock of the call."""
    zone = zone_of(call)
    last = released_at.astimezone(zone).date() + dt.timedelta(days=confirm_days)
    return dt.datetime.combine(last, dt.time(23, 59, 59), tzinfo=zone)


def facts_of(
    session: SelectionSession, letters: Iterable[tuple[Application, str, int | None, bool]]
) -> list[Facts]:
    """Return what each letter is drafted from, in the same order.

    A letter is named by application, outcome, rank on the reserve list, and whether the city moved
    up from it. The number of queries does not grow with the number of letters.
    """
    rows = list(letters)
    keys = [application.pk for application, _outcome, _rank, _moved in rows]
    call = session.call
    languages = languages_of([application for application, *_rest in rows])
    findings = {code: findings_of(call, code) for code in set(languages.values())}
    unmet = EligibilityCheck.objects.filter(application__in=keys, is_eligible=False)
    reasons = dict(unmet.values_list("application", "reason"))
    confirmed = Offer.objects.confirmed().filter(application__in=keys)
    holds = set(confirmed.values_list("application", flat=True))
    told = Letter.objects.filter(application__in=keys, state=LetterState.RELEASED)
    told = told.exclude(session=session).order_by("released_at", "pk")
    before = dict(told.values_list("application", "released_at"))
    found = []
    for application, outcome, rank, has_moved_up in rows:
        language = languages[application.pk]
        earlier = before.get(application.pk)
        found.append(
            Facts(
                outcome=outcome,
                language=language,
                place=application.place_name,
                pool=application.pool,
                title=text_in(call, "title", language),
                reference=application.reference,
                findings=findings[language].get(application.pk, ()),
                rank=rank if outcome == Outcome.RESERVE else None,
                has_moved_up=has_moved_up,
                has_confirmed=application.pk in holds,
                replaces=earlier.astimezone(zone_of(call)).date()
                if earlier and not has_moved_up
                else None,
                unmet=reasons.get(application.pk, ""),
                **addresses(application, call, language),
            )
        )
    return found


def addresses(application: Application, call: Call, language: str) -> dict[str, str]:
    """Return the pages that a letter names, in its language."""
    with translation.override(language):
        paths = {
            "result_url": reverse("calls:result", args=[call.slug, application.key]),
            "call_url": call.get_absolute_url(),
            "calls_url": reverse("calls:index"),
            "meetings_url": reverse("meetings:index"),
        }
    return {name: f"{settings.PUBLIC_URL}{path}" for name, path in paths.items()}


def languages_of(applications: Iterable[Application]) -> dict[int, str]:
    """Return the language of the letter to each application (primary key).

    German for municipalities in Germany; for others that of who sent the application last, and
    English where nobody can be asked.
    """
    rows = list(applications)
    sent = Submission.objects.filter(application__in=rows).order_by("number")
    spoken = dict(sent.values_list("application", "sent_by__language"))
    return {row.pk: "de" if row.pool == Pool.GERMAN else spoken.get(row.pk) or "en" for row in rows}


def findings_of(call: Call, language: str) -> dict[int, list[Finding]]:
    """Return the mean of the reviews that count, by application and criterion in their order."""
    criteria = list(call.criteria.order_by("position", "pk"))
    counting = Review.objects.counting().filter(assignment__application__call=call)
    scores = Score.objects.filter(review__in=counting, step__isnull=False).order_by()
    summed = scores.values_list(F("review__assignment__application"), "criterion").annotate(
        points=Sum("step"), number=Count("pk")
    )
    means = {(key, criterion): Decimal(sum_) / number for key, criterion, sum_, number in summed}
    words = {
        row.pk: (
            text_in(row, "name", language),
            tuple(text_in(row, f"step_{step}", language) for step, _text in row.steps),
        )
        for row in criteria
    }
    found: dict[int, list[Finding]] = defaultdict(list)
    for key in {application for application, _criterion in means}:
        for row in criteria:
            if (mean := means.get((key, row.pk))) is not None:
                name, steps = words[row.pk]
                found[key].append(Finding(name, mean, steps))
    return found


def text_in(record: Any, field: str, language: str) -> str:
    """Return a text in one language, or in the other where it has none."""
    other = "en" if language == "de" else "de"
    text: str = getattr(record, f"{field}_{language}") or getattr(record, f"{field}_{other}") or ""
    return text
