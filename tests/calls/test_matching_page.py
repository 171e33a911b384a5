"""The matching page: the best set with its reasons, what differs in the next, rules, proposals."""

from __future__ import annotations

import uuid

import pytest

from calls import actions
from calls.enums import ConflictKind, ConsentAnswer, OfferState, PairingState, PairRuleKind
from calls.models import EligibilityCheck, Offer, Pairing, PairingConsent, PairRule, Procedure
from tests.calls.desk import HOSTILE, desk
from tests.calls.pairing_cases import (
    agree,
    city,
    coordinator,
    make_confirmed,
    propose,
    send_anew,
    writer,
)
from tests.reading import read
from tests.selection import LEAK, decided, declare, make_call_in_review, make_reviewer

pytestmark = pytest.mark.django_db
LIST = "/admin/calls/pairing/"


def address(call, *parts):
    return f"{LIST}{call.slug}/" + "".join(f"{part}/" for part in parts)


def page(call, query="", client=None):
    return read((client or desk()).get(address(call) + query))


def cards(shown):
    return [card.one("h3").text for card in shown.main.all("article")]


def meets(call, german, european, topic):
    """Let one city seek what the other gives, and the other way round."""
    for name, other in ((german, f"{topic}-a"), (european, f"{topic}-b")):
        back = f"{topic}-b" if other.endswith("a") else f"{topic}-a"
        send_anew(city(call, name), topics={(other, "seeks"): 3, (back, "gives"): 3})


def make_two_pairs():
    call = make_confirmed(2, 2)
    meets(call, "Stadt 1", "City 2", "heat")
    meets(call, "Stadt 2", "City 1", "data")
    return call


# The best set


def test_best_set_shows_each_pair_with_reasons_differences_and_how_the_fit_comes_about():
    shown = page(make_two_pairs())

    assert sorted(cards(shown)) == ["Stadt 1 – City 2 (France)", "Stadt 2 – City 1 (France)"]
    for card in shown.main.all("article"):
        reasons, differences = card.all("ul")
        assert len(reasons.all("li")) >= 3
        assert len(differences.all("li")) >= 1
        rows = card.one("table").one("tbody").all("tr")
        assert [cell.text for cell in rows[0].children if not isinstance(cell, str)] == [
            "Need met by offer, in both directions", "50 %", "100 %", "50",
        ]  # fmt: skip
        assert len(rows) == 6
    assert "proven: no set that obeys the rules fits better" in shown.main.text


def test_next_best_set_says_what_differs():
    shown = page(make_two_pairs())

    others = shown.main.section("The next best sets").texts("li")
    assert len(others) == 1
    assert "Instead of Stadt 1 – City 2, Stadt 2 – City 1" in others[0]
    assert "Stadt 1 – City 1, Stadt 2 – City 2" in others[0]
    assert "points less" in others[0]


def test_page_begins_with_the_confirmed_cities_and_tries_others_when_asked():
    call = make_confirmed(2, 2)
    Offer.objects.filter(application=city(call, "City 2")).update(state=OfferState.DECLINED)
    EligibilityCheck.objects.create(
        application=city(call, "Stadt 2"), is_eligible=False, reason="Ein Landkreis."
    )

    confirmed, eligible = page(call), page(call, "?candidates=sent&pairs=1")

    assert "Propose these pairs" in confirmed.main.text
    assert (
        "City 2"
        not in confirmed.main.one(
            "form", method="post", action=f"{address(call, 'propose')}?candidates=confirmed&pairs=1"
        ).text
    )
    assert "This is a trial" in eligible.main.text
    rest = eligible.main.section("Without a partner in this set").text
    assert "City" in rest
    assert "Stadt 2" not in rest


def test_chosen_cities_are_those_of_the_decision_until_letters_are_out():
    call = make_call_in_review(2, 2)
    outcomes = {city(call, "Stadt 1"): "accepted", city(call, "City 1"): "accepted"}
    outcomes |= {city(call, "Stadt 2"): "refused", city(call, "City 2"): ("reserve", 1)}
    decided(call, outcomes)

    shown = page(call)

    assert cards(shown) == ["Stadt 1 – City 1 (France)"]
    assert shown.main.one("option", value="chosen").attributes.get("selected") == ""


