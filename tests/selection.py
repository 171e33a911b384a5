"""A call in review as the tests need it: applications of both pools, reviewers, what they filed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts.enums import OrganisationKind
from accounts.models import Organisation, User
from calls.content import COLUMNS, checksum, frozen, place_key, write_values
from calls.enums import (
    ApplicationState,
    CallState,
    ConflictKind,
    Outcome,
    ReviewState,
    SessionState,
)
from calls.models import (
    Application,
    ApplicationEditor,
    Call,
    ConflictDeclaration,
    Decision,
    Procedure,
    Review,
    ReviewAssignment,
    Score,
    SelectionList,
    SelectionSession,
    Submission,
)
from core.actions import note_change
from tests.applications import full_values, make_open_call
from tests.factories import OrganisationFactory, RoleAssignmentFactory, UserFactory, make_user

#: Stands in what others wrote in reviews: nobody may read it who must not.
LEAK = "LECKSTELLE"


def make_organisation(name: str, kind: str = OrganisationKind.PROJECT_TEAM) -> Organisation:
    """Return an organisation of the project team with this slug, made once."""
    found = Organisation.objects.filter(slug=name).first()
    return found or OrganisationFactory(slug=name, short_name=name, kind=kind)


def make_reviewer(organisation: str = "difu", role: str = "reviewer", **fields: Any) -> User:
    """Return somebody who holds a role for an organisation of the project team."""
    person: User = UserFactory(**fields)
    RoleAssignmentFactory(
        user=person, role=role, municipality=None, organisation=make_organisation(organisation)
    )
    # The roles are read once per object: give back one that has not asked yet.
    return User.objects.get(pk=person.pk)


def make_call_in_review(german: int = 1, european: int = 1, **fields: Any) -> Call:
    """Return a call whose deadline is over, with sent applications of both pools, in review.

    Cities are called ``Stadt 1``… (Germany) and ``City 1``… (France); each wrote the same texts.
    """
    fields = {"places_german": 6, "places_european": 6, "partnerships": 6} | fields
    call = make_open_call(**fields)
    for number in range(german):
        make_sent(call, f"Stadt {number + 1}")
    for number in range(european):
        application = make_sent(call, f"City {number + 1}")
        Application.objects.filter(pk=application.pk).update(place_country="FR")
    Call.objects.filter(pk=call.pk).update(
        state=CallState.IN_REVIEW, closes_at=timezone.now() - timezone.timedelta(days=1)
    )
    call.refresh_from_db()
    Procedure.objects.create(call=call)
    return call


def make_sent(call: Call, name: str) -> Application:
    """Return an application that was sent, with the rows that writing and sending it leaves.

    Of how it comes about nothing is asked here, and most tests need several; that the rows are the
    same is what tests/calls/test_submission.py asks.
    """
    by, now = make_user(), timezone.now()
    application = Application(
        call=call,
        state=ApplicationState.SUBMITTED,
        reference=next_reference(call),
        place_key=place_key(None, name, "DE"),
        place_name=name,
        place_country="DE",
        completeness=100,
        begun_by=by,
        begun_at=now,
        changed_at=now,
        submitted_at=now,
    )
    values = full_values(application)
    for step in COLUMNS:
        write_values(application, step, values.pop(step), by)
    application.save()
    ApplicationEditor.objects.create(
        application=application, user=by, email=by.email, joined_at=now
    )
    for step, written in values.items():
        write_values(application, step, written, by)
    note_change(application, old="", new=ApplicationState.DRAFT, by=by)
    note_change(application, old=ApplicationState.DRAFT, new=application.state, by=by)
    document = frozen(application, number=1, sent_at=now, by=by)
    Submission.objects.create(
        application=application,
        number=1,
        document=document,
        sha256=checksum(document),
        sent_by=by,
        sent_at=now,
    )
    return Application.objects.get(pk=application.pk)


def next_reference(call: Call) -> str:
    """Return the number that the next application of a call gets when it is sent."""
    taken = Application.objects.filter(call=call).exclude(reference="").count()
    assert call.closes_at
    return f"{call.closes_at.year}-{call.pk}-{taken + 1:03d}"


def applications_of(call: Call) -> list[Application]:
    """Return its applications, in the order in which they were begun."""
    return list(Application.objects.filter(call=call).order_by("pk"))


def assign(application: Application, reviewer: User) -> ReviewAssignment:
    """Let somebody read an application, for the organisation of the first role."""
    organisation = next(role.organisation for role in reviewer.roles if role.organisation)
    return ReviewAssignment.objects.create(
        application=application, reviewer=reviewer, organisation=organisation
    )


def declare(
    application: Application, person: User, kind: str = ConflictKind.NONE, sentence: str = ""
) -> ConflictDeclaration:
    """State whether somebody has a conflict of interest."""
    organisation = next(role.organisation for role in person.roles if role.organisation)
    return ConflictDeclaration.objects.create(
        application=application,
        person=person,
        organisation=organisation,
        kind=kind,
        sentence=sentence or ("" if kind == ConflictKind.NONE else "Wir beraten die Stadt."),
    )


def assign_free(application: Application, reviewer: User) -> ReviewAssignment:
    """Let somebody read an application who has declared that nothing stands against it."""
    declare(application, reviewer)
    return assign(application, reviewer)


def filed(
    application: Application, reviewer: User, steps: Sequence[int] | int = 3, text: str = "Gut."
) -> Review:
    """Return a filed review: one step for all criteria, or one for each."""
    assignment = ReviewAssignment.objects.filter(application=application, reviewer=reviewer).first()
    assignment = assignment or assign_free(application, reviewer)
    criteria = list(application.call.criteria.all())
    chosen = [steps] * len(criteria) if isinstance(steps, int) else list(steps)
    weighted = sum(row.weight * step for row, step in zip(criteria, chosen, strict=True))
    weights = sum(row.weight for row in criteria)
    review = Review.objects.create(
        assignment=assignment,
        state=ReviewState.FILED,
        comment=text,
        total=round(Decimal(weighted) / Decimal(weights), 2),
        submission=application.submissions.order_by("number").last(),
        filed_at=timezone.now(),
    )
    for criterion, step in zip(criteria, chosen, strict=True):
        Score.objects.create(review=review, criterion=criterion, step=step, justification=text)
    return review


def decided(
    call: Call, outcomes: Mapping[Application, tuple[str, int | None] | str]
) -> SelectionSession:
    """Return a session in which BBSR decided this about each application; the call is decided.

    An outcome alone stands for one without a rank. A further session corrects the one before.
    """
    earlier = SelectionSession.objects.current(call)
    number = SelectionSession.objects.filter(call=call).count() + 1
    now = timezone.now()
    chosen = SelectionList.objects.create(call=call, name=f"Liste {number}", frozen_at=now)
    session = SelectionSession.objects.create(
        call=call,
        number=number,
        state=SessionState.DECIDED,
        held_on=timezone.localdate(),
        corrects=earlier,
        correction_reason="Ein Platz war vergessen." if earlier else "",
        recommended_list=chosen,
        recommended_at=now,
        decided_list=chosen,
        decided_at=now,
        sha256="0" * 64,
    )
    for application, outcome in outcomes.items():
        said, rank = (outcome, None) if isinstance(outcome, str) else outcome
        Decision.objects.create(
            session=session,
            application=application,
            outcome=Outcome(said),
            rank=rank,
            reason=f"Begründung zu {application}.",
        )
    Call.objects.filter(pk=call.pk).update(state=CallState.DECIDED)
    call.refresh_from_db()
    return session
