"""What a partnership takes over from two applications: names, roles by topic, topics, people.

Everything here only reads; :mod:`tandems.actions` writes, and the page that forms a partnership
shows the same beforehand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from allauth.account.models import EmailAddress
from django.db.models import Max
from django.utils import timezone
from django.utils.text import slugify

from accounts.enums import UserRole
from accounts.mailboxes import mailbox_of
from accounts.models import Invitation, RoleAssignment, User
from calls.enums import Side, Step
from calls.models import Submission
from core.text import normalise_for_search
from municipalities.enums import Role
from municipalities.models import Municipality, Topic
from tandems.enums import LearningStage
from tandems.models import Tandem, TandemTopic

#: Roles that speak for a municipality.
LEADING = (UserRole.CONTACT, UserRole.DEPUTY)
#: Role → the part of the application that names its person.
NAMED = {UserRole.CONTACT: "contact", UserRole.DEPUTY: "deputy"}


class Way(StrEnum):
    """How a person of an application comes to a role, or why not."""

    GIVEN = "given"  #: An account with this proven address gets it at once.
    INVITED = "invited"  #: The address is invited.
    HELD = "held"  #: The person has it, or an invitation to it, already.
    TAKEN = "taken"  #: The municipality has a contact person already, who stays.
    OF_TEAM = "of_team"  #: The person works for the programme.
    UNNAMED = "unnamed"  #: The application names no address.


@dataclass(frozen=True, slots=True)
class Officer:
    """Somebody whom an application names, and how the person comes to the role."""

    role: UserRole
    name: str
    email: str
    way: Way
    user: User | None = None


def officers_of(sent: Submission, municipality: Municipality | None) -> Iterator[Officer]:
    """Yield contact person and deputy of an application with how each comes to the role.

    ``municipality``: nothing while it is not in the register yet.
    """
    people = sent.document[Step.PEOPLE]
    for role, part in NAMED.items():
        email, name = people[f"{part}_email"], people[f"{part}_name"]
        user = _account_of(email) if email else None
        yield Officer(role, name, email, _way(role, email, user, municipality), user)


def _account_of(email: str) -> User | None:
    """Return the account that has proven this address; one that only claims it gets nothing."""
    user = User.objects.of_mailbox(email)
    if user is None or not user.is_active:
        return None
    proven = EmailAddress.objects.filter(user=user, verified=True)
    mailboxes = {mailbox_of(address) for address in proven.values_list("email", flat=True)}
    return user if mailbox_of(email) in mailboxes else None


def _way(role: str, email: str, user: User | None, municipality: Municipality | None) -> Way:
    if not email:
        return Way.UNNAMED
    if user is not None and user.is_staff:
        return Way.OF_TEAM
    if municipality is None:
        return Way.INVITED if user is None else Way.GIVEN
    held = RoleAssignment.objects.not_over_on(timezone.localdate()).filter(
        municipality=municipality, role__in=LEADING
    )
    # Whoever is contact person needs no second role as deputy.
    enough = held.filter(user=user, role__in={role, UserRole.CONTACT})
    invited = Invitation.objects.open().to_mailbox(email)
    if (user and enough.exists()) or invited.filter(municipality=municipality, role=role).exists():
        return Way.HELD
    if role == UserRole.CONTACT and held.filter(role=role).exists():
        return Way.TAKEN
    return Way.INVITED if user is None else Way.GIVEN


def namesake_of(name: str, country: str) -> Municipality | None:
    """Return the municipality of the register that bears this name in this country, if any."""
    wanted = normalise_for_search(name)
    rows = Municipality.objects.filter(country=country).found_by(name)
    for row in rows:
        names = (row.name_de, row.name_en, row.local_name)  # type: ignore[attr-defined]
        if wanted in {normalise_for_search(text or "") for text in names}:
            return row
    return None


def sides_by_topic(sent: Submission) -> dict[str, dict[str, int]]:
    """Return topic → side → level, of the topics on which a level was sent."""
    found: dict[str, dict[str, int]] = {}
    for row in sent.document["topics"]:
        if row["level"]:
            found.setdefault(row["topic"], {})[row["side"]] = row["level"]
    return found


def missing_roles(sides: set[str], held: set[str]) -> set[str]:
    """Return the roles to add for what a municipality does on a topic."""
    if Role.MUTUAL in held:
        return set()
    wanted = {str(Role.GIVES) if side == Side.GIVES else str(Role.SEEKS) for side in sides}
    if len(wanted) > 1 and not held:
        return {str(Role.MUTUAL)}
    return wanted - held


def topics_of(members: Sequence[Municipality], sent: Sequence[Submission]) -> list[TandemTopic]:
    """Return what a partnership works on, unsaved, in its order.

    ``members`` and ``sent`` are in the order of the pair; the municipalities may be unsaved too.
    First come the topics on which one city gives what the other seeks, then those that both seek.
    """
    named = [sides_by_topic(document) for document in sent]
    topics = Topic.objects.in_bulk(list({*named[0], *named[1]}), field_name="key")
    rows = [row for key in sorted(topics) if (row := topic_of(topics[key], members, named))]
    return sorted(rows, key=lambda row: row.giver is None and row.stage != LearningStage.MUTUAL)


def topic_of(
    topic: Topic, members: Sequence[Municipality], named: Sequence[dict[str, dict[str, int]]]
) -> TandemTopic | None:
    """Return a topic of the partnership with who gives and who seeks, or nothing if neither."""
    german, european = (set(sides.get(topic.key, ())) for sides in named)
    to_german = Side.SEEKS in german and Side.GIVES in european
    to_european = Side.SEEKS in european and Side.GIVES in german
    if to_german and to_european:
        return TandemTopic(topic=topic, stage=LearningStage.MUTUAL)
    if to_german or to_european:
        seeker, giver = members if to_german else reversed(members)
        return TandemTopic(topic=topic, giver=giver, seeker=seeker, stage=LearningStage.INTEREST)
    if Side.SEEKS in german & european:
        return TandemTopic(topic=topic, stage=LearningStage.INTEREST)
    return None


def suggested_slug(name: str) -> str:
    """Return a short name for the address, to be changed by people; may be empty."""
    return slugify(normalise_for_search(name))[:80]


def free_slug(wanted: str) -> str:
    """Return the slug, with a number behind it where an earlier partnership has it."""
    base, number = wanted[:110], 1
    slug = base
    while Tandem.objects.filter(slug=slug).exists():
        number += 1
        slug = f"{base}-{number}"
    return slug


def next_number() -> int:
    """Return the next number; who asks at the same moment waits until this transaction ends.

    The lock lies on the oldest partnership, because that one stays the oldest: of those who lock
    the newest one, two could hold different rows and take the same number.
    """
    Tandem.objects.select_for_update(no_key=True).order_by("pk").first()
    last: int | None = Tandem.objects.aggregate(last=Max("number"))["last"]
    return (last or 0) + 1
