"""Two people prepare the same consultation: both are told, and neither loses what was typed."""

from __future__ import annotations

import json

import pytest

from meetings.actions.consultation_parts import prepare_consultation
from meetings.consultation_content import Preparation, marks_in
from meetings.models import Consultation
from meetings.views.consultation import planning
from tests.cycle import make_cycle
from tests.meetings.consultation_cases import SECRETS, make_case
from tests.meetings.test_consultation_preparing import address, opened, typed
from tests.races import act_at_once
from tests.reading import read

pytestmark = pytest.mark.django_db


def conflicts(answer):
    """Return the labels of what is in conflict, with both values as the page shows them."""
    main = read(answer).main
    shown = main.all("section", class_="form-errors")[0]
    texts = [part.text for part in shown.all("div", class_="conflict__text")]
    labels = [head.text for head in shown.all("h3")]
    return dict(zip(labels, zip(texts[::2], texts[1::2], strict=True), strict=True))


def case_of_two():
    """Return a case that case giver and facilitator prepare, with the form each has opened."""
    case = make_case()
    url = case.url("prepare")
    clients = [case.client(who) for who in ("case_giver", "facilitator")]
    # The facilitator leads the meeting, the case giver contributes for the city of the case.
    return case, url, [(client, opened(client, url)) for client in clients]


def test_form_that_is_sent_as_it_was_opened_changes_nothing():
    case, url, [(client, values), _other] = case_of_two()
    before = [*case.consultation.members.order_by("pk").values_list()]

    assert client.post(url, values).status_code == 302

    assert [*case.consultation.members.order_by("pk").values_list()] == before
    assert case.now().title == SECRETS[0]


def test_second_one_sees_both_and_nothing_is_saved_until_saved_again():
    case, url, [(one, first), (two, second)] = case_of_two()
    adviser, guest = str(case.of("adviser").pk), str(case.of("guest").pk)

    one.post(url, {**first, "title": "Bäume", "advisers": [guest], "phase_5": "20"})
    answer = two.post(url, {**second, "title": "Wege", "advisers": [adviser], "phase_5": "30"})

    assert answer.status_code == 409
    found = conflicts(answer)
    assert found["The case, in a few words"] == ("Wege", "Bäume")
    mine, theirs = found["City of the case, and who has which part"]
    assert "Hamm" in mine
    assert case.of("adviser").name in mine
    assert case.of("guest").name not in mine
    assert case.of("guest").name in theirs
    assert case.of("adviser").name not in theirs
    mine, theirs = found["How you advise each other, and for how long"]
    assert ("30 minutes" in mine, "20 minutes" in theirs) == (True, True)
    assert case.now().title == "Bäume"
    kept = next(form for form in read(answer).main.all("form") if form.all("input", name="marks"))
    assert kept.values()["title"] == ["Wege"]
    assert kept.values()["advisers"] == [adviser]

    assert two.post(url, kept.values()).status_code == 302
    assert case.now().title == "Wege"
    assert [row.user for row in case.consultation.members.filter(role="adviser")] == [
        case.of("adviser")
    ]
    assert case.consultation.phases.get(phase=5).minutes == 30


def test_what_only_one_of_them_changed_is_kept():
    case, url, [(one, first), (two, second)] = case_of_two()

    one.post(url, {**first, "title": "Bäume", "language": "en"})
    answer = two.post(url, {**second, "mode": "written", "phase_5": "3"})

    assert answer.status_code == 302
    row = case.now()
    assert (row.title, row.language, row.mode) == ("Bäume", "en", "written")
    assert case.consultation.phases.get(phase=5).minutes == 3 * 1440


def test_times_are_not_mixed_with_another_mode():
    case, url, [(one, first), (two, second)] = case_of_two()

    one.post(url, {**first, "mode": "written", "phase_5": "3"})
    answer = two.post(url, {**second, "phase_5": "30"})

    assert list(conflicts(answer)) == ["How you advise each other, and for how long"]
    assert case.consultation.phases.get(phase=5).minutes == 3 * 1440


