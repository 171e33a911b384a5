"""What is done when a day comes: reminders of commitments, questions after the end, silence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from accounts.enums import Notification
from accounts.models import RoleAssignment, User
from core.actions import note_change
from core.dates import months_after
from meetings.actions.check_in import ASKED, OFFICES, SILENT, UNASKED, tell_of_check_in
from meetings.actions.commitment import WARNING
from meetings.actions.one_by_one import do_one_by_one
from meetings.enums import CHECK_IN_MONTHS
from meetings.mails import commitments as mails
from meetings.models import CheckIn, Commitment
from meetings.models.check_in import LINK_MONTHS
from tandems.enums import MemberRole
from tandems.locks import lock_tandem
from tandems.models import Tandem, TandemMember

#: So long a city has time to answer, and after so long it is reminded once.
TIME_TO_ANSWER, TIME_TO_REMIND = dt.timedelta(days=30), dt.timedelta(days=14)
#: A day that lies further back is not asked about any more: the end was recorded late.
LATEST = dt.timedelta(days=60)


def remind_of_commitments(*, by: Any = None) -> int:
    """Remind of open commitments a week before their day and after it; return how many mails.

    May run every minute: of each day due somebody is reminded once before and once after.
    Nobody is reminded of what a city has promised that has left the partnership. One that fails
    does not hold up the others.
    """
    today = timezone.localdate()
    acting = TandemMember.objects.acting().filter(
        tandem=OuterRef("tandem"), municipality=OuterRef("municipality")
    )
    rows = Commitment.objects.open().filter(Exists(acting)).filter(_unreminded(today))
    return do_one_by_one(
        rows=rows.values_list("pk", "tandem"),
        act=_remind,
        told="A commitment could not be reminded of.",
        by=by,
    )


def _unreminded(today: dt.date) -> Q:
    """Return which commitments are close to their day, or past it, without a reminder of it."""
    comes = Q(due_on__gte=today, due_on__lte=today + WARNING)
    unwarned = Q(reminded_before__isnull=True) | ~Q(reminded_before=F("due_on"))
    unasked = Q(reminded_after__isnull=True) | ~Q(reminded_after=F("due_on"))
    return (comes & unwarned) | (Q(due_on__lt=today) & unasked)


def _remind(key: int, tandem: int) -> int:
    """Remind of one commitment, unless it was settled or moved meanwhile."""
    today = timezone.localdate()
    locked_tandem = lock_tandem(tandem)
    rows = Commitment.objects.select_for_update(of=("self",), no_key=True)
    rows = rows.open().filter(_unreminded(today), pk=key).select_related("municipality", "person")
    commitment = rows.first()
    if commitment is None:
        return 0
    commitment.tandem = locked_tandem
    people = list(_reminded(commitment, today))
    if not people:
        # Somebody may take over the office before the day has passed.
        return 0
    for person, may_report in people:
        mails.commitment_due(commitment, person, today=today, may_report=may_report)
    if commitment.due_on < today:
        commitment.reminded_after = commitment.due_on
    else:
        commitment.reminded_before = commitment.due_on
    commitment.save(update_fields=["reminded_before", "reminded_after"])
    return len(people)


def _reminded(commitment: Commitment, today: dt.date) -> Iterator[tuple[User, bool]]:
    """Yield who is reminded, each with whether it may say what became of the commitment.

    That is the person named, while it holds a role in the city and wants such mails; else contact
    and deputy.
    """
    offices = set(_offices(commitment.municipality_id, today))
    named = commitment.person
    held = RoleAssignment.objects.held_on(today).filter(municipality=commitment.municipality_id)
    if named and named.wants(Notification.TANDEM_COMMITMENTS) and held.filter(user=named).exists():
        yield named, named in offices
        return
    for person in sorted(offices, key=lambda person: person.pk):
        if person.wants(Notification.TANDEM_COMMITMENTS):
            yield person, True


def _offices(municipality: int, today: dt.date) -> list[User]:
    """Return contact and deputy of a city today; who is both is named once."""
    held = RoleAssignment.objects.held_on(today).filter(municipality=municipality, role__in=OFFICES)
    return list(User.objects.filter(pk__in=held.values("user"), is_active=True).order_by("pk"))


def ask_check_ins(*, by: Any = None) -> int:
    """Ask cities 6, 12 and 24 months after the end what is left of the exchange; how many were.

    May run every minute. Asked are the cities that were members at the end; who does not answer is
    reminded once. Where nobody holds an office the team is told, and whoever takes it over is asked
    then. A partnership whose end has no day is not asked, and no day long past. One that fails does
    not hold up the others.
    """
    today = timezone.localdate()
    asked = do_one_by_one(
        rows=_to_ask(today), act=_ask, told="A city could not be asked what is left.", by=by
    )
    asked += do_one_by_one(
        rows=_unasked(today).values_list("pk", "tandem"),
        act=_ask_late,
        told="A city could not be asked what is left.",
        by=by,
    )
    waiting = CheckIn.objects.waiting().filter(
        reminded_at__isnull=True,
        asked_at__lte=timezone.now() - TIME_TO_REMIND,
        answer_by__gte=today,
        municipality__in=_with_offices(today),
    )
    do_one_by_one(
        rows=waiting.values_list("pk", "tandem"),
        act=_remind_to_answer,
        told="A city could not be reminded to answer.",
        by=by,
    )
    return asked


def _with_offices(today: dt.date) -> Any:
    """Return the cities (primary keys) that have a contact or a deputy today."""
    held = RoleAssignment.objects.held_on(today).filter(role__in=OFFICES, user__is_active=True)
    return held.order_by().values("municipality")


def _unasked(today: dt.date) -> Any:
    """Return the questions to cities that had nobody in office then and have somebody today.

    A later question takes the place of an earlier one, so that nobody is asked twice at once.
    """
    later = CheckIn.objects.filter(
        tandem=OuterRef("tandem"),
        municipality=OuterRef("municipality"),
        ended_on=OuterRef("ended_on"),
        months__gt=OuterRef("months"),
    )
    return CheckIn.objects.waiting().filter(
        ~Exists(later),
        asked_at__isnull=True,
        answer_by__gte=months_after(today, -LINK_MONTHS),
        municipality__in=_with_offices(today),
    )


def _to_ask(today: dt.date) -> list[tuple[int, int, int]]:
    """Return which city of which partnership is to be asked after how many months."""
    ended = Tandem.objects.filter(ended_on__isnull=False, ended_on__lte=today)
    due = {
        (pk, months): ended_on
        for pk, ended_on in ended.values_list("pk", "ended_on")
        for months in CHECK_IN_MONTHS
        if ended_on and today - LATEST <= months_after(ended_on, months) <= today
    }
    if not due:
        return []
    keys = {pk for pk, _months in due}
    rows = CheckIn.objects.about_this_end().filter(tandem__in=keys)
    known = set(rows.values_list("tandem", "municipality", "months"))
    members = _members_at_the_end().filter(tandem__in=keys).order_by("tandem", "position", "pk")
    return [
        (tandem, place, months)
        for tandem, place in dict.fromkeys(members.values_list("tandem", "municipality"))
        for months in CHECK_IN_MONTHS
        if (tandem, months) in due and (tandem, place, months) not in known
    ]


def _members_at_the_end() -> Any:
    """Return the memberships that lasted to the end of their partnership."""
    stayed = Q(left_on__isnull=True) | Q(left_on__gte=F("tandem__ended_on"))
    joined = Q(joined_earliest__isnull=True) | Q(joined_earliest__lte=F("tandem__ended_on"))
    return TandemMember.objects.filter(stayed, joined, role=MemberRole.MEMBER)


def _ask(tandem: int, place: int, months: int) -> int:
    """Ask one city, unless another process was faster or the partnership has been resumed."""
    locked = lock_tandem(tandem)
    today = timezone.localdate()
    if (tandem, place, months) not in _to_ask(today):
        return 0
    people = _offices(place, today)
    check_in = CheckIn(
        tandem=locked,
        municipality_id=place,
        ended_on=locked.ended_on,
        months=months,
        asked_at=timezone.now() if people else None,
        answer_by=today + TIME_TO_ANSWER,
    )
    # Nobody else asks it while the partnership is locked.
    check_in.validate_constraints()
    check_in.save()
    note_change(check_in, field="answer", old="", new=ASKED if people else UNASKED, by=None)
    for person in people:
        mails.check_in_asked(check_in, person)
    if not people:
        tell_of_check_in(check_in=check_in, event="check_in_unasked", cities=False, by=None)
    return int(bool(people))


def _ask_late(key: int, tandem: int) -> int:
    """Ask one city that had nobody in office when it was to be asked; its time begins now."""
    today = timezone.localdate()
    check_in = _locked_check_in(key, tandem)
    if check_in is None or check_in.asked_at is not None:
        return 0
    check_in.asked_at, check_in.answer_by = timezone.now(), today + TIME_TO_ANSWER
    check_in.save(update_fields=["asked_at", "answer_by"])
    note_change(check_in, field="answer", old=UNASKED, new=ASKED, by=None)
    for person in _offices(check_in.municipality_id, today):
        mails.check_in_asked(check_in, person)
    return 1


def _remind_to_answer(key: int, tandem: int) -> int:
    """Remind one city of the question, unless it has answered meanwhile."""
    check_in = _locked_check_in(key, tandem)
    people = _offices(check_in.municipality_id, timezone.localdate()) if check_in else []
    if check_in is None or check_in.reminded_at is not None or not people:
        return 0
    check_in.reminded_at = timezone.now()
    check_in.save(update_fields=["reminded_at"])
    for person in people:
        mails.check_in_asked(check_in, person, again=True)
    return 1


def record_silence(*, by: Any = None) -> int:
    """Record that cities did not answer in time; return how many. May run every minute.

    Where nobody was asked, nobody kept silent. One that fails does not hold up the others.
    """
    today = timezone.localdate()
    rows = CheckIn.objects.waiting().filter(answer_by__lt=today, asked_at__isnull=False)
    return do_one_by_one(
        rows=rows.values_list("pk", "tandem"),
        act=_fall_silent,
        told="The silence of a city could not be recorded.",
        by=by,
    )


def _fall_silent(key: int, tandem: int) -> int:
    """Record the silence of one city, unless it has answered meanwhile."""
    check_in = _locked_check_in(key, tandem)
    if check_in is None or check_in.asked_at is None:
        return 0
    check_in.silent_at = timezone.now()
    check_in.save(update_fields=["silent_at"])
    note_change(check_in, field="answer", old=ASKED, new=SILENT, by=None)
    tell_of_check_in(check_in=check_in, event="check_in_silent", by=None)
    return 1


def _locked_check_in(key: int, tandem: int) -> CheckIn | None:
    """Return a check-in that still waits, locked after its partnership."""
    locked = lock_tandem(tandem)
    rows = CheckIn.objects.select_for_update(of=("self",), no_key=True)
    check_in = rows.waiting().filter(pk=key).select_related("municipality").first()
    if check_in is not None:
        check_in.tandem = locked
    return check_in
