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
from calls.models.editors import (
    ApplicationEditor as ApplicationEditor,
    ApplicationSave as ApplicationSave,
    officers_of as officers_of,
    writers_of as writers_of,
)
from calls.models.facts import CallFact as CallFact, CallMilestone as CallMilestone
from calls.models.terms import (
    STEPS as STEPS,
    Answer as Answer,
    Consent as Consent,
    Criterion as Criterion,
    Question as Question,
)
