"""Who reads what of a call, as one viewer may know it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.utils import timezone

from accounts.models import RoleAssignment
from accounts.permissions import GRANTS, Permission
from calls.assigning import Case, Gap, Reader, gaps_of
from calls.enums import ConflictKind, ReviewState
from calls.models import Application, Call, ConflictDeclaration, ReviewAssignment

#: Who says nothing about languages reads the own one and this.
COMMON_LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Somebody who may review today: for one organisation, of all those that he or she serves."""

    key: int
    name: str
    organisation: int
    organisation_name: str
    languages: frozenset[str]
    organisations: frozenset[int]


class Reading(NamedTuple):
    """One person who was chosen to read an application.

    ``counts`` is false for who has a conflict of interest, or is no reviewer any more and has not
    filed.
    """

    assignment: int
    reviewer: int | None
    name: str
    organisation: int
    organisation_name: str
    is_filed: bool
    is_barred: bool
    counts: bool


@dataclass(slots=True)
class AssignedCase:
    """One application with those who read it, and those who must not (name, kind of conflict)."""

    pk: int
    language: str
    readings: list[Reading] = field(default_factory=list)
    barred: set[int] = field(default_factory=set)
    barred_organisations: set[int] = field(default_factory=set)
    conflicts: list[tuple[str, ConflictKind]] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    #: The viewer still has to file an own review: what others did is not shown.
    is_blind: bool = False

    @property
    def reads(self) -> set[int]:
        """Return whoever was chosen to read it (primary keys)."""
        return {reading.reviewer for reading in self.readings if reading.reviewer is not None}

    def case(self) -> Case:
        """Return what a proposal asks about it."""
        return Case(
            self.pk,
            frozenset({self.language} if self.language else ()),
            frozenset(one.reviewer for one in self.readings if one.counts and one.reviewer),
            # Who was chosen and does not count must not be proposed once more.
            frozenset(self.barred | {row.reviewer or 0 for row in self.readings if not row.counts}),
        )


@dataclass(frozen=True, slots=True)
class Load:
    """How much one person, or one organisation, reads of what the viewer may know."""

    key: int
    name: str
    organisation_name: str
    languages: tuple[str, ...]
    reads: int
    filed: int


@dataclass(frozen=True, slots=True)
class Assigned:
    """The assignment of a call: its applications by primary key, and who may read today."""

    cases: dict[int, AssignedCase]
    reviewers: dict[int, Reviewer]
    #: Those who read no more, but filed something that stays.
    past: dict[int, Reviewer]
    #: Organisations that must be among the readers: primary key → name.
    required: dict[int, str]
    per_case: int

    def readers(self) -> list[Reader]:
        """Return all whose reading counts, as a proposal asks about them."""
        gone = [Reader(row.key, row.organisation, row.languages, 0) for row in self.past.values()]
        held = [Reader(row.key, row.organisation, row.languages) for row in self.reviewers.values()]
        return held + gone

    def eligible_for(self, pk: int) -> list[Reviewer]:
        """Return who could be added to an application, in the order of their names."""
        case = self.cases[pk]
        taken = case.reads | case.barred
        return [row for row in self.reviewers.values() if row.key not in taken]


def reviewers_today() -> dict[int, Reviewer]:
    """Return who may review today by primary key, in the order of their names."""
    return _reviewers()[0]


def _reviewers() -> tuple[dict[int, Reviewer], dict[int, Reviewer]]:
    """Return who may review today, and who could once; one question for both."""
    rows = RoleAssignment.objects.filter(organisation__isnull=False).order_by("since", "pk")
    serves: dict[int, set[int]] = defaultdict(set)
    held: dict[int, RoleAssignment] = {}
    over: dict[int, RoleAssignment] = {}
    today = timezone.localdate()
    for row in rows.select_related("user", "organisation"):
        is_held = row.since <= today and (row.until is None or row.until >= today)
        if is_held and row.user.is_active:
            serves[row.user_id].add(row.organisation_id or 0)
        if Permission.SCORE in GRANTS[row.role]:
            (held if is_held and row.user.is_active else over).setdefault(row.user_id, row)
    return _by_name(held, serves), _by_name(over, serves)


def _by_name(rows: dict[int, RoleAssignment], serves: dict[int, set[int]]) -> dict[int, Reviewer]:
    """Return the people of roles, in the order of their names."""
    ordered = sorted(rows.values(), key=lambda row: (str(row.user).casefold(), row.user_id))
    return {
        row.user_id: Reviewer(
            row.user_id,
            str(row.user),
            row.organisation_id or 0,
            str(row.organisation),
            languages_of(row.user),
            frozenset(serves[row.user_id]),
        )
        for row in ordered
    }


