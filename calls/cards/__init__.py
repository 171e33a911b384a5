"""Match cards: what was sent, as cities for matching, and what matching finds, in words.

:mod:`calls.matching` knows neither applications nor words; this package stands between it and
pages, mails and rows.
"""

from __future__ import annotations

from calls.cards.card import (
    Card as Card,
    CardWords as CardWords,
    CityWords as CityWords,
    Part as Part,
    card_of as card_of,
    words_of as words_of,
)
from calls.cards.cities import (
    DescribedCity as DescribedCity,
    cities_of as cities_of,
    city_of as city_of,
)
from calls.cards.sentences import Statement as Statement
from calls.cards.why import (
    pair_name as pair_name,
    problem_words as problem_words,
    why_not_words as why_not_words,
)
