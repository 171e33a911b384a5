"""The page on which a section is written, and what forms of a profile have in common."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import get_language, gettext as _

from accounts.permissions import Permission, require
from calls.content import marks_of
from calls.enums import WorkingLanguage
from calls.views.writing import opened_with, shown
from core.forms import add_errors
from core.text import render_markdown
from tandems.actions.writing import Saved, save_text, start_draft
from tandems.content import text_in
from tandems.enums import ProfileSection
from tandems.forms.profile import PointForm, TextForm
from tandems.models import ProfileEntry, ProfileText
from tandems.points import POINT_SECTIONS
from tandems.views.asking import form_page, frame, workspace_of
from tandems.views.placing import Place, asked, language_rows, place_of, section_url


@dataclass(slots=True)
class Outcome:
    """What became of a form that was sent: where it leads, or what stands against it."""

    marks: Mapping[str, str]
    response: HttpResponse | None = None
    conflicts: list[dict[str, Any]] = field(default_factory=list)

    @property
    def status(self) -> int:
        """Return the status of the page that shows the form again."""
        return 409 if self.conflicts else 200

    @property
    def marks_json(self) -> str:
        """Return the marks as the form carries them."""
        return json.dumps(dict(self.marks))


def typed_into(request: HttpRequest, stored: Mapping[str, Any]) -> QueryDict | None:
    """Return what was typed; where the other text was asked for, with that in its field."""
    if not request.POST:
        return None
    data = request.POST.copy()
    name = data.get("use", "")
    if name in stored:
        value = stored[name]
        data[name] = "\n".join(value) if isinstance(value, list) else value
    return data


def keep(
    request: HttpRequest,
    form: TextForm | PointForm,
    save: Callable[[Mapping[str, Any], Mapping[str, str]], Saved],
    stored_now: Callable[[], Mapping[str, Any]],
    leads_to: Callable[[], str],
) -> Outcome:
    """Save what was typed, in the background too, and tell what became of it.

    ``save`` takes the values and the marks of what the form was opened with; ``stored_now`` reads
    what is stored after that; ``leads_to`` says where a form that is saved leads.
    """
    outcome = Outcome(opened_with(request) or marks_of(form.stored))
    if request.method != "POST" or "use" in request.POST:
        return outcome
    saved = None
    if form.is_valid():
        try:
            saved = save(form.typed(), opened_with(request))
        except ValidationError as error:
            add_errors(form, error)
    in_background = request.headers.get("Accept") == "application/json"
    if saved is not None:
        outcome.marks = marks_of(stored_now())
        outcome.conflicts = conflicts_of(form, saved)
        if not outcome.conflicts:
            outcome.response = told(request, form, outcome, leads_to, in_background=in_background)
            return outcome
    if in_background:
        answer = {"saved": False, "message": problem(form, outcome)}
        outcome.response = JsonResponse(answer, status=409)
    return outcome


def told(
    request: HttpRequest,
    form: TextForm | PointForm,
    outcome: Outcome,
    leads_to: Callable[[], str],
    *,
    in_background: bool,
) -> HttpResponse:
    """Say that everything was saved: to the script, or on the page where the button leads."""
    cleaned = _("Formatting from another program was removed. Please check the text.")
    if in_background:
        words = _("Saved at %(time)s") % {"time": time_format(timezone.localtime(), "H:i")}
        message = f"{words}. {cleaned}" if form.had_markup else words
        return JsonResponse({"saved": True, "message": message, "marks": outcome.marks_json})
    messages.success(request, _("Saved."))
    if form.had_markup:
        messages.warning(request, cleaned)
    return redirect(leads_to())


def conflicts_of(form: TextForm | PointForm, saved: Saved) -> list[dict[str, Any]]:
    """Return both texts of each field that two people changed."""
    return [
        {
            "name": name,
            "label": form[name].label,
            "mine": shown_value(form[name].field, form.cleaned_data.get(name)),
            "theirs": shown_value(form[name].field, theirs),
            "by": saved.saved_by,
            "at": saved.saved_at,
        }
        for name, theirs in saved.conflicts.items()
    ]


def shown_value(field_: Any, value: Any) -> str:
    """Return a value as people read it; of nothing, a dash."""
    return ("\n".join(value) if isinstance(value, list) else shown(field_, value)) or "–"


def problem(form: TextForm | PointForm, outcome: Outcome) -> str:
    """Return in a sentence why a save in the background did not do everything."""
    if outcome.conflicts:
        return _("Somebody else has changed the same field. Save to compare both texts.")
    return " ".join(str(error) for errors in form.errors.values() for error in errors)


@form_page
def section(request: HttpRequest, slug: str, section: str) -> HttpResponse:
    """Show a section in one language, and save what was typed."""
    place = place_of(request, slug, section)
    if request.method == "POST":
        require(request.user, Permission.DRAFT_PROFILE, place.subject)
    form = form_at(request, place)
    outcome = keep(
        request,
        form,
        lambda values, marks: save_at(request, place, values, marks),
        lambda: {"text": place_of(request, slug, section).stored},
        lambda: next_url(request, place),
    )
    return outcome.response or page(request, place, form, outcome)


@form_page
def markdown(request: HttpRequest, slug: str) -> HttpResponse:
    """Show how a text will look without saving it: to the script, or on the page of its form."""
    access = workspace_of(request, slug)
    if not request.POST:
        return redirect("workspace:profile", slug=access.tandem.slug)
    place = place_of(request, slug, asked(request, "section"))
    require(request.user, Permission.DRAFT_PROFILE, place.subject)
    form = form_at(request, place)
    html = render_markdown(form.cleaned_data["text"]) if form.is_valid() else ""
    if request.headers.get("Accept") == "application/json":
        errors = [str(error) for errors in form.errors.values() for error in errors]
        empty = [] if html or errors else [_("There is no text yet.")]
        return JsonResponse({"html": html, "message": " ".join([*errors, *empty])})
    outcome = Outcome(opened_with(request) or marks_of(form.stored))
    return page(request, place, form, outcome, preview=html)


def form_at(request: HttpRequest, place: Place) -> TextForm:
    """Return the form of a place, with what was typed or else what is stored."""
    data = typed_into(request, {"text": place.stored})
    return TextForm(data, language=place.language, stored=place.stored)


def save_at(
    request: HttpRequest, place: Place, values: Mapping[str, Any], marks: Mapping[str, str]
) -> Saved:
    """Save a text; where no version is on its way and the person says so, begin one for it."""
    version = place.version
    if request.POST.get("go") == "start":
        version = start_draft(tandem=place.access.tandem, by=request.user)
    if version is None:
        raise ValidationError(
            _("Nobody has begun a draft yet. What you typed has not been saved yet.")
        )
    return save_text(
        profile=version,
        section=place.section,
        municipality=place.municipality,
        language=place.language,
        text=values["text"],
        opened_with=marks,
        by=request.user,
    )


def next_url(request: HttpRequest, place: Place) -> str:
    """Return where the pressed button leads: to the next section, or back to this text."""
    if request.POST.get("go") == "next" and place.following is not None:
        return section_url(place.access.tandem.slug, place.following, place.language)
    return place.url


def page(
    request: HttpRequest, place: Place, form: TextForm, outcome: Outcome, *, preview: str = ""
) -> HttpResponse:
    """Show the page of a section: the form, or the text and why it cannot be changed now."""
    stored: ProfileText | None = place.texts.get(place.language)
    urls = {code: place.url_in(code) for code in place.languages}
    context = frame(
        place.access,
        "profile",
        place=place,
        version=place.version,
        heading=heading_of(place),
        form=form,
        shows_form=place.is_open or bool(request.POST),
        marks=outcome.marks_json,
        conflicts=outcome.conflicts,
        preview=preview,
        html=render_markdown(place.stored),
        last_saved=stored,
        language=WorkingLanguage(place.language).label,
        languages=language_rows(
            place.entry, place.languages, place.language, urls, may_say=place.is_open
        ),
        others=[
            {"text": text, "html": render_markdown(text.text)}
            for code, text in place.texts.items()
            if code != place.language
        ],
        points=point_rows(place.points)
        if place.section in POINT_SECTIONS or place.points
        else None,
        may_add=place.is_open and place.section in POINT_SECTIONS,
        next_label=place.following.label if place.following else "",
    )
    return render(request, "tandems/workspace/section.html", context, status=outcome.status)


def point_rows(points: list[ProfileEntry]) -> list[dict[str, Any]]:
    """Return single points as a list shows them: text, language, what is out of date."""
    rows = []
    for number, entry in enumerate(points):
        texts = list(entry.texts.all())
        text = text_in(texts, get_language())
        late = [row.get_language_display() for row in texts if row.outdated_since is not None]
        rows.append(
            {
                "entry": entry,
                "text": text.text if text else "",
                "language": text.language if text else "",
                "languages": ", ".join(row.get_language_display() for row in texts),
                "late": ", ".join(late),
                "is_first": number == 0,
                "is_last": number == len(points) - 1,
            }
        )
    return rows


def heading_of(place: Place) -> str:
    """Return the name of the section; of what a city gives and seeks, with the city."""
    if place.section == ProfileSection.OFFER and place.municipality is not None:
        return f"{place.section.label}: {place.municipality}"
    return str(place.section.label)