def test_fewer_pairs_are_computed_when_asked_and_unknown_values_are_ignored():
    call = make_two_pairs()

    assert len(cards(page(call, "?pairs=1"))) == 1
    odd = page(call, "?pairs=-1&candidates=%00&page=1")
    assert len(cards(odd)) == 2
    assert "It was ignored" in odd.main.text


def test_more_pairs_than_the_rules_leave_are_said_to_be_none():
    call = make_confirmed(2, 2)
    Procedure.objects.update(per_country=1)

    shown = page(call)

    assert cards(shown) == []
    assert "No set of 2 pairs obeys all rules." in shown.main.text


def test_page_is_honest_where_the_search_was_cut(monkeypatch):
    from calls.admin import matching_page
    from calls.matching import best_sets

    monkeypatch.setattr(
        matching_page, "best_sets", lambda *args, **kw: best_sets(*args, **kw, node_limit=1)
    )

    shown = page(make_two_pairs())

    assert "Not proven." in shown.main.text
    assert "proven: no set" not in shown.main.text


def test_without_candidates_and_without_calls_the_pages_say_so():
    assert "No call is in review yet." in read(desk().get(LIST)).main.text
    call = make_call_in_review(1, 0)

    assert "no candidates of both pools" in page(call).main.text
    assert call.title_en in read(desk().get(LIST)).main.text


# Rules by hand


def post_rule(call, client=None, **values):
    names = {"german": "Stadt 1", "european": "City 1"}
    keys = {side: city(call, name).pk for side, name in names.items()}
    data = keys | {"kind": "fixed", "reason": "Der Beirat wünscht es."} | values
    return (client or desk()).post(address(call, "rules"), data, follow=True)


def test_fixed_pair_is_in_the_set_and_excluded_one_is_not():
    call = make_two_pairs()

    fixed = read(post_rule(call))
    PairRule.objects.update(kind=PairRuleKind.FORBIDDEN)
    european = city(call, "City 2").pk
    excluded = read(post_rule(call, european=european, kind="forbidden"))

    assert "Stadt 1 – City 1 (France)" in cards(fixed)
    assert "Der Beirat wünscht es." in fixed.main.text
    assert not any(card.startswith("Stadt 1") for card in cards(excluded))


def test_rule_without_a_reason_keeps_the_page_and_leads_to_the_field():
    call = make_two_pairs()

    answer = post_rule(call, reason=" ")

    shown = read(answer)
    assert answer.status_code == 422
    assert "#id_reason" in shown.main.hrefs()
    assert shown.main.one("select", name="german").one("option", selected="").text == "Stadt 1"
    assert not PairRule.objects.exists()


def test_rule_is_removed_and_a_second_click_does_no_harm():
    call, client = make_two_pairs(), desk()
    post_rule(call)
    rule = PairRule.objects.get()

    for _click in range(2):
        answer = client.post(address(call, "rules", rule.pk, "remove"), follow=True)
        assert answer.status_code == 200

    assert not PairRule.objects.exists()


def test_rules_that_contradict_each_other_are_named():
    call = make_two_pairs()
    post_rule(call)
    shown = read(post_rule(call, european=city(call, "City 2").pk))

    assert "fixed in two pairs: Stadt 1" in shown.main.text
    assert cards(shown) == []


def test_fixed_pair_of_no_candidate_is_not_applied_and_that_is_said():
    call = make_two_pairs()
    post_rule(call)
    Offer.objects.filter(application=city(call, "Stadt 1")).update(state=OfferState.DECLINED)

    assert "1 fixed pair is not applied" in page(call).main.text


def test_pair_for_which_a_city_asked_for_another_is_not_computed_again():
    call = make_confirmed(1, 2)
    meets(call, "Stadt 1", "City 1", "heat")
    pairing = propose(call)
    actions.answer_pairing(
        pairing=pairing,
        application=pairing.european,
        agrees=False,
        reason="Zu weit weg.",
        by=writer(pairing.european),
    )

    shown = page(call)

    assert cards(shown) == ["Stadt 1 – City 2 (France)"]
    assert "Zu weit weg." in shown.main.section("Proposed pairs").text


# Why not


def test_every_other_partner_of_a_city_says_why_not():
    call = make_two_pairs()
    client = desk()

    shown = read(client.get(address(call, "city", city(call, "Stadt 1").key)))
    other = read(client.get(address(call, "city", city(call, "City 1").key)))

    entries = {
        entry.one("h2").text: entry.text for entry in shown.main.all("li", class_="matching__card")
    }
    assert list(entries) == ["City 2 (France)", "City 1 (France)"]
    assert "Partner in the best set" in entries["City 2 (France)"]
    assert "Why not:" in entries["City 1 (France)"]
    assert "Stadt 2" in other.main.text


