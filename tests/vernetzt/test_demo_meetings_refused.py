"""When the invented partnership of the demo is not made, and that then nothing of it is there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from accounts.models import User
from municipalities.models import Municipality
from tandems.models import Tandem
from tests.factories import make_user

DATA = Path(__file__).resolve().parents[2] / "data" / "demo_meetings.json"


@pytest.mark.django_db
def test_without_demo_there_is_no_invented_partnership(settings):
    settings.DEMO = False
    make_user("coordinator")

    with pytest.raises(CommandError, match="DEMO=1"):
        call_command("load_demo_meetings", DATA)

    assert not Tandem.objects.exists()


@pytest.mark.django_db
def test_without_a_coordinator_it_is_refused(settings):
    settings.DEMO = True

    with pytest.raises(CommandError, match="demo accounts first"):
        call_command("load_demo_meetings", DATA)


@pytest.mark.django_db
def test_of_a_run_that_fails_nothing_stays(settings, tmp_path):
    settings.DEMO = True
    make_user("coordinator")
    data = json.loads(DATA.read_text(encoding="utf-8"))
    # Nothing comes after this one.
    data["meetings"]["network"]["agenda"][-1]["minutes"] = 10_000
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps(data), encoding="utf-8")

    with pytest.raises(ValidationError, match="zwischen einer Minute und einem Tag"):
        call_command("load_demo_meetings", broken)

    assert not Tandem.objects.exists()
    assert not Municipality.objects.exists()
    assert not User.objects.filter(email__endswith="@demo.example").exists()
