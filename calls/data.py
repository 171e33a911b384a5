"""What the portal holds about a person in applications and selections, as plain data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db import models
from django.db.models import Q

from calls.models import (
    Application,
    ConflictDeclaration,
    DiscussionNote,
    EligibilityCheck,
    Letter,
    Offer,
    Pairing,
    PairingConsent,
    PairRule,
    Review,
    ReviewAssignment,
    SelectionList,
    SelectionSession,
    SessionParticipant,
)

#: What a person did in a selection → the rows, the field that names the person, what is given out.
#: A part of an address with double underscores leads on to what the row hangs on.
IN_SELECTIONS: tuple[tuple[str, type[models.Model], str, tuple[str, ...]], ...] = (
    (
        "declared_conflict",
        ConflictDeclaration,
        "person",
        ("application__place_name", "kind", "sentence", "declared_at"),
    ),
    ("reads", ReviewAssignment, "reviewer", ("application__place_name", "assigned_at")),
    ("assigned", ReviewAssignment, "assigned_by", ("application__place_name", "assigned_at")),
    (
        "note",
        DiscussionNote,
        "author",
        ("application__place_name", "text", "written_at"),
    ),
    (
        "eligibility_check",
        EligibilityCheck,
        "checked_by",
        ("application__place_name", "is_eligible", "reason", "checked_at"),
    ),
    ("selection_list", SelectionList, "made_by", ("call__slug", "name", "idea", "made_at")),
    (
        "recommended",
        SelectionSession,
        "recommended_by",
        ("call__slug", "number", "recommendation", "recommended_at"),
    ),
    (
        "decided",
        SelectionSession,
        "decided_by",
        ("call__slug", "number", "decision_note", "decided_at"),
    ),
    (
        "present",
        SessionParticipant,
        "person",
        ("session__call__slug", "session__number", "session__held_on", "name", "organisation"),
    ),
    ("letter_edited", Letter, "edited_by", ("application__place_name", "outcome", "edited_at")),
    (
        "letter_released",
        Letter,
        "released_by",
        ("application__place_name", "outcome", "released_at"),
    ),
    (
        "offer_answered",
        Offer,
        "answered_by",
        ("application__place_name", "state", "note", "answered_at"),
    ),
    (
        "pair_rule",
        PairRule,
        "made_by",
        ("german__place_name", "european__place_name", "kind", "reason", "made_at"),
    ),
    (
        "pair_proposed",
        Pairing,
        "proposed_by",
        ("german__place_name", "european__place_name", "proposed_at"),
    ),
    (
        "partner_answered",
        PairingConsent,
        "given_by",
        ("application__place_name", "answer", "reason", "given_at"),
    ),
)


def applications_of(user: Any) -> list[dict[str, Any]]:
    """Return the applications on which a person worked, or in which the person is named.

    The texts are those of the municipality; the person reads them on the pages of the application.
    """
    worked = (
        Q(editors__user=user)
        | Q(begun_by=user)
        | Q(saves__saved_by=user)
        | Q(submissions__sent_by=user)
        | Q(attachments__uploaded_by=user)
        | Q(agreements__given_by=user)
    )
    rows = Application.objects.filter(worked).select_related("call").distinct().order_by("pk")
    own = [
        {
            "application": str(row),
            "call": row.call.slug,
            "reference": row.reference,
            "versions_sent": row.submissions.filter(sent_by=user).count(),
            "files_uploaded": [file.name for file in row.attachments.filter(uploaded_by=user)],
            "consents_given": [
                {"text": consent.text, "at": consent.given_at.isoformat()}
                for consent in row.agreements.filter(given_by=user)
            ],
        }
        for row in rows
    ]
    named = [
        {"application": str(row), "call": row.call.slug, "named_as": role}
        for role, field in (("contact", "contact_email"), ("deputy", "deputy_email"))
        for row in Application.objects.filter(**{f"{field}__iexact": user.email}).select_related(
            "call"
        )
    ]
    return [*own, *named]


def selection_of(user: Any) -> list[dict[str, Any]]:
    """Return what a person did in selections, in the person's own words.

    Of an application only the municipality is named: its texts, and what others found, belong to
    others.
    """
    done = [
        {"what": what} | {name: _plain(value) for name, value in row.items()}
        for what, model, field, names in IN_SELECTIONS
        for row in model._default_manager.filter(**{field: user}).order_by("pk").values(*names)
    ]
    return [*done, *_reviews_of(user)]


def _reviews_of(user: Any) -> Iterator[dict[str, Any]]:
    """Yield the reviews that a person wrote, drafts included."""
    rows = Review.objects.filter(assignment__reviewer=user).order_by("pk")
    for row in rows.select_related("assignment__application").prefetch_related("scores__criterion"):
        yield {
            "what": "review",
            "application__place_name": row.assignment.application.place_name,
            "state": row.state,
            "comment": row.comment,
            "saved_at": _plain(row.saved_at),
            "filed_at": _plain(row.filed_at),
            "scores": [
                {
                    "criterion": str(score.criterion),
                    "points": score.step,
                    "justification": score.justification,
                }
                for score in row.scores.all()
            ],
        }


def _plain(value: Any) -> Any:
    """Return a value as JSON can hold it."""
    return value.isoformat() if isinstance(value, dt.date) else value
