"""What form pages share: reading what was typed, and trying to do it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.http import HttpRequest

from core.forms import add_errors

ResultT = TypeVar("ResultT")


def typed(request: HttpRequest) -> Any:
    """Return what was sent, or what is given back after signing in again; else ``None``.

    A form whose fields are all optional may send none of them, and was sent all the same.
    """
    return request.POST if request.method == "POST" else request.POST or None


def done(form: Any, act: Callable[[], ResultT]) -> ResultT | None:
    """Return what ``act`` returns, ``None`` where the form or the action refuses.

    What the action refuses stands at its field or above the form, and everything typed stays.
    """
    if not form.is_valid():
        return None
    try:
        return act()
    except ValidationError as error:
        add_errors(form, error)
        return None
