"""Drafts of the reasons for a decision, out of the standing; people read and change them.

Nothing here asks a database. Words are in the active language: that of whoever decides.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.template.defaultfilters import floatformat
from django.utils.translation import gettext as _, ngettext

from calls.enums import ListOutcome
from calls.standing import Place


def draft_reason(
    *,
    outcome: str,
    rank: int | None = None,
    place: Place | None = None,
    criteria: Mapping[str, float] | None = None,
    unmet: str = "",
) -> str:
    """Return a draft of the reason for one application.

    Args:
        outcome: What the list makes of it (:class:`calls.enums.ListOutcome`).
        rank: On the reserve list.
        place: Where it stands; nothing without a review that counts.
        criteria: Name of each criterion → mean of its points, 0 to 5.
        unmet: The formal condition that is not met, as it was noted at the check.
    """
    if unmet:
        words = _("Not selected: the application does not meet the formal conditions. %(reason)s")
        return words % {"reason": unmet}
    sentences = [_outcome(outcome, rank)]
    if place is None:
        words = _("There is no review that counts.")
        return f"{sentences[0]} {words}"
    words = ngettext(
        "%(number)s review gives it %(mean)s of 5 points.",
        "%(number)s reviews give it %(mean)s of 5 points on average.",
        place.reviews,
    )
    sentences.append(words % {"number": place.reviews, "mean": floatformat(place.mean, 2)})
    if said := _criteria(criteria or {}):
        sentences.append(said)
    if place.is_disputed:
        words = _("The reviews differ (%(lowest)s to %(highest)s points).")
        values = {"lowest": place.lowest, "highest": place.highest}
        said = words % {name: floatformat(value, 2) for name, value in values.items()}
        sentences.append(said)
    return " ".join(sentences)


def _outcome(outcome: str, rank: int | None) -> str:
    """Return what is decided, as a sentence."""
    if outcome == ListOutcome.CHOSEN:
        return _("Selected.")
    if outcome == ListOutcome.RESERVE:
        return _("Reserve list, rank %(rank)s.") % {"rank": rank}
    return _("Not selected: the places go to other applications.")


def _criteria(criteria: Mapping[str, float]) -> str:
    """Return the strongest and the weakest criterion; of equal ones the first in their order."""
    if len(criteria) < 2 or min(criteria.values()) == max(criteria.values()):
        return ""
    strongest = max(criteria, key=lambda name: criteria[name])
    weakest = min(criteria, key=lambda name: criteria[name])
    words = _("Strongest: %(strong)s (%(high)s); weakest: %(weak)s (%(low)s).")
    return words % {
        "strong": strongest,
        "high": floatformat(criteria[strongest], 1),
        "weak": weakest,
        "low": floatformat(criteria[weakest], 1),
    }