def languages_of(person: Any) -> frozenset[str]:
    """Return in which languages a person reads (ISO 639-1)."""
    return frozenset(person.reads or {person.language, COMMON_LANGUAGE})


def assignment_for(call: Call, user: Any) -> Assigned:
    """Return the assignment of the sent applications to a call that ``user`` may see.

    What a conflict of interest closes to the viewer is in no count of it. It asks five questions;
    ``call`` comes with its procedure, or that is one more.
    """
    visible = Application.objects.visible_to(user).sent().filter(call=call)
    rows = visible.order_by().values_list("pk", "working_languages")
    cases = {pk: AssignedCase(pk, languages[0] if languages else "") for pk, languages in rows}
    reviewers, once = _reviewers()
    _note_conflicts(cases, call, reviewers)
    filed = _note_readings(cases, call, reviewers, user)
    past = {key: once[key] for key in filed if key in once and key not in reviewers}
    required = {row.pk: str(row) for row in call.procedure.organisations.all()}
    found = Assigned(cases, reviewers, past, required, call.procedure.readers)
    for gap in gaps_of(
        (case.case() for case in cases.values()),
        found.readers(),
        per_case=found.per_case,
        organisations=frozenset(required),
    ):
        cases[gap.case].gaps.append(gap)
    return found


def _note_conflicts(
    cases: dict[int, AssignedCase], call: Call, reviewers: dict[int, Reviewer]
) -> None:
    """Note in every case who must not read it: those who said so, and whole organisations."""
    rows = ConflictDeclaration.objects.closing().filter(application__call=call)
    for row in rows.select_related("person", "organisation").order_by("pk"):
        if (case := cases.get(row.application_id)) is None:
            continue
        kind = ConflictKind(row.kind)
        if row.person_id:
            case.barred.add(row.person_id)
        if kind == ConflictKind.INSTITUTIONAL:
            pk = row.organisation_id
            case.barred_organisations.add(pk)
            case.barred |= {one.key for one in reviewers.values() if pk in one.organisations}
        whose = row.organisation if kind == ConflictKind.INSTITUTIONAL else row.person
        case.conflicts.append((str(whose or "–"), kind))


def _note_readings(
    cases: dict[int, AssignedCase], call: Call, reviewers: dict[int, Reviewer], user: Any
) -> set[int]:
    """Note in every case who was chosen to read it; return who has filed anything."""
    filed: set[int] = set()
    rows = ReviewAssignment.objects.filter(application__call=call).order_by("pk")
    # Plain values: with 300 applications there are 1,800 rows.
    people = ("reviewer", "reviewer__name", "reviewer__email")
    columns = ("organisation", "organisation__short_name", "application", "review__state", "pk")
    for row in rows.values_list(*people, *columns):
        key, name, email, organisation, short_name, application, state, pk = row
        if (case := cases.get(application)) is None:
            continue
        is_filed = state == ReviewState.FILED
        is_barred = key in case.barred or organisation in case.barred_organisations
        case.is_blind |= key == user.pk and not is_filed
        if is_filed and key is not None:
            filed.add(key)
        counts = not is_barred and (is_filed or key in reviewers)
        shown = name or email or "–"
        case.readings.append(
            Reading(pk, key, shown, organisation, short_name, is_filed, is_barred, counts)
        )
    return filed


def loads(assigned: Assigned) -> tuple[list[Load], list[Load]]:
    """Return the load of every reviewer of today, and of every organisation of theirs.

    ``filed`` leaves out applications of which the viewer still has to file an own review.
    """
    reads: Counter[tuple[str, int]] = Counter()
    filed: Counter[tuple[str, int]] = Counter()
    for case in assigned.cases.values():
        for reading in case.readings:
            for key in ("person", reading.reviewer or 0), ("organisation", reading.organisation):
                reads[key] += reading.counts
                filed[key] += reading.counts and reading.is_filed and not case.is_blind
    people = [
        Load(
            row.key,
            row.name,
            row.organisation_name,
            tuple(sorted(row.languages)),
            reads["person", row.key],
            filed["person", row.key],
        )
        for row in assigned.reviewers.values()
    ]
    names = {row.organisation: row.organisation_name for row in assigned.reviewers.values()}
    names |= assigned.required
    whole = [
        Load(key, name, "", (), reads["organisation", key], filed["organisation", key])
        for key, name in sorted(names.items(), key=lambda pair: pair[1].casefold())
    ]
    return people, whole
