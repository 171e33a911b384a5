"""Settings for mypy alone: modeltranslation would replace every manager with a nameless class."""

from vernetzt.settings import *  # noqa: F403

#: The administration of translated models needs that app; types are checked without opening it.
INSTEAD = {
    "modeltranslation": "",
    "vernetzt.apps.PortalAdminConfig": "django.contrib.admin.apps.SimpleAdminConfig",
}
INSTALLED_APPS = [
    name
    for name in (INSTEAD.get(name, name) for name in INSTALLED_APPS)  # noqa: F405
    if name
]
