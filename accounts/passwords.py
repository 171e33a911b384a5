"""Passwords that are worth nothing: known from breaches, or made of words close at hand."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from zxcvbn import zxcvbn

#: What people around the programme think of first.
CLOSE_AT_HAND = (
    *(
        "vernetzt",
        "vernetztineuropa",
        "connectedineurope",
        "netzwerk",
        "tandem",
        "europa",
        "europe",
    ),
    *("bbsr", "bmwsb", "difu", "adelphi", "steinbeis", "rathaus", "stadt", "kommune", "verwaltung"),
    *(
        "passwort",
        "kennwort",
        "geheim",
        "willkommen",
        "hallo",
        "sommer",
        "winter",
        "herbst",
        "berlin",
    ),
    *("montag", "dienstag", "januar", "februar", "oktober", "november", "dezember", "berlin"),
)
#: The estimate reads no further; what is longer can only be better.
READ = 72
#: From 0 (a hundred guesses) to 4 (more than ten thousand million); Wheeler, USENIX Security 2016.
STRONG = 4


class GuessingValidator:
    """Refuses what can be guessed, by an offline list of breached passwords, words and patterns."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise :class:`ValidationError` for a password that a program would soon guess."""
        about = [*CLOSE_AT_HAND, *words_about(user)]
        if zxcvbn(password[:READ], user_inputs=about)["score"] < STRONG:
            raise ValidationError(
                _(
                    "This password is easy to guess. Take four or more words that have nothing to "
                    "do with each other or with you; you need no special characters."
                ),
                code="password_too_easy",
            )

    def get_help_text(self) -> str:
        """Return what the forms say beside the field."""
        return _("Several words that have nothing to do with each other or with you work best.")


def words_about(user: Any) -> list[str]:
    """Return the words in a person's name, address and cities."""
    if user is None:
        return []
    texts = [user.email, user.name]
    if user.pk:
        texts += [str(assignment.place) for assignment in user.roles]
    return [word for text in texts for word in re.split(r"\W+", text.lower()) if len(word) > 2]
