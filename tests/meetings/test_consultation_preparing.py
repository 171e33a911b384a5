"""Preparing a consultation: who may, what the form refuses, and who is told."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest
from post_office.models import Email

from meetings.models import Consultation, Meeting
from tests.cycle import make_cycle
from tests.meetings.consultation_cases import SECRETS, make_case
from tests.reading import read

pytestmark = pytest.mark.django_db


def typed(cycle, **fields):
    """Return what a browser sends of the form."""
    people = cycle.people
    return {
        "title": SECRETS[0],
        "case_city": cycle.hamm.pk,
        "mode": "live",
        "language": "en",
        "case_giver": people["colleague"].pk,
        "facilitator": people["partner"].pk,
        "scribe": "",
        "advisers": [people["partner deputy"].pk, people["coordinator"].pk],
        **fields,
    }


def opened(client, url):
    """Return what the form sends when nothing is changed."""
    page = read(client.get(url)).main
    return next(form for form in page.all("form") if form.all("input", name="marks")).values()


def address(cycle):
    return f"/en/meetings/{cycle.meeting.pk}/internal/consultation/prepare/"


@pytest.mark.parametrize("who", ["contact", "colleague", "partner", "coordinator", "bbsr"])
def test_who_leads_or_contributes_for_the_city_prepares_it(who):
    cycle = make_cycle(kind="consultation")

    answer = cycle.client(who).post(address(cycle), typed(cycle))

    assert answer.status_code == 302
    row = Consultation.objects.get()
    assert (row.title, row.case_city, row.state) == (SECRETS[0], cycle.hamm, "prepared")
    assert [phase.minutes for phase in row.phases.all()] == [5, 10, 5, 5, 10, 5]
    parts = {member.user: (member.role, member.municipality) for member in row.members.all()}
    assert parts == {
        cycle.people["colleague"]: ("case_giver", cycle.hamm),
        cycle.people["partner"]: ("facilitator", cycle.arezzo),
        cycle.people["partner deputy"]: ("adviser", cycle.arezzo),
        cycle.people["coordinator"]: ("adviser", None),
    }


@pytest.mark.parametrize(
    ("who", "status"), [("neighbour", 404), ("observer", 404), ("nobody", 404), ("visitor", 302)]
)
def test_nobody_else_prepares_it(who, status):
    cycle = make_cycle(kind="consultation")
    client = cycle.client(who)

    assert client.get(address(cycle)).status_code == status
    assert client.post(address(cycle), typed(cycle)).status_code == status
    assert not Consultation.objects.exists()


def test_colleague_brings_no_case_of_the_other_city():
    cycle = make_cycle(kind="consultation")

    answer = cycle.client("partner colleague").post(address(cycle), typed(cycle))

    assert list(answer.context["form"].errors) == ["case_city"]
    assert not Consultation.objects.exists()


def test_in_writing_the_times_are_days():
    cycle = make_cycle(kind="consultation")

    cycle.client("contact").post(address(cycle), typed(cycle, mode="written", phase_5="3"))

    minutes = [row.minutes // 1440 for row in Consultation.objects.get().phases.all()]
    assert minutes == [2, 4, 2, 1, 3, 2]
    form = read(cycle.client("contact").get(address(cycle))).main.one("form", class_="form")
    assert form.values()["phase_5"] == ["3"]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"title": ""}, "title"),
        ({"mode": "by post"}, "mode"),
        ({"language": "xx"}, "language"),
        ({"case_giver": ""}, "case_giver"),
        ({"case_giver": "partner colleague"}, "case_giver"),
        ({"facilitator": "colleague"}, "facilitator"),
        ({"scribe": "partner"}, "scribe"),
        ({"advisers": ["partner"]}, "advisers"),
        ({"advisers": []}, "advisers"),
        ({"advisers": ["neighbour"]}, "advisers"),
        ({"phase_1": "0"}, "phase_1"),
        ({"phase_1": "241"}, "phase_1"),
        ({"phase_1": "31", "mode": "written"}, "phase_1"),
    ],
)
def test_form_says_at_the_field_what_is_wrong_and_keeps_the_rest(fields, wrong):
    cycle = make_cycle(kind="consultation")

    def key(value):
        return cycle.people[value].pk if value in cycle.people else value

    sent = {
        name: [key(one) for one in value] if isinstance(value, list) else key(value)
        for name, value in fields.items()
    }
    answer = cycle.client("contact").post(address(cycle), typed(cycle, **sent))

    assert list(answer.context["form"].errors) == [wrong]
    assert answer.context["form"]["case_city"].value() == str(cycle.hamm.pk)
    assert not Consultation.objects.exists()


def test_it_is_changed_until_it_begins():
    case = make_case()
    client = case.client("contact")
    marks = opened(client, case.url("prepare"))["marks"]
    data = typed(case.cycle, advisers=[case.of("guest").pk], marks=marks)
    del data["title"]

    client.post(case.url("prepare"), data)

    found = {(row.user.pk, row.role) for row in case.consultation.members.all()}
    assert found == {
        (case.of("case_giver").pk, "case_giver"),
        (case.of("facilitator").pk, "facilitator"),
        (case.of("guest").pk, "adviser"),
    }
    case.move_to(1)
    answer = client.post(case.url("prepare"), data)
    assert list(answer.context["form"].errors) == ["member", "user"]
    case.close()
    assert client.get(case.url("prepare")).status_code == 302


def test_who_prepares_without_a_part_neither_reads_nor_changes_what_the_case_is():
    case = make_case()
    client = case.client("contact")

    page = client.get(case.url("prepare"))
    client.post(case.url("prepare"), typed(case.cycle, title="Etwas anderes"))

    assert SECRETS[0] not in page.content.decode()
    assert "title" not in page.context["form"].fields
    assert case.now().title == SECRETS[0]


def test_who_wrote_it_or_gives_the_case_still_reads_the_title():
    case = make_case()
    Consultation.objects.update(prepared_by=case.cycle.people["coordinator"])

    for who in ("coordinator", "case_giver"):
        assert SECRETS[0] in case.client(who).get(case.url("prepare")).content.decode()


def test_cancelled_meeting_is_not_prepared():
    cycle = make_cycle(kind="consultation")
    Meeting.objects.update(status="cancelled")

    cycle.client("contact").post(address(cycle), typed(cycle))

    assert not Consultation.objects.exists()


def test_whoever_gets_a_part_is_told_once_in_the_own_language_and_nothing_of_the_case():
    cycle = make_cycle(kind="consultation", title_de="Beratung Mai", title_en="Advice in May")
    colleague = cycle.people["colleague"]
    colleague.language = "en"
    colleague.save()
    client = cycle.client("contact")

    for _ in range(2):
        client.post(address(cycle), typed(cycle))

    mails = {mail.to[0]: mail for mail in Email.objects.all()}
    names = ("colleague", "partner", "partner deputy", "coordinator")
    assert sorted(mails) == sorted(cycle.people[name].email for name in names)
    assert Email.objects.count() == 4
    assert "Your role: case giver." in mails[colleague.email].message
    assert "Advice in May" in mails[colleague.email].message
    assert (
        f"/en/meetings/{cycle.meeting.pk}/internal/consultation/" in mails[colleague.email].message
    )
    assert "/de/meetings/" in mails[cycle.people["partner"].email].message
    assert not [mail for mail in mails.values() if SECRETS[0] in mail.subject + mail.message]


def test_in_writing_everybody_is_told_who_writes_until_when():
    case = make_case(mode="written")
    for name in ("guest", "colleague"):
        person = case.of(name)
        person.language, person.time_zone = "en", "Europe/Sofia"
        person.save()
    quiet = case.of("scribe")
    quiet.muted = ["tandem_meetings"]
    quiet.save()

    case.post("facilitator", "begin")

    told = sorted(mail.to[0] for mail in Email.objects.all())
    assert told == sorted(case.of(who).email for who in ("case_giver", "adviser", "guest"))
    (mail,) = (mail for mail in Email.objects.all() if mail.to == [case.of("guest").email])
    assert mail.subject == "Peer consultation, case from Hamm: Roles"
    assert "Whose turn it is: everybody." in mail.message
    assert "You can write now:" in mail.message
    end = case.consultation.phases.get(phase=1).started_at + dt.timedelta(days=5)
    assert f"{end.astimezone(zoneinfo.ZoneInfo('Europe/Sofia')):%H:%M}" in mail.message
    assert SECRETS[0] not in mail.message


def test_live_no_mail_says_that_a_phase_begins():
    case = make_case()

    case.post("facilitator", "begin")

    assert not Email.objects.exists()


@pytest.mark.parametrize("language", ["de", "en"])
def test_pages_are_whole_in_both_languages(language):
    case = make_case()
    client = case.client("contact", language)

    pages = [client.get(case.url(name, language)) for name in ("prepare", "stop")]
    case.move_to(2)
    pages.append(client.get(case.url("prepare", language)))

    assert [(read(one).faults, read(one).language) for one in pages] == [([], language)] * 3
