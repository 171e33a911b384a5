"""Questions of the selection that one table alone does not answer."""

from __future__ import annotations

from calls.queries.assignment import (
    Assigned as Assigned,
    AssignedCase as AssignedCase,
    Load as Load,
    Reading as Reading,
    Reviewer as Reviewer,
    assignment_for as assignment_for,
    loads as loads,
    reviewers_today as reviewers_today,
)
from calls.queries.rules import plain_rule as plain_rule, rules_of as rules_of
from calls.queries.standing import (
    Named as Named,
    ViewedStanding as ViewedStanding,
    closed_applications as closed_applications,
    standing_for as standing_for,
)
