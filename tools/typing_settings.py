"""Settings for mypy alone: modeltranslation would replace every manager with a nameless class."""

from vernetzt.settings import *  # noqa: F403

INSTALLED_APPS = [name for name in INSTALLED_APPS if name != "modeltranslation"]  # noqa: F405
