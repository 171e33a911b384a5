"""Closed lists of the calls app."""

from __future__ import annotations

from calls.enums.application import (
    APPLICATION_TRANSITIONS as APPLICATION_TRANSITIONS,
    ApplicationState as ApplicationState,
    GivesLevel as GivesLevel,
    Pool as Pool,
    SeeksLevel as SeeksLevel,
    Side as Side,
    Step as Step,
    WorkingLanguage as WorkingLanguage,
    language_choices as language_choices,
)
from calls.enums.call import (
    TRANSITIONS as TRANSITIONS,
    CallKind as CallKind,
    CallSection as CallSection,
    CallState as CallState,
    LanguageLevel as LanguageLevel,
    QuestionKind as QuestionKind,
    QuestionReader as QuestionReader,
)
from calls.enums.review import (
    LEFT_AT_DESK as LEFT_AT_DESK,
    REVIEW_TRANSITIONS as REVIEW_TRANSITIONS,
    ConflictKind as ConflictKind,
    DeskState as DeskState,
    ReviewState as ReviewState,
)
from calls.enums.selection import (
    DECIDED_AS as DECIDED_AS,
    LETTER_TRANSITIONS as LETTER_TRANSITIONS,
    OFFER_TRANSITIONS as OFFER_TRANSITIONS,
    PAIRING_TRANSITIONS as PAIRING_TRANSITIONS,
    SESSION_TRANSITIONS as SESSION_TRANSITIONS,
    ConsentAnswer as ConsentAnswer,
    LetterState as LetterState,
    ListOutcome as ListOutcome,
    OfferState as OfferState,
    Outcome as Outcome,
    PairingState as PairingState,
    PairRuleKind as PairRuleKind,
    SessionState as SessionState,
)
