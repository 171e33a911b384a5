"""E-mail addresses: one spelling for each, no look-alikes, and which of them reach one mailbox."""

from __future__ import annotations

import unicodedata

import idna
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Case, CharField, Value, When
from django.db.models.functions import Concat, Left, Lower, StrIndex, Substr
from django.db.models.lookups import GreaterThan, LessThan
from django.utils.translation import gettext_lazy as _


def normalise_address(address: str) -> str:
    """Return the one spelling of an address: small letters, the domain as people write it.

    ``Anna@XN--KLN-SNA.example`` → ``anna@köln.example``. Raises :class:`ValidationError` for what
    is no address, and for a domain that mixes scripts and so can look like another one (Unicode
    Technical Standard 39, section 5.1, single script).
    """
    address = address.strip().lower()
    validate_email(address)
    local, _at, domain = address.rpartition("@")
    if '"' in local:
        # Quoted, it could hold a second @ sign; no city writes so.
        raise ValidationError(_("Check the part before the @ sign."))
    try:
        readable = idna.decode(idna.encode(domain, uts46=True))
    except idna.IDNAError as error:
        raise ValidationError(_("Check the part after the @ sign.")) from error
    if len(scripts_of(readable)) > 1:
        raise ValidationError(
            _("The part after the @ sign mixes letters of several scripts that look alike.")
        )
    return f"{local}@{readable}"


def scripts_of(text: str) -> set[str]:
    """Return the scripts of the letters in ``text``, such as ``LATIN``, ``GREEK``, ``CYRILLIC``."""
    return {unicodedata.name(letter, "?").split()[0] for letter in text if letter.isalpha()}


def mailbox_of(address: str) -> str:
    """Return the address without what a mail server ignores: case, and ``+tag`` before the @ sign.

    RFC 5233 calls the tag the detail of an address; mail to both reaches the same person.
    """
    local, _at, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def mailbox_expression(field: str = "email") -> Case:
    """Return :func:`mailbox_of` for the database."""
    address, tag, at = Lower(field), StrIndex(field, Value("+")), StrIndex(field, Value("@"))
    short = Concat(Left(address, tag - 1), Substr(address, at), output_field=CharField())
    has_tag = GreaterThan(tag, 0) & LessThan(tag, at)
    return Case(When(has_tag, then=short), default=address, output_field=CharField())
