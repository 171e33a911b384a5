"""The mails about partnerships; they go to the people who write the applications."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from accounts.enums import Notification
from accounts.mails import mute_link
from accounts.models import User
from accounts.paces import stop_link
from calls.mails import tell
from calls.models import Application
from core.outbox import write_mail
from tandems.models import Tandem, TandemNotice
from tandems.notices import sentence_of

#: Kind of notice → what a mail about it is called.
SUBJECTS = {
    Notification.TANDEM_PROFILE: _("News about the profile"),
    Notification.TANDEM_MEMBERSHIP: _("News about the partnership"),
    Notification.TANDEM_TOPICS: _("News about the topics"),
    Notification.TANDEM_DOCUMENTS: _("News about the documents"),
    Notification.TANDEM_MEETINGS: _("News about the meetings"),
    Notification.TANDEM_COMMITMENTS: _("News about the commitments"),
}
#: Of one partnership a digest tells the newest of this number; the rest stands in its history.
MOST = 20


def partnership_formed(tandem: Tandem, german: Application, european: Application) -> None:
    """Tell both municipalities that the partnership is formed, with the day for the kick-off."""
    for application, partner in ((german, european), (european, german)):
        tell("mail/partnership_formed", application, tandem=tandem, partner=partner)


def something_happened(notice: TandemNotice) -> None:
    """Tell a person at once that something happened in a partnership."""
    person = notice.user
    with spoken_to(person):
        kind = Notification(notice.kind)
        context = {
            "tandem": notice.tandem,
            "about": SUBJECTS[kind],
            "kind": kind.label,
            "item": item_of(notice),
        }
        write_unsubscribable("mail/tandem_notice", person, mute_link(person, kind), context)


def digest_due(person: User, notices: list[TandemNotice]) -> None:
    """Tell a person what happened since the last digest, by partnership."""
    by_tandem: dict[Tandem, list[TandemNotice]] = {}
    for notice in sorted(notices, key=lambda notice: (notice.tandem.number, notice.happened_at)):
        by_tandem.setdefault(notice.tandem, []).append(notice)
    with spoken_to(person):
        groups = [
            {
                "tandem": tandem,
                "items": [item_of(notice) for notice in rows[-MOST:]],
                "more": max(len(rows) - MOST, 0),
                "url": f"{settings.PUBLIC_URL}{reverse('workspace:home', args=[tandem.slug])}",
            }
            for tandem, rows in by_tandem.items()
        ]
        write_unsubscribable("mail/tandem_digest", person, stop_link(person), {"groups": groups})


def item_of(notice: TandemNotice) -> dict[str, Any]:
    """Return what a mail tells of one notice, in the active language."""
    return {
        "at": notice.happened_at,
        "what": sentence_of(notice.event, notice.facts),
        "url": f"{settings.PUBLIC_URL}/{translation.get_language()}{notice.path}",
    }


@contextmanager
def spoken_to(person: User) -> Iterator[None]:
    """Speak the person's language on the person's clock."""
    zone = zoneinfo.ZoneInfo(person.time_zone)
    with translation.override(person.language), timezone.override(zone):
        yield


def write_unsubscribable(template: str, person: User, path: str, context: dict[str, Any]) -> None:
    """Write a mail that can be ended from within it, by the address without host in ``path``."""
    link = f"{settings.PUBLIC_URL}{path}"
    choice = f"{settings.PUBLIC_URL}{reverse('accounts:notices')}"
    write_mail(
        template,
        to=person.email,
        language=person.language,
        context={**context, "person": person, "stop": link, "choice": choice},
        # RFC 8058: mail programs offer a button for it.
        headers={
            "List-Unsubscribe": f"<{link}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )
