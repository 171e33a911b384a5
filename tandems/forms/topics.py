"""Forms about the topics of a partnership and their guests."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Case, QuerySet, Value, When
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy as _

from calls.forms.application import LineField
from municipalities.models import Municipality, Topic
from tandems.actions.topics import LABELS, TopicContent
from tandems.enums import LearningStage
from tandems.forms.forming import DayInput
from tandems.forms.sources import SourcesField
from tandems.models import Tandem

MUTUAL, DIRECTED, OPEN = "mutual", "directed", "open"
DIRECTIONS = (
    (DIRECTED, _("One municipality gives, another one seeks")),
    (MUTUAL, _("Both give and seek")),
    (OPEN, _("Open or not documented")),
)
#: More addresses than these nobody follows.


class PlaceField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A municipality, named with its country."""

    def label_from_instance(self, obj: Any) -> str:
        """Return the name with the code of the country."""
        return f"{obj} ({obj.country})"


class TopicForm(forms.Form):
    """What the partnership works on, who gives, who seeks and how far it has come."""

    topic = forms.ModelChoiceField(
        Topic.objects.none(), label=LABELS["topic"], required=False, empty_label=_("None of these")
    )
    focus_de = LineField(
        label=LABELS["focus_de"],
        max_length=200,
        required=False,
        help_text=_("What precisely you work on, in a few words."),
    )
    focus_en = LineField(label=LABELS["focus_en"], max_length=200, required=False)
    direction = forms.ChoiceField(
        label=LABELS["direction"], choices=DIRECTIONS, widget=forms.RadioSelect
    )
    giver = PlaceField(
        Municipality.objects.none(),
        label=_("Gives"),
        required=False,
        empty_label="–",
        help_text=_(
            "Only if one gives and another seeks. The one that gives may also come from "
            "outside the partnership."
        ),
    )
    seeker = PlaceField(
        Municipality.objects.none(), label=_("Seeks"), required=False, empty_label="–"
    )
    stage = forms.ChoiceField(label=LABELS["stage"], choices=LearningStage)
    sources = SourcesField(
        label=LABELS["sources"],
        help_text=_("Web addresses that document it, one in each line."),
    )

    def __init__(
        self, data: Any = None, *, tandem: Tandem, content: TopicContent | None = None
    ) -> None:
        """Offer the municipalities of the partnership; show what is stored."""
        super().__init__(data, initial=initial_of(content))
        for name in ("giver", "seeker"):
            self.fields[name].is_unmarked = True  # type: ignore[attr-defined]
        own = set(tandem.members.values_list("municipality", flat=True))
        kept = set(content.direction[1:]) - {None} if content else set()
        fields: Any = self.fields
        fields["topic"].queryset = Topic.objects.order_by(f"name_{get_language() or 'de'}", "pk")
        fields["giver"].queryset = places(own, own | kept, everywhere=True)
        fields["seeker"].queryset = places(own, own | kept)

    def clean(self) -> dict[str, Any]:
        """Ask for both municipalities where one gives and the other seeks, else for neither."""
        data: dict[str, Any] = super().clean() or {}
        about = ("topic", "focus_de", "focus_en")
        if not any(data.get(name) or name in self.errors for name in about):
            self.add_error("topic", _("Name the field of action or the specific focus."))
        direction = data.get("direction")
        for name in ("giver", "seeker"):
            if direction == DIRECTED and not data.get(name) and name not in self.errors:
                self.add_error(name, _("Please choose a municipality."))
            elif direction in {MUTUAL, OPEN} and data.get(name):
                told = _("Leave this empty, or choose above that one gives and another one seeks.")
                self.add_error(name, told)
        giver = data.get("giver")
        if giver and giver == data.get("seeker") and direction == DIRECTED:
            self.add_error("seeker", _("A municipality cannot seek from itself."))
        return data

    def content(self) -> TopicContent:
        """Return what was typed, of a form without errors."""
        data = self.cleaned_data
        return TopicContent(
            topic=data["topic"] and data["topic"].pk,
            focus_de=data["focus_de"],
            focus_en=data["focus_en"],
            direction=(
                data["direction"] == MUTUAL,
                data["giver"] and data["giver"].pk,
                data["seeker"] and data["seeker"].pk,
            ),
            stage=data["stage"],
            sources=data["sources"],
        )


def initial_of(content: TopicContent | None) -> dict[str, Any]:
    """Return what the form shows of a topic; a new one begins with nothing but its stage."""
    if content is None:
        return {"stage": LearningStage.INTEREST}
    is_mutual, giver, seeker = content.direction
    return {
        "topic": content.topic,
        "focus_de": content.focus_de,
        "focus_en": content.focus_en,
        "direction": MUTUAL if is_mutual else DIRECTED if giver else OPEN,
        "giver": giver,
        "seeker": seeker,
        "stage": content.stage,
        "sources": content.sources,
    }


def places(first: set[int], known: set[Any], *, everywhere: bool = False) -> QuerySet[Municipality]:
    """Return the municipalities of the partnership, then (``everywhere``) all others, by name."""
    rows = Municipality.objects.filter(pk__in=known)
    if everywhere:
        rows = rows | Municipality.objects.visible_to()
    place = Case(When(pk__in=first, then=Value(0)), default=Value(1))
    return rows.for_lists().order_by(place, f"name_{get_language() or 'de'}", "pk")


class EndTopicForm(forms.Form):
    """Until when the partnership worked on a topic."""

    ended_on = forms.DateField(label=_("Worked on until"), widget=DayInput)

    def __init__(self, data: Any = None) -> None:
        """Propose today."""
        super().__init__(data, initial={"ended_on": timezone.localdate()})


class ResumeForm(forms.Form):
    """That the partnership works on a topic again: the button says everything."""


class TopicGuestForm(forms.Form):
    """Which municipality outside the partnership may read a topic, and how long."""

    municipality = PlaceField(
        Municipality.objects.none(),
        label=_("Municipality"),
        empty_label=_("Please choose"),
        help_text=_(
            "Its officers can see this topic and its documents, and nothing else of your "
            "partnership."
        ),
        error_messages={
            "invalid_choice": _("Choose a municipality that does not belong to your partnership.")
        },
    )
    until = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=DayInput,
        help_text=_("If you leave this empty, guest access lasts until you end it."),
    )

    def __init__(self, data: Any = None, *, choices: QuerySet[Municipality]) -> None:
        """Offer the municipalities that may come as guests."""
        super().__init__(data)
        self.fields["municipality"].queryset = choices  # type: ignore[attr-defined]


class EndGuestForm(forms.Form):
    """When the stay of a guest ends."""

    until = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=DayInput,
        help_text=_("If you leave this empty, guest access ends at once."),
    )
