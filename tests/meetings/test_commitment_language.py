"""In which language a commitment is written: chosen, inherited, kept, and marked on every page."""

from __future__ import annotations

import importlib
import json

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from post_office.models import Email

from meetings.actions import drop_commitment, make_commitment, move_commitment
from meetings.actions.due import remind_of_commitments
from meetings.data import meetings_of
from meetings.enums import Phase
from meetings.links import check_in_link
from meetings.models import Commitment
from tandems.models import Tandem
from tests.cycle import (
    CheckInAnswerFactory,
    CheckInFactory,
    ConsultationFactory,
    ContributionFactory,
    LearningEntryFactory,
    MinutesEntryFactory,
    MinutesFactory,
    make_cycle,
    plan_for,
)
from tests.factories import CommitmentFactory
from tests.meetings.commitment_cases import DAY, member_of, page_of, promise, typed
from tests.meetings.consultation_cases import SECRETS, make_case
from tests.meetings.learning_cases import written
from tests.reading import read
from vernetzt.summaries import write_summary

pytestmark = pytest.mark.django_db
ENGLISH = "We send our guide to level sensors."


def english(cycle, **fields):
    """Return a commitment of Hamm that is written in English."""
    given = {"text": ENGLISH, "language": "en", "due_on": timezone.localdate() + 5 * DAY}
    return promise(cycle, **{**given, **fields})


def languages(cycle, url, who="contact"):
    """Return in which languages a German page says the English sentence."""
    page = read(cycle.client(who).get(url))
    assert (page.language, page.faults) == ("de", [])
    return page.main.languages_of(ENGLISH)


# --- Where it comes from --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spoken", "reader", "chosen"), [("it", "de", "it"), ("", "de", "de"), ("", "en", "en")]
)
def test_form_begins_with_the_language_of_the_meeting_else_of_the_reader(spoken, reader, chosen):
    cycle = make_cycle(language=spoken)

    form = read(cycle.client("contact").get(page_of(cycle.meeting, reader))).main.one(
        "form", class_="form"
    )

    assert form.values()["language"] == [chosen]
    codes = [option["value"] for option in form.one("select", name="language").all("option")]
    assert codes == [*("de", "en"), *([spoken] if spoken else [])]


def test_form_of_the_partnership_offers_the_languages_of_the_own_city():
    cycle = make_cycle()
    url = reverse("workspace:commitments", args=[cycle.tandem.slug])

    form = read(cycle.client("partner").get(url)).main.one("form", class_="form")

    select = form.one("select", name="language")
    assert [option["value"] for option in select.all("option")] == ["de", "en", "it"]
    assert form.values()["language"] == ["de"]


@pytest.mark.parametrize("page", ["meeting", "partnership"])
def test_chosen_language_is_stored(page):
    cycle = make_cycle(language="en")
    slug = cycle.tandem.slug
    url = (
        page_of(cycle.meeting)
        if page == "meeting"
        else reverse("workspace:commitments", args=[slug])
    )

    cycle.client("contact").post(url, typed(cycle, text="Wir laden ein.", language="de"))

    assert Commitment.objects.get().language == "de"


@pytest.mark.parametrize("wrong", ["", "fr", "xx"])
def test_other_languages_are_refused_at_the_field(wrong):
    cycle = make_cycle()

    response = cycle.client("contact").post(page_of(cycle.meeting), typed(cycle, language=wrong))

    assert list(response.context["form"].errors) == ["language"]
    assert not Commitment.objects.exists()


def test_next_step_of_an_entry_takes_its_language_along():
    cycle = make_cycle()
    entry = written(cycle, next_step=ENGLISH, language="en")
    member = member_of(cycle)
    client = cycle.client("colleague")
    url = reverse("workspace:log-edit", args=[cycle.tandem.slug, entry.pk])
    form = read(client.get(url)).main.one("form", class_="form").values()

    due = timezone.localdate() + 30 * DAY
    client.post(url, {**form, "commit": "on", "due_on": due.isoformat()})

    made = Commitment.objects.get()
    assert (made.text, made.language, made.municipality) == (ENGLISH, "en", member.municipality)


