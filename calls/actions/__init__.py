"""What changes calls and applications; nobody else writes them."""

from __future__ import annotations

from calls.actions.application import (
    SavedStep as SavedStep,
    begin_application as begin_application,
    import_application as import_application,
    save_step as save_step,
)
from calls.actions.call import (
    change_call as change_call,
    change_call_state as change_call_state,
    copy_call as copy_call,
    create_call as create_call,
    extend_deadline as extend_deadline,
)
from calls.actions.editors import (
    ask_to_join as ask_to_join,
    forget_editor as forget_editor,
    invite_editor as invite_editor,
    join_application as join_application,
    remove_editor as remove_editor,
)
from calls.actions.files import (
    attach_file as attach_file,
    delete_orphaned_files as delete_orphaned_files,
    remove_file as remove_file,
)
from calls.actions.reminders import (
    Obstacle as Obstacle,
    Reminders as Reminders,
    obstacles_to_reminding as obstacles_to_reminding,
    remind as remind,
)
from calls.actions.submission import (
    begin_again as begin_again,
    delete_unsent_applications as delete_unsent_applications,
    reopen_application as reopen_application,
    submit_application as submit_application,
    withdraw_application as withdraw_application,
    write_receipts as write_receipts,
)
