"""What the pages of a procedure have in common: who opens them, and the ways between them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.contrib import admin
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from accounts.permissions import Permission, require
from calls.enums import Pool
from calls.models import Application, Procedure
from calls.ways import ways_of
from municipalities.enums import Country


class Entry(NamedTuple):
    """An application as a row of a list names it, in words."""

    pk: int
    key: uuid.UUID
    name: str
    #: In which the name is written, for ``lang``; empty if nobody knows.
    language: str
    country: str
    pool: str
    is_eligible: bool | None


def entries_of(pks: Iterable[int]) -> dict[int, Entry]:
    """Return applications by their primary keys as rows name them, by one question.

    Plain values, and each label looked up once: a list of 50 rows takes half the time.
    """
    columns = ("pk", "key", "place_name", "place_country", "working_languages")
    others = ("municipality__languages", "eligibility__is_eligible")
    rows = Application.objects.filter(pk__in=list(pks)).order_by("place_name", "pk")
    found: dict[int, Entry] = {}
    labels: dict[str, tuple[str, str]] = {}
    for pk, key, name, code, working, local, is_eligible in rows.values_list(*columns, *others):
        if code not in labels:
            pool = Pool.GERMAN if code == Country.DE else Pool.EUROPEAN
            labels[code] = str(Country(code).label), str(pool.label)
        languages = working if local is None else local
        language = languages[0] if languages else ""
        found[pk] = Entry(pk, key, name, language, *labels[code], is_eligible)
    return found


def procedure_for(request: HttpRequest, slug: str) -> Procedure:
    """Return the procedure of a call for who prepares the selection; to others it is refused."""
    require(request.user, Permission.PREPARE_SELECTION)
    procedure: Procedure = get_object_or_404(
        Procedure.objects.select_related("call"), call__slug=slug
    )
    # The call knows its procedure now, and nobody asks for it again.
    procedure.call.procedure = procedure
    return procedure


def frame(
    request: HttpRequest, procedure: Procedure, here: str, title: str, **context: Any
) -> dict[str, Any]:
    """Return the context of a page; ``here``: to which part of the procedure it belongs."""
    call = procedure.call
    return {
        **admin.site.each_context(request),
        "title": title,
        "call": call,
        "procedure": procedure,
        "menu": ways_of(call, here, request.user),
        **context,
    }
