"""Closed lists of the municipalities app."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Country(models.TextChoices):
    """European countries by ISO 3166-1 alpha-2: members of the Council of Europe, and Kosovo.

    The programme is not limited to the EU (Basel). EU texts write EL for Greece; ISO says GR.
    """

    AL = "AL", _("Albania")
    AD = "AD", _("Andorra")
    AM = "AM", _("Armenia")
    AT = "AT", _("Austria")
    AZ = "AZ", _("Azerbaijan")
    BE = "BE", _("Belgium")
    BA = "BA", _("Bosnia and Herzegovina")
    BG = "BG", _("Bulgaria")
    HR = "HR", _("Croatia")
    CY = "CY", _("Cyprus")
    CZ = "CZ", _("Czechia")
    DK = "DK", _("Denmark")
    EE = "EE", _("Estonia")
    FI = "FI", _("Finland")
    FR = "FR", _("France")
    GE = "GE", _("Georgia")
    DE = "DE", _("Germany")
    GR = "GR", _("Greece")
    HU = "HU", _("Hungary")
    IS = "IS", _("Iceland")
    IE = "IE", _("Ireland")
    IT = "IT", _("Italy")
    XK = "XK", _("Kosovo")
    LV = "LV", _("Latvia")
    LI = "LI", _("Liechtenstein")
    LT = "LT", _("Lithuania")
    LU = "LU", _("Luxembourg")
    MT = "MT", _("Malta")
    MD = "MD", _("Moldova")
    MC = "MC", _("Monaco")
    ME = "ME", _("Montenegro")
    NL = "NL", _("Netherlands")
    MK = "MK", _("North Macedonia")
    NO = "NO", _("Norway")
    PL = "PL", _("Poland")
    PT = "PT", _("Portugal")
    RO = "RO", _("Romania")
    SM = "SM", _("San Marino")
    RS = "RS", _("Serbia")
    SK = "SK", _("Slovakia")
    SI = "SI", _("Slovenia")
    ES = "ES", _("Spain")
    SE = "SE", _("Sweden")
    CH = "CH", _("Switzerland")
    TR = "TR", _("Türkiye")
    UA = "UA", _("Ukraine")
    GB = "GB", _("United Kingdom")


class Role(models.TextChoices):
    """What a municipality does on a topic; a role of the topic, never a rank of the city."""

    GIVES = "gives", _("gives")
    SEEKS = "seeks", _("seeks")
    MUTUAL = "mutual", _("gives and seeks")


class DegreeOfUrbanisation(models.IntegerChoices):
    """Eurostat's degree of urbanisation (DEGURBA) of a local administrative unit."""

    CITY = 1, _("city (densely populated)")
    TOWN = 2, _("town or suburb (intermediate density)")
    RURAL = 3, _("rural area (thinly populated)")
