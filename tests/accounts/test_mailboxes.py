"""One spelling for an address, no look-alikes, one account for a mailbox."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from accounts.mailboxes import mailbox_of, normalise_address
from accounts.models import User
from tests.factories import UserFactory


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Anna@Krefeld.Example", "anna@krefeld.example"),
        ("  anna+portal@krefeld.example ", "anna+portal@krefeld.example"),
        ("a@köln.example", "a@köln.example"),
        ("a@XN--KLN-SNA.example", "a@köln.example"),
        ("a@софия.бг", "a@софия.бг"),
        ("a@δήμος.ελ", "a@δήμος.ελ"),
        ("a@straße.example", "a@straße.example"),
    ],
)
def test_address_has_one_spelling(typed, kept):
    assert normalise_address(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "a@krefеld.example",  # Cyrillic е
        "a@софия.com",
        "a@ɡοοɡle.example",  # Greek omicron
        "a@xn--krefld-8nf.example",  # the first one in its technical spelling
        "аnna@krefeld.example",  # Cyrillic а before the @ sign
        "a\u202e@krefeld.example",
        "a\u200b@krefeld.example",
        '"a@b"@krefeld.example',
        "a@b@krefeld.example",
        "a@",
        "a@xn--.example",
        "a" * 10_000,
    ],
)
def test_look_alike_and_nonsense_are_refused(typed):
    with pytest.raises(ValidationError):
        normalise_address(typed)


@pytest.mark.parametrize(
    ("address", "mailbox"),
    [
        ("Anna+x@Krefeld.example", "anna@krefeld.example"),
        ("anna+x+y@krefeld.example", "anna@krefeld.example"),
        ("anna@krefeld.example", "anna@krefeld.example"),
        ("anna@kre+feld.example", "anna@kre+feld.example"),
        ("+x@krefeld.example", "@krefeld.example"),
    ],
)
@pytest.mark.django_db
def test_program_and_database_agree_on_the_mailbox(address, mailbox):
    user = UserFactory(email=address)

    assert mailbox_of(address) == mailbox
    assert User.objects.of_mailbox(mailbox) == user
    assert User.objects.of_mailbox(address) == user
    assert User.objects.of_mailbox("bob@krefeld.example") is None


@pytest.mark.django_db
@pytest.mark.parametrize("other", ["ANNA@krefeld.example", "anna+2@krefeld.example"])
def test_mailbox_has_one_account_whatever_the_spelling(other):
    UserFactory(email="anna+1@krefeld.example")

    with pytest.raises(ValidationError, match="bereits ein Konto"):
        UserFactory.build(email=other).validate_constraints()
