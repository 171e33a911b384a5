from __future__ import annotations

import datetime as dt
from operator import attrgetter

import pytest
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError

from accounts.models import Organisation, ProgrammeRole, User
from tests.constraints import (
    Arranged,
    Case,
    alone,
    assert_database_refuses,
    assert_people_are_told,
)
from tests.factories import (
    InvitationFactory,
    OrganisationFactory,
    ProgrammeRoleFactory,
    RoleAssignmentFactory,
    UserFactory,
)
from tests.workspace import DirectoryEntryFactory

SINCE, UNTIL = dt.date(2021, 6, 1), dt.date(2023, 10, 1)
NOW = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)


def two_people() -> Arranged:
    address = UserFactory().email
    return Arranged(
        UserFactory(), refused={"email": address.upper()}, allowed={"email": f"other-{address}"}
    )


def two_terms() -> Arranged:
    first = ProgrammeRoleFactory(since=SINCE)
    second = ProgrammeRoleFactory(organisation=first.organisation, kind=first.kind, since=UNTIL)
    return Arranged(
        second, refused={"since": SINCE}, allowed={"since": SINCE, "kind": "coordinator"}
    )


def two_undated_terms() -> Arranged:
    first = ProgrammeRoleFactory(since=None)
    second = ProgrammeRoleFactory(organisation=first.organisation, kind=first.kind, since=SINCE)
    return Arranged(second, refused={"since": None}, allowed={"since": None, "kind": "coordinator"})


def two_held(**fields: object) -> Arranged:
    first = RoleAssignmentFactory(**fields)
    place = {"municipality": first.municipality, "organisation": first.organisation}
    second = RoleAssignmentFactory(role=first.role, **place)
    return Arranged(
        second, refused={"user": first.user}, allowed={"user": first.user, "until": UNTIL}
    )


def two_contacts() -> Arranged:
    first = RoleAssignmentFactory(role="contact")
    second = RoleAssignmentFactory(role="deputy", municipality=first.municipality)
    return Arranged(second, {"role": "contact"}, {"role": "contact", "until": UNTIL})


def two_invitations(**fields: object) -> Arranged:
    first = InvitationFactory(**fields)
    place = {"municipality": first.municipality, "organisation": first.organisation}
    second = InvitationFactory(role=first.role, **place)
    address = first.email.upper()
    return Arranged(second, {"email": address}, {"email": address, "withdrawn_at": NOW})


ROLE_OR_INVITATION = [
    case
    for prefix, factory in (
        ("roleassignment", RoleAssignmentFactory),
        ("invitation", InvitationFactory),
    )
    for case in (
        Case(
            f"{prefix}_role_is_known",
            "Choose the role.",
            lambda factory=factory: Arranged(
                factory(role="reviewer"), refused={"role": "mayor"}, allowed={"role": "observer"}
            ),
        ),
        Case(
            f"{prefix}_belongs_to_its_kind_of_place",
            "City roles need a municipality, all other roles an organisation.",
            alone(factory, refused={"role": "reviewer"}, allowed={"role": "deputy"}),
        ),
    )
]

CASES = [
    Case(
        "directory_entry_names_the_office",
        "Name your office or department.",
        alone(DirectoryEntryFactory, refused={"office": ""}, allowed={"office": "."}),
    ),
    Case(
        "directory_entry_rests_on_a_consent",
        "An entry needs your consent.",
        alone(DirectoryEntryFactory, refused={"consent": ""}, allowed={"consent": "."}),
    ),
    *ROLE_OR_INVITATION,
    Case(
        "role_assignment_ends_after_it_starts",
        "The role ends before it starts.",
        alone(
            RoleAssignmentFactory,
            since=SINCE,
            refused={"until": SINCE - dt.timedelta(days=1)},
            allowed={"until": SINCE},
        ),
    ),
    Case(
        "city_role_is_held_once_at_a_time",
        "This person already holds this role there.",
        lambda: two_held(role="deputy", since=SINCE),
    ),
    Case(
        "staff_role_is_held_once_at_a_time",
        "This person already holds this role there.",
        lambda: two_held(role="reviewer", since=SINCE),
    ),
    Case(
        "municipality_has_one_contact_at_a_time",
        "This municipality already has a contact person.",
        two_contacts,
    ),
    Case(
        "invitation_is_accepted_or_withdrawn_not_both",
        "An accepted invitation can no longer be withdrawn.",
        alone(
            InvitationFactory,
            accepted_at=NOW,
            refused={"withdrawn_at": NOW},
            allowed={"withdrawn_at": NOW, "accepted_at": None},
        ),
    ),
    Case(
        "invitation_to_a_municipality_is_open_once",
        "This person is already invited to this role.",
        lambda: two_invitations(role="deputy"),
    ),
    Case(
        "invitation_to_an_organisation_is_open_once",
        "This person is already invited to this role.",
        lambda: two_invitations(role="reviewer"),
    ),
    Case(
        "programme_role_precisions_are_known",
        "Choose how exactly the date is known.",
        alone(
            ProgrammeRoleFactory,
            refused={"since_precision": "hour"},
            allowed={"since_precision": "month"},
        ),
    ),
    Case(
        "programme_role_precisions_are_known",
        "Choose how exactly the date is known.",
        alone(
            ProgrammeRoleFactory,
            refused={"until_precision": "hour"},
            allowed={"until_precision": "month"},
        ),
    ),
    Case(
        "mailbox_has_one_account",
        "There is already an account with this address.",
        two_people,
    ),
    Case(
        "organisation_kind_is_known",
        "Choose the kind of organisation.",
        alone(OrganisationFactory, refused={"kind": "club"}, allowed={"kind": "network"}),
    ),
    Case("programme_role_starts_once", "This role is already recorded.", two_terms),
    Case(
        "programme_role_is_undated_once",
        "This role is already recorded without a date.",
        two_undated_terms,
    ),
    Case(
        "programme_role_ends_after_it_starts",
        "The role ends before it starts.",
        alone(
            ProgrammeRoleFactory,
            since=SINCE,
            refused={"until": SINCE - dt.timedelta(days=1)},
            allowed={"until": SINCE},
        ),
    ),
    Case(
        "programme_role_kind_is_known",
        "Choose the role in the programme.",
        alone(ProgrammeRoleFactory, refused={"kind": "patron"}, allowed={"kind": "funder"}),
    ),
]


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES, ids=attrgetter("name"))
def test_database_refuses_what_a_constraint_forbids(case):
    assert_database_refuses(case)


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES, ids=attrgetter("name"))
def test_people_read_why_a_constraint_refuses(case):
    assert_people_are_told(case)


