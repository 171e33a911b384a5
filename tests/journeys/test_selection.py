"""From the closed call to the public partnership, through pages and their buttons alone.

Two municipalities of each pool, one place in each, three organisations that review, somebody with
a conflict of interest, a city that declines, and one that moves up from the reserve list.
"""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from calls.models import Application, Call, ConflictDeclaration, Pairing, SelectionList
from tandems.models import Tandem
from tests.applications import editor_of, make_open_call, make_submitted
from tests.factories import make_user
from tests.selection import make_reviewer
from tests.walking import Walker

pytestmark = pytest.mark.django_db
#: Municipality → country and the points that every reviewer gives.
CITIES = {"Stadt A": ("DE", 5), "Stadt B": ("DE", 2), "Ville A": ("FR", 4), "Ville B": ("FR", 3)}
ROOM = "/admin/calls"


def closed_call():
    """Return a call whose deadline has passed, with four applications."""
    call = make_open_call(partnerships=1, places_german=1, places_european=1)
    for name, (country, _points) in CITIES.items():
        application = make_submitted(call, name=name)
        Application.objects.filter(pk=application.pk).update(place_country=country)
    Call.objects.filter(pk=call.pk).update(closes_at=timezone.now() - dt.timedelta(days=1))
    call.refresh_from_db()
    return call


def city(name):
    return Application.objects.get(place_name=name)


def page_of(application, name):
    return f"/en/calls/{application.call.slug}/apply/{application.key}/{name}/"


def test_two_cities_find_each_other_from_the_closed_call_to_the_public_page(
    django_capture_on_commit_callbacks,
):
    call = closed_call()
    team, bbsr = Walker(make_user("coordinator")), Walker(make_user("bbsr"))
    readers = {
        name: Walker(make_reviewer(name.partition(" ")[0]))
        for name in ("difu", "difu again", "adelphi", "steinbeis")
    }

    begin_review(team, call)
    review(team, readers, call)
    decide(team, bbsr, call)
    with django_capture_on_commit_callbacks(execute=True):
        release(team, bbsr, call)
    decline_and_move_up(bbsr, call)
    agree(team, call)
    form(team, call)

    public = Walker()
    public.open(f"/en/calls/{call.slug}/")
    assert "Stadt A" in public.page.main.text
    assert "Ville B" in public.page.main.text
    assert "Ville A" not in public.page.main.text
    assert "Stadt B" not in public.page.main.text
    public.open(f"/en/tandems/{Tandem.objects.get().slug}/")
    assert "Stadt A" in public.page.heading


def begin_review(team, call):
    """Close the call, begin the review, and check the formal conditions."""
    for state in ("closed", "in_review"):
        team.open(f"{ROOM}/call/{call.pk}/state/")
        team.press("Change the state", state=state)
    team.open(f"{ROOM}/procedure/{call.slug}/")
    team.press("Save the rules", readers="3")
    for name in CITIES:
        team.open(f"{ROOM}/procedure/{call.slug}/eligibility/{city(name).key}/")
        team.press("back to the list", is_eligible="yes")


def review(team, readers, call):
    """Assign as proposed; one has a conflict of interest, and somebody else of the house reads."""
    assign(team, call)
    conflicted = next(
        (reader, name)
        for reader in ("difu", "difu again")
        for name in CITIES
        if name in readers[reader].open(f"{ROOM}/review/").body.text
    )
    reader, name = conflicted
    walker = readers[reader]
    walker.open(f"{ROOM}/review/{city(name).key}/")
    walker.press("State this", kind="personal", sentence="My brother is the mayor.")
    walker.open(f"{ROOM}/review/{city(name).key}/", status=404)
    walker.open(f"{ROOM}/review/")
    assert name not in walker.page.main.texts("a")
    assert ConflictDeclaration.objects.get().application == city(name)
    # Now somebody of this organisation is missing there; the proposal names the other one.
    assign(team, call)
    for walker in readers.values():
        read_all(walker)


def assign(team, call):
    team.open(f"{ROOM}/procedure/{call.slug}/assignment/proposal/")
    team.press("Assign what is ticked")


def read_all(walker):
    """Declare, score with a reason for each criterion, and file everything on the own list."""
    for name, (_country, points) in CITIES.items():
        walker.open(f"{ROOM}/review/")
        if not any(name in link for link in walker.page.main.texts("a")):
            continue
        walker.open(f"{ROOM}/review/{city(name).key}/")
        walker.press("State this", kind="none")
        criteria = city(name).call.criteria.all()
        scores = {f"step-{row.pk}": str(points) for row in criteria}
        reasons = {f"justification-{row.pk}": "Well argued." for row in criteria}
        walker.press("File …", comment="Worth a visit.", **scores, **reasons)
        walker.press("File now")


