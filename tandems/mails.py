"""The mails about partnerships; they go to the people who write the applications."""

from __future__ import annotations

from calls.mails import tell
from calls.models import Application
from tandems.models import Tandem


def partnership_formed(tandem: Tandem, german: Application, european: Application) -> None:
    """Tell both municipalities that the partnership is formed, with the day for the kick-off."""
    for application, partner in ((german, european), (european, german)):
        tell("mail/partnership_formed", application, tandem=tandem, partner=partner)
