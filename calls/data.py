"""What the portal holds about a person in applications, as plain data."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from calls.models import Application


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
