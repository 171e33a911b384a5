"""The mails about commitments: their day comes or has passed, and what is left of them later."""

from __future__ import annotations

import datetime as dt

from django.conf import settings

from accounts.enums import Notification
from accounts.mails import mute_link
from accounts.models import User
from core.outbox import write_mail
from meetings.links import check_in_link
from meetings.models import CheckIn, Commitment
from tandems.mails import spoken_to, write_unsubscribable


def commitment_due(
    commitment: Commitment, person: User, *, today: dt.date, may_report: bool
) -> None:
    """Remind a person that the day of a commitment comes, or that it has passed without a word.

    ``may_report``: the person itself can say what became of it; a colleague cannot.
    """
    has_passed = commitment.due_on < today
    with spoken_to(person):
        context = {
            "commitment": commitment,
            "may_report": may_report,
            "kind": Notification.TANDEM_COMMITMENTS.label,
            "url": f"{settings.PUBLIC_URL}{commitment.get_absolute_url()}",
        }
        link = mute_link(person, Notification.TANDEM_COMMITMENTS)
        template = "mail/commitment_passed" if has_passed else "mail/commitment_comes"
        write_unsubscribable(template, person, link, context)


def check_in_asked(check_in: CheckIn, person: User, *, again: bool = False) -> None:
    """Ask a person what is left of the exchange, by a link that is this person's own.

    ``again``: nobody has answered yet.
    """
    with spoken_to(person):
        write_mail(
            "mail/check_in_reminder" if again else "mail/check_in_asked",
            to=person.email,
            language=person.language,
            context={
                "check_in": check_in,
                "tandem": check_in.tandem,
                "person": person,
                "url": f"{settings.PUBLIC_URL}{check_in_link(check_in, person)}",
            },
        )
