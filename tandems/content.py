"""What a version of a profile says, as plain values: read, compared, copied, sealed."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable
from typing import Any

from municipalities.models import Municipality
from tandems.models import ProfileEntry, ProfilePicture, ProfileText, ProfileVersion

#: The languages of the interface; every public text should be readable in one of them.
PAGE_LANGUAGES = ("de", "en")
#: What an entry and a picture say beside their texts.
ENTRY_FACTS = ("section", "is_point", "position", "result_kind", "evidence", "sources")
PICTURE_FACTS = (
    *("position", "alt_de", "alt_en", "caption_de", "caption_en", "author", "licence", "sources"),
)
TEXT_FACTS = (
    *("language", "text", "state", "outdated_since", "written_by_id", "written_at"),
    *("checked_by_id", "checked_at"),
)


def languages_of(municipalities: Iterable[Municipality]) -> list[str]:
    """Return the languages in which a profile can be written (ISO 639-1): German, English, ours.

    Those of the interface first, then the languages of the cities in the order of the pair.
    """
    spoken = (language for place in municipalities for language in place.languages)
    return list(dict.fromkeys([*PAGE_LANGUAGES, *spoken]))


def text_in(texts: Iterable[ProfileText], language: str | None) -> ProfileText | None:
    """Return the text that a reader of ``language`` is shown.

    Theirs, else English, else German, else the original; ``None`` where nothing is written.
    """
    written = {text.language: text for text in texts}
    for wanted in (language, "en", "de"):
        if wanted in written:
            return written[wanted]
    originals = [text for text in written.values() if text.state == "original"]
    return next(iter([*originals, *written.values()]), None)


def values_of(profile: ProfileVersion) -> dict[str, Any]:
    """Return everything that a version says, as plain data by the keys of entries and pictures."""
    entries = {}
    for entry in profile.entries.with_texts():
        entries[str(entry.key)] = {
            **{name: getattr(entry, name) for name in ENTRY_FACTS},
            "municipality": entry.municipality.slug if entry.municipality else "",
            "texts": {
                text.language: [text.text, text.state, moment(text.outdated_since)]
                for text in entry.texts.all()
            },
        }
    pictures = {
        str(row.picture.key): {name: getattr(row, name) for name in PICTURE_FACTS}
        for row in profile.pictures.select_related("picture")
    }
    return {"entries": entries, "pictures": pictures, "sources": profile.sources}


def moment(at: dt.datetime | None) -> str:
    """Return a moment as it reads to everybody, wherever they are; empty without one."""
    return at.astimezone(dt.UTC).isoformat() if at else ""


def fingerprint(profile: ProfileVersion) -> str:
    """Return the SHA-256 of everything that a version says (canonical JSON, UTF-8).

    The cities confirm and the team releases exactly what has this fingerprint.
    """
    text = json.dumps(values_of(profile), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def copy_content(source: ProfileVersion, target: ProfileVersion) -> None:
    """Copy all entries, texts and pictures of a version into an empty one."""
    for entry in source.entries.with_texts():
        copied = ProfileEntry.objects.create(
            profile=target,
            key=entry.key,
            municipality=entry.municipality,
            changed_by_id=entry.changed_by_id,
            changed_at=entry.changed_at,
            **{name: getattr(entry, name) for name in ENTRY_FACTS},
        )
        ProfileText.objects.bulk_create(
            ProfileText(entry=copied, **{name: getattr(text, name) for name in TEXT_FACTS})
            for text in entry.texts.all()
        )
    for row in source.pictures.all():
        ProfilePicture.objects.create(
            profile=target,
            picture_id=row.picture_id,
            **{name: getattr(row, name) for name in PICTURE_FACTS},
        )
