"""Places and topics as a Django app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MunicipalitiesConfig(AppConfig):
    """Floor 1: places, figures and topics."""

    name = "municipalities"
    verbose_name = _("Municipalities")
