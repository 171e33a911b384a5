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
