"""What changes people, roles and invitations; nobody else writes them."""

from __future__ import annotations

from accounts.actions.invitations import (
    accept_invitation as accept_invitation,
    end_unused_invitations as end_unused_invitations,
    invite as invite,
    withdraw_invitation as withdraw_invitation,
)
from accounts.actions.people import (
    block_person as block_person,
    change_profile as change_profile,
    clear_unproven as clear_unproven,
    delete_unconfirmed_accounts as delete_unconfirmed_accounts,
    end_session as end_session,
    end_sessions as end_sessions,
    end_sessions_of_identity as end_sessions_of_identity,
    erase_person as erase_person,
    erase_unused_accounts as erase_unused_accounts,
    mute as mute,
    note_session_use as note_session_use,
    note_summary as note_summary,
    prepare_demo_account as prepare_demo_account,
    unblock_person as unblock_person,
)
from accounts.actions.roles import (
    end_role as end_role,
    give_role as give_role,
    hand_over as hand_over,
)
