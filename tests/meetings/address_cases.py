"""The addresses of meetings and of the learning log: who may open them, and what they need."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from meetings.enums import MeetingKind, Phase
from municipalities.models import Municipality
from tandems.enums import TandemStatus
from tandems.models import Tandem
from tests.cycle import (
    AttendanceFactory,
    ConsultationFactory,
    DatePollFactory,
    LearningEntryFactory,
    MinutesEntryFactory,
    MinutesFactory,
    PollOptionFactory,
    plan_for,
)
from tests.factories import AgendaItemFactory, CommitmentFactory

#: As ``BEHIND_LOGIN`` in tests/house/test_addresses.py.
TABLE = """
meeting:home                          login 404   200   200   200   404   200   200   404
meeting:edit                          login 404   200   200   403   404   200   200   404
meeting:announce                      login 404   200   200   403   404   200   200   404
meeting:withdraw                      login 404   back  back  403   404   back  back  404
meeting:held                          login 404   200   200   403   404   200   200   404
meeting:reopen                        login 404   back  back  403   404   back  back  404
meeting:cancel                        login 404   200   200   403   404   200   200   404
meeting:revive                        login 404   back  back  403   404   back  back  404
meeting:questions                     login 404   200   200   200   404   200   200   404
meeting:agenda                        login 404   200   200   200   404   200   200   404
meeting:agenda-add                    login 404   200   200   200   404   200   200   404
meeting:briefing                      login 404   200   200   200   404   200   200   404
meeting:poll                          login 404   200   200   200   404   200   200   404
meeting:poll-propose                  login 404   200   200   403   404   200   200   404
meeting:poll-close                    login 404   200   200   403   404   200   200   404
meeting:invitations                   login 404   200   200   200   404   200   200   404
meeting:invitations-send              login 405   405   405   405   405   405   405   405
meeting:invitation-add                login 404   200   200   403   404   200   200   404
meeting:reminders                     login 404   200   200   403   404   200   200   404
meeting:reply                         login 404   200   200   200   404   200   200   404
meeting:attendance                    login 404   200   200   200   404   200   200   404
meeting:entry                         login 404   200   200   200   404   200   200   404
meeting:minutes                       login 404   200   200   200   404   200   200   404
meeting:minutes-begin                 login 404   back  back  back  404   back  back  404
meeting:minutes-entry-add             login 404   200   200   200   404   200   200   404
meeting:minutes-public                login 404   200   200   200   404   200   200   404
meeting:minutes-send                  login 404   200   200   403   404   200   200   404
meeting:minutes-agree                 login 404   back  back  403   404   403   403   404
meeting:minutes-comment               login 404   back  back  back  404   back  back  404
meeting:minutes-return                login 404   back  back  403   404   back  back  404
meeting:minutes-extend                login 404   back  back  403   404   back  back  404
meeting:minutes-release               login 404   back  back  403   404   back  back  404
meeting:minutes-correct               login 404   back  back  403   404   back  back  404
meeting:minutes-give-up               login 404   back  back  403   404   back  back  404
meeting:commitments                   login 404   200   200   200   404   200   200   404
meeting:consultation                  login 404   200   200   200   404   200   200   404
meeting:consultation-prepare          login 404   200   200   403   404   200   200   404
meeting:consultation-add              login 404   403   403   403   404   403   403   404
meeting:consultation-remove           login 404   403   403   403   404   403   403   404
meeting:consultation-begin            login 405   405   405   405   405   405   405   405
meeting:consultation-next             login 405   405   405   405   405   405   405   405
meeting:consultation-watch            login 404   200   200   200   404   200   200   404
meeting:consultation-write            login 404   403   403   403   404   403   403   404
meeting:consultation-state            login 404   403   403   403   404   403   403   404
meeting:consultation-close            login 404   403   403   403   404   403   403   404
meeting:consultation-stop             login 404   200   200   403   404   200   200   404
meeting:consultation-take-up          login 405   405   405   405   405   405   405   405
meeting:consultation-release          login 404   403   403   403   404   403   403   404
meeting:consultation-withdraw         login 404   back  back  403   404   back  back  404
meeting:questions-edit                login 404   200   200   200   404   200   200   404
meeting:agenda-item                   login 404   200   200   200   404   200   200   404
meeting:agenda-move                   login 405   405   405   405   405   405   405   405
meeting:agenda-remove                 login 404   200   200   200   404   200   200   404
meeting:guests                        login 404   back  back  403   404   back  back  404
meeting:guest-end                     login 404   back  back  403   404   back  back  404
meeting:poll-fix                      login 404   200   200   403   404   200   200   404
meeting:invitation-remove             login 404   200   200   403   404   200   200   404
meeting:minutes-entry                 login 404   200   200   200   404   200   200   404
meeting:minutes-entry-remove          login 404   back  back  back  404   back  back  404
meeting:minutes-version               login 404   200   200   200   404   200   200   404
workspace:log                         login 404   200   200   200   404   200   200   404
workspace:log-add                     login 404   200   200   200   404   200   200   404
workspace:log-network                 login 404   200   200   200   404   200   200   404
workspace:meeting-plan                login 404   200   200   403   404   200   200   404
workspace:commitment-person           login 404   200   200   200   404   200   200   404
workspace:commitment-reopen           login 404   200   200   403   404   200   200   404
workspace:commitment-show             login 405   405   405   405   405   405   405   405
workspace:log-entry                   login 404   200   200   200   404   200   200   404
workspace:log-edit                    login 404   200   200   200   404   200   200   404
workspace:log-remove                  login 404   200   200   200   404   200   200   404
meeting:home(foreign)                 login 404   404   404   404   404   200   200   404
meeting:edit(foreign)                 login 404   404   404   404   404   200   200   404
meeting:announce(foreign)             login 404   404   404   404   404   200   200   404
meeting:withdraw(foreign)             login 404   404   404   404   404   back  back  404
meeting:held(foreign)                 login 404   404   404   404   404   200   200   404
meeting:reopen(foreign)               login 404   404   404   404   404   back  back  404
meeting:cancel(foreign)               login 404   404   404   404   404   200   200   404
meeting:revive(foreign)               login 404   404   404   404   404   back  back  404
meeting:questions(foreign)            login 404   404   404   404   404   200   200   404
meeting:agenda(foreign)               login 404   404   404   404   404   200   200   404
meeting:agenda-add(foreign)           login 404   404   404   404   404   200   200   404
meeting:briefing(foreign)             login 404   404   404   404   404   200   200   404
meeting:poll(foreign)                 login 404   404   404   404   404   200   200   404
meeting:poll-propose(foreign)         login 404   404   404   404   404   200   200   404
meeting:poll-close(foreign)           login 404   404   404   404   404   200   200   404
meeting:invitations(foreign)          login 404   404   404   404   404   200   200   404
meeting:invitations-send(foreign)     login 405   405   405   405   405   405   405   405
meeting:invitation-add(foreign)       login 404   404   404   404   404   200   200   404
meeting:reminders(foreign)            login 404   404   404   404   404   200   200   404
meeting:reply(foreign)                login 404   404   404   404   404   200   200   404
meeting:attendance(foreign)           login 404   404   404   404   404   200   200   404
meeting:entry(foreign)                login 404   404   404   404   404   200   200   404
meeting:minutes(foreign)              login 404   404   404   404   404   200   200   404
meeting:minutes-begin(foreign)        login 404   404   404   404   404   back  back  404
meeting:minutes-entry-add(foreign)    login 404   404   404   404   404   200   200   404
meeting:minutes-public(foreign)       login 404   404   404   404   404   200   200   404
meeting:minutes-send(foreign)         login 404   404   404   404   404   200   200   404
meeting:minutes-agree(foreign)        login 404   404   404   404   404   403   403   404
meeting:minutes-comment(foreign)      login 404   404   404   404   404   back  back  404
meeting:minutes-return(foreign)       login 404   404   404   404   404   back  back  404
meeting:minutes-extend(foreign)       login 404   404   404   404   404   back  back  404
meeting:minutes-release(foreign)      login 404   404   404   404   404   back  back  404
meeting:minutes-correct(foreign)      login 404   404   404   404   404   back  back  404
meeting:minutes-give-up(foreign)      login 404   404   404   404   404   back  back  404
meeting:commitments(foreign)          login 404   404   404   404   404   200   200   404
meeting:consultation(foreign)         login 404   404   404   404   404   200   200   404
meeting:consultation-prepare(foreign) login 404   404   404   404   404   200   200   404
meeting:consultation-add(foreign)     login 404   404   404   404   404   403   403   404
meeting:consultation-remove(foreign)  login 404   404   404   404   404   403   403   404
meeting:consultation-begin(foreign)   login 405   405   405   405   405   405   405   405
meeting:consultation-next(foreign)    login 405   405   405   405   405   405   405   405
meeting:consultation-watch(foreign)   login 404   404   404   404   404   200   200   404
meeting:consultation-write(foreign)   login 404   404   404   404   404   403   403   404
meeting:consultation-state(foreign)   login 404   404   404   404   404   403   403   404
meeting:consultation-close(foreign)   login 404   404   404   404   404   403   403   404
meeting:consultation-stop(foreign)    login 404   404   404   404   404   200   200   404
meeting:consultation-take-up(foreign) login 405   405   405   405   405   405   405   405
meeting:consultation-release(foreign) login 404   404   404   404   404   403   403   404
meeting:consultation-withdraw(foreign) login 404   404   404   404   404   back  back  404
meeting:questions-edit(foreign)       login 404   404   404   404   404   200   200   404
meeting:agenda-item(foreign)          login 404   404   404   404   404   200   200   404
meeting:agenda-move(foreign)          login 405   405   405   405   405   405   405   405
meeting:agenda-remove(foreign)        login 404   404   404   404   404   200   200   404
meeting:guests(foreign)               login 404   404   404   404   404   back  back  404
meeting:guest-end(foreign)            login 404   404   404   404   404   back  back  404
meeting:poll-fix(foreign)             login 404   404   404   404   404   200   200   404
meeting:invitation-remove(foreign)    login 404   404   404   404   404   200   200   404
meeting:minutes-entry(foreign)        login 404   404   404   404   404   200   200   404
meeting:minutes-entry-remove(foreign) login 404   404   404   404   404   back  back  404
meeting:minutes-version(foreign)      login 404   404   404   404   404   200   200   404
workspace:log(foreign)                login 404   404   404   404   404   200   200   404
workspace:log-add(foreign)            login 404   404   404   404   404   200   200   404
workspace:log-network(foreign)        login 404   404   404   404   404   200   200   404
workspace:meeting-plan(foreign)       login 404   404   404   404   404   200   200   404
workspace:commitment-person(foreign)  login 404   404   404   404   404   200   200   404
workspace:commitment-reopen(foreign)  login 404   404   404   404   404   200   200   404
workspace:commitment-show(foreign)    login 405   405   405   405   405   405   405   405
workspace:log-entry(foreign)          login 404   404   404   404   404   200   200   404
workspace:log-edit(foreign)           login 404   404   404   404   404   200   200   404
workspace:log-remove(foreign)         login 404   404   404   404   404   200   200   404
meeting:list                          login 403   200   200   200   403   200   200   403
meeting:plan                          login 403   403   403   403   403   200   200   403
meeting:feeds                         login 403   200   200   200   403   200   200   403
meeting:feeds-make                    login 405   405   405   405   405   405   405   405
meeting:feeds-replace                 login 405   405   405   405   405   405   405   405
meeting:feeds-revoke                  login 405   405   405   405   405   405   405   405
"""


def records_of(tandem: Tandem, place: Municipality, note: str) -> dict[str, list[Any]]:
    """Return the arguments for each page of a partnership's meeting in preparation."""
    Tandem.objects.filter(pk=tandem.pk).update(status=TandemStatus.ACTIVE)
    meeting = plan_for(tandem, kind=MeetingKind.CONSULTATION)
    item = AgendaItemFactory(meeting=meeting)
    option = PollOptionFactory(poll=DatePollFactory(meeting=meeting))
    invited = AttendanceFactory(meeting=meeting, municipality=place)
    entry = MinutesEntryFactory(minutes=MinutesFactory(meeting=meeting))
    ConsultationFactory(meeting=meeting, case_city=place, state="running", phase=Phase.ADVICE)
    promised = CommitmentFactory(tandem=tandem, municipality=place)
    kept = CommitmentFactory(
        tandem=tandem, municipality=place, state="kept", settled_at=timezone.now()
    )
    log = LearningEntryFactory(tandem=tandem, municipality=place)
    slug, pk = tandem.slug, meeting.pk
    return {
        **{f"meeting:{name}{note}": [pk] for name in PLAIN},
        f"meeting:questions-edit{note}": [pk, place.pk],
        **{f"meeting:agenda-{name}{note}": [pk, item.pk] for name in ("item", "move", "remove")},
        f"meeting:guests{note}": [pk],
        # A meeting of a partnership has its own pages for it, whoever the guest is.
        f"meeting:guest-end{note}": [pk, 1],
        f"meeting:poll-fix{note}": [pk, option.pk],
        f"meeting:invitation-remove{note}": [pk, invited.pk],
        **{f"meeting:minutes-entry{part}{note}": [pk, entry.pk] for part in ("", "-remove")},
        f"meeting:minutes-version{note}": [pk, 1],
        **{f"workspace:{name}{note}": [slug] for name in PLAIN_ROOMS},
        f"workspace:commitment-person{note}": [slug, promised.pk],
        f"workspace:commitment-reopen{note}": [slug, kept.pk],
        f"workspace:commitment-show{note}": [slug, kept.pk],
        **{
            f"workspace:{name}{note}": [slug, log.pk]
            for name in ("log-entry", "log-edit", "log-remove")
        },
    }


#: Pages that need no more than the meeting.
PLAIN = (
    *("home", "edit", "announce", "held", "cancel", "questions", "agenda", "agenda-add"),
    *("withdraw", "reopen", "revive"),
    *("briefing", "poll", "poll-propose", "poll-close", "invitations", "invitations-send"),
    *("invitation-add", "reminders", "reply", "attendance", "entry", "minutes"),
    *("minutes-begin", "minutes-entry-add", "minutes-public", "minutes-send", "minutes-agree"),
    *("minutes-comment", "minutes-return", "minutes-release", "minutes-correct", "commitments"),
    *("minutes-extend", "minutes-give-up"),
    *("consultation", "consultation-prepare", "consultation-begin", "consultation-next"),
    *("consultation-add", "consultation-remove"),
    *(
        "consultation-watch",
        "consultation-write",
        "consultation-state",
        "consultation-close",
        "consultation-stop",
    ),
    *("consultation-release", "consultation-withdraw", "consultation-take-up"),
)
PLAIN_ROOMS = ("log", "log-add", "log-network", "meeting-plan")
