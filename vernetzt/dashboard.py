"""What waits for a signed-in person, by role."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.db.models import Count, Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _, ngettext

from accounts.enums import UserRole
from accounts.models import Invitation, RoleAssignment
from accounts.permissions import Permission, reach_of
from calls.enums import CallState
from calls.models import (
    Application,
    Call,
    Letter,
    Offer,
    Pairing,
    ReviewAssignment,
    SelectionSession,
)
from calls.templatetags.call_tags import on_clock_of
from municipalities.models import Municipality
from tandems.models import Tandem, TandemMember
from vernetzt.changes import changes_for
from vernetzt.meeting_tasks import meeting_tasks
from vernetzt.procedure_tasks import procedure_tasks
from vernetzt.workspace_tasks import (
    commitment_rows,
    shown_commitments,
    shown_meetings,
    visits_of,
    workspace_tasks,
)

#: Rows of each list; all of them stand on the pages that the lists lead to.
SHOWN = 8
#: How far back the list of changes goes on a first visit.
RECENT = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits for the person: what, why, and where it is done."""

    title: str
    reason: str
    url: str
    action: str
    #: The title for pages, where words in it are marked with their language.
    marked: str = ""


def dashboard_of(user: Any, since: dt.datetime | None = None) -> dict[str, Any]:
    """Return the parts of the dashboard: tasks, partnerships, coming meetings, changes.

    ``since``: the moment from which changes are told, the last visit; without one a month ago.
    """
    today = timezone.localdate()
    # The team looks after all of them; they have pages of their own.
    own = Tandem.objects.none() if user.is_staff else Tandem.objects.with_workspace_for(user)
    tandems = list(own.with_members().in_order()[:SHOWN])
    since = since or timezone.now() - RECENT
    return {
        "tasks": [
            *own_tasks(user),
            *(Task(*row) for row in commitment_rows(user, today)),
            *(Task(*row) for row in meeting_tasks(user)),
            *(Task(*row) for row in workspace_tasks(user, tandems)),
            *application_tasks(user),
            *place_tasks(user),
            *partner_tasks(user),
            *review_tasks(user),
            *(Task(*row) for row in procedure_tasks(user)),
            *letter_tasks(user),
            *city_tasks(user, today),
            *team_tasks(user, today),
        ],
        "commitments": shown_commitments(user)[:SHOWN],
        "today": today,
        "tandems": tandems,
        "meetings": shown_meetings(user),
        # Who has no part in them reads no more of meetings than visitors do.
        "inside": reach_of(user, Permission.READ_WORKSPACE) != set(),
        "visits": visits_of(user),
        "changes": changes_for(user, since),
        "since": since,
        "assignments": user.roles,
    }


def own_tasks(user: Any) -> list[Task]:
    """Return what concerns the account itself: invitations, a name, a second factor."""
    tasks = [
        Task(
            _("Take on a role: %(role)s, %(place)s")
            % {"role": row.get_role_display(), "place": row.place},
            # The link in the mail proves whose mailbox it is; the account alone does not.
            _("You were invited by e-mail. Open the link in it to accept."),
            "",
            "",
        )
        for row in Invitation.objects.open()
        .to_mailbox(user.email)
        .select_related("municipality", "organisation")
    ]
    if not user.name:
        reason = _("So far others see your e-mail address only.")
        tasks.append(
            Task(_("Tell your name"), reason, reverse("accounts:profile"), _("Complete details"))
        )
    if not is_mfa_enabled(user):
        reason = _("A second factor protects your account even if somebody learns your password.")
        tasks.append(
            Task(_("Set up a second factor"), reason, reverse("mfa_index"), _("Set up now"))
        )
    return tasks


def application_tasks(user: Any) -> list[Task]:
    """Return the applications that the person writes and that were not sent yet."""
    rows = Application.objects.edited_by(user).unsent().for_lists()
    calls = Call.objects.open_at(timezone.now())
    return [
        Task(
            _("Send the application: %(place)s") % {"place": row.place_name},
            _("%(part)s %% of what is required · %(left)s left until the deadline")
            % {"part": row.completeness, "left": row.call.time_left},
            row.get_absolute_url(),
            _("Go on writing"),
        )
        for row in rows.filter(call__in=calls)[:SHOWN]
    ]


def place_tasks(user: Any) -> list[Task]:
    """Return the places offered to what the person writes that wait to be confirmed."""
    if user.is_staff:
        return []
    rows = Offer.objects.open().filter(due_at__gt=timezone.now())
    rows = rows.filter(application__in=Application.objects.edited_by(user).order_by().values("pk"))
    return [
        Task(
            _("Confirm your place by %(moment)s")
            % {"moment": on_clock_of(offer.due_at, offer.application.call)},
            _("A place is offered to %(place)s. Without an answer it goes to the next one.")
            % {"place": offer.application.place_name},
            reverse("calls:result", args=[offer.application.call.slug, offer.application.key]),
            _("To the offer"),
        )
        for offer in rows.select_related("application__call").order_by("due_at", "pk")[:SHOWN]
    ]


