"""Calls for participation, and the applications to them."""

from __future__ import annotations

from calls.models.answers import (
    Agreement as Agreement,
    ApplicationAnswer as ApplicationAnswer,
    Attachment as Attachment,
    Submission as Submission,
)
from calls.models.application import (
    LONGEST_TEXT as LONGEST_TEXT,
    MOST_FILES as MOST_FILES,
    Application as Application,
    ApplicationTopic as ApplicationTopic,
)
from calls.models.call import (
    Call as Call,
    CallQuerySet as CallQuerySet,
    any_call_is_open as any_call_is_open,
)
from calls.models.conflict import (
    ConflictDeclaration as ConflictDeclaration,
    closed_to as closed_to,
    organisations_of as organisations_of,
)
from calls.models.editors import (
    ApplicationEditor as ApplicationEditor,
    ApplicationSave as ApplicationSave,
    officers_of as officers_of,
    writers_of as writers_of,
)
from calls.models.facts import CallFact as CallFact, CallMilestone as CallMilestone
from calls.models.history import hidden_subjects as hidden_subjects
from calls.models.letter import Letter as Letter, Offer as Offer
from calls.models.pairing import (
    Pairing as Pairing,
    PairingConsent as PairingConsent,
    PairRule as PairRule,
)
from calls.models.procedure import WEIGHTS as WEIGHTS, Procedure as Procedure
from calls.models.review import (
    DiscussionNote as DiscussionNote,
    EligibilityCheck as EligibilityCheck,
    Review as Review,
    ReviewAssignment as ReviewAssignment,
    Score as Score,
)
from calls.models.scoring import (
    gaps_in as gaps_in,
    reads_reviews as reads_reviews,
    values_of_review as values_of_review,
)
from calls.models.selection import (
    Decision as Decision,
    ListEntry as ListEntry,
    SelectionList as SelectionList,
    SelectionSession as SelectionSession,
    SessionParticipant as SessionParticipant,
    StoodAside as StoodAside,
)
from calls.models.terms import (
    STEPS as STEPS,
    Answer as Answer,
    Consent as Consent,
    Criterion as Criterion,
    Question as Question,
)
