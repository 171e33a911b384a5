"""The record of a session: frozen as plain data with the decision, read from that alone."""

from __future__ import annotations

from calls.record.freezing import (
    attendance_mark as attendance_mark,
    frozen_ranking as frozen_ranking,
    frozen_record as frozen_record,
)
from calls.record.reading import readable as readable, record_document as record_document
