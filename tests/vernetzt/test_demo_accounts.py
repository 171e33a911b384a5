"""The accounts of the demo: one for each role, with keys that are printed and work."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command

from accounts.models import RoleAssignment, User


def lines(capsys, **options):
    call_command("demo_accounts", **options)
    return [line.split() for line in capsys.readouterr().out.splitlines()]


def test_each_role_has_an_account_whose_keys_work(programme, settings, capsys, rf):
    settings.DEMO = True

    accounts = lines(capsys)

    held = {
        (row.user.email.partition("@")[0], row.role, str(row.place))
        for row in RoleAssignment.objects.with_people()
    }
    assert len(accounts) == len(held) == 18
    assert ("contact.krefeld", "contact", "Krefeld") in held
    assert ("reviewer.steinbeis", "reviewer") in {row[:2] for row in held}
    assert ("bbsr", "bbsr", "BBSR") in held
    email, password, *_rest = accounts[0]
    assert authenticate(rf.post("/"), email=email, password=password).email == email
    secrets = {account[0]: account[2] for account in accounts if len(account) > 2}
    assert len(secrets) == 6
    for address, secret in secrets.items():
        factor = Authenticator.objects.get(user__email=address)
        assert decrypt(factor.data["secret"]) == secret


def test_second_run_changes_nothing_and_prints_the_same(programme, settings, capsys):
    settings.DEMO = True
    first = lines(capsys)
    before = list(User.objects.order_by("pk").values())

    assert lines(capsys) == first
    assert list(User.objects.order_by("pk").values()) == before
    assert RoleAssignment.objects.count() == 18


def test_renewed_keys_work_after_the_secret_has_changed(programme, settings, capsys, rf):
    settings.DEMO = True
    lines(capsys)
    settings.SECRET_KEY = "another-key-" * 5

    email, password, *_rest = lines(capsys, renew=True)[0]

    assert authenticate(rf.post("/"), email=email, password=password).email == email


@pytest.mark.django_db
def test_without_demo_there_are_no_accounts(settings):
    settings.DEMO = False

    with pytest.raises(CommandError, match="DEMO=1"):
        call_command("demo_accounts")

    assert User.objects.count() == 0
