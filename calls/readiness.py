"""What a call still needs before it can be opened."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.models import Call


def gaps_of(call: Call) -> list[Any]:
    """Return in words what a call still needs before it can be opened."""
    criteria = list(call.criteria.all())
    weights = sum(criterion.weight for criterion in criteria)
    places = (call.places_german or 0) and (call.places_european or 0)
    checks = [
        (call.opens_at and call.closes_at, _("Give the moments of opening and deadline.")),
        (
            not call.closes_at or call.closes_at > timezone.now(),
            _("The deadline has passed. Give a later one."),
        ),
        (places, _("Give the places in both pools.")),
        (call.topics.exists(), _("Choose the fields of action offered.")),
        (call.hours_a_month is not None, _("Give the working hours a month.")),
        (call.months is not None, _("Give the length of the partnership in months.")),
        (call.trips is not None, _("Give the number of trips; 0 is a number too.")),
        (call.language_level, _("Choose the level of English that is needed.")),
        (call.description, _("Say what the call is about.")),
        (call.contact, _("Say who answers questions.")),
        (criteria, _("Give at least one criterion.")),
        (
            call.consents.filter(is_required=True).exists(),
            _("Give at least one required consent: that the privacy notice was read."),
        ),
        (
            not criteria or weights == 100,
            _("The weights of the criteria add up to %(sum)s, not to 100.") % {"sum": weights},
        ),
        (
            all(text for criterion in criteria for _step, text in criterion.steps),
            _("Say for each criterion what each step means."),
        ),
    ]
    return [words for is_there, words in checks if not is_there]
