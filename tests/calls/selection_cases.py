"""Cases for the constraints of reviews, sessions, decisions, letters and pairs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils import timezone

from calls.enums import SessionState
from calls.models import (
    Application,
    Call,
    ConflictDeclaration,
    Decision,
    DiscussionNote,
    EligibilityCheck,
    Letter,
    ListEntry,
    Offer,
    Pairing,
    PairingConsent,
    PairRule,
    Procedure,
    Review,
    ReviewAssignment,
    Score,
    SelectionList,
    SelectionSession,
    SessionParticipant,
    StoodAside,
    Submission,
)
from tests.calls.desk import row
from tests.constraints import Arranged, Case, Fields
from tests.factories import CallFactory, CriterionFactory, make_user
from tests.selection import make_organisation


def application(call: Call | None = None) -> Application:
    """Return an application as it stands in the database."""
    return row(call or CallFactory(), f"Stadt {Application.objects.count()}")


def conflict(**fields: Any) -> ConflictDeclaration:
    """Return the declaration of a person."""
    values = {"person": make_user(), "organisation": make_organisation("difu"), "kind": "none"}
    missing = {} if "application" in fields else {"application": application()}
    return ConflictDeclaration.objects.create(**{**values, **missing, **fields})


def assignment(of: Application | None = None) -> ReviewAssignment:
    """Return somebody who reads an application."""
    return ReviewAssignment.objects.create(
        application=of or application(),
        reviewer=make_user(),
        organisation=make_organisation("difu"),
    )


def version(of: Application) -> Submission:
    """Return a version that was sent."""
    return Submission.objects.create(
        application=of, number=1, document={}, sha256="0" * 64, sent_at=timezone.now()
    )


def review() -> Review:
    """Return a draft with which nothing would be missing."""
    reads = assignment()
    return Review.objects.create(
        assignment=reads,
        filed_at=timezone.now(),
        total=Decimal("3.50"),
        submission=version(reads.application),
    )


def score(of: Review | None = None) -> Score:
    """Return the points for one criterion."""
    held = of or review()
    criterion = CriterionFactory(call=held.assignment.application.call)
    return Score.objects.create(review=held, criterion=criterion, step=3)


def trial(call: Call | None = None) -> SelectionList:
    """Return a list."""
    name = f"Liste {SelectionList.objects.count()}"
    return SelectionList.objects.create(call=call or CallFactory(), name=name)


def entry(on: SelectionList | None = None, **fields: Any) -> ListEntry:
    """Return what a list makes of an application."""
    held = on or trial()
    values = {"selection_list": held, "outcome": "chosen"}
    return ListEntry.objects.create(application=application(held.call), **{**values, **fields})


def session(call: Call | None = None, **fields: Any) -> SelectionSession:
    """Return a session that was decided, with a list and a record."""
    chosen = trial(call)
    values: Fields = {
        "call": chosen.call,
        "number": SelectionSession.objects.filter(call=chosen.call).count() + 1,
        "state": SessionState.DECIDED,
        "held_on": timezone.localdate(),
        "recommended_list": chosen,
        "recommended_at": timezone.now(),
        "decided_list": chosen,
        "decided_at": timezone.now(),
        "sha256": "0" * 64,
    }
    return SelectionSession.objects.create(**{**values, **fields})


def participant(at: SelectionSession | None = None, name: str = "A. Muster") -> Any:
    """Return somebody who was present."""
    return SessionParticipant.objects.create(session=at or session(), name=name)


def decision(at: SelectionSession | None = None, **fields: Any) -> Decision:
    """Return what was decided about an application."""
    held = at or session()
    values = {"session": held, "outcome": "accepted", "reason": "Passt."}
    return Decision.objects.create(application=application(held.call), **{**values, **fields})


def letter(at: SelectionSession | None = None, **fields: Any) -> Letter:
    """Return a draft of a letter."""
    held = at or session()
    values: Fields = {"session": held, "outcome": "accepted", "language": "de", "subject": "Platz"}
    missing = {} if "application" in fields else {"application": application(held.call)}
    return Letter.objects.create(**{**values, **missing, **fields})


def offer(**fields: Any) -> Offer:
    """Return a place whose answer is awaited."""
    held = fields.pop("letter", None) or letter()
    values = {"application": held.application, "letter": held, "due_at": timezone.now()}
    return Offer.objects.create(**{**values, **fields})


def rule(call: Call | None = None, **fields: Any) -> PairRule:
    """Return a pair that people fixed."""
    held = call or CallFactory()
    cities = {"german": application(held), "european": application(held)}
    values = {"call": held, "kind": "fixed", "reason": "Kennen sich."}
    return PairRule.objects.create(**{**values, **cities, **fields})


def pairing(call: Call | None = None, **fields: Any) -> Pairing:
    """Return a proposed pair."""
    held = call or CallFactory()
    values = {"call": held, "fit": 5_000, "due_at": timezone.now()}
    cities = {"german": application(held), "european": application(held)}
    return Pairing.objects.create(**{**values, **cities, **fields})


def consent(to: Pairing | None = None, **fields: Any) -> PairingConsent:
    """Return what the German city says to a pair."""
    held = to or pairing()
    values = {"pairing": held, "application": held.german, "answer": "agrees"}
    return PairingConsent.objects.create(**{**values, **fields})


def one(make: Any, *, refused: Fields, allowed: Fields, **fields: Any) -> Any:
    """Arrange one row."""
    return lambda: Arranged(make(**fields), refused, allowed)


def declared_twice() -> Arranged:
    """Arrange two people who declared about one application."""
    first = conflict()
    second = conflict(application=first.application)
    taken = {"person": first.person}
    return Arranged(second, taken, {**taken, "application": application()})


def assigned_twice() -> Arranged:
    """Arrange two reviewers of one application."""
    first = assignment()
    second = assignment(first.application)
    taken = {"reviewer": first.reviewer}
    return Arranged(second, taken, {**taken, "application": application()})


def scored_twice() -> Arranged:
    """Arrange the points for two criteria of one review."""
    first = score()
    second = score(first.review)
    return Arranged(second, {"criterion": first.criterion}, {"criterion": CriterionFactory()})


def listed_twice() -> Arranged:
    """Arrange two lists of one call."""
    first = trial()
    second = trial(first.call)
    return Arranged(second, {"name": first.name}, {"name": first.name, "call": CallFactory()})


def entered_twice() -> Arranged:
    """Arrange two entries of one list."""
    first = entry()
    second = entry(first.selection_list)
    taken = {"application": first.application}
    return Arranged(second, taken, {**taken, "selection_list": trial()})


def numbered_twice() -> Arranged:
    """Arrange two sessions of one call."""
    first = session()
    second = session(first.call)
    return Arranged(second, {"number": first.number}, {"number": 3})


def running_twice() -> Arranged:
    """Arrange a running session beside one that was decided."""
    first = session(state=SessionState.RECOMMENDED)
    second = session(first.call)
    return Arranged(second, {"state": "open"}, {"state": "open", "call": CallFactory()})


def corrected() -> Arranged:
    """Arrange a decision that may correct an earlier one."""
    first = session()
    second = session(first.call)
    return Arranged(
        second, {"corrects": first}, {"corrects": first, "correction_reason": "Platz vergessen."}
    )


def present_twice() -> Arranged:
    """Arrange two people at one session."""
    first = participant()
    second = participant(first.session, "B. Muster")
    return Arranged(second, {"name": first.name}, {"name": first.name, "organisation": "BBSR"})


def aside_twice() -> Arranged:
    """Arrange two cases from which one person stood aside."""
    person = participant()
    call = person.session.call
    cases = [
        StoodAside.objects.create(participant=person, application=application(call))
        for _case in range(2)
    ]
    taken = {"application": cases[0].application}
    other = participant(person.session, "B. Muster")
    return Arranged(cases[1], taken, {**taken, "participant": other})


def decided_twice() -> Arranged:
    """Arrange two decisions of one session."""
    first = decision()
    second = decision(first.session)
    taken = {"application": first.application}
    return Arranged(second, taken, {**taken, "session": session(first.session.call)})


def written_twice() -> Arranged:
    """Arrange two letters to one municipality."""
    first = letter(outcome="reserve")
    second = letter(first.session, application=first.application)
    taken = {"outcome": "reserve"}
    return Arranged(second, taken, {**taken, "session": session(first.session.call)})


def offered_twice() -> Arranged:
    """Arrange an answered offer beside one that is answered too."""
    answered = {"answered_at": timezone.now()}
    first = offer(state="confirmed", **answered)
    again = letter(session(first.letter.session.call), application=first.application)
    second = offer(letter=again, state="lapsed", **answered)
    return Arranged(second, {"state": "open"}, {"state": "declined"})


def ruled_twice() -> Arranged:
    """Arrange two rules of one German city."""
    first = rule()
    second = rule(first.call, german=first.german)
    return Arranged(second, {"european": first.european}, {"european": application(first.call)})


def paired_twice(side: str) -> Any:
    """Arrange two pairs, of which the second would take a city of the first."""

    def arrange() -> Arranged:
        first = pairing()
        second = pairing(first.call)
        taken = {side: getattr(first, side)}
        return Arranged(second, taken, {**taken, "state": "dropped"})

    return arrange


def paired_with_itself() -> Arranged:
    """Arrange a pair of two cities."""
    pair = pairing()
    return Arranged(pair, {"european": pair.german}, {"european": application(pair.call)})


def answered_twice() -> Arranged:
    """Arrange what both cities said."""
    first = consent()
    second = consent(first.pairing, application=first.pairing.european)
    return Arranged(second, {"application": first.application}, {"application": application()})


def procedure(**fields: Any) -> Procedure:
    """Return the rules of a selection."""
    return Procedure.objects.create(call=CallFactory(), **fields)


def note() -> DiscussionNote:
    """Return a note."""
    return DiscussionNote.objects.create(application=application(), text="Knapp.")


def check() -> EligibilityCheck:
    """Return the check of an application."""
    return EligibilityCheck.objects.create(application=application(), is_eligible=True)


SELECTION_CASES = [
    Case(
        "person_declares_once_about_an_application",
        "There is a declaration already.",
        declared_twice,
    ),
    Case(
        "conflict_kind_is_known",
        "Choose whether there is a conflict of interest.",
        one(
            conflict,
            kind="other",
            sentence="Patenkind.",
            refused={"kind": "envy"},
            allowed={"kind": "twinning"},
        ),
    ),
    *(
        Case(
            "conflict_is_explained",
            "Explain the conflict of interest in one sentence.",
            one(
                conflict,
                refused={"kind": kind},
                allowed={"kind": kind, "sentence": "Wir beraten die Stadt."},
            ),
        )
        for kind in ("personal", "institutional", "twinning", "other")
    ),
    Case(
        "reviewer_is_assigned_once",
        "This person reads the application already.",
        assigned_twice,
    ),
    Case(
        "review_state_is_known",
        "Choose the state of the review.",
        one(review, refused={"state": "lost"}, allowed={"state": "filed"}),
    ),
    *(
        Case(
            "filed_review_has_moment_total_and_version",
            "A filed review needs moment, total and version.",
            one(
                review,
                refused={"state": "filed", missing: None},
                allowed={"state": "draft", missing: None},
            ),
        )
        for missing in ("filed_at", "total", "submission")
    ),
    *(
        Case(
            "review_total_lies_on_the_scale",
            "The weighted mean lies between 0 and 5.",
            one(review, refused={"total": Decimal(wrong)}, allowed={"total": Decimal(right)}),
        )
        for wrong, right in (("5.01", "5.00"), ("-0.01", "0.00"))
    ),
    Case(
        "criterion_is_scored_once_in_a_review",
        "This criterion is scored already.",
        scored_twice,
    ),
    *(
        Case(
            "score_lies_on_the_scale",
            "Choose 0 to 5 points.",
            one(score, refused={"step": 6}, allowed={"step": right}),
        )
        for right in (0, 5, None)
    ),
    Case(
        "discussion_note_says_something",
        "Write the note first.",
        one(note, refused={"text": ""}, allowed={"text": "."}),
    ),
    Case(
        "ineligible_application_has_a_reason",
        "Say which condition is not met.",
        one(
            check,
            refused={"is_eligible": False},
            allowed={"is_eligible": False, "reason": "Keine Kommune."},
        ),
    ),
    Case(
        "procedure_weights_make_a_hundred",
        "The weights of the fit must add up to 100 per cent.",
        one(
            procedure,
            refused={"weight_offer": 51},
            allowed={"weight_offer": 51, "weight_type": 4},
        ),
    ),
    *(
        Case(
            "procedure_has_one_to_nine_readers",
            "Between one and nine people read an application.",
            one(procedure, refused={"readers": wrong}, allowed={"readers": right}),
        )
        for wrong, right in ((0, 1), (10, 9))
    ),
    Case(
        "procedure_lets_countries_in",
        "Allow at least one partnership with a country.",
        one(procedure, refused={"per_country": 0}, allowed={"per_country": None}),
    ),
    Case(
        "selection_list_has_its_own_name",
        "There is a list of this name. Choose another one.",
        listed_twice,
    ),
    Case(
        "application_stands_on_a_list_once",
        "This application is on the list already.",
        entered_twice,
    ),
    Case(
        "list_outcome_is_known",
        "Choose whether the application is chosen.",
        one(entry, refused={"outcome": "other"}, allowed={"outcome": "left"}),
    ),
    *(
        Case(
            f"{name}_has_a_rank_on_reserve_only",
            "A place on the reserve list has a rank, no other has.",
            one(make, outcome=outcome, rank=rank, refused=refused, allowed=allowed),
        )
        for name, make, chosen in (
            ("list_entry", entry, "chosen"),
            ("decision", decision, "accepted"),
        )
        for outcome, rank, refused, allowed in (
            (chosen, None, {"rank": 1}, {"rank": 1, "outcome": "reserve"}),
            ("reserve", 1, {"rank": None}, {"rank": None, "outcome": chosen}),
            ("reserve", 1, {"rank": 0}, {"rank": 2}),
        )
    ),
    Case(
        "selection_session_has_its_own_number",
        "There is a session of this number.",
        numbered_twice,
    ),
    Case(
        "call_has_one_running_session",
        "There is a session that is not decided yet.",
        running_twice,
    ),
    Case(
        "selection_session_state_is_known",
        "Choose the state of the session.",
        one(session, refused={"state": "lost"}, allowed={"state": "recommended"}),
    ),
    *(
        Case(
            "recommended_session_has_moment_and_list",
            "A recommendation needs moment and list.",
            one(
                session,
                state=SessionState.RECOMMENDED,
                refused={missing: None},
                allowed={missing: None, "state": "open"},
            ),
        )
        for missing in ("recommended_at", "recommended_list")
    ),
    *(
        Case(
            "decided_session_has_moment_list_and_record",
            "A decision needs moment, list and record.",
            one(session, refused=missing, allowed={**missing, "state": "recommended"}),
        )
        for missing in ({"decided_at": None}, {"decided_list": None}, {"sha256": ""})
    ),
    Case("correction_has_a_reason", "Say why the decision is corrected.", corrected),
    Case(
        "participant_is_listed_once",
        "This person is on the list already.",
        present_twice,
    ),
    Case("participant_stands_aside_once", "This is noted already.", aside_twice),
    Case(
        "session_decides_once_about_an_application",
        "This application is decided already.",
        decided_twice,
    ),
    Case(
        "decision_outcome_is_known",
        "Choose the outcome.",
        one(decision, refused={"outcome": "chosen"}, allowed={"outcome": "refused"}),
    ),
    Case(
        "decision_has_a_reason",
        "Give the reason for the decision.",
        one(decision, refused={"reason": ""}, allowed={"reason": "."}),
    ),
    Case("letter_is_written_once", "There is a letter of this kind already.", written_twice),
    *(
        Case(
            "letter_kind_and_state_are_known",
            "Choose the kind of letter and its state.",
            one(letter, released_at=timezone.now(), refused=refused, allowed=allowed),
        )
        for refused, allowed in (
            ({"outcome": "chosen"}, {"outcome": "refused"}),
            ({"state": "lost"}, {"state": "released"}),
        )
    ),
    Case(
        "letter_language_is_known",
        "Choose a language of the portal.",
        one(letter, refused={"language": "fr"}, allowed={"language": "en"}),
    ),
    Case(
        "released_letter_has_its_moment",
        "A released letter needs its moment.",
        one(
            letter,
            refused={"state": "released"},
            allowed={"state": "released", "released_at": timezone.now()},
        ),
    ),
    Case(
        "application_has_one_living_offer",
        "A place is offered to this municipality already.",
        offered_twice,
    ),
    Case(
        "offer_state_is_known",
        "Choose the state of the offer.",
        one(
            offer,
            answered_at=timezone.now(),
            refused={"state": "lost"},
            allowed={"state": "lapsed"},
        ),
    ),
    Case(
        "answered_offer_has_its_moment",
        "An answer needs its moment.",
        one(
            offer,
            refused={"state": "declined"},
            allowed={"state": "declined", "answered_at": timezone.now()},
        ),
    ),
    Case("pair_has_one_rule", "There is a rule for this pair already.", ruled_twice),
    Case(
        "pair_rule_is_known",
        "Choose whether the pair is fixed or excluded.",
        one(rule, refused={"kind": "liked"}, allowed={"kind": "forbidden"}),
    ),
    Case(
        "pair_rule_has_a_reason",
        "Give the reason for the rule.",
        one(rule, refused={"reason": ""}, allowed={"reason": "."}),
    ),
    Case(
        "german_city_has_one_partner",
        "The German municipality has a partner already.",
        paired_twice("german"),
    ),
    Case(
        "european_city_has_one_partner",
        "The European municipality has a partner already.",
        paired_twice("european"),
    ),
    Case(
        "pairing_state_is_known",
        "Choose the state of the pairing.",
        one(pairing, refused={"state": "lost"}, allowed={"state": "formed"}),
    ),
    Case(
        "pairing_fits_at_most_wholly",
        "The fit lies between 0 and 100 per cent.",
        one(pairing, refused={"fit": 10_001}, allowed={"fit": 10_000}),
    ),
    Case("pairing_has_two_cities", "A municipality is no partner of itself.", paired_with_itself),
    Case(
        "city_answers_a_pairing_once",
        "This municipality has answered already.",
        answered_twice,
    ),
    Case(
        "consent_answer_is_known",
        "Choose an answer.",
        one(
            consent,
            reason="Zu weit.",
            refused={"answer": "silence"},
            allowed={"answer": "another"},
        ),
    ),
    Case(
        "asking_for_another_partner_has_a_reason",
        "Say why another partner would fit better.",
        one(
            consent,
            refused={"answer": "another"},
            allowed={"answer": "another", "reason": "Zu weit."},
        ),
    ),
]