def test_possible_partners_come_in_pages():
    call = make_confirmed(1, 3)
    from calls.admin import matching_city

    client = desk()
    before, matching_city.PER_PAGE = matching_city.PER_PAGE, 2
    try:
        first = client.get(address(call, "city", city(call, "Stadt 1").key))
        second = client.get(address(call, "city", city(call, "Stadt 1").key) + "?page=2")
    finally:
        matching_city.PER_PAGE = before

    assert len(read(first).main.all("li", class_="matching__card")) == 2
    assert len(read(second).main.all("li", class_="matching__card")) == 1


# Proposing


def values_of(shown):
    return [box["value"] for box in shown.main.all("input", name="pair")]


def test_pairs_are_shown_once_more_and_proposed_then():
    call, client = make_two_pairs(), desk()
    chosen = values_of(page(call, client=client))[:1]

    preview = read(client.post(address(call, "propose"), {"pair": chosen}))
    assert "have 14 days" in preview.main.text
    assert not Pairing.objects.exists()
    data = {"pair": values_of(preview), "confirmed": "1"}
    done = read(client.post(address(call, "propose"), data, follow=True))
    again = read(client.post(address(call, "propose"), data, follow=True))

    assert "1 pair is proposed" in done.body.text
    assert "A partner is proposed already" in again.body.text
    assert Pairing.objects.count() == 1
    assert "Consent of both awaited" in done.main.text
    assert len(values_of(done)) == 1


@pytest.mark.parametrize(
    "pair", [[], ["x"], ["1"], ["1.2.3"], ["9" * 30 + ".1"], ["999999.999998"]]
)
def test_what_is_no_pair_is_answered_with_words(pair):
    call = make_confirmed()

    for data in ({"pair": pair}, {"pair": pair, "confirmed": "1"}):
        answer = desk().post(address(call, "propose"), data, follow=True)
        assert answer.status_code == 200
        assert "Choose at least one pair." in read(answer).body.text

    assert not Pairing.objects.exists()


def test_held_pair_stays_in_the_set_and_is_not_offered_again():
    call = make_two_pairs()
    propose(call, "Stadt 1", "City 1")

    shown = page(call)

    assert "Stadt 1 – City 1 (France)" in cards(shown)
    assert len(values_of(shown)) == 1


def test_proposals_show_answers_and_what_can_be_done():
    call = make_two_pairs()
    agree(propose(call))
    half = propose(call, "Stadt 2", "City 2")
    agree(half, half.german)
    Pairing.objects.filter(pk=half.pk).update(due_at=half.proposed_at)

    rows = page(call).main.section("Proposed pairs").one("tbody").all("tr")

    assert "overdue" in rows[0].text
    assert "Stadt 2 : agrees" in rows[0].text
    assert "City 2 : no answer yet" in rows[0].text
    assert f"/admin/tandems/tandem/form/{Pairing.objects.first().pk}/" in rows[1].hrefs()


def test_proposal_is_taken_back_on_a_page_that_asks_why():
    call, client = make_confirmed(), desk()
    pairing = propose(call)
    url = address(call, "proposals", pairing.pk, "drop")

    wrong = read(client.post(url, {"note": ""}))
    assert "#id_note" in wrong.main.hrefs()
    done = client.post(url, {"note": "Keine Antwort."}, follow=True)

    assert "taken back" in read(done).body.text
    assert Pairing.objects.get().state == PairingState.DROPPED
    late = read(client.post(url, {"note": "Noch einmal."}))
    assert late.main.one("div", role="alert").text != ""


# Who may, and what a conflict of interest closes


PAGES = [(), ("city", "KEY"), ("proposals", "PK", "drop")]
POSTS = [("rules",), ("rules", "1", "remove"), ("propose",), ("proposals", "PK", "drop")]


def filled(call, parts):
    pairing = Pairing.objects.first()
    known = {"KEY": city(call, "Stadt 1").key, "PK": pairing.pk if pairing else 1}
    return address(call, *(known.get(part, part) for part in parts))


