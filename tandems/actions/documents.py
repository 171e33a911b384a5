"""What puts documents into a partnership, renews them and says who may read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import Notification
from accounts.permissions import Permission, reach_of, require
from calls.content import merge
from core.actions import note_change
from core.files import CheckedFile, store
from core.models import save_new
from tandems.actions.notices import tell_people
from tandems.enums import Visibility
from tandems.locks import lock_tandem
from tandems.models import Document, DocumentVersion, Tandem, TandemMember

#: What is said about a document, and can be changed.
WORDS = ("title", "description", "kind", "language", "dated_on", "topic_id")
#: Read by more than the partnership: opened, and from then on changed, by contact and deputy only.
WIDE = frozenset({Visibility.NETWORK, Visibility.PUBLIC})
#: Not looked at when a document changes: the account of who added it may have been erased.
UNASKED = {"added_by"}


def add_document(
    *,
    tandem: Tandem,
    member: TandemMember | None,
    file: CheckedFile,
    words: Mapping[str, Any],
    visibility: str,
    by: Any,
) -> Document:
    """Put a checked file into a partnership, for ``member`` or (``None``) for the project team.

    ``words`` has the names of :data:`WORDS`. Raises :class:`ValidationError` for the public, which
    has a step of its own, for a file that is there already and for words that are missing.
    """
    if member is None and reach_of(by, Permission.CONTRIBUTE) is not None:
        raise PermissionDenied
    wide = visibility in WIDE
    require(by, Permission.SUBMIT_PROFILE if wide else Permission.CONTRIBUTE, member or tandem)
    if visibility == Visibility.PUBLIC:
        raise ValidationError(
            {"visibility": _("Add the document first; you can make it public in a second step.")}
        )
    stored = ""
    try:
        with transaction.atomic():
            # One after the other, so that a form sent twice does not put the file in twice.
            locked = lock_tandem(tandem.pk)
            # Asked once more: while this waited, the city may have left.
            fresh = member and TandemMember.objects.get(pk=member.pk)
            require(
                by, Permission.SUBMIT_PROFILE if wide else Permission.CONTRIBUTE, fresh or locked
            )
            _refuse_copy(tandem, file, by)
            document = Document(
                tandem=tandem,
                municipality_id=member.municipality_id if member else None,
                visibility=visibility,
                added_by=by,
                **{name: words[name] for name in WORDS},
            )
            _refuse_foreign_topic(document)
            save_new(document)
            stored = store(file)
            _add_file(document, file, stored, note="", by=by)
            note_change(document, field="added_at", old="", new="added", by=by)
            _tell(document, "document_added", by)
    except BaseException:
        if stored:
            default_storage.delete(stored)
        raise
    return document


def add_document_version(
    *, document: Document, file: CheckedFile, note: str, by: Any
) -> DocumentVersion:
    """Put a newer file in; the earlier ones stay for whoever may read the document.

    Raises :class:`ValidationError` for the file that is there already and for a removed document.
    """
    stored = ""
    try:
        with transaction.atomic():
            locked = _locked(document, by)
            newest = locked.versions.order_by("-number").first()
            if newest is not None and newest.sha256 == file.sha256:
                raise ValidationError(
                    {
                        "file": _(
                            "This is exactly the file that is already there. Please choose the "
                            "changed file."
                        )
                    },
                    code="copy",
                )
            stored = store(file)
            version = _add_file(locked, file, stored, note=note, by=by)
            _tell(locked, "document_version", by)
    except BaseException:
        if stored:
            default_storage.delete(stored)
        raise
    return version


@transaction.atomic
def change_document(
    *, document: Document, words: Mapping[str, Any], opened: Mapping[str, str], by: Any
) -> dict[str, str]:
    """Change what is said about a document; return what stands against it.

    ``opened`` holds the marks (``calls.content.marks_of``) of the values as text with which the
    form was opened. Where somebody else changed the same field meanwhile nothing at all is written,
    and the stored values of those fields are returned.
    """
    locked = _locked(document, by)
    stored = {name: str(getattr(locked, name) or "") for name in WORDS}
    typed = {name: str(words[name] or "") for name in WORDS}
    write, conflicts = merge(stored, typed, opened)
    if write and not conflicts:
        for name in write:
            setattr(locked, name, words[name])
        _refuse_foreign_topic(locked)
        locked.full_clean(exclude=UNASKED)
        locked.save()
    return conflicts


@transaction.atomic
def change_visibility(*, document: Document, visibility: str, by: Any) -> Document:
    """Say who may read a document from now on; the step stands in its history.

    Contact, deputy and team open a document to the network or the public, and take that back.
    Whoever calls this with the public has shown the person what becomes public.
    """
    locked = _locked(document, by)
    if visibility in WIDE:
        require(by, Permission.SUBMIT_PROFILE, locked)
    if visibility not in Visibility.values:
        raise ValidationError({"visibility": _("Choose who may read the document.")})
    old = locked.visibility
    if visibility != old:
        locked.visibility = visibility
        locked.full_clean(exclude=UNASKED)
        locked.save(update_fields=["visibility"])
        note_change(locked, field="visibility", old=old, new=visibility, by=by)
        _tell(locked, "document_visibility", by)
    return locked


@transaction.atomic
def remove_document(*, document: Document, note: str = "", by: Any) -> None:
    """Take a document away: nobody reads it any more, and its history says so."""
    locked = _locked(document, by)
    locked.removed_at = timezone.now()
    locked.save(update_fields=["removed_at"])
    note_change(locked, field="removed_at", old="present", new="removed", note=note, by=by)


def _locked(document: Document, by: Any) -> Document:
    """Return a document, locked, for who may change it; raises :class:`ValidationError` if gone.

    The partnership is locked first, as everywhere. The right is asked about what the document is
    now: meanwhile somebody may have opened it.
    """
    tandem = lock_tandem(document.tandem_id)
    locked = Document.objects.select_for_update(no_key=True).get(pk=document.pk)
    locked.tandem = tandem
    wide = locked.visibility in WIDE
    require(by, Permission.SUBMIT_PROFILE if wide else Permission.CONTRIBUTE, locked)
    if locked.removed_at is not None:
        raise ValidationError(_("This document was removed meanwhile."), code="gone")
    if not Document.objects.visible_to(by).filter(pk=locked.pk).exists():
        raise PermissionDenied  # what the team has put in for itself alone
    return locked


def _refuse_copy(tandem: Tandem, file: CheckedFile, by: Any) -> None:
    """Refuse a file that is there already; of documents that the person may not read, no word."""
    same = Document.objects.visible_to(by).filter(tandem=tandem, versions__sha256=file.sha256)
    known = same.first()
    if known is not None:
        raise ValidationError(
            {"file": _("This file is there already: “%(title)s”.") % {"title": known.title}},
            code="copy",
        )


def _refuse_foreign_topic(document: Document) -> None:
    """Refuse the topic of another partnership."""
    if document.topic is not None and document.topic.tandem_id != document.tandem_id:
        raise ValidationError({"topic": _("Choose a topic of this partnership.")})


def _add_file(
    document: Document, file: CheckedFile, stored: str, *, note: str, by: Any
) -> DocumentVersion:
    """Save the row of a stored file as the newest version."""
    last = document.versions.aggregate(last=Max("number"))["last"] or 0
    version = DocumentVersion(
        document=document,
        number=last + 1,
        file=stored,
        name=file.name,
        kind=file.kind,
        size=file.size,
        sha256=file.sha256,
        note=note,
        uploaded_by=by,
    )
    save_new(version)
    return version


def _tell(document: Document, event: str, by: Any) -> None:
    """Tell who may read the document what happened to it."""
    tandem = document.tandem
    tell_people(
        tandem=tandem,
        kind=Notification.TANDEM_DOCUMENTS,
        event=event,
        path=reverse("workspace:document", args=[tandem.slug, document.key]),
        facts={"title": document.title},
        document=document,
        by=by,
    )