def test_first_step_of_a_consultation_takes_its_language_along():
    case = make_case(language="it")
    case.move_to(Phase.CLOSE)
    due = (timezone.localdate() + 30 * DAY).isoformat()

    case.post("case_giver", "close", valuable="Die Ruhe", first_step=ENGLISH, due_on=due)

    assert Commitment.objects.get().language == "it"


def test_language_stays_when_a_commitment_is_moved():
    cycle = make_cycle()
    made = english(cycle)

    later = made.due_on + 30 * DAY
    move_commitment(commitment=made, due_on=later, note="Urlaub", by=cycle.person("contact"))

    assert Commitment.objects.get().language == "en"


def test_export_of_a_person_tells_the_language():
    cycle = make_cycle()
    english(cycle, person=cycle.people["contact"])

    (row,) = meetings_of(cycle.people["contact"])["commitments"]

    assert json.loads(json.dumps(row))["language"] == "en"


def test_language_of_older_ones_is_filled_in_where_it_is_known():
    cycle = make_cycle()
    own = {"tandem": cycle.tandem, "municipality": cycle.hamm}
    texts = ("aus dem Lerntagebuch", "aus der Beratung", "geändert", "von niemandem")
    learned, advised, reworded, unknown = (
        CommitmentFactory(text=text, language="", **own) for text in texts
    )
    LearningEntryFactory(**own, next_step=learned.text, language="it", commitment=learned)
    LearningEntryFactory(**own, next_step="anders", language="it", commitment=reworded)
    ConsultationFactory(first_step=advised.text, language="en", commitment=advised)
    chosen = CommitmentFactory(text="gewählt", language="de", **own)
    LearningEntryFactory(**own, next_step="gewählt", language="it", commitment=chosen)

    step = importlib.import_module("meetings.migrations.0007_known_languages_of_commitments")
    step.fill_in(apps, None)

    rows = {row.pk: row.language for row in Commitment.objects.all()}
    assert [rows[one.pk] for one in (learned, advised, reworded, unknown, chosen)] == [
        *("it", "en", "", "", "de"),
    ]


# --- Where it stands ------------------------------------------------------------------------------


def of_partnership(name, *keys):
    return lambda cycle, row: reverse(f"workspace:{name}", args=[cycle.tandem.slug, *keys])


def of_meeting(name):
    return lambda cycle, row: reverse(f"meeting:{name}", args=[cycle.meeting.pk])


def of_commitment(name):
    return lambda cycle, row: reverse(f"workspace:{name}", args=[cycle.tandem.slug, row.pk])


PAGES = {
    "area": lambda cycle, row: reverse("dashboard"),
    "partnership": of_partnership("home"),
    "history": of_partnership("history"),
    "list": of_partnership("commitments"),
    "page": of_commitment("commitment"),
    "person": of_commitment("commitment-person"),
    "agenda": of_meeting("agenda"),
    "carried on": of_meeting("commitments"),
    "briefing": of_meeting("briefing"),
}


@pytest.mark.parametrize("page", PAGES)
def test_foreign_sentence_is_marked_on_every_page(page):
    cycle = make_cycle()
    row = english(cycle)
    Commitment.objects.update(made_at=timezone.now() - DAY)

    found = languages(cycle, PAGES[page](cycle, row))

    # A briefing is German on one side and English on the other.
    assert found == {"en"}


def test_it_is_marked_where_it_was_made():
    cycle = make_cycle()
    english(cycle, meeting=cycle.meeting)

    assert languages(cycle, page_of(cycle.meeting, "de")) == {"en"}


@pytest.mark.parametrize("overdue", [False, True])
def test_it_is_marked_in_what_waits_for_people_and_what_has_changed(overdue):
    cycle = make_cycle()
    english(cycle)
    if overdue:
        Commitment.objects.update(due_on=timezone.localdate() - DAY)

    def part(page, name):
        return page.one("section", **{"aria-labelledby": name})

    tasks = read(cycle.client("contact").get("/de/dashboard/")).main
    news = read(cycle.client("partner").get("/de/dashboard/")).main

    (task,) = (row for row in part(tasks, "tasks").all("h3") if ENGLISH in row.text)
    assert task.text.endswith(f": {ENGLISH}")
    assert task.languages_of(ENGLISH) == {"en"}
    assert task.languages_of("Zusage") == {"de"}
    assert part(news, "changes").languages_of(ENGLISH) == {"en"}


