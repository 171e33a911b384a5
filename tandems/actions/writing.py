"""The only writers of what a profile says; two people who write at once lose nothing."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, require
from calls.content import mark_of, merge
from core.actions import note_change
from core.models import save_new
from municipalities.models import Municipality
from tandems.actions.partnership import mark_maintained
from tandems.content import copy_content
from tandems.enums import ProfileSection, ProfileState, TextState
from tandems.locks import lock_tandem
from tandems.models import ProfileEntry, ProfileText, ProfileVersion, Tandem


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of something typed: whether it was written, and what stands against it.

    ``conflicts`` holds the stored values of what somebody else changed meanwhile, by name.
    """

    profile: ProfileVersion
    changed: bool
    conflicts: Mapping[str, Any]
    saved_by: Any = None
    saved_at: dt.datetime | None = None


@transaction.atomic
def start_draft(*, tandem: Tandem, by: Any) -> ProfileVersion:
    """Begin a draft that says what the public page says; a version on its way is returned instead.

    Raises :class:`PermissionDenied` unless ``by`` may write the profile.
    """
    locked = lock_tandem(tandem.pk)
    require(by, Permission.DRAFT_PROFILE, locked)
    versions = ProfileVersion.objects.filter(tandem=locked)
    if (unfinished := versions.unfinished().first()) is not None:
        return unfinished
    released = versions.released().first()
    draft = ProfileVersion(
        tandem=locked,
        number=(versions.aggregate(last=Max("number"))["last"] or 0) + 1,
        based_on=released,
        started_by=by,
        sources=released.sources if released else [],
    )
    save_new(draft)
    if released is not None:
        copy_content(released, draft)
    note_change(draft, field="state", old="", new=ProfileState.DRAFT, by=by)
    mark_maintained(tandem=locked, by=by)
    return draft


def locked_draft(*, profile: ProfileVersion, by: Any) -> ProfileVersion:
    """Return the version, locked with its partnership, for who may write it while it is a draft.

    The partnership comes first, as everywhere, so that nobody waits for each other for ever.
    Raises :class:`PermissionDenied`, or :class:`ValidationError` for what is no draft any more.
    """
    tandem = lock_tandem(profile.tandem_id)
    locked = ProfileVersion.objects.select_for_update(no_key=True).get(pk=profile.pk)
    locked.tandem = tandem
    require(by, Permission.DRAFT_PROFILE, locked)
    if not locked.is_draft:
        raise ValidationError(
            _("This version is no longer a draft. What you typed has not been saved yet."),
            code="state",
        )
    return locked


def locked_entry(*, profile: ProfileVersion, key: uuid.UUID, by: Any) -> ProfileEntry:
    """Return an entry of a draft that stays as it is until the end of the transaction.

    Raises as :func:`locked_draft` does, and where the entry was removed or is another city's.
    """
    locked = locked_draft(profile=profile, by=by)
    entry = locked.entries.filter(key=key).first()
    if entry is None:
        raise ValidationError(_("This entry has been removed meanwhile."), code="gone")
    entry.profile = locked
    require(by, Permission.DRAFT_PROFILE, entry)
    return entry


def add_entry(*, entry: ProfileEntry, by: Any) -> ProfileEntry:
    """Add an entry after all others of its version; the caller holds the lock."""
    last = entry.profile.entries.aggregate(last=Max("position"))["last"]
    entry.position = 0 if last is None else last + 1
    entry.changed_by = by
    save_new(entry)
    return entry


@transaction.atomic
def save_text(
    *,
    profile: ProfileVersion,
    section: str,
    municipality: Municipality | None = None,
    language: str,
    text: str,
    opened_with: Mapping[str, str],
    by: Any,
) -> Saved:
    """Save the text of a section in one language; an empty text removes the language.

    ``opened_with`` holds the mark of the text with which the form was opened (see
    :func:`calls.content.merge`): what somebody else wrote meanwhile is never overwritten. Raises
    :class:`PermissionDenied` unless ``by`` may write there (of what a city gives and seeks: that
    city alone), :class:`ValidationError` unless the version is a draft.
    """
    locked = locked_draft(profile=profile, by=by)
    if section == ProfileSection.OFFER and municipality is None:
        raise ValidationError(_("Choose the municipality."))
    place = municipality if section == ProfileSection.OFFER else None
    found = locked.entries.filter(section=section, is_point=False, municipality=place).first()
    entry = found or ProfileEntry(section=section, municipality=place)
    entry.profile = locked
    require(by, Permission.DRAFT_PROFILE, entry)
    before = entry.texts.filter(language=language).first() if found else None
    by_whom, when = entry.changed_by, entry.changed_at
    stored = {"text": before.text if before else ""}
    changes, conflicts = merge(stored, {"text": text}, opened_with)
    if changes:
        if found is None:
            add_entry(entry=entry, by=by)
        write_texts(entry=entry, texts={language: text}, by=by)
        keep_entry(entry=entry, by=by)
    return Saved(
        locked,
        bool(changes),
        conflicts,
        before.written_by if before else by_whom,
        before.written_at if before else when,
    )


