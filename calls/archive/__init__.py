"""The whole procedure of a call as one ZIP, for the files of BBSR."""

from __future__ import annotations

from calls.archive.contents import (
    LeftOut as LeftOut,
    Reader as Reader,
    reader_of as reader_of,
    write_archive as write_archive,
)
