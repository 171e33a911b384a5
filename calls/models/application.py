"""The application of one municipality to one call, written by several people until the deadline."""

from __future__ import annotations

import uuid
from functools import cached_property
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, reach_of
from calls.enums import ApplicationState, ConflictKind, Pool, Side
from calls.models.call import Call
from calls.models.conflict import ConflictDeclaration, closed_to
from municipalities.enums import Country
from municipalities.models import Municipality, Topic

#: More than any limit of a field: what is longer is not kept even as a draft.
LONGEST_TEXT = 20_000
#: Most files of one application.
MOST_FILES = 5


class ApplicationQuerySet(models.QuerySet["Application"]):
    """Questions about applications."""

    def visible_to(self, user: Any) -> ApplicationQuerySet:
        """Return those that ``user`` may read: the own ones, or as the project team all that count.

        Reviewers read what is assigned to them once they have declared that nothing stands against
        it. A conflict of interest closes an application to everybody whom it concerns.
        """
        if reach_of(user, Permission.READ_APPLICATIONS) is None:
            return self.exclude(closed_to(user))
        own = self.edited_by(user)
        return own | self.assigned_to(user) if user.is_staff else own

    def assigned_to(self, user: Any) -> ApplicationQuerySet:
        """Return those that ``user`` reviews, declared free of conflicts of interest."""
        reads = self.model.objects.filter(assignments__reviewer=user).exclude(closed_to(user))
        free = ConflictDeclaration.objects.filter(
            person=user, kind=ConflictKind.NONE, application=OuterRef("pk")
        )
        return self.filter(pk__in=reads.filter(Exists(free)).values("pk"))

    def edited_by(self, user: Any) -> ApplicationQuerySet:
        """Return those that ``user`` may edit: as a named editor or for the municipality."""
        named = self.model.objects.filter(editors__user=user).values("pk")
        reach = reach_of(user, Permission.APPLY) or set()
        return self.filter(Q(pk__in=named) | Q(municipality__in=reach))

    def living(self) -> ApplicationQuerySet:
        """Return those that were not withdrawn."""
        return self.exclude(state=ApplicationState.WITHDRAWN)

    def sent(self) -> ApplicationQuerySet:
        """Return those of which something was sent that still counts."""
        return self.filter(state__in=[ApplicationState.SUBMITTED, ApplicationState.REOPENED])

    def unsent(self) -> ApplicationQuerySet:
        """Return those of which what stands in the form was not sent."""
        return self.filter(state__in=[ApplicationState.DRAFT, ApplicationState.REOPENED])

    def with_content(self) -> ApplicationQuerySet:
        """Fetch everything that is shown of one application."""
        return self.select_related("call", "municipality").prefetch_related(
            "topics__topic",
            "answers__question",
            "agreements",
            "saves__saved_by",
            "call__topics",
            "call__questions",
            "call__consents",
        )

    def for_lists(self) -> ApplicationQuerySet:
        """Fetch what a list shows, the newest first."""
        return self.select_related("call").order_by("-changed_at", "-pk")


