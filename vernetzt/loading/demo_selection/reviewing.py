"""How the invented applications are checked, assigned and reviewed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from accounts.actions import change_profile, prepare_demo_account
from accounts.backends import DEMO_DOMAIN
from accounts.enums import UserRole
from accounts.models import Organisation, User
from calls import actions
from calls.assigning import propose
from calls.content import marks_of
from calls.enums import ConflictKind
from calls.models import Application, Criterion, Review, ReviewAssignment
from calls.queries import assignment_for
from vernetzt.loading.demo_selection.desk import Desk

#: Account → by how many points it is stricter or milder than the others.
STRICTNESS = {"reader.difu": -1, "reviewer.steinbeis": 1}


def make_readers(data: dict[str, Any]) -> Iterator[tuple[str, User]]:
    """Make the accounts of those who review, two of each organisation of the project team."""
    for entry in data["reviewers"]:
        email = f"{entry['account']}@{DEMO_DOMAIN}"
        known = User.objects.filter(email=email).first()
        organisation = Organisation.objects.get(slug=entry["organisation"])
        person = prepare_demo_account(
            email=email,
            name=known.name if known else entry["name"],
            password="",
            role=UserRole.REVIEWER,
            organisation=organisation,
            by=None,
        )
        change_profile(
            user=person,
            name=person.name,
            language=person.language,
            time_zone=person.time_zone,
            reads=entry["reads"],
            by=person,
        )
        # The roles are read once per object.
        yield entry["account"], User.objects.get(pk=person.pk)


def check_all(desk: Desk) -> None:
    """Check the formal conditions of everything that was sent."""
    for application in desk.sent():
        unmet = desk.data["ineligible"].get(application.place_name)
        actions.check_eligibility(
            application=application,
            is_eligible=unmet is None,
            reason=unmet["de"] if unmet else "",
            by=desk.coordinator,
        )


def review_all(desk: Desk) -> None:
    """Assign, let everybody declare and read, and fill what conflicts of interest left open."""
    conflicts = {(row["account"], row["application"]): row for row in desk.data["conflicts"]}
    for account, name in conflicts:
        actions.assign_reviewer(
            application=desk.application(name),
            reviewer=desk.readers[account],
            by=desk.coordinator,
        )
    accounts = {person.pk: account for account, person in desk.readers.items()}
    # What a conflict of interest opens is assigned anew, until nothing is left to add.
    while assign_proposed(desk):
        waiting = ReviewAssignment.objects.filter(application__call=desk.call, review=None)
        for assignment in waiting.select_related("application__call", "reviewer").order_by("pk"):
            account = accounts[assignment.reviewer_id]  # type: ignore[index]
            conflict = conflicts.get((account, assignment.application.place_name))
            declare_and_read(desk, assignment, account, conflict)
    reopen_one(desk)


def assign_proposed(desk: Desk) -> bool:
    """Assign as it is proposed; tell whether that added anybody."""
    assigned = assignment_for(desk.fresh(), desk.coordinator)
    proposal = propose(
        [case.case() for case in assigned.cases.values()],
        assigned.readers(),
        per_case=assigned.per_case,
        organisations=frozenset(assigned.required),
    )
    if proposal.added:
        actions.apply_proposal(call=desk.call, pairs=proposal.added, by=desk.coordinator)
    return bool(proposal.added)


def declare_and_read(
    desk: Desk, assignment: ReviewAssignment, account: str, conflict: dict[str, Any] | None
) -> None:
    """Let a person state whether something stands against it, and review what does not."""
    application, person = assignment.application, desk.readers[account]
    if application.is_closed_to(person):
        return
    actions.declare_conflict(
        application=application,
        kind=conflict["kind"] if conflict else ConflictKind.NONE,
        sentence=conflict["sentence"]["de"] if conflict else "",
        by=person,
    )
    if conflict:
        return
    criteria = list(desk.call.criteria.all())
    values: dict[str, Any] = {"comment": "In der Runde besprechen: Wer trägt das Vorhaben weiter?"}
    for criterion in criteria:
        step = points(application, criterion, account)
        sentence = dict(criterion.steps)[step]
        values[f"step-{criterion.pk}"] = step
        values[f"justification-{criterion.pk}"] = f"{criterion.name}: {sentence}."
    empty = {name: None if name.startswith("step-") else "" for name in values}
    actions.save_review(
        assignment=assignment, values=values, opened_with=marks_of(empty), by=person
    )
    actions.file_review(assignment=assignment, by=person)


def points(application: Application, criterion: Criterion, account: str) -> int:
    """Return how many points an invented review gives: the same each time, and not all alike."""

    def chance(*parts: object) -> int:
        return hashlib.sha256("|".join(map(str, parts)).encode()).digest()[0]

    quality = 1 + chance(application.place_name) % 4
    deviation = chance(application.place_name, criterion.position, account) % 3 - 1
    return min(5, max(0, quality + deviation + STRICTNESS.get(account, 0)))


def reopen_one(desk: Desk) -> None:
    """Let a coordinator reopen a review, and the reviewer file it again; then they discuss."""
    rows = Review.objects.filter(assignment__application__call=desk.call).order_by("pk")
    review = rows.select_related("assignment__application", "assignment__reviewer")[0]
    note = "Die Punkte zur Verstetigung passen nicht zur Begründung. Bitte noch einmal ansehen."
    actions.reopen_review(review=review, note=note, by=desk.coordinator)
    assignment = ReviewAssignment.objects.get(pk=review.assignment_id)
    reviewer = next(row for row in desk.readers.values() if row.pk == assignment.reviewer_id)
    actions.file_review(assignment=assignment, by=reviewer)
    actions.write_note(
        application=assignment.application,
        text="Gemeint war die Zeit nach dem Ende des Programms; die Punkte bleiben.",
        by=reviewer,
    )
