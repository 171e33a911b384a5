"""What is said in a consultation is read by those alone who have a part."""

from __future__ import annotations

import pytest
from post_office.models import Email

from core.models import StatusChange
from meetings.enums import Phase
from tandems.models import TandemNotice
from tests.cycle import ContributionFactory
from tests.meetings.consultation_cases import SEATS, SECRETS, make_case
from tests.reading import read

pytestmark = pytest.mark.django_db

#: Pages on which others could read of it; below /en/.
ELSEWHERE = (
    "dashboard/",
    "tandems/hamm-arezzo/",
    "tandems/hamm-arezzo/workspace/",
    "tandems/hamm-arezzo/workspace/meetings/",
    "tandems/hamm-arezzo/workspace/history/",
    "tandems/hamm-arezzo/calendar.ics",
    "meetings/",
)


def said(case):
    """Let all be said that can be said, by real people in the browser, and stop before the end."""
    case.move_to(Phase.ACCOUNT)
    case.post("case_giver", "write", phase=2, kind="account", text=SECRETS[1])
    case.move_to(Phase.KEY_QUESTION)
    case.post("case_giver", "write", phase=3, kind="key_question", text=SECRETS[2])
    ContributionFactory(consultation=case.consultation, written_by=case.of("adviser"))


@pytest.mark.parametrize("who", ["contact", "deputy", "coordinator", "bbsr"])
@pytest.mark.parametrize("state", ["running", "closed"])
def test_others_learn_that_it_takes_place_and_no_more(who, state):
    case = make_case()
    said(case)
    if state == "closed":
        case.close()

    answer = case.client(who).get(case.url())

    page = read(answer).main
    assert answer.status_code == 200
    assert "This consultation is confidential." in page.text
    assert page.fact("City of the case") == "Hamm"
    assert page.fact("Status") == ("Going on" if state == "running" else "Completed")
    if state == "running":
        assert page.fact("Phase") == "Key question"
    names = [case.of(role).name for role in (*SEATS, "guest")]
    shown = answer.content.decode()
    assert [text for text in (*SECRETS, *names) if text in shown] == []


def test_who_has_a_part_reads_it_all():
    case = make_case()
    said(case)
    case.close()

    for role in (*SEATS, "guest"):
        text = case.client(role).get(case.url()).content.decode()
        assert [secret for secret in SECRETS if secret not in text] == []


@pytest.mark.parametrize("who", ["contact", "coordinator", "neighbour", "observer", "visitor"])
def test_nothing_of_it_stands_on_any_other_page(who):
    case = make_case(meeting={"status": "announced", "is_public": True})
    said(case)
    case.close()
    client = case.client(who)

    paths = [f"/en/{path}" for path in ELSEWHERE]
    paths.append(f"/en{case.meeting.get_absolute_url()[3:]}")
    paths.append(f"/en/meetings/{case.meeting.pk}/internal/")
    for path in paths:
        shown = client.get(path).content.decode()
        assert [text for text in SECRETS if text in shown] == [], path


def test_nothing_of_it_stands_in_history_notices_or_mails():
    case = make_case(mode="written")
    case.post("facilitator", "begin")
    case.post("facilitator", "next", phase=1)
    said(case)
    case.post("facilitator", "next", phase=3)
    case.move_to(Phase.CLOSE)
    case.post("case_giver", "close", valuable=SECRETS[3], first_step=SECRETS[4])
    case.post("case_giver", "release", sentence_en="Ask first.", step="release")

    written = [f"{row.old} {row.new} {row.note}" for row in StatusChange.objects.all()]
    written += [f"{row.event} {row.facts}" for row in TandemNotice.objects.all()]
    written += [f"{mail.subject} {mail.message}" for mail in Email.objects.all()]
    names = [case.of(role).name for role in ("case_giver", "adviser")]
    assert Email.objects.count() > 6
    assert [one for one in written for text in SECRETS if text in one] == []
    changes = [f"{row.old} {row.new} {row.note}" for row in StatusChange.objects.all()]
    assert [one for one in changes for name in names if name in one] == []


def test_commitment_is_all_that_the_partnership_reads_and_only_with_a_day():
    case = make_case()
    case.move_to(Phase.CLOSE)

    page = read(case.client("case_giver").get(case.url("close"))).main

    assert "becomes a commitment of your city, which the partnership reads" in page.text
