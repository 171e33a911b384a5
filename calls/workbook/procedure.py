"""The whole procedure as a workbook: applications, reviews, sessions, decisions.

What a conflict of interest closes to its reader is not in it, and the first sheet says how many
applications that are. Reviews stand in it by the names of their authors: it is for the files of
the procedure, never for the public.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

from django.utils import timezone
from django.utils.translation import gettext as _, ngettext

from calls.enums import Pool
from calls.models import (
    Application,
    Call,
    Decision,
    Review,
    ReviewAssignment,
    Score,
    SelectionSession,
    closed_to,
)
from calls.queries.candidates import candidates_of, standing_by, with_topics
from calls.workbook.writing import Sheet, workbook_of

#: Rows that are held at a time while a sheet is written.
CHUNK = 500


def procedure_workbook(call: Call, user: Any) -> IO[bytes]:
    """Return a temporary file with the whole procedure as ``user`` may read it.

    ``call`` comes with its procedure, or that is one more question. Moments are on the clock of
    the call. The caller closes the file, which deletes it.
    """
    return workbook_of(_sheets(call, user))


def _sheets(call: Call, user: Any) -> Iterator[Sheet]:
    visible = Application.objects.visible_to(user).filter(call=call)
    yield _overview(call, user, visible)
    yield _applications(call, user, visible)
    yield _reviews(call, user)
    yield _sessions(call)
    yield _decisions(call, visible)


def _overview(call: Call, user: Any, visible: Any) -> Sheet:
    closed = Application.objects.filter(closed_to(user), call=call).sent().count()
    own = ReviewAssignment.objects.filter(application__call=call, reviewer=user).unfiled()
    rows: list[tuple[str, Any]] = [
        (_("Call"), str(call.title)),
        (_("State"), call.shown_state),
        (_("Places for German municipalities"), call.places_german),
        (_("Places for other European municipalities"), call.places_european),
        (_("Applications that were sent"), visible.sent().count()),
        (_("Time zone"), call.time_zone),
        (_("As of"), call.on_its_clock(timezone.now())),
        (_("Read by"), str(user)),
    ]
    if closed:
        words = ngettext(
            "%(number)s application is closed to the reader by a conflict of interest. Nothing of"
            " it is in this workbook, and no place, rank or mean counts it.",
            "%(number)s applications are closed to the reader by a conflict of interest. Nothing of"
            " them is in this workbook, and no place, rank or mean counts them.",
            closed,
        )
        rows.append((_("Left out"), words % {"number": closed}))
    if waiting := own.exclude(closed_to(user, "application")).count():
        words = ngettext(
            "Of %(number)s application the reviews of others are left out until the reader has"
            " filed the own one.",
            "Of %(number)s applications the reviews of others are left out until the reader has"
            " filed the own ones.",
            waiting,
        )
        rows.append((_("Left out"), words % {"number": waiting}))
    return Sheet(_("Overview"), ((_("Fact"), 40), (_("Value"), 90)), rows)


def _applications(call: Call, user: Any, visible: Any) -> Sheet:
    sent = visible.sent()
    rows = with_topics(candidates_of(call, sent).values())
    standing = standing_by(call, Review.objects.visible_to(user), rows).rows
    columns = (
        *((_("Rank"), 8), (_("Municipality"), 30), (_("Country"), 9), (_("Pool"), 26)),
        *((_("Reference number"), 18), (_("Inhabitants"), 12), (_("Gives on"), 40)),
        *((_("Seeks on"), 40), (_("Meets the formal conditions"), 14), (_("Newcomer"), 10)),
        *((_("Reviews"), 9), (_("Mean"), 9), (_("Corrected"), 11), (_("Spread"), 9)),
        *((_("Lowest"), 9), (_("Highest"), 9), (_("Disputed"), 10)),
    )

    def cells() -> Iterator[tuple[Any, ...]]:
        order = {pk: number for number, pk in enumerate(standing)}
        for one in sorted(rows.values(), key=lambda row: order.get(row.pk, len(order))):
            place = standing.get(one.pk)
            yield (
                *(place and place.rank, one.name, one.country, str(one.pool.label)),
                *(one.reference, one.population),
                *(", ".join(one.gives), ", ".join(one.seeks)),
                *(one.is_eligible, one.is_newcomer),
                *(
                    (place.reviews, place.mean, place.corrected, place.spread)
                    if place
                    else (0, None, None, None)
                ),
                *(
                    (place.lowest, place.highest, place.is_disputed)
                    if place
                    else (None, None, None)
                ),
            )

    return Sheet(_("Applications"), columns, cells())


def _reviews(call: Call, user: Any) -> Sheet:
    """Return each score of the reviews that count, with its justification."""
    columns = (
        *((_("Municipality"), 30), (_("Reference number"), 18), (_("Reviewer"), 26)),
        *((_("Organisation"), 18), (_("Filed on"), 20), (_("Weighted mean"), 10)),
        *((_("Criterion"), 30), (_("Weight in per cent"), 10), (_("Points"), 8)),
        *((_("Justification"), 80), (_("Overall comment"), 60)),
    )
    counting = Review.objects.visible_to(user).counting()
    rows = Score.objects.filter(
        review__in=counting.filter(assignment__application__call=call)
    ).select_related(
        "criterion", "review__assignment__reviewer", "review__assignment__organisation"
    )
    rows = rows.select_related("review__assignment__application").order_by(
        "review__assignment__application__place_name", "review", "criterion__position"
    )

    def cells() -> Iterator[tuple[Any, ...]]:
        before = None
        for row in rows.iterator(chunk_size=CHUNK):
            review, assignment = row.review, row.review.assignment
            is_first, before = review.pk != before, review.pk
            yield (
                *(assignment.application.place_name, assignment.application.reference),
                str(assignment.reviewer or _("somebody whose account is gone")),
                assignment.organisation.short_name,
                call.on_its_clock(review.filed_at),
                float(review.total) if is_first and review.total is not None else None,
                *(str(row.criterion.name), row.criterion.weight, row.step, row.justification),
                review.comment if is_first else "",
            )

    return Sheet(_("Reviews"), columns, cells())


def _sessions(call: Call) -> Sheet:
    columns = (
        *((_("Session"), 9), (_("State"), 24), (_("Held on"), 12), (_("Place or form"), 24)),
        *((_("Corrects session"), 10), (_("Why it is corrected"), 40)),
        *((_("Recommended list"), 24), (_("Recommendation"), 60), (_("Recommended by"), 24)),
        *((_("Recommended on"), 20), (_("Decided list"), 24)),
        *((_("Reason for the set as a whole"), 60), (_("Decided by"), 24), (_("Decided on"), 20)),
        (_("Checksum (SHA-256)"), 66),
    )
    rows = SelectionSession.objects.filter(call=call).select_related(
        "corrects", "recommended_list", "recommended_by", "decided_list", "decided_by"
    )
    return Sheet(
        _("Sessions"),
        columns,
        (
            (
                *(row.number, row.get_state_display(), row.held_on, row.place),
                *(row.corrects.number if row.corrects else None, row.correction_reason),
                *(row.recommended_list or "", row.recommendation, row.recommended_by or ""),
                *(call.on_its_clock(row.recommended_at), row.decided_list or ""),
                *(row.decision_note, row.decided_by or "", call.on_its_clock(row.decided_at)),
                row.sha256,
            )
            for row in rows
        ),
    )


def _decisions(call: Call, visible: Any) -> Sheet:
    """Return every decision of every session; without ranks where some are left out."""
    columns = (
        *((_("Session"), 9), (_("Municipality"), 30), (_("Reference number"), 18)),
        *((_("Pool"), 26), (_("Decision"), 16), (_("Rank"), 8), (_("Statement of reasons"), 90)),
    )
    every = Decision.objects.filter(session__call=call)
    rows = every.filter(application__in=visible).select_related("session", "application")
    is_whole = not every.exclude(application__in=visible).exists()
    return Sheet(
        _("Decisions"),
        columns,
        (
            (
                *(row.session.number, row.application.place_name, row.application.reference),
                str(Pool(row.application.pool).label),
                row.get_outcome_display(),
                row.rank if is_whole else None,
                row.reason,
            )
            for row in rows.order_by("session__number", "outcome", "rank", "pk").iterator(
                chunk_size=CHUNK
            )
        ),
    )