@pytest.mark.django_db
def test_new_person_has_a_small_letter_address_and_signs_in_with_no_password():
    person = User.objects.create_user("Office@Example.ORG", name="Digitalamt")

    person.refresh_from_db()
    assert (person.email, person.name) == ("office@example.org", "Digitalamt")
    assert (person.has_usable_password(), person.is_staff, person.is_superuser) == (
        False,
        False,
        False,
    )
    assert (person.language, person.time_zone, person.is_active) == ("de", "Europe/Berlin", True)


@pytest.mark.django_db
@pytest.mark.parametrize("email", ["", None])
def test_new_person_needs_an_address(email):
    with pytest.raises(ValueError, match="An account needs an e-mail address"):
        User.objects.create_user(email)

    assert list(User.objects.all()) == []


@pytest.mark.django_db
def test_operator_gets_all_rights():
    person = User.objects.create_superuser("root@example.org", is_superuser=False)

    assert (person.is_staff, person.is_superuser) == (True, True)


@pytest.mark.django_db
def test_person_is_known_by_the_address_whatever_its_case(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    person = User.objects.create_user("office@example.org", "correct horse battery")

    assert User.objects.get_by_natural_key("OFFICE@example.ORG") == person
    assert authenticate(username="Office@Example.org", password="correct horse battery") == person
    assert authenticate(username="office@example.org", password="wrong") is None


@pytest.mark.parametrize(("name", "shown"), [("Digitalamt", "Digitalamt"), ("", "a@example.org")])
def test_person_is_shown_by_name_or_address(name, shown):
    assert str(User(email="a@example.org", name=name)) == shown


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [("email", "no address"), ("language", "fr"), ("time_zone", "Mars/Olympus")],
)
def test_person_refuses_a_wrong_value_at_its_field(field, value):
    person = UserFactory.build(**{field: value})

    with pytest.raises(ValidationError) as refusal:
        person.full_clean()

    assert list(refusal.value.error_dict) == [field]


@pytest.mark.django_db
def test_organisations_come_in_the_order_of_the_file():
    last = OrganisationFactory(position=2)
    first, second = OrganisationFactory(position=1), OrganisationFactory(position=1)

    assert list(Organisation.objects.all()) == [first, second, last]


@pytest.mark.django_db
def test_roles_come_by_their_start_undated_ones_first():
    late = ProgrammeRoleFactory(since=UNTIL)
    undated = ProgrammeRoleFactory(since=None)
    early = ProgrammeRoleFactory(since=SINCE)

    assert list(ProgrammeRole.objects.all()) == [undated, early, late]


def test_role_tells_since_when_and_until_when_as_documented():
    role = ProgrammeRole(since=SINCE, since_precision="month", until=UNTIL, until_precision="year")

    assert (str(role.since_span), str(role.until_span)) == ("Juni 2021", "2023")
    assert bool(ProgrammeRole().since_span) is False


@pytest.mark.django_db
def test_organisation_with_its_roles_may_go():
    role = ProgrammeRoleFactory()

    role.organisation.delete()

    assert list(ProgrammeRole.objects.all()) == []