def test_two_who_settle_the_same_are_not_stopped():
    _case, url, [(one, first), (two, second)] = case_of_two()

    answers = [
        client.post(url, {**values, "title": "Bäume"})
        for client, values in ((one, first), (two, second))
    ]

    assert [answer.status_code for answer in answers] == [302, 302]


def test_of_two_who_begin_the_second_is_shown_what_the_first_prepared():
    cycle = make_cycle(kind="consultation")
    url = address(cycle)
    # Both opened the empty form; each gives the other a part, so both read the case.
    one, two = cycle.client("partner"), cycle.client("colleague")
    first, second = opened(one, url), opened(two, url)

    one.post(url, {**first, **typed(cycle, title="Bäume")})
    advisers = [cycle.people["partner colleague"].pk]
    answer = two.post(url, {**second, **typed(cycle, title="Wege", advisers=advisers)})

    assert answer.status_code == 409
    assert conflicts(answer)["The case, in a few words"] == ("Wege", "Bäume")
    assert Consultation.objects.get().title == "Bäume"


def test_who_has_no_part_sees_the_own_text_but_not_the_case():
    cycle = make_cycle(kind="consultation")
    url = address(cycle)
    one, two = cycle.client("partner"), cycle.client("contact")
    first, second = opened(one, url), opened(two, url)

    one.post(url, {**first, **typed(cycle)})
    advisers = [cycle.people["partner colleague"].pk]
    answer = two.post(url, {**second, **typed(cycle, title="Wege", advisers=advisers)})

    assert answer.status_code == 409
    assert SECRETS[0] not in answer.content.decode()
    mine, theirs = conflicts(answer)["The case, in a few words"]
    assert (mine, "only those who have a part read it" in theirs) == ("Wege", True)
    assert "City of the case, and who has which part" in conflicts(answer)
    kept = next(form for form in read(answer).main.all("form") if form.all("input", name="marks"))
    assert two.post(url, kept.values()).status_code == 302
    row = Consultation.objects.get()
    assert row.title == SECRETS[0]
    assert row.members.filter(user=cycle.people["partner colleague"]).exists()


def test_nor_does_who_saves_in_the_very_moment_in_which_somebody_else_does(monkeypatch):
    cycle = make_cycle(kind="consultation")
    client, url = cycle.client("contact"), address(cycle)
    values = opened(client, url)
    other = cycle.client("partner")
    candidates_for = planning.candidates_for

    def meanwhile(meeting):
        """Let the other person save while the first page is being answered."""
        monkeypatch.setattr(planning, "candidates_for", candidates_for)
        other.post(url, {**opened(other, url), **typed(cycle)})
        return candidates_for(meeting)

    monkeypatch.setattr(planning, "candidates_for", meanwhile)
    answer = client.post(url, {**values, **typed(cycle, title="Wege")})

    assert answer.status_code == 409
    assert SECRETS[0] not in answer.content.decode()
    assert conflicts(answer)["The case, in a few words"][0] == "Wege"
    assert not read(answer).main.all("input", name="title")


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_the_second_meets_what_the_first_saved():
    case = make_case()
    marks = marks_in(case.consultation)
    parts = {row.user_id: row.role for row in case.consultation.members.all()}

    def saving(title, who):
        by = case.of(who)
        content = Preparation(title, case.cycle.hamm, "live", "de", (5, 10, 5, 5, 10, 5), parts)
        return lambda: prepare_consultation(
            meeting=case.meeting, content=content, opened=marks, by=by
        )

    first, second = act_at_once(saving("Bäume", "contact"), saving("Wege", "partner"))

    assert (first.conflicts, second.conflicts) == ({}, {"title": "Bäume"})
    assert case.now().title == "Bäume"


@pytest.mark.parametrize("language", ["de", "en"])
def test_page_with_both_values_is_whole(language):
    case = make_case()
    client, url = case.client("case_giver", language), case.url("prepare", language)
    values = opened(client, url)
    stale = json.dumps(dict.fromkeys(json.loads(values["marks"][0]), "0" * 16))

    answer = client.post(url, {**values, "title": "Wege", "marks": stale})

    page = read(answer)
    assert (answer.status_code, page.faults, page.language) == (409, [], language)
