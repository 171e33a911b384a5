"""What a partnership lacks, the most pressing first: facts in, steps out, no database.

The order is the way of an exchange: a date, minutes, a profile that others can read, and a
commitment that is kept; then what keeps a partnership going: people and topics.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext

from core.dates import day
from tandems.enums import TandemStatus
from tandems.models.profile import ASKED
from tandems.next_step.facts import City, Facts
from tandems.next_step.wording import WORDING, Need, Text, Wording


@dataclass(frozen=True, slots=True)
class Step:
    """Something that is missing, and of which cities it is asked (``None`` asks every city)."""

    need: Need
    facts: Facts
    cities: tuple[City, ...] | None = None

    @property
    def wording(self) -> Wording:
        """Return what is said of it, still with gaps."""
        return WORDING[self.need]

    @property
    def title(self) -> str:
        """Return what has to be done, in the reader's language."""
        return self.filled(self.wording.title)

    @property
    def why(self) -> str:
        """Return why it matters."""
        return self.filled(self.wording.why)

    @property
    def who(self) -> str:
        """Return who can do it."""
        return self.filled(self.wording.who)

    def filled(self, text: Text) -> str:
        """Return a wording with names and days in it."""
        names = [city.name for city in self.cities or ()]
        return str(text) % {
            "cities": in_words(names),
            "day": day(self.facts.held_on) if self.facts.held_on else "",
            "as_of": day(self.facts.as_of) if self.facts.as_of else "",
        }


def in_words(names: list[str]) -> str:
    """Return names as people list them: ``Krefeld, Sofia und Venlo``."""
    if len(names) < 2:
        return "".join(names)
    first, last = ", ".join(names[:-1]), names[-1]
    return gettext("%(first)s and %(last)s") % {"first": first, "last": last}


def steps_of(facts: Facts) -> list[Step]:
    """Return what is missing, the most pressing first; nothing for a partnership that is over."""
    if not facts.works:
        return []
    if facts.status == TandemStatus.PLANNED:
        return [*of_membership(facts), *of_kick_off(facts), *of_offices(facts)]
    return [
        *of_membership(facts),
        *of_meetings(facts),
        *of_profile(facts),
        *of_commitments(facts),
        *of_offices(facts),
        *([] if facts.topics else [Step(Need.TOPIC, facts)]),
    ]


def of_membership(facts: Facts) -> list[Step]:
    """Return whether a city stands alone."""
    return [] if len(facts.cities) > 1 else [Step(Need.PARTNER, facts)]


def of_kick_off(facts: Facts) -> list[Step]:
    """Return whether the kick-off is to be agreed, or to be noted as held."""
    if facts.kick_off_on is not None and facts.kick_off_on < facts.today:
        return [Step(Need.KICK_OFF, facts)]
    is_ahead = facts.kick_off_on is not None or facts.coming_on is not None
    return [] if is_ahead else [Step(Need.DATE, facts)]


def of_meetings(facts: Facts) -> list[Step]:
    """Return what the meetings lack: a coming date, the minutes of the last one."""
    steps = [] if facts.coming_on else [Step(Need.DATE, facts)]
    if facts.held_on and not facts.has_minutes:
        steps.append(Step(Need.MINUTES, facts))
    return steps


def of_profile(facts: Facts) -> list[Step]:
    """Return the one thing that the profile waits for."""
    # A city that joined after the others had confirmed is asked as well.
    if facts.unfinished in ASKED and facts.word_of:
        asked = tuple(city for city in facts.cities if city.pk in facts.word_of)
        return [Step(Need.WORD, facts, asked)]
    if facts.unfinished in ASKED:
        return [Step(Need.RELEASE, facts)]
    if facts.is_returned:
        return [Step(Need.RETURNED, facts)]
    if facts.unfinished and (facts.is_old or not facts.is_released):
        return [Step(Need.SUBMISSION, facts)]
    if not facts.is_released:
        return [Step(Need.PROFILE, facts)]
    return [Step(Need.FRESHNESS, facts)] if facts.is_old else []


def of_commitments(facts: Facts) -> list[Step]:
    """Return what the commitments lack: one after each meeting, a word in time, one kept."""
    steps = []
    if facts.held_on and not facts.has_followed_up:
        steps.append(Step(Need.COMMITMENT, facts))
    late = tuple(city for city in facts.cities if city.pk in facts.overdue_of)
    if late:
        steps.append(Step(Need.OVERDUE, facts, late))
    elif facts.open and not facts.kept:
        steps.append(Step(Need.KEPT, facts))
    return steps


def of_offices(facts: Facts) -> list[Step]:
    """Return which cities lack a contact person or a deputy."""
    steps = []
    for need, without in (
        (Need.CONTACT, [city for city in facts.cities if not city.has_contact]),
        (Need.DEPUTY, [city for city in facts.cities if not city.has_deputy]),
    ):
        if without:
            steps.append(Step(need, facts, tuple(without)))
    return steps
