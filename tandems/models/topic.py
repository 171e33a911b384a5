"""What a partnership works on, and who gives and seeks there."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.models import SourcedModel
from core.queries import with_parts
from municipalities.models import Municipality, Topic
from tandems.enums import LearningStage
from tandems.models.partnership import Tandem


class TandemTopicQuerySet(models.QuerySet["TandemTopic"]):
    """Questions about what a partnership works on."""

    def with_places(self) -> TandemTopicQuerySet:
        """Fetch topic, giving and seeking municipality along; a giver may be no member."""
        name = ("name_de", "name_en")
        rows = with_parts(self, topic=("key", *name), giver=name, seeker=name)
        return rows.order_by("position")

    def going_on(self) -> TandemTopicQuerySet:
        """Return those on which the partnership still works."""
        return self.filter(ended_on__isnull=True)


class TandemTopic(SourcedModel):
    """A topic of the partnership: who gives, who seeks, and what precisely.

    Without giver and seeker the exchange is mutual, or its direction is not documented.
    """

    tandem = models.ForeignKey(Tandem, on_delete=models.CASCADE, related_name="topics")
    topic = models.ForeignKey(
        Topic, on_delete=models.PROTECT, null=True, blank=True, related_name="tandem_topics"
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    focus = models.CharField(_("specific focus"), max_length=200, blank=True)
    giver = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, null=True, blank=True, related_name="topics_given"
    )
    seeker = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, null=True, blank=True, related_name="topics_sought"
    )
    stage = models.CharField(
        _("stage"), max_length=20, choices=LearningStage, default=LearningStage.UNDOCUMENTED
    )
    is_mutual = models.BooleanField(_("both give and seek"), default=False)
    ended_on = models.DateField(_("worked on until"), null=True, blank=True)

    objects = TandemTopicQuerySet.as_manager()

    class Meta:
        verbose_name = _("topic of a partnership")
        verbose_name_plural = _("topics of a partnership")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tandem", "position"],
                name="tandem_topic_has_its_own_position",
                violation_error_message=_("This position is taken by another topic."),
            ),
            models.CheckConstraint(
                condition=(Q(giver__isnull=True) & Q(seeker__isnull=True))
                | (Q(giver__isnull=False) & Q(seeker__isnull=False)),
                name="tandem_topic_has_giver_and_seeker_or_neither",
                violation_error_message=_("Name both the giving and the seeking municipality."),
            ),
            models.CheckConstraint(
                condition=Q(giver__isnull=True) | ~Q(giver=F("seeker")),
                name="tandem_topic_giver_is_not_the_seeker",
                violation_error_message=_("A municipality cannot seek from itself."),
            ),
            models.CheckConstraint(
                condition=Q(stage__in=LearningStage.values),
                name="tandem_topic_stage_is_known",
                violation_error_message=_("Choose how far learning has come."),
            ),
            models.CheckConstraint(
                condition=Q(topic__isnull=False) | ~Q(focus=""),
                name="tandem_topic_says_what_it_is_about",
                violation_error_message=_("Name the field of action or the specific focus."),
            ),
            models.CheckConstraint(
                condition=Q(is_mutual=False) | Q(giver__isnull=True),
                name="mutual_topic_has_no_direction",
                violation_error_message=_(
                    "Either both give and seek, or one gives and the other seeks."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.focus or str(self.topic)

    @property
    def acting_municipalities(self) -> set[int]:
        """Return the municipalities that may act for the partnership."""
        return self.tandem.acting_municipalities


class TopicGuestQuerySet(models.QuerySet["TopicGuest"]):
    """Questions about guests of topics."""

    def current_on(self, day: dt.date) -> TopicGuestQuerySet:
        """Return those who may read the topic on ``day``."""
        rows = self.filter(since__lte=day)
        return rows.filter(Q(until__isnull=True) | Q(until__gte=day))


class TopicGuest(models.Model):
    """A municipality outside the partnership that may read one of its topics, and nothing else."""

    topic = models.ForeignKey(TandemTopic, on_delete=models.CASCADE, related_name="guests")
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="guest_topics"
    )
    since = models.DateField(_("from"))
    until = models.DateField(_("to (last day)"), null=True, blank=True)
    let_in_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    objects = TopicGuestQuerySet.as_manager()

    class Meta:
        verbose_name = _("guest of a topic")
        verbose_name_plural = _("guests of a topic")
        ordering: ClassVar[list[str]] = ["since", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["topic", "municipality"],
                condition=Q(until__isnull=True),
                name="topic_guest_is_let_in_once",
                violation_error_message=_("This municipality is a guest of the topic already."),
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")),
                name="topic_guest_goes_after_coming",
                violation_error_message=_("The last day lies before the first one."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.municipality}: {self.topic}"