def keep_entry(*, entry: ProfileEntry, by: Any) -> None:
    """Note who changed the entry and when; the text of a section that says nothing goes."""
    if entry.texts.exists():
        entry.changed_by, entry.changed_at = by, timezone.now()
        entry.full_clean()
        entry.save()
    else:
        entry.delete()
    mark_maintained(tandem=entry.profile.tandem, by=by)


def write_texts(*, entry: ProfileEntry, texts: Mapping[str, str], by: Any) -> None:
    """Write texts by language; an empty one goes. The original is written first.

    What is written first of all is the original. Where it changes, the others are out of date from
    now on, unless they are written in the same moment.
    """
    now = timezone.now()
    rows = {row.language: row for row in entry.texts.all()}
    for language in sorted(texts, key=lambda code: not _is_original(rows.get(code))):
        row = rows.get(language)
        if not texts[language]:
            if row is not None:
                rows.pop(language).delete()
        elif row is None:
            state = TextState.TRANSLATED if rows else TextState.ORIGINAL
            row = ProfileText(entry=entry, language=language, state=state)
            rows[language] = _written(row, texts[language], now, by)
        else:
            if _is_original(row):
                _outdate(entry, row, now)
            _written(row, texts[language], now, by)
    if rows and not any(_is_original(row) for row in rows.values()):
        _let_lead(next(iter(sorted(rows.values(), key=lambda row: row.outdated_since is not None))))


def _is_original(row: ProfileText | None) -> bool:
    """Tell whether a text was written first."""
    return row is not None and row.state == TextState.ORIGINAL


def _written(row: ProfileText, text: str, now: dt.datetime, by: Any) -> ProfileText:
    """Save a text that a person wrote: what was checked or out of date is neither any more."""
    row.text, row.written_by, row.written_at = text, by, now
    row.outdated_since = row.checked_at = row.checked_by = None
    if not _is_original(row):
        row.state = TextState.TRANSLATED
    row.full_clean()
    row.save()
    return row


def _outdate(entry: ProfileEntry, original: ProfileText, now: dt.datetime) -> None:
    """Note that the translations no longer say what the original says; who was late stays late."""
    others = entry.texts.exclude(pk=original.pk)
    others.filter(outdated_since__isnull=True).update(outdated_since=now)


def _let_lead(row: ProfileText) -> None:
    """Make a text the original."""
    row.state = TextState.ORIGINAL
    row.outdated_since = row.checked_at = row.checked_by = None
    row.full_clean()
    row.save()


def _texts_with(entry: ProfileEntry, language: str) -> dict[str, ProfileText]:
    """Return the texts of an entry by language; one of them is in ``language``."""
    texts = {row.language: row for row in entry.texts.all()}
    if language not in texts:
        raise ValidationError(_("This text has been removed meanwhile."), code="gone")
    return texts


@transaction.atomic
def check_translation(
    *,
    profile: ProfileVersion,
    key: uuid.UUID,
    language: str,
    seen: Mapping[str, str],
    by: Any,
) -> ProfileText:
    """Note that somebody has read a translation beside the original, and that it is right.

    ``seen`` holds the marks of the texts that the person read. Raises as :func:`save_text` does,
    and :class:`ValidationError` when one of the two has changed meanwhile.
    """
    entry = locked_entry(profile=profile, key=key, by=by)
    texts = _texts_with(entry, language)
    row = texts[language]
    read = [language, *(code for code, text in texts.items() if _is_original(text))]
    if any(seen.get(code) != mark_of(texts[code].text) for code in read):
        raise ValidationError(
            _("The text has changed meanwhile. Please read both texts again."), code="changed"
        )
    if _is_original(row):
        raise ValidationError(_("The original needs no check."), code="original")
    row.state, row.outdated_since = TextState.CHECKED, None
    row.checked_by, row.checked_at = by, timezone.now()
    row.full_clean()
    row.save()
    keep_entry(entry=entry, by=by)
    return row


@transaction.atomic
def make_original(
    *, profile: ProfileVersion, key: uuid.UUID, language: str, by: Any
) -> ProfileText:
    """Let a text count as the original; the one that did is a translation from now on.

    Raises as :func:`save_text` does, and :class:`ValidationError` for a text that is out of date.
    """
    entry = locked_entry(profile=profile, key=key, by=by)
    texts = _texts_with(entry, language)
    row = texts[language]
    if row.outdated_since is not None:
        raise ValidationError(
            _("This text is out of date. Bring it up to date before it becomes the original."),
            code="outdated",
        )
    if not _is_original(row):
        entry.texts.filter(state=TextState.ORIGINAL).update(state=TextState.TRANSLATED)
        _let_lead(row)
        keep_entry(entry=entry, by=by)
    return row
