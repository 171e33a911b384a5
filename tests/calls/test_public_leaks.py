"""Nothing of a selection leaks: every public page, and every page of a city, is read for it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client
from post_office.models import Email

from calls import actions
from calls.models import (
    Application,
    Call,
    DiscussionNote,
    EligibilityCheck,
    ListEntry,
    Offer,
    SelectionList,
    SessionParticipant,
)
from tests.applications import client_of, editor_of
from tests.factories import make_user
from tests.selection import (
    LEAK,
    applications_of,
    decided,
    declare,
    filed,
    make_call_in_review,
    make_reviewer,
)

pytestmark = pytest.mark.django_db
#: City → what was decided about it.
CITIES = {
    "Aachenau": "accepted",
    "Bonnhausen": ("reserve", 1),
    "Cellestadt": "refused",
    "Arlesville": "accepted",
    "Brestville": ("reserve", 1),
    "Calaisville": "refused",
}
#: Where a walk begins, in each language.
DOORS = ("/{0}/", "/{0}/calls/", "/{0}/dashboard/", "/sitemap.xml", "/robots.txt")
#: What ends the walk, or belongs to no selection.
CLOSED_DOORS = re.compile(r"logout|/static/|^/admin/|/language/")


@dataclass
class Walk:
    """All pages that a browser reaches by links, and in which of them a text stands."""

    client: Client
    pages: dict[str, str] = field(default_factory=dict)

    def go(self, *doors: str) -> Walk:
        """Open every door in each language, and every link behind it."""
        both = (*DOORS, *doors)
        waiting = [door.format(language) for language in ("de", "en") for door in both]
        while waiting:
            address = waiting.pop()
            if address in self.pages or CLOSED_DOORS.search(address):
                continue
            answer = self.client.get(address)
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
            text = content.decode(errors="replace")
            self.pages[address] = text + str(dict(answer.headers))
            waiting += re.findall(r"""(?:href|action)="(/[^"#?]*)""", text)
            waiting += re.findall(r"<loc>https?://[^/<]+(/[^<]*)</loc>", text)
            if "Location" in answer.headers and answer.headers["Location"].startswith("/"):
                waiting.append(answer.headers["Location"].partition("?")[0])
        return self

    def holding(self, text: str) -> list[str]:
        """Return the pages in which the text stands."""
        return [address for address, page in self.pages.items() if text in page]


def procedure() -> tuple[Call, dict[str, Application]]:
    """Return a call with six cities, judged by people and words that all carry the mark."""
    call = make_call_in_review(german=3, european=3)
    for row, name in zip(applications_of(call), CITIES, strict=True):
        Application.objects.filter(pk=row.pk).update(place_name=name)
        for sent in row.submissions.all():
            place = {**sent.document["municipality"], "place_name": name}
            document = {**sent.document, "municipality": place}
            row.submissions.filter(pk=sent.pk).update(document=document)
    rows = {row.place_name: row for row in applications_of(call)}
    board = SelectionList.objects.create(call=call, name=f"{LEAK} Probe", idea=LEAK)
    for row in rows.values():
        for organisation in ("difu", "adelphi"):
            filed(row, make_reviewer(organisation, name=f"{LEAK} Name"), text=LEAK)
        declare(row, make_reviewer("steinbeis", name=LEAK), "personal", LEAK)
        DiscussionNote.objects.create(application=row, text=LEAK)
        EligibilityCheck.objects.create(application=row, is_eligible=True, reason=LEAK)
        ListEntry.objects.create(selection_list=board, application=row, outcome="left", reason=LEAK)
    return call, rows


def told() -> tuple[Call, dict[str, Application]]:
    """Return the procedure decided, with the letters out, one place confirmed and one pair."""
    call, rows = procedure()
    session = decided(call, {rows[name]: outcome for name, outcome in CITIES.items()})
    SessionParticipant.objects.create(session=session, name=f"{LEAK} anwesend")
    by = make_user("bbsr")
    actions.draft_letters(session=session, by=by)
    actions.release_letters(session=session, by=by)
    for offer in Offer.objects.order_by("pk"):
        actions.answer_offer(offer=offer, confirms=True, by=editor_of(offer.application))
    german, european = rows["Aachenau"], rows["Arlesville"]
    actions.propose_pairs(call=call, pairs=[(german.pk, european.pk)], by=by)
    return call, rows


def door(application: Application, page: str) -> str:
    """Return the address of a page of an application, in a language to be named."""
    return f"/{{0}}/calls/{application.call.slug}/apply/{application.key}/{page}/"


def others(rows: dict[str, Application], *known: str) -> list[str]:
    """Return the cities that somebody may not meet."""
    return [name for name in rows if name not in known]


def mails_holding(text: str) -> list[str]:
    """Return the subjects of the mails in which a text stands."""
    rows = Email.objects.values_list("subject", "message", "html_message")
    return [row[0] for row in rows if any(text in part for part in row)]


def assert_clean(walk: Walk, *texts: str) -> None:
    """Assert that none of the texts stands anywhere on the walk."""
    found: dict[str, Any] = {text: walk.holding(text) for text in texts}

    assert {text: pages for text, pages in found.items() if pages} == {}


def test_public_pages_name_nobody_before_the_decision():
    call, rows = procedure()

    walk = Walk(Client()).go()

    assert f"/en/calls/{call.slug}/" in walk.pages
    assert_clean(walk, LEAK, *rows)


def test_public_pages_name_who_has_confirmed_and_nobody_else():
    call, rows = told()

    walk = Walk(Client()).go()

    assert walk.holding("Aachenau") == [f"/en/calls/{call.slug}/", f"/de/calls/{call.slug}/"]
    assert_clean(walk, LEAK, *others(rows, "Aachenau", "Arlesville"))


def test_cities_read_nothing_of_another_one_and_nothing_of_reviewers():
    _call, rows = told()
    for city in ("Bonnhausen", "Calaisville", "Arlesville"):
        own = door(rows[city], "result")

        walk = Walk(client_of(editor_of(rows[city]))).go(own)

        assert rows[city].reference in walk.pages[own.format("de")]
        # Who has confirmed is public.
        assert_clean(walk, LEAK, *others(rows, city, "Aachenau", "Arlesville"))
        assert_clean(walk, *(str(row.key) for name, row in rows.items() if name != city))


def test_city_reads_nothing_of_the_selection_before_its_letter_is_out():
    call, rows = procedure()
    session = decided(call, {rows[name]: outcome for name, outcome in CITIES.items()})
    actions.draft_letters(session=session, by=make_user("bbsr"))
    marked = session.letters.all()
    marked.update(subject=LEAK, body=LEAK)

    walk = Walk(client_of(editor_of(rows["Cellestadt"]))).go(door(rows["Cellestadt"], "result"))

    assert door(rows["Cellestadt"], "result").format("de") in walk.pages
    assert_clean(walk, LEAK, *others(rows, "Cellestadt"))


def test_pair_reads_of_its_partner_what_the_card_says_and_no_reviews():
    _call, rows = told()

    own = door(rows["Arlesville"], "partner")

    walk = Walk(client_of(editor_of(rows["Arlesville"]))).go(own)

    assert "Aachenau" in walk.pages[own.format("de")]
    assert_clean(walk, LEAK, *others(rows, "Aachenau", "Arlesville"))


def test_no_mail_holds_a_word_of_the_reviews():
    told()

    assert mails_holding("Aachenau") != []
    assert mails_holding(LEAK) == []
