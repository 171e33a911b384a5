"""The only writers of the single points of a profile: a challenge, a goal, a result."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import get_language, gettext_lazy as _

from accounts.permissions import Permission, require
from calls.content import merge
from tandems.actions.partnership import mark_maintained
from tandems.actions.writing import (
    Saved,
    add_entry,
    keep_entry,
    locked_draft,
    locked_entry,
    write_texts,
)
from tandems.models import ProfileEntry, ProfileVersion
from tandems.points import FACTS, POINT_SECTIONS, TEXT, point_values

MOST_POINTS = 60
#: Where a point stands while it changes places with another one.
PASSING = 32_767


@transaction.atomic
def save_point(
    *,
    profile: ProfileVersion,
    section: str,
    key: uuid.UUID,
    values: Mapping[str, Any],
    opened_with: Mapping[str, str],
    by: Any,
) -> Saved:
    """Save a point; one that is not there yet is added at the end of its section.

    Saved twice it is still one point: the form brings its key along. A point without any text
    cannot be saved. ``opened_with`` and what is raised: see
    :func:`tandems.actions.writing.save_text`.
    """
    locked = locked_draft(profile=profile, by=by)
    found = locked.entries.filter(key=key, is_point=True).first()
    entry = found or ProfileEntry(key=key, section=section, is_point=True)
    entry.profile = locked
    require(by, Permission.DRAFT_PROFILE, entry)
    languages = [name.removeprefix(TEXT) for name in values if name.startswith(TEXT)]
    before = Saved(locked, False, {}, entry.changed_by, entry.changed_at)
    changes, conflicts = merge(point_values(found, languages), values, opened_with)
    if changes:
        if found is None:
            _add_point(entry, by)
        for name in FACTS:
            if name in changes:
                setattr(entry, name, changes[name])
        texts = {language: changes.get(f"{TEXT}{language}") for language in languages}
        written = {language: text for language, text in texts.items() if text is not None}
        write_texts(entry=entry, texts=_in_order_of_reading(written), by=by)
        if not entry.texts.exists():
            raise ValidationError(_("Write the point in at least one language."), code="empty")
        keep_entry(entry=entry, by=by)
    return Saved(locked, bool(changes), conflicts, before.saved_by, before.saved_at)


def _in_order_of_reading(texts: Mapping[str, str]) -> dict[str, str]:
    """Return texts with that in the language of the page first: of a new point, the original."""
    here = get_language()
    return dict(sorted(texts.items(), key=lambda item: item[0] != here))


def _add_point(entry: ProfileEntry, by: Any) -> None:
    """Add a point at the end of its section."""
    if entry.section not in POINT_SECTIONS:
        raise ValidationError(_("This section has no single points."), code="section")
    rows = entry.profile.entries.filter(section=entry.section, is_point=True)
    if rows.count() >= MOST_POINTS:
        raise ValidationError(
            _("A section holds up to %(number)s points. Remove one first."),
            code="many",
            params={"number": MOST_POINTS},
        )
    add_entry(entry=entry, by=by)


def _point_of(profile: ProfileVersion, key: uuid.UUID, by: Any) -> ProfileEntry:
    """Return a point of a draft for who may write it."""
    entry = locked_entry(profile=profile, key=key, by=by)
    if not entry.is_point:
        raise ValidationError(_("This entry is not a single point."), code="section")
    return entry


@transaction.atomic
def move_point(*, profile: ProfileVersion, key: uuid.UUID, up: bool, by: Any) -> bool:
    """Let a point change places with its neighbour; tell whether there was one.

    Raises as :func:`tandems.actions.writing.save_text` does.
    """
    entry = _point_of(profile, key, by)
    rows = entry.profile.entries.filter(section=entry.section, is_point=True)
    if up:
        other = rows.filter(position__lt=entry.position).order_by("-position").first()
    else:
        other = rows.filter(position__gt=entry.position).order_by("position").first()
    if other is None:
        return False
    places = entry.position, other.position
    # Two entries never stand in one place, not even for a moment.
    for row, place in ((entry, PASSING), (other, places[0]), (entry, places[1])):
        row.position = place
        row.save(update_fields=["position"])
    mark_maintained(tandem=entry.profile.tandem, by=by)
    return True


@transaction.atomic
def remove_point(*, profile: ProfileVersion, key: uuid.UUID, by: Any) -> None:
    """Take a point out of the draft; earlier versions keep it.

    Raises as :func:`tandems.actions.writing.save_text` does.
    """
    entry = _point_of(profile, key, by)
    entry.delete()
    mark_maintained(tandem=entry.profile.tandem, by=by)
