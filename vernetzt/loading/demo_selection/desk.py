"""Who takes the steps of the invented procedure, and on what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts.models import User
from calls.models import Application, Call


@dataclass(frozen=True, slots=True)
class Desk:
    """The call, what the data says about its procedure, and the people of the programme."""

    call: Call
    data: dict[str, Any]
    coordinator: User
    bbsr: User
    #: Account (the part before the @) → person.
    readers: dict[str, User]

    def fresh(self) -> Call:
        """Return the call as it stands now."""
        return Call.objects.select_related("procedure").get(pk=self.call.pk)

    def application(self, name: str) -> Application:
        """Return the application of a municipality."""
        return Application.objects.get(call=self.call, place_name=name)

    def sent(self) -> list[Application]:
        """Return what was sent, in the order in which it was begun."""
        rows = Application.objects.sent().filter(call=self.call)
        return list(rows.select_related("call").order_by("pk"))


def officer_of(application: Application) -> User:
    """Return who began an application, and writes it."""
    assert application.begun_by is not None  # noqa: S101 - demo accounts are not erased
    return application.begun_by
