"""Files that people upload: told by their content, checked, stored out of reach, handed out."""

from __future__ import annotations

from core.files.checks import CheckedFile as CheckedFile, check_upload as check_upload
from core.files.faults import MEGABYTE as MEGABYTE
from core.files.kinds import FileKind as FileKind
from core.files.scanner import scan as scan
from core.files.storage import (
    download as download,
    random_name as random_name,
    store as store,
)
