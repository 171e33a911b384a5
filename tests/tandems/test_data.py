"""What people get to read about themselves from the internal areas."""

from __future__ import annotations

import pytest

from tandems.data import workspace_of
from tests.factories import ProfileEntryFactory, ProfileVersionFactory, make_user
from tests.tandems.files_cases import Circle
from tests.workspace import ProfileCommentFactory, ProfileConfirmationFactory, ProfileTextFactory

pytestmark = pytest.mark.django_db


def test_own_data_hold_what_a_person_wrote_confirmed_and_put_in_and_nothing_of_others():
    circle = Circle()
    user, other = circle.contact, circle.neighbour
    name = str(circle.tandem)
    version = ProfileVersionFactory(tandem=circle.tandem, summary=False)
    entry = ProfileEntryFactory(
        profile=version, section="goal", texts={"nl": "Doel."}, result_kind=""
    )
    for person, text in ((user, "Meins"), (other, "Fremd")):
        ProfileCommentFactory(profile=version, written_by=person, text=text)
    ProfileTextFactory(entry=entry, language="it", text="Un obiettivo.", written_by=user)
    ProfileTextFactory(entry=entry, language="de", text="Fremdes Ziel.", written_by=other)
    ProfileConfirmationFactory(
        profile=version, municipality=circle.ours.municipality, given_by=user
    )
    circle.document()
    circle.picture()

    data = workspace_of(user)

    parts = {part: [{**row, "at": None} for row in rows] for part, rows in data.items()}
    about = {"partnership": name, "version": version.number, "at": None}
    assert parts["profile_comments"] == [{**about, "text": "Meins"}]
    assert parts["profile_confirmations"] == [about]
    assert parts["profile_texts"] == [
        {**about, "section": "goal", "language": "it", "text": "Un obiettivo."}
    ]
    assert parts["documents"] == [
        {"partnership": name, "file": "Protokoll.pdf", "version": 1, "note": "", "at": None}
    ]
    assert parts["pictures"] == [{"partnership": name, "at": None}]
    assert all(row["at"] for rows in data.values() for row in rows)


def test_who_did_nothing_there_has_no_data_there():
    assert set(map(len, workspace_of(make_user()).values())) == {0}
