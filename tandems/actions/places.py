"""What brings a chosen municipality into the register: place, inhabitants, roles by topic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_lazy as _, override

from calls.content import place_key
from calls.enums import Step
from calls.models import Application, Submission
from core.actions import note_change
from core.dates import DatePrecision
from core.models import save_new
from municipalities.models import Municipality, PopulationFigure, Topic, TopicRole
from tandems.takeover import missing_roles, namesake_of, sides_by_topic

LANGUAGES = ("de", "en")
#: What people say of a municipality that is new in the register.
GIVEN = ("slug", "name_de", "name_en", "latitude", "longitude", "time_zone")
#: The language (ISO 639-1) of the local name, kept as the first of the languages spoken there.
LANGUAGE = "language"


def place_of(
    *, application: Application, sent: Submission, place: Mapping[str, Any], by: Any
) -> Municipality:
    """Return the municipality of a chosen application; one that was described is made now.

    ``place`` is asked only for an application without a municipality: either ``municipality``, an
    entry of the register that people know to be the same, or all of :data:`GIVEN` and
    :data:`LANGUAGE`. Nothing of it is guessed.

    Raises :class:`ValidationError` where something is missing, and where the register holds a
    municipality of this name and country already.
    """
    known: Municipality | None = application.municipality or place.get("municipality")
    municipality = known or _new_place(application, sent, place, by)
    if application.municipality_id is None:
        application.municipality = municipality
        application.place_key = place_key(municipality, "", "")
        application.validate_constraints()
        application.save()
    return municipality


def _new_place(
    application: Application, sent: Submission, place: Mapping[str, Any], by: Any
) -> Municipality:
    """Write a municipality with what was sent and what people gave, and its inhabitants."""
    described = sent.document[Step.MUNICIPALITY]
    name = described["place_name"]
    if missing := [field for field in (*GIVEN, LANGUAGE) if place.get(field) in (None, "")]:
        raise ValidationError(
            _("%(place)s is not in the register yet. Missing: %(fields)s.")
            % {"place": name, "fields": ", ".join(missing)}
        )
    if known := namesake_of(name, application.place_country):
        raise ValidationError(
            _("The register holds %(place)s already. Choose it, so that it is not there twice.")
            % {"place": known}
        )
    with override("de"):
        municipality = Municipality(
            **{field: place[field] for field in GIVEN},
            local_name=name,
            country=application.place_country,
            languages=[place[LANGUAGE]],
            website=described["place_website"] or "",
            **{f"region_{code}": described["place_region"] or "" for code in LANGUAGES},
        )
        save_new(municipality)
    note_change(municipality, field="register", old="", new="taken over", by=by)
    if described["place_population"]:
        _write_population(municipality, described["place_population"], sent)
    return municipality


def _write_population(municipality: Municipality, value: int, sent: Submission) -> None:
    """Write the inhabitants as they were stated; the source is the application, no web address."""
    day = sent.sent_at.date()
    notes = {}
    for code in LANGUAGES:
        with override(code):
            notes[f"note_{code}"] = gettext("stated in the application to the programme")
    save_new(
        PopulationFigure(
            municipality=municipality,
            value=value,
            earliest=day,
            latest=day,
            precision=DatePrecision.DAY,
            **notes,
        )
    )


def take_over_roles(*, municipality: Municipality, sent: Submission, by: Any) -> None:
    """Add what the municipality gives and seeks by topic; what the register says is kept.

    Who gives and seeks on one topic is mutual there, unless one of both stands there already. The
    sentences of the application are not taken over: they were written for reviewers.
    """
    wanted = sides_by_topic(sent)
    topics = Topic.objects.in_bulk(list(wanted), field_name="key")
    for key, sides in wanted.items():
        if key not in topics:
            continue
        rows = TopicRole.objects.filter(municipality=municipality, topic=topics[key])
        held = set(rows.values_list("role", flat=True))
        for role in missing_roles(set(sides), held):
            save_new(TopicRole(municipality=municipality, topic=topics[key], role=role))