def partner_tasks(user: Any) -> list[Task]:
    """Return the partners proposed to what the person writes that wait for an answer."""
    if user.is_staff:
        return []
    own = {row.pk: row for row in Application.objects.edited_by(user).sent().for_lists()}
    rows = Pairing.objects.awaiting(own).select_related("german", "european")
    tasks = []
    for pairing in rows[:SHOWN]:
        is_german = pairing.german_id in own
        mine, other = (pairing.german, pairing.european)[:: 1 if is_german else -1]
        moment = on_clock_of(pairing.due_at, own[mine.pk].call)
        tasks.append(
            Task(
                _("Answer the proposed partner of %(place)s") % {"place": mine.place_name},
                _("%(partner)s is proposed. Answer by %(moment)s.")
                % {"partner": other.place_name, "moment": moment},
                reverse("calls:partner", args=[own[mine.pk].call.slug, mine.key]),
                _("See the match card"),
            )
        )
    return tasks


def review_tasks(user: Any) -> list[Task]:
    """Return for each call how many applications the person still has to review, and by when."""
    if not user.has_perm(Permission.SCORE):
        return []
    left = ReviewAssignment.objects.of(user).left().order_by().values_list("application__call")
    numbers = dict(left.annotate(number=Count("pk")))
    tasks = []
    for call in Call.objects.filter(pk__in=numbers).select_related("procedure").order_by("pk"):
        due = getattr(getattr(call, "procedure", None), "review_until", None)
        number = numbers[call.pk]
        title = ngettext(
            "%(number)s application to review", "%(number)s applications to review", number
        )
        reason = _("%(title)s, due by %(moment)s") if due else "%(title)s"
        url = f"{reverse('admin:calls_review_changelist')}?{urlencode({'call': call.slug})}"
        tasks.append(
            Task(
                title % {"number": number},
                reason % {"title": call.title, "moment": on_clock_of(due, call)},
                url,
                _("To my reviews"),
            )
        )
    return tasks


def letter_tasks(user: Any) -> list[Task]:
    """Return for each decided call whether letters have to be drafted, checked or released.

    Letters that a conflict of interest closes to the person are not counted.
    """
    if not user.has_perm(Permission.PREPARE_SELECTION):
        return []
    newer = SelectionSession.objects.decided().filter(
        call=OuterRef("call"), number__gt=OuterRef("number")
    )
    sessions = SelectionSession.objects.decided().filter(call__state=CallState.DECIDED)
    drafts = Letter.objects.visible_to(user).drafts().filter(session=OuterRef("pk")).order_by()
    counted = drafts.values("session").annotate(number=Count("pk")).values("number")
    rows: Any = sessions.exclude(Exists(newer)).annotate(
        drafts=Coalesce(Subquery(counted), 0),
        is_drafted=Exists(Letter.objects.filter(session=OuterRef("pk"))),
    )
    releases = user.has_perm(Permission.DECIDE_SELECTION)
    tasks = []
    for session in rows.select_related("call").order_by("pk"):
        number = session.drafts
        if session.is_drafted and not number:
            continue
        if not number:
            title, page = _("Draft the letters about the selection"), "letters"
        elif releases:
            words = ngettext(
                "%(number)s letter to release", "%(number)s letters to release", number
            )
            title, page = words % {"number": number}, "release"
        else:
            words = ngettext("%(number)s letter to check", "%(number)s letters to check", number)
            title, page = words % {"number": number}, "letters"
        url = reverse(f"admin:calls_letter_{page}", args=[session.call.slug])
        tasks.append(Task(title, session.call.title, url, _("To the letters")))
    return tasks


def city_tasks(user: Any, today: dt.date) -> list[Task]:
    """Return what the person's municipalities still need: a deputy."""
    own = {
        role.municipality
        for role in user.roles
        if role.municipality and user.has_perm(Permission.INVITE_COLLEAGUES, role)
    }
    held = RoleAssignment.objects.held_on(today).filter(role=UserRole.DEPUTY, municipality__in=own)
    covered = set(held.values_list("municipality_id", flat=True)) if own else set()
    reason = _("Every municipality needs a deputy, so that nothing stops when somebody is away.")
    return [
        Task(
            _("Name a deputy for %(place)s") % {"place": place},
            reason,
            f"{reverse('accounts:invite')}?"
            + urlencode({"role": UserRole.DEPUTY, "municipality": place.pk}),
            _("Invite a deputy"),
        )
        for place in sorted(own, key=lambda place: place.slug)
        if place.pk not in covered
    ]


def team_tasks(user: Any, today: dt.date) -> list[Task]:
    """Return what the project team should look after: cities without contact or deputy."""
    if not user.has_perm(Permission.MANAGE_CITY_ROLES):
        return []
    members = TandemMember.objects.visible_to(None).acting()
    places = Municipality.objects.filter(pk__in=members.values("municipality"))
    url, action = reverse("accounts:people"), _("See the people")
    tasks = []
    for role, title in (
        (UserRole.CONTACT, _("Municipalities without a contact person: %(number)s")),
        (UserRole.DEPUTY, _("Municipalities without a deputy: %(number)s")),
    ):
        held = RoleAssignment.objects.held_on(today).filter(role=role)
        without = places.exclude(pk__in=held.values("municipality")).by_name()
        if number := without.count():
            names = ", ".join(place.name for place in without[:SHOWN])
            tasks.append(Task(title % {"number": number}, names, url, action))
    open_ones = Invitation.objects.open().count()
    if open_ones:
        title = ngettext(
            "%(number)s invitation is not answered yet",
            "%(number)s invitations are not answered yet",
            open_ones,
        )
        reason = _("An invitation runs out by itself; a reminder helps.")
        tasks.append(Task(title % {"number": open_ones}, reason, url, action))
    return tasks
