"""What the pages about versions of a profile share: who reads which, and what is shown."""

from __future__ import annotations

from typing import Any

from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404

from calls.enums import WorkingLanguage
from tandems.access import Access
from tandems.confirming import cities_missing
from tandems.differences import differences
from tandems.models import ProfileText, ProfileVersion
from tandems.sections import sections_of
from tandems.views.listing import shown_pictures


def versions_of(access: Access) -> Any:
    """Return the versions that the person reads, the newest first.

    A city that has left reads what was submitted or public by its last day: what a draft said on
    that day nobody knows any more.
    """
    rows = access.tandem.profile_versions.newest_first().prefetch_related(
        "confirmations__municipality"
    )
    if access.until is None:
        return rows
    fixed = rows.alias(fixed_at=Coalesce("submitted_at", "released_at"))
    return fixed.filter(fixed_at__date__lte=access.until)


def version_of(access: Access, number: int) -> ProfileVersion:
    """Return a version that the person reads; others meet 404."""
    version: ProfileVersion = get_object_or_404(versions_of(access), number=number)
    # Whose members are known already.
    version.tandem = access.tandem
    return version


def on_its_way(access: Access) -> ProfileVersion | None:
    """Return the version on its way to the public page."""
    version = access.tandem.profile_versions.unfinished().first()
    if version is not None:
        version.tandem = access.tandem
    return version


def public_version(access: Access) -> ProfileVersion | None:
    """Return the version that stands on the public page, if the person reads it."""
    version: ProfileVersion | None = versions_of(access).released().first()
    return version


def reading(access: Access, version: ProfileVersion, language: str = "") -> dict[str, Any]:
    """Return what the pages show of a version: its texts, pictures, confirmations and comments.

    With a language only the texts in it are shown; else each in the one that the reader reads best.
    """
    texts = ProfileText.objects.filter(entry__profile=version).select_related(
        "entry__municipality", "entry__profile"
    )
    rows = list(texts.order_by("entry__position", "entry_id", "language"))
    spoken = sorted({row.language for row in rows})
    if language not in spoken:
        language = ""
    comments = version.comments.select_related("municipality", "written_by")
    confirmations = version.confirmations.select_related("municipality")
    return {
        "version": version,
        "sections": sections_of(row for row in rows if language in {"", row.language}),
        "language": language,
        "languages": [(code, WorkingLanguage(code).label) for code in spoken],
        "pictures": shown_pictures(
            version.pictures.select_related("picture"),
            access.tandem,
        ),
        "confirmations": [row for row in confirmations if access.reads(row.given_at)],
        "missing": [] if access.until else cities_missing(version),
        "comments": [row for row in comments if access.reads(row.written_at)],
    }


def against_public(access: Access, version: ProfileVersion) -> dict[str, Any]:
    """Return what a version would change on the public page."""
    public = public_version(access)
    return {"public": public, "changes": differences(public, version)}
