"""Meetings from the plan to the minutes, with one of everything, made within a running portal."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone, translation

from accounts.models import User
from meetings.actions.agreeing import (
    agree_to_minutes,
    comment_on_minutes,
    release_public_part,
    send_minutes,
)
from meetings.actions.commitment import drop_commitment, keep_commitment
from meetings.actions.correcting import correct_minutes
from meetings.actions.feeds import make_feed
from meetings.actions.inviting import invite_everybody, invite_guest, send_invitations
from meetings.actions.minutes import begin_minutes
from meetings.actions.poll import answer_poll, propose_dates
from meetings.actions.reminding import choose_reminders
from meetings.actions.replying import answer_invitation
from meetings.asked import seal_of
from meetings.links import answer_link, check_in_link
from meetings.models import LearningEntry, Meeting, Minutes
from meetings.polling import mark_of_poll, poll_link, poll_of
from tests.browser.consultation_world import consult
from tests.browser.workspace_world import LONG, cookies_of
from tests.cycle import (
    AttendanceFactory,
    CheckInAnswerFactory,
    CheckInFactory,
    Cycle,
    GuidingQuestionFactory,
    LearningEntryFactory,
    make_cycle,
    plan_for,
)
from tests.factories import (
    AgendaItemFactory,
    CommitmentFactory,
    MunicipalityFactory,
    TandemFactory,
    TandemMemberFactory,
    TopicFactory,
    make_user,
)
from tests.workspace import MeetingGuestFactory

DAY = dt.timedelta(days=1)
NAMES = {
    "contact": "Jana Petersen",
    "deputy": "Mehmet Yıldız-Brandenburger",
    "colleague": "Theresa Voß",
    "partner": "Giulia Bianchi",
    "partner deputy": "Lorenzo De Santis",
    "partner colleague": "Chiara Esposito",
    "coordinator": "Nora Albrecht",
    "guest": "Νίκος Παπαδόπουλος",
}
#: City → its guiding questions: German, English, decision in German, in English.
QUESTIONS = {
    "hamm": (
        (
            "Wer pflegt die Sensoren, wenn die Förderung endet?",
            "Who looks after the sensors once the funding ends?",
            "Ob der Rat 2027 eine Stelle im Stellenplan schafft",
            "Whether the council creates a post in 2027",
        ),
        (
            "Wie erklären Sie den Menschen im Quartier, was gemessen wird?",
            "",
            "Wie wir die Schilder im Park beschriften",
            "",
        ),
        (
            "Welche Daten geben Sie offen heraus, welche nicht, und wer entscheidet das?",
            "Which data do you publish, which not, and who decides?",
            "",
            "",
        ),
    ),
    "arezzo": (
        (
            "",
            "What does a kilometre of shade cost, trees and maintenance together?",
            "",
            "Which of three streets we begin with",
        ),
        (
            "Wie haben Sie die Wohnungswirtschaft gewonnen?",
            "How did you win over the housing companies?",
            "Ob wir sie zum nächsten Treffen einladen",
            "Whether we invite them to the next meeting",
        ),
        (
            "Was würden Sie heute anders machen?",
            "What would you do differently today?",
            "",
            "",
        ),
    ),
}
#: German, English, minutes.
AGENDA = (
    ("Begrüßung und was wir seit dem letzten Treffen getan haben", "Welcome, and what we did", 15),
    ("Rundgang durch den Lippepark: zwölf Sensoren und ein Brunnen", "", 45),
    ("Wer pflegt was? Werkstatt mit den Stadtwerken", "Who maintains what? A workshop", 60),
    ("Mittagessen in der Kantine des Rathauses", "Lunch in the canteen of the town hall", 45),
    ("Der Schattenplan von Arezzo", "The shade plan of Arezzo", 40),
    ("Offene Daten: was wir zeigen und was nicht", "Open data: what we show and what not", 30),
    ("", "Housing companies as partners: a panel with two of them", 45),
    ("Zusagen und nächste Schritte", "Commitments and next steps", 20),
)
TEXT = """Die Stadtwerke lesen die Sensoren **zweimal im Jahr** ab.

