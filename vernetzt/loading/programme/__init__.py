"""The plan of rows behind a file of programme facts.

The format is the one of ``data/programme.json``: lists of records with stable ids, texts per
language (``title_de``, ``title_en``), dates with their precision and a list of sources each.
"""

from __future__ import annotations

from accounts.models import ProgrammeRole
from calls.models import CallFact, CallMilestone
from editorial.models import ProgrammeEntry
from meetings.models import AgendaItem
from municipalities.models import AreaFigure, PopulationFigure, Strength, Topic, TopicRole
from tandems.models import ProfileEntry, ProfileText, TandemChange, TandemMember, TandemTopic
from vernetzt.loading.faults import FileRefusedError
from vernetzt.loading.programme import (
    calls,
    meetings,
    municipalities,
    organisations,
    statements,
    tandems,
)
from vernetzt.loading.programme.plan import Plan
from vernetzt.loading.writer import Owned, Row

#: What the file holds completely for each of its records: rows it no longer names are removed.
OWNED: tuple[Owned, ...] = (
    (ProgrammeRole, "organisation"),
    (PopulationFigure, "municipality"),
    (AreaFigure, "municipality"),
    (Strength, "municipality"),
    (TopicRole, "municipality"),
    (CallFact, "call"),
    (CallMilestone, "call"),
    (TandemMember, "tandem"),
    (TandemTopic, "tandem"),
    (TandemChange, "tandem"),
    (ProfileText, "entry"),
    (ProfileEntry, "profile"),
    (AgendaItem, "meeting"),
    (ProgrammeEntry, ""),
)


class ProgrammePlan(Plan):
    """Reads the whole file into rows; :meth:`rows` refuses the file when anything is wrong."""

    def rows(self) -> list[Row]:
        """Return all rows, parents before children.

        Raises :class:`FileRefusedError` with every fault of the file.
        """
        for key, record in self.topics.items():
            self.add(Topic, record, {"key": key}, record.words("name", ""), key=key)
        self.coordinators = organisations.coordinators(self)
        for position, (key, record) in enumerate(self.organisations.items()):
            organisations.plan_organisation(self, key, record, position)
        statements.plan_programme(self)
        for key, record in self.municipalities.items():
            municipalities.plan_municipality(self, key, record)
        if call := self.file.part("call"):
            calls.plan_call(self, call)
        for number, (key, record) in enumerate(self.tandems.items(), start=1):
            tandems.plan_tandem(self, key, record, number)
        for key, record in self.meetings.items():
            meetings.plan_meeting(self, key, record)
        for position, (key, record) in enumerate(self.resources.items()):
            statements.plan_resource(self, key, record, position)
        if self.file.faults:
            raise FileRefusedError(self.file.faults)
        return self.planned