@pytest.mark.parametrize(("role", "status"), [("bbsr", 200), ("reviewer", 403), ("observer", 403)])
def test_pages_open_for_who_prepares_the_selection(role, status):
    call = make_confirmed()
    propose(call)
    client = desk(role)

    statuses = {client.get(filled(call, parts)).status_code for parts in PAGES}
    assert {*statuses, client.get(LIST).status_code} == {status}
    if status == 403:
        assert {client.post(filled(call, parts)).status_code for parts in POSTS} == {403}


def test_unknown_call_city_and_proposal_are_not_there_and_acts_are_no_pages():
    call, client = make_confirmed(), desk()

    for url in (
        f"{LIST}nowhere/",
        address(call, "city", uuid.uuid4()),
        address(call, "proposals", 99, "drop"),
    ):
        assert client.get(url).status_code == 404
    for parts in POSTS[:3]:
        assert client.get(filled(call, parts)).status_code == 405


def test_what_a_conflict_closes_is_left_out_everywhere_and_counted():
    call = make_confirmed(2, 2)
    person = coordinator()
    closed = city(call, "City 1")
    send_anew(closed, place_name=LEAK)
    type(closed).objects.filter(pk=closed.pk).update(place_name=LEAK)
    pairing = propose(call, "Stadt 1", LEAK)
    PairingConsent.objects.create(
        pairing=pairing,
        application=closed,
        answer=ConsentAnswer.ASKS_FOR_ANOTHER,
        reason=f"Grund {LEAK}",
    )
    actions.set_pair_rule(
        call=call,
        german=city(call, "Stadt 2"),
        european=closed,
        kind=PairRuleKind.FORBIDDEN,
        reason=f"Regel {LEAK}",
        by=coordinator(),
    )
    rule = PairRule.objects.get()
    declare(closed, person, ConflictKind.INSTITUTIONAL)

    for by in (person, make_reviewer("adelphi", "coordinator"), make_reviewer("adelphi", "bbsr")):
        client = desk(user=by)
        for query in ("", "?candidates=sent", "?candidates=chosen"):
            html = client.get(address(call) + query).content.decode()
            assert LEAK not in html
            assert "1 municipality is left out" in html
        assert client.get(address(call, "city", closed.key)).status_code == 404
        assert (
            LEAK
            not in client.get(address(call, "city", city(call, "Stadt 1").key)).content.decode()
        )
        assert client.get(address(call, "proposals", pairing.pk, "drop")).status_code == 404
        assert client.get(f"/admin/tandems/tandem/form/{pairing.pk}/").status_code == 404
        client.post(address(call, "rules", rule.pk, "remove"))
        refused = client.post(
            address(call, "rules"),
            {
                "german": city(call, "Stadt 1").pk,
                "european": closed.pk,
                "kind": "fixed",
                "reason": "x",
            },
        )
        assert refused.status_code == 422
        value = f"{city(call, 'Stadt 2').pk}.{closed.pk}"
        client.post(address(call, "propose"), {"pair": [value], "confirmed": "1"})
    assert PairRule.objects.get() == rule
    assert Pairing.objects.count() == 1
    assert LEAK in desk().get(address(call)).content.decode()


def test_list_counts_no_pair_that_is_closed():
    call, person = make_confirmed(), coordinator()
    declare(propose(call).european, person, ConflictKind.PERSONAL)

    assert "no pair proposed yet" in read(desk(user=person).get(LIST)).main.text
    assert "1 consent of both awaited" in read(desk().get(LIST)).main.text


def test_hostile_names_stay_text_on_every_page():
    call = make_confirmed()
    application = city(call, "City 1")
    type(application).objects.filter(pk=application.pk).update(place_name=HOSTILE)
    send_anew(application, place_name=HOSTILE)
    client = desk()

    for parts in ((), ("city", city(call, "Stadt 1").key)):
        shown = read(client.get(address(call, *parts)))
        assert shown.faults == []
        assert HOSTILE in shown.main.text


# Speed


def test_page_asks_as_often_for_three_pairs_as_for_one(django_assert_num_queries):
    one, three = make_confirmed(1, 1), make_confirmed(3, 3)
    propose(one)
    for number in (1, 2, 3):
        propose(three, f"Stadt {number}", f"City {number}")
    client = desk()
    for call in (one, three):
        client.get(address(call))
        with django_assert_num_queries(16):
            client.get(address(call))
