"""The house rule: a constraint without a test does not exist."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps

APPS = ("core", "municipalities", "accounts", "calls", "tandems", "meetings", "editorial")


@pytest.mark.parametrize("app", APPS)
def test_every_constraint_of_the_app_has_a_case(app):
    models = apps.get_app_config(app).get_models(include_auto_created=True)
    constraints = {entry.name for model in models for entry in model._meta.constraints}

    cases = [case for module in modules_of(app) for case in module.CASES]

    assert sorted({case.name for case in cases}) == sorted(constraints)


def modules_of(app):
    """Return the modules that hold the cases of an app."""
    folder = Path(__file__).parents[1] / app
    # This module's own name is like that, too.
    more = [path.stem for path in folder.glob("test_constraints_*.py") if path != Path(__file__)]
    return [import_module(f"tests.{app}.{name}") for name in ("test_models", *sorted(more))]


def test_no_app_of_ours_is_forgotten(settings):
    with_models = {
        config.label
        for config in apps.get_app_configs()
        if config.path.startswith(str(settings.BASE_DIR))
        and ".venv" not in config.path
        and config.models
    }

    assert with_models == set(APPS)
