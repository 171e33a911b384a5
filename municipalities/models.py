"""Places, their figures and the topics on which they give and seek; they exist without people."""

from __future__ import annotations

import zoneinfo
from functools import cache
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy as _

from core.models import DatedModel, SearchTextField, SourcedModel
from core.text import normalise_for_search
from municipalities.enums import Country, DegreeOfUrbanisation, Role


@cache
def known_time_zones() -> frozenset[str]:
    """Return the names in the IANA time zone database; reading them takes some 10 ms."""
    return frozenset(zoneinfo.available_timezones())


def validate_time_zone(value: str) -> None:
    """Refuse names that the IANA time zone database does not hold."""
    if value not in known_time_zones():
        raise ValidationError(_("“%(value)s” is not an IANA time zone."), params={"value": value})


#: What it takes to name, link and place a municipality; pages that show many fetch nothing else.
NAMING = (
    *("slug", "name_de", "name_en", "local_name", "languages"),
    *("country", "latitude", "longitude"),
)
REGION = ("region_de", "region_en")


class TopicQuerySet(models.QuerySet["Topic"]):
    """Questions about fields of action."""

    def by_name(self) -> list[Topic]:
        """Return them by name in the reader's language; there are few enough to sort them here."""
        return sorted(self, key=lambda topic: normalise_for_search(topic.name))


