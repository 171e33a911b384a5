"""Forms about people: invitation, handover, the own account, mails, the directory."""

from __future__ import annotations

from accounts.forms.directory import DirectoryEntryForm as DirectoryEntryForm
from accounts.forms.notices import NoticesForm as NoticesForm
from accounts.forms.people import (
    AccessForm as AccessForm,
    HandoverForm as HandoverForm,
    InvitationForm as InvitationForm,
    PasswordResetForm as PasswordResetForm,
    ProfileForm as ProfileForm,
    SignUpForm as SignUpForm,
)
