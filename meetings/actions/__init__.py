"""What changes meetings and commitments; nobody else writes them."""

from __future__ import annotations

from meetings.actions.commitment import (
    drop_commitment as drop_commitment,
    keep_commitment as keep_commitment,
    make_commitment as make_commitment,
    move_commitment as move_commitment,
    reopen_commitment as reopen_commitment,
)
from meetings.actions.commitment_showing import show_commitment as show_commitment
from meetings.actions.meeting import change_meeting_status as change_meeting_status