class Topic(SourcedModel):
    """A field of action, such as open data or citizen participation."""

    key = models.SlugField(_("key"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)

    objects = TopicQuerySet.as_manager()

    class Meta:
        verbose_name = _("field of action")
        verbose_name_plural = _("fields of action")

    def __str__(self) -> str:
        return self.name


class MunicipalityQuerySet(models.QuerySet["Municipality"]):
    """Questions about municipalities."""

    def visible_to(self, user: Any = None) -> MunicipalityQuerySet:
        """Return those that ``user`` (``None``: a visitor) may see.

        Hidden are those whose only partnerships are not public yet: their names would tell the
        selection before it is released. Memberships live above this app; they hang on the model.
        """
        related: Any = self.model._meta.get_field("memberships").related_model
        memberships = related.objects
        public = memberships.visible_to(None).filter(municipality=models.OuterRef("municipality"))
        hidden = memberships.hidden_from_visitors().exclude(models.Exists(public))
        return self.exclude(pk__in=hidden.values("municipality"))

    def for_lists(self) -> MunicipalityQuerySet:
        """Fetch no more than a list with its map shows."""
        return self.only(*NAMING, *REGION)

    def by_name(self) -> MunicipalityQuerySet:
        """Return them by name in the reader's language."""
        return self.order_by(f"name_{get_language() or 'de'}", "pk")

    def found_by(self, question: str) -> MunicipalityQuerySet:
        """Return those whose names hold every word of the question; marks and case do not count."""
        found = self
        for word in normalise_for_search(question.replace("\x00", " ")).split()[:8]:
            found = found.filter(search_text__contains=word)
        return found

    def on_topic(self, key: str) -> MunicipalityQuerySet:
        """Return those that give or seek on the topic."""
        roles = TopicRole.objects.filter(municipality=models.OuterRef("pk"), topic__key=key)
        return self.filter(models.Exists(roles))


class Municipality(SourcedModel):
    """A local authority that takes part, or took part, in the programme."""

    slug = models.SlugField(_("slug"), max_length=80, unique=True)
    name = models.CharField(_("name"), max_length=120, db_index=True)
    local_name = models.CharField(_("local name"), max_length=120)
    country = models.CharField(_("country"), max_length=2, choices=Country)
    region = models.CharField(_("region"), max_length=120, blank=True)
    district = models.CharField(_("county or province"), max_length=120, blank=True)
    nuts3_code = models.CharField(
        _("NUTS-3 code"),
        max_length=5,
        blank=True,
        validators=[RegexValidator(r"^[A-Z]{2}[A-Z0-9]{3}$")],
    )
    nuts3_name = models.CharField(_("NUTS-3 region"), max_length=120, blank=True)
    latitude = models.FloatField(
        _("latitude (WGS 84, degrees)"), validators=[MinValueValidator(-90), MaxValueValidator(90)]
    )
    longitude = models.FloatField(
        _("longitude (WGS 84, degrees)"),
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )
    point_note = models.CharField(_("what the map point marks"), max_length=250, blank=True)
    degree_of_urbanisation = models.PositiveSmallIntegerField(
        _("degree of urbanisation"), choices=DegreeOfUrbanisation, null=True, blank=True
    )
    time_zone = models.CharField(_("time zone"), max_length=40, validators=[validate_time_zone])
    languages = models.JSONField(_("languages (BCP 47), the local one first"), default=list)
    website = models.URLField(_("website"), blank=True)
    contact_offices = models.TextField(_("responsible offices, one per line"), blank=True)
    contact_sources = models.JSONField(_("sources of the offices"), default=list, blank=True)
    description = models.TextField(_("description"), blank=True)
    search_text = SearchTextField(copies=("name_de", "name_en", "local_name", "slug"))

    objects = MunicipalityQuerySet.as_manager()

    class Meta:
        verbose_name = _("municipality")
        verbose_name_plural = _("municipalities")
        indexes: ClassVar[list[models.Index]] = [
            # The list filtered by country.
            models.Index(fields=["country"]),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(latitude__gte=-90, latitude__lte=90)
                & models.Q(longitude__gte=-180, longitude__lte=180),
                name="municipality_lies_on_earth",
                violation_error_message=_("Latitude or longitude is out of range."),
            ),
            models.CheckConstraint(
                condition=models.Q(country__in=Country.values),
                name="municipality_lies_in_europe",
                violation_error_message=_("Choose a European country."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the public page."""
        return reverse("municipalities:detail", args=[self.slug])

    @property
    def local_language(self) -> str:
        """Return the language tag of the local name."""
        languages: list[str] = self.languages
        return languages[0] if languages else ""

    @property
    def has_other_local_name(self) -> bool:
        """Tell whether the local name differs from the one in the reader's language."""
        return self.local_name != self.name

    @property
    def offices(self) -> list[str]:
        """Return the responsible offices."""
        return [line for line in self.contact_offices.splitlines() if line]


class PopulationFigure(DatedModel, SourcedModel):
    """A number of inhabitants with its date and source; figures differ by source."""

    municipality = models.ForeignKey(
        Municipality, on_delete=models.CASCADE, related_name="population_figures"
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    value = models.PositiveIntegerField(_("inhabitants"))
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("population figure")
        verbose_name_plural = _("population figures")
        ordering: ClassVar[list[str]] = ["position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *DatedModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["municipality", "position"],
                name="population_figure_has_its_own_position",
                violation_error_message=_("This position is taken by another figure."),
            ),
            models.CheckConstraint(
                condition=models.Q(value__gt=0),
                name="population_figure_is_positive",
                violation_error_message=_("Give a number of inhabitants above zero."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.value} ({self.span})"


class AreaFigure(SourcedModel):
    """A size in square kilometres with its source."""

    municipality = models.ForeignKey(
        Municipality, on_delete=models.CASCADE, related_name="area_figures"
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    square_kilometres = models.DecimalField(_("area in km²"), max_digits=9, decimal_places=2)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("area figure")
        verbose_name_plural = _("area figures")
        ordering: ClassVar[list[str]] = ["position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["municipality", "position"],
                name="area_figure_has_its_own_position",
                violation_error_message=_("This position is taken by another figure."),
            ),
            models.CheckConstraint(
                condition=models.Q(square_kilometres__gt=0),
                name="area_figure_is_positive",
                violation_error_message=_("Give an area above zero."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.square_kilometres} km²"


class Strength(SourcedModel):
    """Something a municipality is known for and can show."""

    municipality = models.ForeignKey(
        Municipality, on_delete=models.CASCADE, related_name="strengths"
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    text = models.CharField(_("text"), max_length=400)

    class Meta:
        verbose_name = _("strength")
        verbose_name_plural = _("strengths")
        ordering: ClassVar[list[str]] = ["position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["municipality", "position"],
                name="strength_has_its_own_position",
                violation_error_message=_("This position is taken by another strength."),
            ),
        ]

    def __str__(self) -> str:
        return self.text


class TopicRoleQuerySet(models.QuerySet["TopicRole"]):
    """Questions about who gives and who seeks."""

    def with_topic(self) -> TopicRoleQuerySet:
        """Fetch the topics along, in the order of their names."""
        return self.select_related("topic").order_by("role", "topic__key")


class TopicRole(SourcedModel):
    """What a municipality gives or seeks on one topic."""

    municipality = models.ForeignKey(
        Municipality, on_delete=models.CASCADE, related_name="topic_roles"
    )
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="roles")
    role = models.CharField(_("role"), max_length=6, choices=Role)
    note = models.CharField(_("note"), max_length=300, blank=True)

    objects = TopicRoleQuerySet.as_manager()

    class Meta:
        verbose_name = _("role on a topic")
        verbose_name_plural = _("roles by topic")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["municipality", "topic", "role"],
                name="topic_role_is_named_once",
                violation_error_message=_("This role is already named for the topic."),
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values),
                name="topic_role_is_known",
                violation_error_message=_("Choose whether the municipality gives or seeks."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.municipality} {self.get_role_display()} {self.topic}"
