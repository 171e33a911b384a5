"""The mails about applications; they go to the people who write them."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import RoleAssignment, User
from accounts.permissions import Permission
from calls.models import (
    Application,
    ApplicationEditor,
    Call,
    Letter,
    Offer,
    Pairing,
    Review,
    Submission,
    writers_of,
)
from core.outbox import write_mail


def tell(template: str, application: Application, *, language: str = "", **context: Any) -> int:
    """Write one mail to each person who writes it, in the own language; return how many.

    With ``language`` all get it in that one: of a letter that is written in it.
    """
    attachments = context.pop("attachments", ())
    people = list(writers_of(application.pk, application.municipality_id).order_by("pk"))
    for person in people:
        zone = zoneinfo.ZoneInfo(person.time_zone)
        spoken = language or person.language
        with translation.override(spoken), timezone.override(zone):
            url = f"{settings.PUBLIC_URL}{application.get_absolute_url()}"
            about = {"application": application, "call": application.call, "url": url}
            write_mail(
                template,
                to=person.email,
                language=spoken,
                context={**about, **context},
                attachments=attachments,
            )
    return len(people)


def editor_invited(editor: ApplicationEditor) -> None:
    """Invite a colleague to write along, with the link and its last day."""
    inviter: User = editor.invited_by  # type: ignore[assignment]
    with translation.override(inviter.language):
        url = f"{settings.PUBLIC_URL}{editor.link}"
    write_mail(
        "mail/editor_invited",
        to=editor.email,
        language=inviter.language,
        context={
            "editor": editor,
            "inviter": inviter,
            "application": editor.application,
            "call": editor.application.call,
            "url": url,
        },
    )


def editor_asks(application: Application, person: User) -> None:
    """Tell those who write an application that a colleague asks to be let in."""
    tell("mail/editor_asks", application, person=person)


def application_received(submission: Submission, pdf: bytes) -> None:
    """Confirm that an application was sent, with the PDF of exactly what was sent."""
    application = submission.application
    name = f"{application.reference}-{submission.number}.pdf"
    tell(
        "mail/application_received",
        application,
        submission=submission,
        attachments=[(name, pdf, "application/pdf")],
    )


def application_withdrawn(application: Application, by: User) -> None:
    """Tell everybody who writes an application that it was withdrawn, and by whom."""
    tell("mail/application_withdrawn", application, person=by)


def deadline_extended(call: Call, note: str) -> int:
    """Tell everybody who writes an application to the call about the later deadline."""
    told = 0
    for application in Application.objects.living().filter(call=call).select_related("call"):
        application.call = call
        told += tell("mail/deadline_extended", application, note=note)
    return told


def deadline_comes(application: Application, missing: list[Any]) -> int:
    """Remind those who write a draft of the deadline, with what is still missing."""
    return tell("mail/deadline_comes", application, missing=missing)


def conflict_declared(application: Application) -> int:
    """Ask the coordinators whom no conflict concerns to find somebody else; return how many.

    The mail names the application by its number alone: who is in conflict and why stands where
    only those read it whom nothing closes it to.
    """
    held = RoleAssignment.objects.held_on(timezone.localdate())
    roles = held.giving(Permission.PREPARE_SELECTION).values("user")
    people = User.objects.filter(is_active=True, pk__in=roles).order_by("pk")
    free = [person for person in people if not application.is_closed_to(person)]
    path = reverse("admin:calls_application_detail", args=[application.key])
    for person in free:
        write_mail(
            "mail/conflict_declared",
            to=person.email,
            language=person.language,
            context={"reference": application.reference, "url": f"{settings.PUBLIC_URL}{path}"},
        )
    return len(free)


def review_reopened(review: Review, note: str) -> None:
    """Tell a reviewer that the review is a draft again, and why."""
    application = review.assignment.application
    reviewer: User = review.assignment.reviewer  # type: ignore[assignment]
    path = reverse("admin:calls_review_detail", args=[application.key])
    write_mail(
        "mail/review_reopened",
        to=reviewer.email,
        language=reviewer.language,
        context={
            "application": application,
            "note": note,
            "url": f"{settings.PUBLIC_URL}{path}",
        },
    )


def review_assigned(reviewer: User, call: Call, number: int) -> None:
    """Tell a reviewer how many applications are new on the desk, and until when."""
    _to_desk("mail/review_assigned", reviewer, call, number)


def reviews_open(reviewer: User, call: Call, number: int) -> None:
    """Remind a reviewer of the reviews that are still to be filed, and until when."""
    _to_desk("mail/reviews_open", reviewer, call, number)


def _to_desk(template: str, reviewer: User, call: Call, number: int) -> None:
    with translation.override(reviewer.language), timezone.override(reviewer.time_zone):
        write_mail(
            template,
            to=reviewer.email,
            language=reviewer.language,
            context={
                "call": call,
                "number": number,
                "until": call.procedure.review_until,
                "url": f"{settings.PUBLIC_URL}{reverse('admin:calls_review_changelist')}",
            },
        )


def partner_proposed(pairing: Pairing) -> None:
    """Tell both cities which partner is proposed, and until when they answer."""
    for application, partner in sides_of(pairing):
        tell("mail/partner_proposed", application, pairing=pairing, partner=partner)


def partner_agreed(pairing: Pairing) -> None:
    """Tell both cities that both have agreed, and what happens now."""
    for application, partner in sides_of(pairing):
        tell("mail/partner_agreed", application, pairing=pairing, partner=partner)


def consent_withdrawn(pairing: Pairing, application: Application) -> None:
    """Tell the team and the partner that a city has taken its agreement back."""
    for own, partner in sides_of(pairing):
        if partner.pk == application.pk:
            tell("mail/consent_withdrawn", own, pairing=pairing, partner=partner)
    _to_matching_team("mail/consent_withdrawn_team", pairing, application)


def another_partner_asked_for(pairing: Pairing, application: Application, reason: str) -> None:
    """Tell the team which city asks for another partner, and why; the partner does not read it."""
    _to_matching_team("mail/another_partner_asked_for", pairing, application, reason=reason)


def proposal_over(pairing: Pairing, without: Application | None = None) -> None:
    """Tell the cities that a proposal no longer counts; not the one that ended it itself."""
    for application, partner in sides_of(pairing):
        if without is None or application.pk != without.pk:
            tell("mail/proposal_over", application, pairing=pairing, partner=partner)


def sides_of(pairing: Pairing) -> tuple[tuple[Application, Application], ...]:
    """Return each city of a pairing with its partner."""
    german, european = pairing.german, pairing.european
    return (german, european), (european, german)


def _to_matching_team(
    template: str, pairing: Pairing, application: Application, **context: Any
) -> None:
    """Write to whoever prepares the selection and may read both applications."""
    held = RoleAssignment.objects.held_on(timezone.localdate())
    roles = held.giving(Permission.PREPARE_SELECTION)
    for person in User.objects.filter(is_active=True, pk__in=roles.values("user")).order_by("pk"):
        if pairing.german.is_closed_to(person) or pairing.european.is_closed_to(person):
            continue
        path = reverse("admin:calls_pairing_matching", args=[pairing.call.slug])
        with translation.override(person.language), timezone.override(person.time_zone):
            write_mail(
                template,
                to=person.email,
                language=person.language,
                context={
                    "pairing": pairing,
                    "application": application,
                    "call": pairing.call,
                    "url": f"{settings.PUBLIC_URL}{path}",
                    **context,
                },
            )


def letter_sent(letter: Letter) -> int:
    """Send a released letter to everybody who writes the application; return how many.

    The whole mail is in the language of the letter.
    """
    application = letter.application
    url = result_url(application, letter.language)
    return tell("mail/letter_sent", application, language=letter.language, letter=letter, url=url)


def result_url(application: Application, language: str) -> str:
    """Return the page on which a municipality reads its letters and answers, in a language."""
    with translation.override(language):
        path = reverse("calls:result", args=[application.call.slug, application.key])
    return f"{settings.PUBLIC_URL}{path}"


def place_waits(offer: Offer) -> int:
    """Remind those who write an application that its place has to be confirmed soon."""
    languages = [code for code, _name in settings.LANGUAGES]
    urls = {code: result_url(offer.application, code) for code in languages}
    return tell("mail/place_waits", offer.application, offer=offer, urls=urls)


def place_declined(offer: Offer, following: Application | None, obstacle: str) -> int:
    """Tell the team that a place became free, and who is next; return how many.

    To ``following`` the letter with the offer is drafted; where there is none, ``obstacle`` says
    why: ``empty`` (nobody is left), ``waits`` (letters about the decision have to go out first) or
    ``full`` (no place is free). Who stands in conflict with the municipality that declined gets no
    mail, who does with the next one reads no name.
    """
    application = offer.application
    held = RoleAssignment.objects.held_on(timezone.localdate())
    roles = held.giving(Permission.PREPARE_SELECTION).values("user")
    path = reverse("admin:calls_letter_offers", args=[application.call.slug])
    told = 0
    for person in User.objects.filter(is_active=True, pk__in=roles).order_by("pk"):
        if application.is_closed_to(person):
            continue
        with translation.override(person.language), timezone.override(person.time_zone):
            write_mail(
                "mail/place_declined",
                to=person.email,
                language=person.language,
                context={
                    "application": application,
                    "call": application.call,
                    "offer": offer,
                    "following": following,
                    "obstacle": obstacle,
                    "is_closed": following is not None and following.is_closed_to(person),
                    "url": f"{settings.PUBLIC_URL}{path}",
                },
            )
        told += 1
    return told
