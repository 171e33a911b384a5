"""A consultation of Hamm and Arezzo: a case from Hamm, with everybody who has a part and others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from meetings.enums import Phase
from meetings.models import Consultation, Meeting
from tests.cycle import (
    ConsultationFactory,
    ConsultationMemberFactory,
    ConsultationPhaseFactory,
    Cycle,
    make_cycle,
)
from tests.factories import MunicipalityFactory, make_user, sign_in
from tests.workspace import MeetingGuestFactory

#: What nobody reads who has no part.
SECRETS = (
    "Sensoren ohne Betreiber",
    "Der Fall im Einzelnen",
    "Wie finden wir einen Betreiber?",
    "Wertvoll war die Ruhe",
    "Ein erster Schritt",
)
#: Role → who has it here; a guest advises too.
SEATS = {
    "case_giver": "colleague",
    "facilitator": "partner",
    "scribe": "partner deputy",
    "adviser": "partner colleague",
}
#: People without a part: name → the answer to a form of the room.
OUTSIDE = {
    "contact": 403,
    "coordinator": 403,
    "bbsr": 403,
    "other guest": 403,
    "neighbour": 404,
    "reviewer": 404,
    "observer": 404,
    "nobody": 404,
    "visitor": 302,
}


@dataclass
class Case:
    """A cycle whose meeting holds a consultation."""

    cycle: Cycle
    consultation: Consultation

    @property
    def meeting(self) -> Meeting:
        return self.cycle.meeting

    def url(self, name: str = "", language: str = "en") -> str:
        address = f"meeting:consultation-{name}" if name else "meeting:consultation"
        path = reverse(address, args=[self.meeting.pk])
        return f"/{language}/{path.split('/', 2)[2]}"

    def of(self, role: str) -> User:
        return self.cycle.person(SEATS.get(role, role))

    def client(self, role: str, language: str = "en") -> Client:
        client = Client(headers={"accept-language": language})
        if role != "visitor":
            sign_in(client, self.of(role))
        return client

    def post(self, role: str, name: str, **data: Any) -> Any:
        return self.client(role).post(self.url(name), data)

    def now(self) -> Consultation:
        return Consultation.objects.get(pk=self.consultation.pk)

    def move_to(self, phase: int, **fields: Any) -> None:
        """Let a phase be the one that goes on, begun this moment."""
        values = {"state": "running", "phase": phase, **fields}
        Consultation.objects.filter(pk=self.consultation.pk).update(**values)
        now = timezone.now()
        self.consultation.phases.filter(phase__lt=phase).update(started_at=now, ended_at=now)
        self.consultation.phases.filter(phase=phase).update(started_at=now, ended_at=None)

    def close(self, **fields: Any) -> None:
        """Let it be over, with what the case giver said."""
        values = {
            "state": "closed",
            "phase": Phase.CLOSE,
            "closed_at": timezone.now(),
            "key_question": SECRETS[2],
            "valuable": SECRETS[3],
            "first_step": SECRETS[4],
            **fields,
        }
        Consultation.objects.filter(pk=self.consultation.pk).update(**values)


def make_case(*, mode: str = "live", meeting: dict[str, Any] | None = None, **fields: Any) -> Case:
    """Return a prepared consultation; ``guest`` advises for Venlo, ``other guest`` has no part."""
    cycle = make_cycle(kind="consultation", title_de="Beratung", title_en="Advice", **meeting or {})
    for name, slug in (("guest", "venlo"), ("other guest", "gent")):
        place = MunicipalityFactory(name_de=slug.title(), name_en=slug.title(), slug=slug)
        MeetingGuestFactory(meeting=cycle.meeting, municipality=place)
        cycle.people[name] = make_user("contact", place)
    consultation = ConsultationFactory(
        meeting=cycle.meeting, title=SECRETS[0], case_city=cycle.hamm, mode=mode, **fields
    )
    for role, name in SEATS.items():
        place = cycle.hamm if role == "case_giver" else cycle.arezzo
        ConsultationMemberFactory(
            consultation=consultation, user=cycle.people[name], role=role, municipality=place
        )
    guest = cycle.people["guest"]
    ConsultationMemberFactory(
        consultation=consultation, user=guest, municipality=guest.roles[0].municipality
    )
    unit = 1 if mode == "live" else 24 * 60
    for phase, minutes in zip(Phase.values, (5, 10, 5, 5, 10, 5), strict=True):
        ConsultationPhaseFactory(consultation=consultation, phase=phase, minutes=minutes * unit)
    return Case(cycle, consultation)
