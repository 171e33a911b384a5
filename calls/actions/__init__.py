"""What changes calls and applications; nobody else writes them."""

from __future__ import annotations

from calls.actions.application import (
    SavedStep as SavedStep,
    begin_application as begin_application,
    import_application as import_application,
    save_step as save_step,
)
from calls.actions.archive import ARCHIVE as ARCHIVE, take_archive as take_archive
from calls.actions.assignment import (
    Assignments as Assignments,
    Hindrance as Hindrance,
    apply_proposal as apply_proposal,
    assign_reviewer as assign_reviewer,
    assign_reviewers as assign_reviewers,
    unassign_reviewer as unassign_reviewer,
)
from calls.actions.call import (
    change_call as change_call,
    change_call_state as change_call_state,
    copy_call as copy_call,
    create_call as create_call,
    extend_deadline as extend_deadline,
)
from calls.actions.conflicts import (
    declare_conflict as declare_conflict,
    lift_conflict as lift_conflict,
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
from calls.actions.letters import (
    Drafted as Drafted,
    EditedLetter as EditedLetter,
    draft_letters as draft_letters,
    edit_letter as edit_letter,
    release_letters as release_letters,
)
from calls.actions.offers import (
    answer_offer as answer_offer,
    lapse_offers as lapse_offers,
    propose_next_offer as propose_next_offer,
    remind_of_offers as remind_of_offers,
)
from calls.actions.pairing import (
    answer_pairing as answer_pairing,
    drop_pairing as drop_pairing,
    withdraw_consent as withdraw_consent,
)
from calls.actions.procedure import (
    change_procedure as change_procedure,
    check_eligibility as check_eligibility,
)
from calls.actions.proposing import (
    propose_pairs as propose_pairs,
    remove_pair_rule as remove_pair_rule,
    set_pair_rule as set_pair_rule,
)
from calls.actions.reminders import (
    Obstacle as Obstacle,
    Reminders as Reminders,
    obstacles_to_reminding as obstacles_to_reminding,
    remind as remind,
)
from calls.actions.retention import (
    forget_refused_applications as forget_refused_applications,
    forget_reviewer as forget_reviewer,
)
from calls.actions.review import (
    SavedReview as SavedReview,
    file_review as file_review,
    reopen_review as reopen_review,
    save_review as save_review,
    write_note as write_note,
)
from calls.actions.review_reminders import (
    ReviewReminders as ReviewReminders,
    remind_reviewers as remind_reviewers,
)
from calls.actions.selection import (
    Present as Present,
    create_list as create_list,
    decide as decide,
    note_attendance as note_attendance,
    open_session as open_session,
    propose_list as propose_list,
    recommend as recommend,
    set_entries as set_entries,
    take_back_recommendation as take_back_recommendation,
)
from calls.actions.submission import (
    begin_again as begin_again,
    delete_unsent_applications as delete_unsent_applications,
    reopen_application as reopen_application,
    submit_application as submit_application,
    withdraw_application as withdraw_application,
    write_receipts as write_receipts,
)
