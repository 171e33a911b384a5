"""Calls and applications in the administration."""

from __future__ import annotations

from calls.admin import (
    application as application,
    call as call,
    letter as letter,
    pairing as pairing,
    procedure as procedure,
    review as review,
    selection as selection,
)