class Application(models.Model):
    """What a municipality writes to take part in a call; stays in the language it was written in.

    What counts is what was sent last (:class:`calls.models.Submission`), not what stands here.
    """

    key = models.UUIDField(_("key"), default=uuid.uuid4, unique=True, editable=False)
    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="applications")
    state = models.CharField(
        _("state"), max_length=10, choices=ApplicationState, default=ApplicationState.DRAFT
    )
    reference = models.CharField(_("reference number"), max_length=20, blank=True)
    municipality = models.ForeignKey(
        Municipality,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="applications",
        verbose_name=_("municipality in the register"),
    )
    #: Tells two municipalities apart, in the register or not; see ``calls.content.place_key``.
    place_key = models.CharField(max_length=180, editable=False)
    is_demo = models.BooleanField(_("invented, for the demo"), default=False, editable=False)

    place_name = models.CharField(_("name of the municipality"), max_length=120)
    place_country = models.CharField(_("country"), max_length=2, choices=Country)
    place_region = models.CharField(_("region"), max_length=120, blank=True)
    place_population = models.PositiveIntegerField(_("inhabitants"), null=True, blank=True)
    place_website = models.URLField(_("website"), blank=True)

    contact_name = models.CharField(_("name of the contact person"), max_length=150, blank=True)
    contact_office = models.CharField(_("office of the contact person"), max_length=200, blank=True)
    contact_email = models.EmailField(_("e-mail of the contact person"), blank=True)
    contact_phone = models.CharField(
        _("telephone of the contact person"), max_length=40, blank=True
    )
    deputy_name = models.CharField(_("name of the deputy"), max_length=150, blank=True)
    deputy_office = models.CharField(_("office of the deputy"), max_length=200, blank=True)
    deputy_email = models.EmailField(_("e-mail of the deputy"), blank=True)
    departments = models.TextField(_("departments that take part"), blank=True)
    sponsor = models.CharField(_("political sponsor"), max_length=300, blank=True)

    challenge = models.TextField(_("challenge"), blank=True)
    to_learn = models.TextField(_("what the city wants to learn"), blank=True)
    to_offer = models.TextField(_("what the city can offer"), blank=True)

    working_languages = models.JSONField(_("working languages"), default=list, blank=True)
    hours_a_month = models.PositiveSmallIntegerField(
        _("working hours a month"), null=True, blank=True
    )
    preferences = models.TextField(_("wishes about the partner"), blank=True)
    twinnings = models.TextField(_("existing twinnings and contacts"), blank=True)

    #: How much of what must be there is there (see ``calls.checklist``); kept for lists.
    completeness = models.PositiveSmallIntegerField(_("complete in per cent"), default=0)
    begun_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    begun_at = models.DateTimeField(_("begun at"), default=timezone.now)
    changed_at = models.DateTimeField(_("changed at"), default=timezone.now)
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        indexes: ClassVar[list[models.Index]] = [
            # The team's list of one call.
            models.Index(fields=["call", "state", "-changed_at"]),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["call", "place_key"],
                condition=~Q(state=ApplicationState.WITHDRAWN),
                name="municipality_applies_once_to_a_call",
                violation_error_message=_(
                    "There is already an application of this municipality to this call."
                ),
            ),
            models.UniqueConstraint(
                fields=["reference"],
                condition=~Q(reference=""),
                name="application_has_its_own_reference",
                violation_error_message=_("This reference number is taken."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=ApplicationState.values),
                name="application_state_is_known",
                violation_error_message=_("Choose the state of the application."),
            ),
            models.CheckConstraint(
                condition=Q(place_country__in=Country.values),
                name="application_comes_from_europe",
                violation_error_message=_("Choose a European country."),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[ApplicationState.SUBMITTED, ApplicationState.REOPENED])
                | (Q(submitted_at__isnull=False) & ~Q(reference="")),
                name="sent_application_has_moment_and_reference",
                violation_error_message=_("A submitted application needs moment and reference."),
            ),
            models.CheckConstraint(
                condition=Q(completeness__lte=100),
                name="application_is_at_most_complete",
                violation_error_message=_("Completeness lies between 0 and 100 per cent."),
            ),
        ]

    def __str__(self) -> str:
        return self.place_name

    def get_absolute_url(self) -> str:
        """Return the page of those who write it."""
        return reverse("calls:application", args=[self.call.slug, self.key])

    @property
    def acting_municipalities(self) -> set[int]:
        """Return the municipality of the register whose officers may edit it."""
        return {self.municipality_id} if self.municipality_id else set()

    @cached_property
    def acting_people(self) -> set[int]:
        """Return the people who may edit it without a role (primary keys), read once."""
        return {row.user_id for row in self.editors.all() if row.user_id}

    @cached_property
    def assigned_people(self) -> set[int]:
        """Return who reviews it (primary keys), declared free of conflicts of interest."""
        readers = {row.reviewer_id for row in self.assignments.all() if row.reviewer_id}
        free = self.conflicts.filter(kind=ConflictKind.NONE).values_list("person", flat=True)
        return readers & set(free)

    def is_closed_to(self, user: Any) -> bool:
        """Tell whether a conflict of interest closes it to a person."""
        return self.conflicts.closing_to(user).exists()

    @property
    def pool(self) -> Pool:
        """Return for which places the municipality competes."""
        return Pool.GERMAN if self.place_country == Country.DE else Pool.EUROPEAN

    @property
    def is_sent(self) -> bool:
        """Tell whether something was sent that counts."""
        return self.state in {ApplicationState.SUBMITTED, ApplicationState.REOPENED}

    @property
    def is_editable(self) -> bool:
        """Tell whether its state lets people write; the deadline is asked when they save."""
        return self.state in {ApplicationState.DRAFT, ApplicationState.REOPENED}

    @property
    def place_language(self) -> str:
        """Return the language in which the texts are probably written, for ``lang``."""
        languages: list[str] = self.working_languages
        return languages[0] if languages else ""


class ApplicationTopic(models.Model):
    """What a municipality gives or seeks on one topic, how far it is, and one sentence."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="topics")
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="+")
    side = models.CharField(_("side"), max_length=5, choices=Side)
    level = models.PositiveSmallIntegerField(_("level"), null=True, blank=True)
    sentence = models.CharField(_("sentence"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("topic of an application")
        verbose_name_plural = _("topics of an application")
        ordering: ClassVar[list[str]] = ["side", "-level", "topic"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["application", "topic", "side"],
                name="application_topic_is_named_once",
                violation_error_message=_("This topic is already named."),
            ),
            models.CheckConstraint(
                condition=Q(level__isnull=True) | Q(level__in=[1, 2, 3]),
                name="application_topic_level_is_known",
                violation_error_message=_("Choose a level from 1 to 3."),
            ),
            models.CheckConstraint(
                condition=Q(side__in=Side.values),
                name="application_topic_side_is_known",
                violation_error_message=_("Choose whether the municipality gives or seeks."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_side_display()}: {self.topic}"