def decide(team, bbsr, call):
    """Recommend the list by standing; BBSR decides it, with a reason for every application."""
    standing = team.open(f"{ROOM}/procedure/{call.slug}/standing/").main.text
    assert standing.index("Stadt A") < standing.index("Ville A") < standing.index("Ville B")
    team.open(f"{ROOM}/selectionlist/{call.slug}/")
    team.press("Make the list", name="By points", start="rank")
    team.open(f"{ROOM}/selectionlist/{call.slug}/session/")
    team.press("Open the session", held_on=timezone.localdate().isoformat(), place="Online")
    team.open(f"{ROOM}/selectionlist/{call.slug}/session/")
    listed = str(SelectionList.objects.get().pk)
    team.press("Recommend to BBSR", selection_list=listed, text="The best of both pools.")
    team.open(f"{ROOM}/selectionlist/{call.slug}/session/decide/", status=403)
    bbsr.open(f"{ROOM}/selectionlist/{call.slug}/session/decide/")
    bbsr.press("Go on to the numbers")
    bbsr.press("Decide now")
    call.refresh_from_db()
    assert call.state == "decided"


def release(team, bbsr, call):
    """Draft the letters; nobody outside knows anything until BBSR releases them."""
    team.open(f"{ROOM}/letter/{call.slug}/")
    team.press("Draft 4 missing letters")
    officer = Walker(editor_of(city("Ville A")))
    before = officer.open(page_of(city("Ville A"), "result")).main.text
    assert "announced" in before
    team.open(f"{ROOM}/letter/{call.slug}/release/", status=403)
    bbsr.open(f"{ROOM}/letter/{call.slug}/release/")
    bbsr.press("Release now", number="4")
    assert "Confirm the place" in officer.open(page_of(city("Ville A"), "result")).main.text


def decline_and_move_up(bbsr, call):
    """Let the chosen French city decline; the one on the reserve list is offered its place."""
    declining = Walker(editor_of(city("Ville A")))
    declining.open(page_of(city("Ville A"), "result"))
    declining.press("Decline the place", note="The council said no.")
    waiting = Walker(editor_of(city("Ville B")))
    assert "Confirm the place" not in waiting.open(page_of(city("Ville B"), "result")).main.text
    bbsr.open(f"{ROOM}/letter/{call.slug}/release/")
    bbsr.press("Release now", number="1")
    for name in ("Ville B", "Stadt A"):
        officer = Walker(editor_of(city(name)))
        officer.open(page_of(city(name), "result"))
        officer.press("Confirm the place")


def agree(team, call):
    """Propose the pair; both cities see their card and agree."""
    team.open(f"{ROOM}/pairing/{call.slug}/")
    team.press("Propose these pairs")
    team.press("Propose 1 pair now")
    for name in ("Stadt A", "Ville B"):
        officer = Walker(editor_of(city(name)))
        card = officer.open(page_of(city(name), "partner")).main.text
        assert ("Ville B" if name == "Stadt A" else "Stadt A") in card
        officer.press("Send the answer", answer="agrees")
    assert Pairing.objects.get().state == "agreed"


def form(team, call):
    """Form the partnership with what the register needs, and make it public after the kick-off."""
    pairing = Pairing.objects.get()
    team.open(f"/admin/tandems/tandem/form/{pairing.pk}/")
    fields = {"kick_off_on": (timezone.localdate() + dt.timedelta(days=30)).isoformat()}
    for application, zone, latitude in (
        (pairing.german, "Europe/Berlin", "51.5"),
        (pairing.european, "Europe/Paris", "48.1"),
    ):
        prefix = next(
            name.removesuffix("latitude")
            for name in team.page.body.one("form", class_="step").values()
            if name.endswith("latitude") and str(application.pk) in name
        )
        fields |= {
            f"{prefix}name_de": application.place_name,
            f"{prefix}name_en": application.place_name,
            f"{prefix}slug": application.place_name.lower().replace(" ", "-"),
            f"{prefix}latitude": latitude,
            f"{prefix}longitude": "7.5",
            f"{prefix}time_zone": zone,
        }
    team.press("Form the partnership", **fields)
    assert Tandem.objects.get().pairing == pairing
    team.open("/admin/tandems/tandem/")
    team.press("Kick-off held")
