"""The house rule: a constraint without a test does not exist."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps

APPS = ("core", "municipalities", "accounts", "calls", "tandems", "meetings", "editorial")


@pytest.mark.parametrize("app", APPS)
def test_every_constraint_of_the_app_has_a_case(app):
    models = apps.get_app_config(app).get_models(include_auto_created=True)
    constraints = {entry.name for model in models for entry in model._meta.constraints}

    cases = import_module(f"tests.{app}.test_models").CASES

    assert {case.name for case in cases} == constraints


def test_no_app_of_ours_is_forgotten(settings):
    with_models = {
        config.label
        for config in apps.get_app_configs()
        if config.path.startswith(str(settings.BASE_DIR))
        and ".venv" not in config.path
        and config.models
    }

    assert with_models == set(APPS)
