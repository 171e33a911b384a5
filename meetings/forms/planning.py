"""The form in which a meeting is planned, and those that say where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from calls.enums import language_choices
from calls.forms.application import LineField
from core.models import is_web_address
from core.text import clean_text
from meetings.actions.plan_content import LABELS, PlanContent
from meetings.enums import PLANNED_KINDS, MeetingFormat, MeetingKind
from meetings.forms.inputs import zone_choices
from meetings.forms.when import OPEN, WhenForm, initial_date
from municipalities.enums import Country
from municipalities.models import Municipality, Topic
from municipalities.queries import country_choices
from tandems.models import Tandem

NETWORK, CHOSEN = "network", "chosen"
#: Heading → the fields that stand below it.
PARTS = (
    (
        _("What it is about"),
        ("reach", "partnerships", "kind", "title_de", "title_en"),
        ("description_de", "description_en", "topics", "language"),
    ),
    (_("When"), ("when", "first_day", "start_time"), ("last_day", "end_time", "time_zone")),
    (
        _("Where"),
        ("format", "host", "place", "address", "country", "access_notes_de", "access_notes_en"),
        ("remote_link", "remote_note"),
    ),
    (_("Who takes part"), ("participants",), ()),
)
AREA = {"rows": 4}


class PlanForm(WhenForm):
    """What a meeting is about, when and where it takes place, and who takes part."""

    kind = forms.ChoiceField(label=LABELS["kind"])
    title_de = LineField(
        label=LABELS["title_de"],
        max_length=200,
        required=False,
        help_text=_(
            "One of the two titles is enough for planning; before it becomes public, the meeting "
            "should have both."
        ),
    )
    title_en = LineField(label=LABELS["title_en"], max_length=200, required=False)
    description_de = forms.CharField(
        label=LABELS["description_de"],
        max_length=4_000,
        required=False,
        widget=forms.Textarea(AREA),
        help_text=_("In a few sentences. After the announcement everybody can read it."),
    )
    description_en = forms.CharField(
        label=LABELS["description_en"],
        max_length=4_000,
        required=False,
        widget=forms.Textarea(AREA),
    )
    topics = forms.ModelMultipleChoiceField(
        Topic.objects.none(),
        label=LABELS["topics"],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    language = forms.ChoiceField(label=LABELS["language"], required=False)
    format = forms.ChoiceField(
        label=LABELS["format"],
        choices=MeetingFormat,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose whether people meet on site, online or both.")},
    )
    host = forms.ModelChoiceField(
        Municipality.objects.none(), label=LABELS["host"], required=False, empty_label="–"
    )
    place = LineField(
        label=LABELS["place"],
        max_length=200,
        required=False,
        help_text=_(
            "Building and town. Needed on site before you invite anybody or announce the meeting."
        ),
    )
    address = LineField(
        label=LABELS["address"],
        max_length=300,
        required=False,
        help_text=_("After the announcement everybody can read it."),
    )
    country = forms.ChoiceField(
        label=LABELS["country"],
        required=False,
        help_text=_("If you leave this empty, it is the country of the host."),
    )
    access_notes_de = LineField(
        label=LABELS["access_notes_de"],
        max_length=500,
        required=False,
        help_text=_(
            "Train or bus stop, entrance without steps, induction loop, interpreting. No door "
            "codes: after the announcement everybody can read it."
        ),
    )
    access_notes_en = LineField(label=LABELS["access_notes_en"], max_length=500, required=False)
    remote_link = forms.URLField(
        label=LABELS["remote_link"],
        max_length=500,
        required=False,
        assume_scheme="https",
        help_text=_("Only those who take part can see it; it is never public."),
    )
    remote_note = LineField(
        label=LABELS["remote_note"],
        max_length=300,
        required=False,
        help_text=_("Telephone number, meeting number, password. Only for those who take part."),
    )
    participants = forms.ModelMultipleChoiceField(
        Municipality.objects.none(),
        label=LABELS["participants"],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("If you choose none, all that meet take part."),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        cities: Any,
        topics: Any,
        zones: Iterable[str],
        content: PlanContent | None = None,
        partnerships: Any = None,
    ) -> None:
        """Offer cities, topics and zones (those of the cities first); show what is stored.

        ``partnerships`` may join in, where the project team asks.
        """
        clocks = [*zones, content.when.time_zone if content else ""]
        super().__init__(data, initial=initial_of(content, cities, clocks))
        self.stored = content
        self.stored_date = content.when if content else None
        fields: Any = self.fields
        kinds = dict.fromkeys([*PLANNED_KINDS, *([MeetingKind(content.kind)] if content else [])])
        fields["kind"].choices = [(kind.value, kind.label) for kind in kinds]
        fields["language"].choices = [("", "–"), *language_choices(("de", "en"))]
        fields["country"].choices = [("", "–"), *country_choices(Country.values)]
        fields["time_zone"].choices = zone_choices(clocks)
        fields["topics"].queryset = topics
        fields["host"].queryset = fields["participants"].queryset = cities
        for name in ("title_de", "title_en", "first_day", "start_time", "last_day", "end_time"):
            fields[name].is_unmarked = True
        if partnerships is not None:
            fields["partnerships"] = partnerships_field(partnerships)
            fields["partnerships"].is_unmarked = True
        for name in ("topics", "participants"):
            # Nothing to choose from says nothing.
            if not fields[name].queryset:
                del fields[name]

    @property
    def parts(self) -> list[tuple[Any, list[Any]]]:
        """Return the fields below their headings."""
        found = [
            (label, [self[name] for name in (*first, *more) if name in self.fields])
            for label, first, more in PARTS
        ]
        return [(label, bound) for label, bound in found if bound]

    def clean_remote_link(self) -> str:
        """Return an address that a browser opens."""
        link: str = self.cleaned_data["remote_link"]
        if link and not is_web_address(link):
            raise ValidationError(_("Enter an address that begins with https://."))
        return link

    def clean(self) -> dict[str, Any]:
        """Ask for a title in one language, and for what the kind of date needs."""
        data = super().clean()
        for name in ("description_de", "description_en"):
            data[name] = clean_text(data.get(name, ""))
        if not (data.get("title_de") or data.get("title_en")) and not (
            {"title_de", "title_en"} & set(self.errors)
        ):
            self.add_error("title_de", _("Give the title in at least one language."))
        return data

    def content(self) -> PlanContent:
        """Return what was typed, of a form without errors; what it does not ask stays."""
        data = self.cleaned_data
        host = data["host"]
        keys: dict[str, Any] = {
            name: tuple(sorted(row.pk for row in data[name]))
            if name in self.fields
            else getattr(self.stored, name, ())
            for name in ("topics", "participants", "partnerships")
        }
        abroad = host and data["format"] != MeetingFormat.VIRTUAL
        names = set(LABELS) - {*keys, "when", "host", "country"}
        values: dict[str, Any] = {name: data[name] for name in names}
        return PlanContent(
            **values,
            **keys,
            when=data["date"],
            host=host and host.pk,
            country=data["country"] or (host.country if abroad else ""),
        )


def partnerships_field(rows: Any) -> Any:
    """Return the field in which the project team chooses who meets."""
    return forms.ModelMultipleChoiceField(
        rows,
        label=LABELS["partnerships"],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "The municipalities of each partnership can then see this meeting’s internal pages."
        ),
    )


def initial_of(content: PlanContent | None, cities: Any, zones: Iterable[str]) -> dict[str, Any]:
    """Return what the form shows; a new meeting begins with all cities that meet."""
    zone = next((zone for zone in zones if zone), "Europe/Berlin")
    if content is None:
        return {
            "participants": [city.pk for city in cities],
            "time_zone": zone,
            "kind": MeetingKind.WORKING_MEETING,
            "when": OPEN,
        }
    return {
        **{name: getattr(content, name) for name in LABELS if name != "when"},
        **initial_date(content.when, zone),
    }


class TeamPlanForm(PlanForm):
    """A meeting that the project team plans for partnerships of its choice, or for all."""

    reach = forms.ChoiceField(
        label=_("Who meets?"),
        choices=((NETWORK, _("the whole network")), (CHOSEN, _("the partnerships chosen below"))),
        widget=forms.RadioSelect,
        help_text=_(
            "If you choose one partnership, its cities lead the meeting. You lead meetings of "
            "several partnerships and of the whole network."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Let nobody take part by name yet: that follows from who meets."""
        super().__init__(*args, **kwargs)
        self.fields.pop("participants", None)

    def clean(self) -> dict[str, Any]:
        """Ask for the partnerships where not all meet."""
        data = super().clean()
        if data.get("reach") == CHOSEN and not data.get("partnerships"):
            if "partnerships" not in self.errors:
                self.add_error("partnerships", _("Choose at least one partnership."))
        elif data.get("reach") == NETWORK and data.get("partnerships"):
            told = _("Clear this, or choose above that only these partnerships meet.")
            self.add_error("partnerships", told)
        return data

    @property
    def tandem(self) -> Tandem | None:
        """Return the partnership that leads the meeting: the only one that meets."""
        chosen = list(self.cleaned_data["partnerships"])
        return chosen[0] if len(chosen) == 1 else None

    def content(self) -> PlanContent:
        """Return what was typed; one partnership meets alone."""
        content = super().content()
        return content if self.tandem is None else replace(content, partnerships=())
