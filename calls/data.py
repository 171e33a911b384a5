"""What the portal holds about a person in applications, as plain data."""

from __future__ import annotations

from typing import Any

from calls.models import Agreement, Application, ApplicationEditor, Attachment, Submission


def applications_of(user: Any) -> list[dict[str, Any]]:
    """Return the applications that a person writes, or in which the person is named.

    The texts are those of the municipality; the person reads them on the pages of the application.
    """
    rows = ApplicationEditor.objects.filter(user=user).select_related("application__call")
    own = [
        {
            "application": str(row.application),
            "call": row.application.call.slug,
            "reference": row.application.reference,
            "joined_at": row.joined_at.isoformat() if row.joined_at else None,
            "versions_sent": Submission.objects.filter(
                application=row.application, sent_by=user
            ).count(),
            "files_uploaded": [
                file.name
                for file in Attachment.objects.filter(application=row.application, uploaded_by=user)
            ],
            "consents_given": [
                {"text": consent.text, "at": consent.given_at.isoformat()}
                for consent in Agreement.objects.filter(application=row.application, given_by=user)
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
