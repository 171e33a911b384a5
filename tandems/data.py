"""What the portal holds about a person in the internal areas of partnerships, as plain data."""

from __future__ import annotations

from typing import Any

from tandems.models import (
    DocumentVersion,
    Picture,
    ProfileComment,
    ProfileConfirmation,
    ProfileText,
)


def workspace_of(user: Any) -> dict[str, list[dict[str, Any]]]:
    """Return what a person wrote, confirmed and put in: whatever became of it since.

    What others wrote is not among it; documents and pictures are named by the files put in.
    """
    comments = ProfileComment.objects.filter(written_by=user).select_related("profile__tandem")
    given = ProfileConfirmation.objects.filter(given_by=user).select_related("profile__tandem")
    texts = ProfileText.objects.filter(written_by=user).select_related("entry__profile__tandem")
    files = DocumentVersion.objects.filter(uploaded_by=user).select_related("document__tandem")
    pictures = Picture.objects.filter(uploaded_by=user).select_related("tandem")
    return {
        "profile_comments": [
            {**version_of(row.profile), "text": row.text, "at": row.written_at.isoformat()}
            for row in comments.order_by("pk")
        ],
        "profile_confirmations": [
            {**version_of(row.profile), "at": row.given_at.isoformat()}
            for row in given.order_by("pk")
        ],
        "profile_texts": [
            {
                **version_of(row.entry.profile),
                "section": row.entry.section,
                "language": row.language,
                "text": row.text,
                "at": row.written_at.isoformat(),
            }
            for row in texts.order_by("pk")
        ],
        "documents": [
            {
                "partnership": str(row.document.tandem),
                "file": row.name,
                "version": row.number,
                "note": row.note,
                "at": row.uploaded_at.isoformat(),
            }
            for row in files.order_by("pk")
        ],
        "pictures": [
            {"partnership": str(row.tandem), "at": row.uploaded_at.isoformat()}
            for row in pictures.order_by("pk")
        ],
    }


def version_of(profile: Any) -> dict[str, Any]:
    """Return which version of which profile something belongs to."""
    return {"partnership": str(profile.tandem), "version": profile.number}