def test_settled_one_is_marked_in_the_list():
    cycle = make_cycle()
    english(cycle)
    Commitment.objects.update(state="kept", settled_at=timezone.now(), reason="steht online")

    url = reverse("workspace:commitments", args=[cycle.tandem.slug])

    assert languages(cycle, url) == {"en"}


def test_it_is_marked_where_a_city_answers_and_where_its_answer_stands():
    cycle = make_cycle()
    row = english(cycle)
    ended = timezone.localdate() - 190 * DAY
    Tandem.objects.filter(pk=cycle.tandem.pk).update(status="completed", ended_on=ended)
    cycle.tandem.refresh_from_db()
    own = {"tandem": cycle.tandem, "municipality": cycle.hamm}
    check_in = CheckInFactory(**own)
    with translation.override("de"):
        url = check_in_link(check_in, cycle.people["contact"])

    page = read(Client().get(url)).main
    said = {"cooperation": "on", "note": "", f"fate_{row.pk}": "dropped"}
    wrong = read(Client().post(url, said)).main
    CheckInAnswerFactory(check_in=check_in, commitment=row)
    check_in.answered_at, check_in.cooperation = timezone.now(), "on"
    check_in.save()

    assert page.languages_of(ENGLISH) == {"en"}
    assert len([one for one in page.all(lang="en") if one.text == ENGLISH]) == 2
    assert wrong.one(class_="form-errors").languages_of(ENGLISH) == {"en"}
    shown = reverse("workspace:commitments", args=[cycle.tandem.slug])
    assert languages(cycle, shown) == {"en"}


def test_it_is_marked_where_a_city_leaves_and_an_office_is_handed_over():
    cycle = make_cycle()
    english(cycle)
    leaves = reverse("workspace:membership-leave", args=[cycle.tandem.slug, member_of(cycle).pk])
    role = cycle.people["contact"].role_assignments.get()
    hand_over = reverse("accounts:hand-over", args=[role.pk])

    assert languages(cycle, leaves, "coordinator") == {"en"}
    assert languages(cycle, hand_over, "coordinator") == {"en"}


def test_own_language_and_an_unknown_one_are_not_marked():
    cycle = make_cycle()
    promise(cycle, text="Wir laden ein.", language="de")
    promise(cycle, text="Unklar, was das ist.", language="")

    page = read(cycle.client("contact").get(PAGES["list"](cycle, None))).main

    assert page.languages_of("Wir laden ein.") == page.languages_of("Unklar") == {"de"}
    assert not page.all("span", lang="de") + page.all("span", lang="")


def test_what_people_type_is_never_markup():
    cycle = make_cycle()
    row = promise(cycle, text="<b>&amp; %(text)s</b>", language="en")

    for page in PAGES.values():
        answer = cycle.client("contact").get(page(cycle, row))
        assert "<b>" not in answer.content.decode()
    assert "<b>&amp; %(text)s</b>" in read(cycle.client("contact").get("/de/dashboard/")).main.text


def test_mails_stay_plain_text():
    cycle = make_cycle()
    english(cycle, due_on=timezone.localdate() + 9 * DAY)
    Commitment.objects.update(due_on=timezone.localdate() + DAY)

    remind_of_commitments()

    told = Email.objects.get(to=cycle.people["contact"].email, subject__contains="Zusage")
    assert ENGLISH in told.message
    assert "<span" not in told.message


def test_weekly_summary_stays_plain_text():
    cycle = make_cycle()
    english(cycle)
    ours, theirs = (cycle.person(name) for name in ("contact", "partner"))

    assert [write_summary(person, timezone.now()) for person in (ours, theirs)] == [True, True]

    for person in (ours, theirs):
        told = Email.objects.get(to=person.email, message__contains="/dashboard/").message
        assert ENGLISH in told
        assert "<span" not in told


# --- Other texts whose language is known ----------------------------------------------------------


