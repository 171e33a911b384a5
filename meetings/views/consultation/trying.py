"""What the forms of the consultation room share: trying to do what they say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse

from core.forms import add_errors
from meetings.views.consultation.reading import back


def finished(
    request: HttpRequest, pk: int, form: Any, act: Callable[[], Any], told: str = ""
) -> HttpResponse | None:
    """Return to the room when it is done; ``None`` where the form or the action refuses.

    Of a double click the second one is told that it is done already.
    """
    if not form.is_valid():
        return None
    try:
        act()
    except ValidationError as error:
        if getattr(error, "code", "") != "known":
            add_errors(form, error)
            return None
        messages.info(request, " ".join(error.messages))
    else:
        if told:
            messages.success(request, told)
    return back(pk)
