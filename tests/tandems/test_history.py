"""Rows as they stood on an earlier day, out of the history of states."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from core.actions import note_change
from tandems.history import as_on
from tests.factories import CommitmentFactory

pytestmark = pytest.mark.django_db

YESTERDAY = timezone.localdate() - dt.timedelta(days=1)


def kept(**fields):
    return CommitmentFactory(state="kept", settled_at=timezone.now(), **fields)


def test_what_changed_later_is_taken_back():
    row = kept(due_on=dt.date(2026, 5, 1))
    note_change(row, field="due_on", old="2026-03-01", new="2026-05-01", by=None)
    note_change(row, field="state", old="open", new="kept", by=None)

    (stood,) = as_on([row], YESTERDAY)

    assert (stood.state, stood.due_on) == ("open", dt.date(2026, 3, 1))


@pytest.mark.parametrize("field", ["membership", "confirmation", "agreement", "pk", "tandem_id"])
def test_what_is_noted_of_no_column_is_passed_over(field):
    row = kept()
    note_change(row, field=field, old="before", new="after", by=None)
    note_change(row, field="state", old="open", new="kept", by=None)

    (stood,) = as_on([row], YESTERDAY)

    assert stood.state == "open"


def test_without_a_last_day_rows_stand_as_they_are():
    row = kept()
    note_change(row, field="state", old="open", new="kept", by=None)

    assert [one.state for one in as_on([row], None)] == ["kept"]
    assert as_on([], YESTERDAY) == []
