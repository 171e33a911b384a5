"""The next missing step of a partnership, out of its facts."""

from __future__ import annotations

from tandems.next_step.facts import (
    MINUTES_WITHIN as MINUTES_WITHIN,
    City as City,
    Facts as Facts,
    freshness_of as freshness_of,
)
from tandems.next_step.steps import Step as Step, in_words as in_words, steps_of as steps_of
from tandems.next_step.wording import Need as Need
