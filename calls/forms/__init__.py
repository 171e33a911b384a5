"""Forms about calls and applications."""

from __future__ import annotations

from calls.forms.application import STEP_FORMS as STEP_FORMS, StepForm as StepForm
from calls.forms.begin import (
    BeginForm as BeginForm,
    ColleagueForm as ColleagueForm,
    FileForm as FileForm,
    WithdrawForm as WithdrawForm,
)
from calls.forms.call import (
    CallForm as CallForm,
    CopyForm as CopyForm,
    DeadlineForm as DeadlineForm,
    StateForm as StateForm,
)
from calls.forms.letter import (
    DeclineForm as DeclineForm,
    LetterForm as LetterForm,
    ReleaseForm as ReleaseForm,
)
from calls.forms.pairing import (
    AnswerForm as AnswerForm,
    DropForm as DropForm,
    PairRuleForm as PairRuleForm,
)
from calls.forms.procedure import (
    EligibilityForm as EligibilityForm,
    ProcedureForm as ProcedureForm,
)
from calls.forms.review import (
    ConflictForm as ConflictForm,
    NoteForm as NoteForm,
    ReasonForm as ReasonForm,
    ReviewForm as ReviewForm,
)
