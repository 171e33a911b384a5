"""The end of a partnership: how it ends, what becomes of its meetings, and that it goes on."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _, ngettext

from meetings.actions.ending import end_with_meetings
from meetings.forms.membership import EndForm, ResumeForm
from meetings.models import Meeting
from meetings.queries import meetings_alone, meetings_with_others
from meetings.views.membership import answer, membership_of
from tandems.access import Access
from tandems.actions.ending import resume_partnership
from tandems.enums import TandemStatus
from tandems.models import Tandem
from tandems.timeline import endings_of
from tandems.views.asking import form_page, frame
from tandems.views.trying import done, typed


@form_page
def end(request: HttpRequest, slug: str) -> HttpResponse:
    """End a partnership, or let one go on that had ended early."""
    access = membership_of(request, slug)
    tandem = access.tandem
    if tandem.status == TandemStatus.ENDED_EARLY:
        return resume(request, access)
    statuses = endings_of(tandem)
    if not statuses:
        messages.info(request, _("A planned partnership begins with its kick-off."))
        return redirect("workspace:membership", slug=slug)
    coming = meetings_alone(tandem=tandem, by=request.user)
    form = EndForm(
        typed(request), statuses=statuses, meetings=coming, initial=recorded_end_of(tandem)
    )

    def act() -> list[Meeting]:
        data = form.cleaned_data
        try:
            return end_with_meetings(
                tandem=tandem,
                status=data["outcome"],
                ended_on=data["ended_on"],
                reasons=form.reasons,
                is_public=data["is_public"],
                **form.decided,
                by=request.user,
            )
        except ValidationError:
            # Perhaps because somebody planned a meeting this very moment: it is asked about too.
            form.ask_about(coming.all())
            raise

    if request.method == "POST" and (cancelled := done(form, act)) is not None:
        messages.success(request, told_of(len(cancelled)))
        return redirect("workspace:membership", slug=slug)
    joint = meetings_with_others(tandem=tandem, by=request.user)
    context = frame(access, "people", form=form, ending=True, joint=joint)
    return render(request, "tandems/workspace/membership/form.html", context)


def recorded_end_of(tandem: Tandem) -> dict[str, object]:
    """Return what is recorded of an end already, for the form that corrects it."""
    reasons = {f"reason_{code}": getattr(tandem, f"ended_reason_{code}") for code in ("de", "en")}
    return {"ended_on": tandem.ended_on, "is_public": any(reasons.values()), **reasons}


def told_of(number: int) -> str:
    """Return that the partnership has ended, and how many meetings were cancelled with it."""
    told = _("The partnership has ended.")
    if not number:
        return told
    more = ngettext("One meeting is cancelled.", "%(number)s meetings are cancelled.", number)
    return f"{told} {more % {'number': number}}"


def resume(request: HttpRequest, access: Access) -> HttpResponse:
    """Let a partnership go on that had ended early; a second click on ending it only says so."""
    tandem = access.tandem
    if "outcome" in request.POST:
        messages.info(request, _("The partnership has ended."))
        return redirect("workspace:membership", slug=tandem.slug)
    form = ResumeForm(typed(request))

    def act() -> Tandem:
        return resume_partnership(tandem=tandem, **form.cleaned_data, by=request.user)

    return answer(request, access, form, act, _("The partnership goes on."))
