"""What takes a procedure to the files of BBSR."""

from __future__ import annotations

import tempfile
from typing import IO, Any

from django.utils import timezone

from accounts.permissions import Permission, require
from calls.archive import reader_of, write_archive
from calls.models import Call
from core.actions import note_change

#: The field under which it stands in the history of a call that an archive was taken.
ARCHIVE = "archive"


def take_archive(*, call: Call, by: Any) -> IO[bytes]:
    """Return the archive of a procedure as a temporary file, at its beginning; closing deletes it.

    That it was taken, with how many files and how many applications left out, stands in the history
    of the call. Raises :class:`PermissionDenied` for who does not decide.
    """
    require(by, Permission.DECIDE_SELECTION)
    target = tempfile.TemporaryFile(suffix=".zip")  # noqa: SIM115 - whoever answers closes it
    try:
        reader = reader_of(call, by)
        # In no transaction: it takes seconds, and on SQLite nobody else could write meanwhile.
        files = write_archive(call, reader, target, timezone.now())
        note = f"files: {files}, left out: {len(reader.left_out)}"
        note_change(call, field=ARCHIVE, old="", new="taken", note=note, by=by)
        target.seek(0)
    except BaseException:
        target.close()
        raise
    return target
