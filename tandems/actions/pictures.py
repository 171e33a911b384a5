"""What puts pictures into the draft of a profile, changes their words and takes them out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Max, ProtectedError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, require
from calls.content import merge
from core.files import CheckedFile, FileKind, store
from core.files.pictures import SizedPicture, sized
from core.models import save_new
from tandems.actions.partnership import mark_maintained
from tandems.locks import lock_tandem
from tandems.models import SIZES, Picture, ProfilePicture, ProfileVersion

#: What stands beside a picture, and can be changed.
WORDS = ("alt_de", "alt_en", "caption_de", "caption_en", "author", "licence", "sources")
#: A profile is no album.
MOST_PICTURES = 20


def add_picture(
    *, profile: ProfileVersion, file: CheckedFile, words: Mapping[str, Any], by: Any
) -> ProfilePicture:
    """Put a checked picture at the end of a draft, in three sizes.

    ``words`` has the names of :data:`WORDS`. Raises :class:`ValidationError` when the version is no
    draft any more, when the picture stands in it already, when it is full and for words that are
    missing. The files are written before the rows: what a crash leaves is swept away by
    ``calls.actions.delete_orphaned_files``.
    """
    require(by, Permission.DRAFT_PROFILE, profile)
    # Before anything is locked: of a large picture this takes more than a second.
    drawn = dict(zip(SIZES, sized(file.content, SIZES.values()), strict=True))
    stored: dict[str, str] = {}
    try:
        with transaction.atomic():
            draft = _locked_draft(profile, by)
            rows = ProfilePicture.objects.filter(profile=draft)
            if rows.count() >= MOST_PICTURES:
                raise ValidationError(
                    _("A profile takes up to %(number)s pictures. Remove one first.")
                    % {"number": MOST_PICTURES},
                    code="full",
                )
            known = Picture.objects.select_for_update(no_key=True).filter(
                tandem_id=draft.tandem_id, sha256=file.sha256
            )
            picture = known.first()
            if picture is None:
                for size, one in drawn.items():
                    stored[size] = store(_as_file(one, file))
                picture = _new_picture(draft, file.sha256, stored, drawn["large"], by)
            last = rows.aggregate(last=Max("position"))["last"]
            place = ProfilePicture(
                profile=draft,
                picture=picture,
                position=0 if last is None else last + 1,
                **{name: words[name] for name in WORDS},
            )
            save_new(place)
    except BaseException:
        for name in stored.values():
            default_storage.delete(name)
        raise
    return place


def _as_file(picture: SizedPicture, original: CheckedFile) -> CheckedFile:
    """Return one size as a file to store; its checksum is that of the upload."""
    return CheckedFile(
        original.name, FileKind.JPEG, picture.content, len(picture.content), original.sha256
    )


def _new_picture(
    draft: ProfileVersion, sha256: str, stored: Mapping[str, str], large: SizedPicture, by: Any
) -> Picture:
    """Save the row of a picture that was never uploaded for the partnership before."""
    picture = Picture(
        tandem_id=draft.tandem_id,
        width=large.width,
        height=large.height,
        sha256=sha256,
        uploaded_by=by,
        **stored,
    )
    save_new(picture)
    return picture


def _locked_draft(profile: ProfileVersion, by: Any) -> ProfileVersion:
    """Return a version, locked, for who may write it; raises :class:`ValidationError` for no draft.

    Partnership first, then version: the order in which versions are released.
    """
    tandem = lock_tandem(profile.tandem_id)
    locked = ProfileVersion.objects.select_for_update(no_key=True).get(pk=profile.pk)
    locked.tandem = tandem
    require(by, Permission.DRAFT_PROFILE, locked)
    mark_maintained(tandem=tandem, by=by)
    if not locked.is_draft:
        raise ValidationError(
            _("This version is no longer a draft, so its pictures can no longer be changed."),
            code="state",
        )
    return locked


@transaction.atomic
def change_picture(
    *, place: ProfilePicture, words: Mapping[str, Any], opened: Mapping[str, str], by: Any
) -> dict[str, Any]:
    """Change the words beside a picture; return what stands against it.

    ``opened`` holds the marks (``calls.content.marks_of``) of what the form was opened with. Where
    somebody else changed the same field meanwhile nothing at all is written, and the stored values
    of those fields are returned.
    """
    draft = _locked_draft(place.profile, by)
    row = ProfilePicture.objects.select_for_update().filter(pk=place.pk, profile=draft).first()
    if row is None:
        raise ValidationError(_("This picture was removed from the draft meanwhile."), code="gone")
    write, conflicts = merge({name: getattr(row, name) for name in WORDS}, words, opened)
    if write and not conflicts:
        for name, value in write.items():
            setattr(row, name, value)
        row.full_clean()
        row.save()
    return conflicts


@transaction.atomic
def move_picture(*, place: ProfilePicture, up: bool, by: Any) -> None:
    """Let a picture change places with the one before it or after it; at the end it stays."""
    draft = _locked_draft(place.profile, by)
    rows = list(ProfilePicture.objects.select_for_update().filter(profile=draft))
    index = next((number for number, row in enumerate(rows) if row.pk == place.pk), None)
    other = None if index is None else index + (-1 if up else 1)
    if index is None or other is None or not 0 <= other < len(rows):
        return
    rows[index], rows[other] = rows[other], rows[index]
    for number, row in enumerate(rows):
        if row.position != number:
            row.position = number
            row.save(update_fields=["position"])


@transaction.atomic
def remove_picture(*, place: ProfilePicture, by: Any) -> None:
    """Take a picture out of a draft; other versions keep it, and with them its files stay."""
    draft = _locked_draft(place.profile, by)
    ProfilePicture.objects.filter(pk=place.pk, profile=draft).delete()


def delete_unused_pictures(*, by: Any = None) -> int:
    """Delete pictures older than a day that stand in no version; return how many.

    Their files go with them.
    """
    before = timezone.now() - dt.timedelta(days=1)
    unused = Picture.objects.filter(places__isnull=True, uploaded_at__lt=before)
    deleted = 0
    for key in list(unused.values_list("pk", flat=True)):
        deleted += _delete_unless_used(key)
    return deleted


@transaction.atomic
def _delete_unless_used(key: int) -> int:
    """Delete a picture, unless somebody has put it into a draft in this moment."""
    picture = Picture.objects.select_for_update().filter(pk=key).first()
    if picture is None:
        return 0
    files = [getattr(picture, size).name for size in SIZES]
    try:
        with transaction.atomic():
            picture.delete()
    except ProtectedError:
        return 0
    for name in files:
        transaction.on_commit(partial(default_storage.delete, name))
    return 1