- Der Betrieb kostet 4.200 Euro im Jahr.
- Offen ist, wer die Batterien tauscht.
"""
PUBLIC = {
    "de": "Beide Kommunen haben die Sensoren im Lippepark angesehen.\n\nSie wollen **gemeinsam** "
    "beschaffen.",
    "en": "Both cities looked at the sensors in the park.\n\nThey want to buy **together**.",
}


def make() -> dict[str, Any]:
    """Make everything; return how people are signed in, and the keys of what was made."""
    with translation.override("de"):
        return Maker().make()


class Maker:
    """Hamm and Arezzo at work, and a partnership of Hamm with Wien that has ended."""

    def __init__(self) -> None:
        """Begin with the partnership, its people, and a meeting without a date."""
        self.today = timezone.localdate()
        self.cycle: Cycle = make_cycle(
            kind="site_visit",
            format="hybrid",
            title_de=f"Besuch in Arezzo: {LONG}",
            title_en="Visit to Arezzo: shade for the old town",
            description_de="Wir sehen uns an, wie Arezzo Schatten plant.\n\nMit Rundgang.",
            **undated(),
        )
        self.topic = TopicFactory(name_de="Klimaanpassung", name_en="Climate adaptation")
        greek = MunicipalityFactory(
            name_de="Vari-Voula-Vouliagmeni",
            name_en="Vari-Voula-Vouliagmeni",
            local_name="Βάρη-Βούλα-Βουλιαγμένη",
            slug="vari",
            country="GR",
            languages=["el"],
            time_zone="Europe/Athens",
        )
        self.greek = greek
        self.cycle.people["guest"] = make_user("contact", greek)
        for key, name in NAMES.items():
            user = self.cycle.people[key]
            user.name = name
            user.save()
        lisbon = self.cycle.people["coordinator"]
        lisbon.time_zone = "Europe/Lisbon"
        lisbon.save()

    def make(self) -> dict[str, Any]:
        """Make one of everything."""
        self.promise()
        meetings = {
            "undated": self.seek_a_date(),
            "dated": self.invite(),
            "bare": self.plan("Arbeitstreffen im Winter", "Winter meeting", **undated()),
            "cancelled": self.plan("Webseminar Hitze", "Web seminar heat", status="cancelled"),
            "network": self.gather(),
            **self.write_minutes(),
        }
        rooms = consult(self.cycle)
        made: dict[str, Any] = {
            "meetings": {name: row.pk for name, row in {**meetings, **rooms}.items()},
            "public": meetings["released"].get_absolute_url().split("/", 2)[2],
            "announced": meetings["dated"].get_absolute_url().split("/", 2)[2],
            "cities": {"hamm": self.cycle.hamm.pk, "arezzo": self.cycle.arezzo.pk},
            "links": self.links(meetings),
            "log": self.learn().pk,
            "promises": self.promises,
            "ended": self.look_back(),
            "month": f"{self.today.year}/{self.today.month}",
        }
        self.crowd()
        made |= self.keys_within(meetings)
        make_feed(by=self.person("contact"))
        people = [*NAMES, "bbsr"]
        return made | {"cookies": {name: cookies_of(self.person(name)) for name in people}}

    def person(self, name: str) -> User:
        """Return a person as a request has it."""
        return self.cycle.person(name)

    def plan(self, german: str, english: str, **fields: Any) -> Meeting:
        """Return another meeting of the partnership."""
        return plan_for(self.cycle.tandem, title_de=german, title_en=english, **fields)

    def promise(self) -> None:
        """Make commitments of each fate."""
        about = {"tandem": self.cycle.tandem, "made_by": self.person("contact")}
        rows = [
            CommitmentFactory(
                municipality=city, due_on=self.today + due * DAY, text=text, **about, **more
            )
            for city, due, text, more in (
                (
                    self.cycle.hamm,
                    -9,
                    "Wir schicken Arezzo den Wartungsplan der Sensoren.",
                    {"person": self.person("colleague"), "topic": self.topic},
                ),
                (self.cycle.hamm, 40, f"Wir klären mit dem Rat die {LONG}.", {}),
                (self.cycle.arezzo, 60, "Mandiamo il catalogo degli alberi, in inglese.", {}),
                (self.cycle.hamm, 5, "Wir laden die Wohnungswirtschaft ein.", {}),
                (self.cycle.hamm, 5, "Wir übersetzen die Schilder im Park.", {}),
            )
        ]
        keep_commitment(commitment=rows[3], note="am 3. Mai", by=self.person("contact"))
        drop_commitment(commitment=rows[4], note="Dafür fehlt das Geld.", by=self.person("contact"))
        self.promises = {"open": rows[0].pk, "kept": rows[3].pk}

    def seek_a_date(self) -> Meeting:
        """Let people be asked for a date; one city has no question yet."""
        meeting = self.cycle.meeting
        meeting.topics.add(self.topic)
        MeetingGuestFactory(meeting=meeting, municipality=self.greek)
        self.ask(meeting, "hamm")
        invite_guest(
            meeting=meeting,
            name="Ines Carvalho",
            email="ines@example.org",
            language="en",
            time_zone="Europe/Lisbon",
            by=self.person("contact"),
        )
        moments = [self.moment(20 + day, hour) for day, hour in ((0, 8), (1, 12), (6, 22))]
        propose_dates(
            meeting=meeting,
            options=[(start, start + dt.timedelta(hours=3)) for start in moments],
            answer_by=timezone.now().replace(microsecond=0) + 5 * DAY,
            note="Bitte denken Sie an die Ferien in beiden Ländern.",
            opened=mark_of_poll(poll_of(meeting)),
            by=self.person("contact"),
        )
        poll = poll_of(meeting)
        assert poll
        keys = list(poll.options.values_list("pk", flat=True))
        for name, choices in (
            ("partner", ("yes", "if_need_be", "no")),
            ("colleague", ("yes", "no", "no")),
        ):
            answer_poll(
                meeting=meeting,
                choices=dict(zip(keys, choices, strict=True)),
                by=self.person(name),
            )
        return Meeting.objects.get(pk=meeting.pk)

    def invite(self) -> Meeting:
        """Announce a hybrid meeting on another clock and invite everybody."""
        start = self.moment(21, 7)
        meeting = self.plan(
            "Werkstatt im Lippepark",
            "Workshop in the park",
            description_de="Wer pflegt die Sensoren? Einen Tag lang suchen wir Antworten.",
            description_en="Who maintains the sensors? We look for answers for a day.",
            slug="workshop",
            format="hybrid",
            status="announced",
            is_public=True,
            starts_at=start,
            ends_at=start + dt.timedelta(hours=5),
            time_zone="Europe/Athens",
            place="Rathaus Vouliagmeni, Sitzungssaal II",
            address="Leoforos Kavouriou 18, 16671 Vouliagmeni",
            access_notes_de="Stufenloser Eingang im Hof; Aufzug bis zum Saal.",
            access_notes_en="",
            remote_link="https://meet.example.org/vernetzt-werkstatt-lippepark-2027",
            remote_note="Kenncode 4711",
            language="en",
            host=self.greek,
        )
        meeting.topics.add(self.topic)
        meeting.participants.add(self.cycle.hamm, self.cycle.arezzo)
        for city in QUESTIONS:
            self.ask(meeting, city)
        asked = meeting.questions.first()
        for position, (german, english, minutes) in enumerate(AGENDA):
            AgendaItemFactory(
                meeting=meeting,
                position=position,
                text_de=german,
                text_en=english,
                minutes=minutes,
                lead=(self.cycle.hamm, self.cycle.arezzo, None)[position % 3],
                lead_note="Stadtwerke Hamm" if position % 3 == 2 else "",
                language="de" if position == 1 else "",
                question=asked if position == 2 else None,
            )
        by = self.person("contact")
        invite_everybody(meeting=meeting, by=by)
        guest = invite_guest(
            meeting=meeting,
            name="Ines Carvalho",
            email="ines@example.org",
            language="en",
            time_zone="Europe/Lisbon",
            by=by,
        )
        send_invitations(meeting=meeting, by=by)
        for name, reply, note in (
            ("partner", "yes", ""),
            ("colleague", "no", "Ich bin an dem Tag in Berlin."),
            ("deputy", "maybe", ""),
        ):
            row = meeting.attendances.get(user=self.person(name))
            answer_invitation(attendance=row, reply=reply, note=note, by=row.user)
        choose_reminders(meeting=meeting, hours=(168, 24), by=by)
        self.outsider = guest
        return Meeting.objects.get(pk=meeting.pk)

    def ask(self, meeting: Meeting, city: str) -> None:
        """Ask the three questions of a city."""
        for number, words in enumerate(QUESTIONS[city], start=1):
            text_de, text_en, decision_de, decision_en = words
            GuidingQuestionFactory(
                meeting=meeting,
                municipality=getattr(self.cycle, city),
                position=number,
                text_de=text_de,
                text_en=text_en,
                decision_de=decision_de,
                decision_en=decision_en,
            )

    def gather(self) -> Meeting:
        """Plan a meeting of the whole network."""
        return plan_for(
            None,
            kind="programme_meeting",
            title_de="Netzwerktreffen 2027",
            title_en="Network meeting 2027",
            status="announced",
            is_public=True,
            slug="network-meeting-2027",
        )

    def write_minutes(self) -> dict[str, Meeting]:
        """Make meetings that were held, with minutes at each step."""
        return {
            "unwritten": self.attended(self.hold("Sprechstunde der Bauämter", 3)),
            "draft": self.draft(),
            "asked": self.asked(),
            "agreed": self.agreed("Kick-off in Hamm", 60, is_released=False),
            "released": self.agreed("Studienreise nach Arezzo", 90, is_released=True),
        }

    def hold(self, german: str, ago: int, *, public: bool = False) -> Meeting:
        """Return a meeting that took place, without minutes."""
        day = self.today - ago * DAY
        start = dt.datetime.combine(day, dt.time(8), tzinfo=dt.UTC)
        meeting = self.plan(
            german,
            f"{german} (en)",
            earliest=day,
            latest=day,
            starts_at=start,
            ends_at=start + dt.timedelta(hours=2),
            status="held",
            is_public=public,
            slug=f"held-{ago}",
            language="de",
            participant_count=7,
        )
        meeting.participants.add(self.cycle.hamm, self.cycle.arezzo)
        GuidingQuestionFactory(
            meeting=meeting,
            municipality=self.cycle.hamm,
            text_de=QUESTIONS["hamm"][0][0],
            decision_de=QUESTIONS["hamm"][0][2],
        )
        for position, words in enumerate(AGENDA[:2]):
            AgendaItemFactory(
                meeting=meeting, position=position, text_de=words[0], text_en=words[1]
            )
        return meeting

    def attended(self, meeting: Meeting) -> Meeting:
        """Return a meeting to which people were invited, so that it can be said who came."""
        for name in ("contact", "deputy", "partner"):
            city = self.cycle.arezzo if name == "partner" else self.cycle.hamm
            AttendanceFactory(meeting=meeting, user=self.cycle.people[name], municipality=city)
        return meeting

    def begun(self, meeting: Meeting) -> Minutes:
        """Return minutes with texts and a public part."""
        minutes = begin_minutes(meeting=meeting, by=self.person("contact"))
        last = minutes.entries.order_by("position").values_list("pk", flat=True).last()
        minutes.entries.exclude(pk=last).update(text=TEXT, changed_by=self.person("partner"))
        Minutes.objects.filter(pk=minutes.pk).update(
            public_text_de=PUBLIC["de"], public_text_en=PUBLIC["en"], public_text=PUBLIC["de"]
        )
        return Minutes.objects.get(pk=minutes.pk)

    def draft(self) -> Meeting:
        """Return a meeting whose minutes are written."""
        meeting = self.hold(f"Arbeitstreffen {LONG}", 9)
        self.begun(meeting)
        return meeting

    def asked(self) -> Meeting:
        """Return a meeting whose minutes are out for agreement, with comments."""
        meeting = self.hold("Arbeitstreffen Datenblätter", 30)
        minutes = send_minutes(
            minutes=self.begun(meeting),
            agree_by=self.today + 14 * DAY,
            by=self.person("contact"),
        )
        for entry in (None, minutes.entries.first()):
            comment_on_minutes(
                minutes=minutes,
                entry=entry,
                municipality=self.cycle.arezzo,
                text="Bitte nennen Sie auch die Bibliothek.\nSie war dabei.",
                by=self.person("partner"),
            )
        self.agree(minutes, "contact")
        return meeting

    def agree(self, minutes: Minutes, *names: str) -> None:
        """Let cities agree."""
        for name in names:
            fresh = Minutes.objects.get(pk=minutes.pk)
            agree_to_minutes(
                minutes=fresh,
                municipality=self.cycle.arezzo if name == "partner" else self.cycle.hamm,
                seen=seal_of(fresh),
                by=self.person(name),
            )

    def agreed(self, german: str, ago: int, *, is_released: bool) -> Meeting:
        """Return a public meeting with agreed minutes; the released ones are being corrected."""
        meeting = self.hold(german, ago, public=True)
        for row, fate in enumerate(("open", "kept")):
            commitment = CommitmentFactory(
                tandem=self.cycle.tandem,
                municipality=self.cycle.hamm,
                meeting=meeting,
                due_on=self.today + 30 * DAY,
                text=f"Wir legen die Stellenbeschreibung vor ({row + 1}).",
            )
            if fate == "kept":
                keep_commitment(commitment=commitment, by=self.person("contact"))
        minutes = send_minutes(
            minutes=self.begun(meeting),
            agree_by=self.today + 14 * DAY,
            by=self.person("contact"),
        )
        self.agree(minutes, "contact", "partner")
        if is_released:
            release_public_part(
                minutes=Minutes.objects.get(pk=minutes.pk), by=self.person("contact")
            )
            correct_minutes(
                meeting=meeting, note="Die Kosten waren falsch.", by=self.person("contact")
            )
        return meeting

    def learn(self) -> LearningEntry:
        """Write into the learning log; another partnership opens an entry to the network."""
        entries = [
            LearningEntryFactory(
                tandem=self.cycle.tandem,
                municipality=city,
                happened_on=self.today - days * DAY,
                kind=kind,
                language=language,
                learned=learned,
                topic=self.topic,
                visibility=visibility,
                **more,
            )
            for city, days, kind, language, learned, visibility, more in (
                (
                    self.cycle.hamm,
                    3,
                    "visit",
                    "de",
                    f"Arezzo pflanzt zuerst dort, wo Menschen auf den Bus warten.\n\n{LONG}.",
                    "public",
                    {
                        "surprised": "Niemand hat über Geld gesprochen.",
                        "contradicts": "Wir pflanzen, wo Leitungen fehlen.",
                        "next_step": "Wir zählen die Wartenden an drei Haltestellen.",
                    },
                ),
                (
                    self.cycle.arezzo,
                    9,
                    "call",
                    "it",
                    "I sensori hanno bisogno di un gestore.",
                    "partnership",
                    {},
                ),
            )
        ]
        LearningEntryFactory(
            tandem=TandemFactory(name_de="Krefeld und Venlo", name_en="Krefeld and Venlo"),
            learned="Ein Plan ohne Betrieb ist ein Prospekt.",
            visibility="network",
            next_step="Erst der Betrieb, dann das Gerät.",
        )
        found: LearningEntry = entries[0]
        return found

    def look_back(self) -> str:
        """Make a partnership that has ended, with check-ins of each kind."""
        ended = TandemFactory(
            name_de="Hamm und Wien",
            name_en="Hamm and Vienna",
            slug="ended",
            status="completed",
            ended_on=self.today - 190 * DAY,
        )
        wien = MunicipalityFactory(
            name_de="Wien", name_en="Vienna", local_name="Wien", country="AT", slug="wien"
        )
        for position, city in enumerate((self.cycle.hamm, wien)):
            TandemMemberFactory(tandem=ended, municipality=city, position=position)
        for text in ("Wir schicken den Leitfaden für Schulwege.", f"Wir proben die {LONG}."):
            CommitmentFactory(
                tandem=ended,
                municipality=self.cycle.hamm,
                text=text,
                due_on=self.today - 200 * DAY,
            )
        about = {"tandem": ended, "municipality": self.cycle.hamm}
        self.check_in = CheckInFactory(**about, answer_by=self.today + 21 * DAY)
        answered = CheckInFactory(
            tandem=ended,
            municipality=wien,
            answered_at=timezone.now(),
            cooperation="loose",
            note="Wir telefonieren im Herbst.",
        )
        CheckInAnswerFactory(
            check_in=answered,
            commitment=CommitmentFactory(tandem=ended, municipality=wien),
            fate="going_on",
            note="Der Rat berät noch.",
        )
        CheckInFactory(
            **about,
            months=12,
            silent_at=timezone.now(),
            answer_by=self.today - 3 * DAY,
        )
        return str(ended.slug)

    def links(self, meetings: dict[str, Meeting]) -> dict[str, str]:
        """Return the addresses, without language, that people got by mail."""
        rows = meetings["undated"].attendances
        found = {
            "reply": answer_link(self.outsider),
            "poll": poll_link(rows.get(user=None)),
            **{
                f"poll {name}": poll_link(rows.get(user=self.person(name)))
                for name in ("deputy", "partner deputy")
            },
        }
        return {name: address.split("/", 2)[2] for name, address in found.items()}

    def crowd(self) -> None:
        """Let several meetings take place on one day of this month."""
        for number, words in enumerate((LONG, "Webseminar: Wer liest was ab?", "Sprechstunde")):
            self.plan(
                words,
                words,
                earliest=self.today,
                latest=self.today + (2 * DAY if number == 2 else 0 * DAY),
                starts_at=None,
                ends_at=None,
                status="cancelled" if number == 1 else "announced",
                is_public=True,
                kind="web_seminar",
                slug=f"crowd-{number}",
            )

    def keys_within(self, meetings: dict[str, Meeting]) -> dict[str, Any]:
        """Return keys of parts, and links that need them."""
        poll = poll_of(meetings["undated"])
        assert poll
        return {
            "item": meetings["dated"].agenda.order_by("position")[2].pk,
            "option": poll.options.first().pk,
            "invited": meetings["dated"].attendances.get(user=self.person("partner")).pk,
            "entry": meetings["draft"].minutes.get().entries.first().pk,
            "blank": meetings["draft"].minutes.get().entries.last().pk,
            "check_in": check_in_link(self.check_in, self.person("contact")).split("/", 2)[2],
        }

    def moment(self, days: int, hour: int) -> dt.datetime:
        """Return a moment so many days from now (UTC)."""
        return dt.datetime.combine(self.today + days * DAY, dt.time(hour), tzinfo=dt.UTC)


def undated() -> dict[str, Any]:
    """Return what a meeting without a date is made with."""
    return {
        "earliest": None,
        "latest": None,
        "precision": "unknown",
        "starts_at": None,
        "ends_at": None,
        "time_zone": "",
    }
