"""Closed lists of the calls app."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class CallKind(models.TextChoices):
    """What a call asks for."""

    EXPRESSION_OF_INTEREST = "expression_of_interest", _("expression of interest")
    APPLICATION = "application", _("application")


class CallState(models.TextChoices):
    """Where a call stands."""

    DRAFT = "draft", _("draft")
    OPEN = "open", _("open")
    CLOSED = "closed", _("closed")
    IN_REVIEW = "in_review", _("in review")
    DECIDED = "decided", _("decided")
    ARCHIVED = "archived", _("archived")


#: State → states that may follow.
TRANSITIONS: dict[str, frozenset[str]] = {
    CallState.DRAFT: frozenset({CallState.OPEN}),
    CallState.OPEN: frozenset({CallState.CLOSED}),
    CallState.CLOSED: frozenset({CallState.IN_REVIEW}),
    CallState.IN_REVIEW: frozenset({CallState.DECIDED}),
    CallState.DECIDED: frozenset({CallState.ARCHIVED}),
    CallState.ARCHIVED: frozenset(),
}


class CallSection(models.TextChoices):
    """Under which heading a fact of a call stands."""

    ELIGIBILITY = "eligibility", _("Who could take part")
    CHANNEL = "channel", _("How to apply")
    TOPICS = "topics", _("Topics offered")
    FORM = "form", _("What the form asked")
    COMMITMENT = "commitment", _("What municipalities committed to")
    BENEFIT = "benefit", _("What was offered")
    TRAVEL = "travel", _("Travel costs")
    CRITERION = "criterion", _("Selection criteria")
    MATCHING = "matching", _("How partners were matched")
    TWINNING = "twinning", _("Existing town twinnings")
    APPLICANTS = "applicants", _("Number of applications")


class LanguageLevel(models.TextChoices):
    """Levels of the Common European Framework of Reference for Languages."""

    A2 = "A2", _("A2: simple conversations")
    B1 = "B1", _("B1: follows a meeting on familiar matters")
    B2 = "B2", _("B2: takes part in technical discussions")
    C1 = "C1", _("C1: speaks fluently and in detail")


class QuestionKind(models.TextChoices):
    """What kind of answer a question takes."""

    SHORT = "short", _("short text")
    LONG = "long", _("long text")
    CHOICE = "choice", _("choice")
    NUMBER = "number", _("number")
    FILE = "file", _("file")


class QuestionReader(models.TextChoices):
    """Who reads an answer besides the applicants."""

    REVIEWERS = "reviewers", _("reviewers and project team")
    TEAM = "team", _("project team only")


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
