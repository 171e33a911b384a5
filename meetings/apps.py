"""Meetings as a Django app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MeetingsConfig(AppConfig):
    """Floor 5: what partnerships do together."""

    name = "meetings"
    verbose_name = _("Meetings")
