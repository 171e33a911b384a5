"""What an application says, and where it stands."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.text import normalise_for_search


class ApplicationState(models.TextChoices):
    """Where an application stands until the deadline."""

    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("sent")
    #: Taken up again after it was sent; what was sent last counts until it is sent again.
    REOPENED = "reopened", _("being revised")
    WITHDRAWN = "withdrawn", _("withdrawn")


#: State → states that may follow.
APPLICATION_TRANSITIONS: dict[str, frozenset[str]] = {
    ApplicationState.DRAFT: frozenset({ApplicationState.SUBMITTED, ApplicationState.WITHDRAWN}),
    ApplicationState.SUBMITTED: frozenset({ApplicationState.REOPENED, ApplicationState.WITHDRAWN}),
    ApplicationState.REOPENED: frozenset({ApplicationState.SUBMITTED, ApplicationState.WITHDRAWN}),
    ApplicationState.WITHDRAWN: frozenset({ApplicationState.DRAFT}),
}


class Pool(models.TextChoices):
    """For which places a municipality competes."""

    GERMAN = "german", _("German municipalities")
    EUROPEAN = "european", _("other European municipalities")


class Side(models.TextChoices):
    """What a municipality wants to do on a topic; whoever does both names both."""

    GIVES = "gives", _("gives")
    SEEKS = "seeks", _("seeks")


class GivesLevel(models.IntegerChoices):
    """How far a municipality is on a topic on which it gives."""

    BEGUN = 1, _("1: first steps made")
    RUNNING = 2, _("2: in operation")
    SHARED = 3, _("3: others already learn from us")


class SeeksLevel(models.IntegerChoices):
    """How much a municipality needs a topic on which it seeks."""

    CURIOUS = 1, _("1: curious")
    PLANNED = 2, _("2: planned")
    URGENT = 3, _("3: urgent")


class Step(models.TextChoices):
    """The steps of the form, in their order."""

    MUNICIPALITY = "municipality", _("Municipality")
    PEOPLE = "people", _("People")
    TOPICS = "topics", _("Gives and seeks")
    CHALLENGE = "challenge", _("Challenge")
    COOPERATION = "cooperation", _("Cooperation")
    QUESTIONS = "questions", _("Questions of the call")
    FILES = "files", _("Files")
    CONSENTS = "consents", _("Consents")


class WorkingLanguage(models.TextChoices):
    """Languages in which officers can work together (ISO 639-1): official ones in Europe."""

    BG = "bg", _("Bulgarian")
    CS = "cs", _("Czech")
    DA = "da", _("Danish")
    DE = "de", _("German")
    EL = "el", _("Greek")
    EN = "en", _("English")
    ES = "es", _("Spanish")
    ET = "et", _("Estonian")
    FI = "fi", _("Finnish")
    FR = "fr", _("French")
    GA = "ga", _("Irish")
    HR = "hr", _("Croatian")
    HU = "hu", _("Hungarian")
    HY = "hy", _("Armenian")
    IS = "is", _("Icelandic")
    IT = "it", _("Italian")
    KA = "ka", _("Georgian")
    LT = "lt", _("Lithuanian")
    LV = "lv", _("Latvian")
    MK = "mk", _("Macedonian")
    MT = "mt", _("Maltese")
    NL = "nl", _("Dutch")
    NO = "no", _("Norwegian")
    PL = "pl", _("Polish")
    PT = "pt", _("Portuguese")
    RO = "ro", _("Romanian")
    SK = "sk", _("Slovak")
    SL = "sl", _("Slovenian")
    SQ = "sq", _("Albanian")
    SR = "sr", _("Serbian")
    SV = "sv", _("Swedish")
    TR = "tr", _("Turkish")
    UK = "uk", _("Ukrainian")


def language_choices(first: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Return (code, name) of the working languages, by name in the reader's language.

    Those of ``first`` stand on top, in that order; a code that is no working language is left out.
    """
    names = {code: str(label) for code, label in WorkingLanguage.choices}
    top = [code for code in dict.fromkeys(first) if code in names]
    rest = sorted(set(names) - set(top), key=lambda code: normalise_for_search(names[code]))
    return [(code, names[code]) for code in (*top, *rest)]
