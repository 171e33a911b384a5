"""Where uploads come in, lie and go out; full disks included."""

from __future__ import annotations

import logging
import secrets
from contextlib import suppress
from io import BytesIO
from typing import IO, Any

from django.apps import apps
from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import (
    InMemoryUploadedFile,
    TemporaryUploadedFile,
    UploadedFile,
)
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.db.models import FileField
from django.http import FileResponse, Http404

from core.files.checks import CheckedFile
from core.files.faults import MEGABYTE, fault
from core.files.kinds import FileKind

#: Below it, in the default storage, lies all that people uploaded and what is made for them.
FOLDER = "uploads"
logger = logging.getLogger("vernetzt.files")


def random_name(instance: Any, filename: str) -> str:
    """Return a name that nobody can guess and that tells nothing, for ``FileField(upload_to=…)``.

    192 random bits in 57 characters, spread over 256 folders. Other things in the same storage
    (attachments of mails) lie elsewhere.
    """
    name = secrets.token_hex(24)
    return f"{FOLDER}/{name[:2]}/{name[2:]}"


def store(file: CheckedFile) -> str:
    """Write a checked file and return its name in the storage, as a ``FileField`` takes it.

    Raises :class:`ValidationError` where there is no room for it; nothing of it then stays.
    """
    name = random_name(None, file.name)
    try:
        return default_storage.save(name, ContentFile(file.content))
    except OSError:
        logger.exception("An upload could not be stored.")
        with suppress(OSError):
            default_storage.delete(name)
        raise fault("full") from None


def names_in_use() -> set[str]:
    """Return the names of all stored files that a row of any model names.

    Every field with ``upload_to=random_name`` is asked, so that no new model can be forgotten.
    """
    names: set[str] = set()
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if isinstance(field, FileField) and field.upload_to is random_name:
                names.update(model._base_manager.values_list(field.attname, flat=True))
    return names


def download(file: File[bytes] | IO[bytes], *, name: str, kind: FileKind | str) -> FileResponse:
    """Return a file for saving, never for showing; who may have it must have been asked before.

    Should a browser show it in spite of that, it runs nothing and loads nothing. Raises
    :class:`Http404` if the file is not where it should be.
    """
    try:
        content = file.open("rb") if isinstance(file, File) else file
    except (OSError, ValueError) as error:  # the other where the field is empty
        logger.exception("A stored file cannot be read.")
        raise Http404 from error
    response = FileResponse(
        content, as_attachment=True, filename=name, content_type=FileKind(kind).media_type
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    # The middleware leaves a policy alone that is already there.
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, no-store"
    return response


class CappedUploadHandler(TemporaryFileUploadHandler):
    """Keeps no more of an upload on the disk than may be stored, and stands a full disk.

    The file tells how much was sent and may hold less of it: :func:`core.files.check_upload` then
    answers with the right message, where Django would break off or show an error page.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file; on the disk without the ending of its name, which may be too long there."""
        super(TemporaryFileUploadHandler, self).new_file(*args, **kwargs)
        self.is_broken = False
        vars(self).pop("file", None)  # the one before, which is whole
        try:
            self.file = TemporaryUploadedFile("upload", self.content_type, 0, self.charset)
            self.file.name = self.file_name
        except OSError as error:
            self.give_up(error)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep a piece that lies within the limit."""
        if self.is_broken or start > settings.UPLOAD_MAX_MEGABYTES * MEGABYTE:
            return
        try:
            self.file.write(raw_data)
        except OSError as error:
            self.give_up(error)

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        """Return the file; of one that could not be kept, its name and size alone."""
        if not self.is_broken:
            try:
                return super().file_complete(file_size)
            except OSError as error:  # the last bytes are written only now
                self.give_up(error)
        return InMemoryUploadedFile(
            BytesIO(), self.field_name, self.file_name, self.content_type, file_size, self.charset
        )

    def give_up(self, error: OSError) -> None:
        """Let go of what is on the disk and tell the operator why."""
        logger.error("An upload could not be kept.", extra={"data": {"reason": error.strerror}})
        self.is_broken = True
        if hasattr(self, "file"):
            with suppress(OSError):
                self.file.close()
