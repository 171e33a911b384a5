"""How places are given: trial lists, the session, the recommendation, the decision."""

from __future__ import annotations

from calls.actions.selection.deciding import decide as decide
from calls.actions.selection.lists import (
    create_list as create_list,
    propose_list as propose_list,
    set_entries as set_entries,
)
from calls.actions.selection.sessions import (
    Present as Present,
    note_attendance as note_attendance,
    open_session as open_session,
    recommend as recommend,
    take_back_recommendation as take_back_recommendation,
)