def test_what_is_said_in_a_consultation_is_in_its_language():
    case = make_case(language="it")
    for phase in (Phase.ACCOUNT, Phase.ADVICE):
        ContributionFactory(consultation=case.consultation, phase=phase, text="Chiedete prima.")
    case.close()

    page = read(case.client("case_giver", "de").get(case.url(language="de"))).main

    for words in (SECRETS[0], SECRETS[2], SECRETS[3], SECRETS[4], "Chiedete prima."):
        assert page.languages_of(words) == {"it"}, words
    assert page.languages_of("Wer welche Aufgabe hat") <= {"de"}


def test_question_and_proposals_of_a_running_consultation_are_in_its_language():
    case = make_case(language="it")
    case.move_to(Phase.KEY_QUESTION, key_question=SECRETS[2])
    ContributionFactory(
        consultation=case.consultation,
        phase=Phase.KEY_QUESTION,
        kind="key_question",
        text="Chi lo gestisce?",
    )

    page = read(case.client("case_giver", "de").get(case.url(language="de"))).main

    assert page.languages_of("Chi lo gestisce?") == page.languages_of(SECRETS[2]) == {"it"}


def test_minutes_are_in_the_language_of_the_meeting_in_links_and_previews_too():
    day = timezone.localdate() - DAY
    cycle = make_cycle(
        language="it", earliest=day, latest=day, starts_at=None, ends_at=None, status="held"
    )
    minutes = MinutesFactory(meeting=cycle.meeting)
    entry = MinutesEntryFactory(minutes=minutes, heading="Saluti e giro di presentazione")
    client = cycle.client("contact")

    read_page = read(client.get(reverse("meeting:minutes", args=[cycle.meeting.pk]))).main
    url = reverse("meeting:minutes-entry", args=[cycle.meeting.pk, entry.pk])
    typed_in = {"heading": entry.heading, "text": "Abbiamo deciso.", "go": "preview", "marks": "{}"}
    preview = read(client.post(url, typed_in)).main

    assert read_page.languages_of("Saluti e giro") == {"it"}
    assert preview.section("Vorschau (nicht gespeichert)").languages_of("Abbiamo deciso.") == {"it"}
    assert preview.one("h1").languages_of("Saluti e giro") == {"it"}


def test_meeting_without_a_language_marks_nothing():
    cycle = make_cycle(language="")
    day = timezone.localdate() - DAY
    meeting = plan_for(
        cycle.tandem, earliest=day, latest=day, starts_at=None, ends_at=None, status="held"
    )
    entry = MinutesEntryFactory(minutes=MinutesFactory(meeting=meeting), heading="Begrüßung")

    url = reverse("meeting:minutes-entry", args=[meeting.pk, entry.pk])
    page = read(cycle.client("contact").get(url)).main

    assert page.languages_of("Begrüßung") == {"de"}
    assert not page.all(lang="")


def test_action_stores_no_language_that_nobody_said():
    cycle = make_cycle()

    made = make_commitment(
        member=member_of(cycle),
        text="Wir laden ein.",
        due_on=timezone.localdate() + 30 * DAY,
        by=cycle.person("contact"),
    )

    assert made.language == ""


def test_reason_is_in_the_language_of_its_commitment():
    cycle = make_cycle()
    dropped, moved = english(cycle), english(cycle, due_on=timezone.localdate() + 9 * DAY)
    by = cycle.person("contact")
    why, later = "No budget is left for it.", "The council meets in spring only."
    drop_commitment(commitment=dropped, note=why, by=by)
    move_commitment(commitment=moved, due_on=timezone.localdate() + 90 * DAY, note=later, by=by)

    def own_page(commitment):
        return reverse("workspace:commitment", args=[cycle.tandem.slug, commitment.pk])

    def marked(url, sentence):
        return set(read(cycle.client("contact").get(url)).main.languages_of(sentence))

    listed = reverse("workspace:commitments", args=[cycle.tandem.slug])
    assert marked(listed, why) == {"en"}
    assert marked(own_page(dropped), why) == {"en"}
    assert marked(own_page(moved), later) == {"en"}
