"""What the pages of an application share: fetching it, and when its form was opened."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from calls import deadline
from calls.checklist import check
from calls.enums import Step
from calls.models import Application

form_page = require_http_methods(["GET", "HEAD", "POST"])
#: Where the session keeps when the form of an application was opened before the deadline.
OPENED = "application_opened"


def application_of(request: HttpRequest, slug: str, key: uuid.UUID) -> Application:
    """Return the application for who may write it; everybody else gets 404."""
    own = Application.objects.edited_by(request.user).with_content()
    application: Application = get_object_or_404(own, call__slug=slug, key=key)
    return application


def opened_at(request: HttpRequest, application: Application) -> dt.datetime | None:
    """Return when the form that is sent was opened."""
    found = deadline.opened_at(request.POST.get("opened", ""), application, request.user)
    return found or opened_before(request, application)


def opened_before(request: HttpRequest, application: Application) -> dt.datetime | None:
    """Return when this session opened a form of the application in time, if it did."""
    text = request.session.get(OPENED, {}).get(str(application.pk), "")
    return deadline.opened_at(text, application, request.user) if text else None


def fresh_stamp(request: HttpRequest, application: Application) -> str:
    """Return the stamp for a form that is shown now.

    Until the deadline it says now, and the session remembers it: within the minutes of grace
    somebody who was writing goes from step to step, and every page counts as opened in time.
    """
    now, end = timezone.now(), application.call.closes_at
    if end is not None and now < end:
        text = deadline.stamp(application, request.user, now)
        request.session[OPENED] = {**request.session.get(OPENED, {}), str(application.pk): text}
        return text
    # A form that was kept while its author signed in again brings its own stamp along.
    earlier = opened_at(request, application) or now
    return deadline.stamp(application, request.user, earlier)


def steps_of(application: Application) -> list[Step]:
    """Return the steps of the form: without the call's questions where it asks none."""
    asks = any(question.kind != "file" for question in application.call.questions.all())
    return [step for step in Step if step != Step.QUESTIONS or asks]


def frame(request: HttpRequest, application: Application, **context: Any) -> dict[str, Any]:
    """Return what every page of an application shows beside its own content."""
    checklist = check(application)
    here = context.get("here")
    steps = [
        {"step": step, "gaps": len(checklist.of_step(step)), "is_here": step == here}
        for step in steps_of(application)
    ]
    late = deadline.ends_at(application.call, opened_at(request, application))
    return {
        "application": application,
        "call": application.call,
        "checklist": checklist,
        "steps": steps,
        "stamp": fresh_stamp(request, application),
        "is_over": late is None or timezone.now() >= late,
        **context,
    }
