"""What the pages of the partnerships ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from core.queries import Several, hanging, prepared, with_parts
from municipalities.models import Topic
from tandems.enums import ProfileState, Visibility
from tandems.models import (
    Document,
    DocumentVersion,
    ProfileConfirmation,
    ProfilePicture,
    ProfileText,
    ProfileVersion,
    Tandem,
    TandemChange,
    TandemMember,
    TandemTopic,
    prepared_members,
)

#: Partnerships on a page of the list: full rows of two, three and four.
PER_PAGE = 12
A_PAGE = Several(PER_PAGE)
#: What names a field of action.
NAMES = ("name_de", "name_en")
#: The page shows the latest meetings, news and documents; meetings and news have lists of all.
SHOWN_MEETINGS, SHOWN_ARTICLES, SHOWN_DOCUMENTS, SHOWN_ENTRIES = 50, 10, 100, 20
SHOWN_COMMITMENTS = 20


@dataclass(frozen=True, slots=True)
class Card:
    """A partnership with what its card in a list shows."""

    tandem: Tandem
    members: list[TandemMember]
    topics: list[Topic]


@prepared
def public_partnership(slug: Any) -> QuerySet[Tandem]:
    """Return the partnership with this slug that visitors may see, with its call.

    What only some partnerships have says in the same query whether it is there: the page asks for
    nothing that is not.
    """
    released = {"profile__tandem": OuterRef("pk"), "profile__state": ProfileState.RELEASED}
    documents = Document.objects.filter(tandem=OuterRef("pk"), visibility=Visibility.PUBLIC)
    rows = Tandem.objects.visible_to(None).with_call().filter(slug=slug)
    return rows.annotate(
        has_confirmations=Exists(ProfileConfirmation.objects.filter(**released)),
        has_pictures=Exists(ProfilePicture.objects.filter(**released)),
        has_documents=Exists(documents),
        has_commitments=Exists(hanging(Tandem, "commitments").filter(tandem=OuterRef("pk"))),
        has_check_ins=Exists(told_check_ins().filter(tandem=OuterRef("pk"))),
        has_learned=Exists(learned().filter(tandem=OuterRef("pk"))),
        has_successors=Exists(Tandem.objects.filter(previous=OuterRef("pk"))),
    )


def told_check_ins() -> QuerySet[Any]:
    """Return what cities allowed to tell months after the end, and that others did not answer.

    Only about the end as it stands: a partnership can be resumed, and end again.
    """
    told = Q(answered_at__isnull=False, may_publish=True) | Q(silent_at__isnull=False)
    rows: QuerySet[Any] = hanging(Tandem, "check_ins").about_this_end().filter(told)
    return rows.order_by("months", "pk")


def learned() -> QuerySet[Any]:
    """Return what cities have learned and told everybody, the newest first."""
    rows: QuerySet[Any] = hanging(Tandem, "learning_entries").filter(visibility="public")
    return rows.order_by("-happened_on", "-pk")


@prepared
def members_of(tandem: Any) -> QuerySet[TandemMember]:
    """Return the members in the order of the pair, with their municipalities."""
    return prepared_members().filter(tandem=tandem)


@prepared
def topics_of(tandem: Any) -> QuerySet[TandemTopic]:
    """Return the topics with the cities that give and seek."""
    return TandemTopic.objects.with_places().filter(tandem=tandem)


@prepared
def changes_of(tandem: Any) -> QuerySet[TandemChange]:
    """Return what changed in the partnership."""
    return TandemChange.objects.filter(tandem=tandem)


@prepared
def released_profile(tandem: Any) -> QuerySet[ProfileVersion]:
    """Return the released profile, if there is one."""
    return ProfileVersion.objects.filter(tandem=tandem, state=ProfileState.RELEASED)


@prepared
def texts_of(tandem: Any) -> QuerySet[ProfileText]:
    """Return the texts of the released profile in all languages, with entry and profile along."""
    texts = ProfileText.objects.filter(
        entry__profile__tandem=tandem, entry__profile__state=ProfileState.RELEASED
    )
    rows = texts.select_related("entry__profile", "entry__municipality")
    return rows.order_by("entry__position", "entry_id", "language")


@prepared
def confirmations_of(profile: Any) -> QuerySet[ProfileConfirmation]:
    """Return which cities have confirmed a version, the first one first."""
    rows = with_parts(ProfileConfirmation.objects.filter(profile=profile), municipality=NAMES)
    return rows.order_by("given_at", "pk")


@prepared
def pictures_of(profile: Any) -> QuerySet[ProfilePicture]:
    """Return the pictures of a version."""
    rows = ProfilePicture.objects.filter(profile=profile).select_related("picture")
    return rows.order_by("position", "pk")


@prepared
def documents_of(tandem: Any) -> QuerySet[DocumentVersion]:
    """Return the newest version of each public document, with the document along."""
    newer = DocumentVersion.objects.filter(
        document=OuterRef("document"), number__gt=OuterRef("number")
    )
    rows = DocumentVersion.objects.filter(
        ~Exists(newer),
        document__tandem=tandem,
        document__visibility=Visibility.PUBLIC,
        document__removed_at__isnull=True,
    )
    rows = rows.select_related("document__topic__topic")
    return rows.order_by("-document__added_at", "-document_id")[:SHOWN_DOCUMENTS]


@prepared
def meetings_of(tandem: Any) -> QuerySet[Any]:
    """Return the latest meetings that visitors may see."""
    rows: QuerySet[Any] = hanging(Tandem, "meetings").visible_to(None).filter(tandem=tandem)
    return rows.order_by("-sorted_on", "-pk")[:SHOWN_MEETINGS]


@prepared
def commitments_of(tandem: Any) -> QuerySet[Any]:
    """Return what became of the commitments: of most, visitors read no more than state and day."""
    rows: QuerySet[Any] = hanging(Tandem, "commitments").filter(tandem=tandem)
    return rows.only("state", "due_on", "is_public").order_by("pk")


@prepared
def shown_commitments_of(tandem: Any) -> QuerySet[Any]:
    """Return the latest commitments whose words are public, with the city."""
    rows: QuerySet[Any] = hanging(Tandem, "commitments").with_public_words()
    rows = rows.filter(tandem=tandem, is_public=True)
    return rows.order_by("-due_on", "-pk")[:SHOWN_COMMITMENTS]


@prepared
def check_ins_in(tandem: Any) -> QuerySet[Any]:
    """Return the public answers of check-ins, with the city."""
    return with_parts(told_check_ins().filter(tandem=tandem), municipality=NAMES)


@prepared
def learned_in(tandem: Any) -> QuerySet[Any]:
    """Return the latest public entries of the learning log, with city, topic and language."""
    rows = with_parts(learned().filter(tandem=tandem), municipality=NAMES, topic=NAMES)
    return rows[:SHOWN_ENTRIES]


@prepared
def articles_of(tandem: Any, today: Any) -> QuerySet[Any]:
    """Return the latest news that is published on ``today``."""
    rows: QuerySet[Any] = hanging(Tandem, "articles").visible_on(today).filter(tandem=tandem)
    return rows[:SHOWN_ARTICLES]


@prepared
def members_of_several(tandems: Any = A_PAGE) -> QuerySet[TandemMember]:
    """Return the members of a page of partnerships, with their municipalities."""
    return prepared_members().filter(tandem__pk__in=tandems)


@prepared
def topics_of_several(tandems: Any = A_PAGE) -> QuerySet[Any]:
    """Return the fields of action of a page of partnerships, once for each of them."""
    return (
        Topic.objects.filter(tandem_topics__tandem__pk__in=tandems)
        .annotate(tandem=F("tandem_topics__tandem"), place=F("tandem_topics__position"))
        .only("key", *NAMES)
        .order_by("place")
    )


def cards_of(tandems: Sequence[Tandem]) -> list[Card]:
    """Return a page of partnerships as cards."""
    keys = [tandem.pk for tandem in tandems]
    members: dict[int, list[TandemMember]] = {key: [] for key in keys}
    for member in members_of_several(keys):
        members[member.tandem_id].append(member)
    topics: dict[int, dict[int, Topic]] = {key: {} for key in keys}
    for topic in topics_of_several(keys):
        topics[topic.tandem].setdefault(topic.pk, topic)
    return [
        Card(tandem, members[tandem.pk], list(topics[tandem.pk].values())) for tandem in tandems
    ]
