"""People who sign in, organisations, and the roles that people hold over time."""

from __future__ import annotations

from accounts.models.directory import DirectoryEntry as DirectoryEntry
from accounts.models.invitations import Invitation as Invitation
from accounts.models.organisations import (
    Organisation as Organisation,
    ProgrammeRole as ProgrammeRole,
)
from accounts.models.people import User as User, UserManager as UserManager
from accounts.models.roles import RoleAssignment as RoleAssignment
