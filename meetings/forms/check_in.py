"""The form of a check-in: one page, answered without signing in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.text import Truncator
from django.utils.translation import gettext as _, gettext_lazy

from core.dates import day
from core.text import filled, in_language
from meetings.actions.check_in_content import Said
from meetings.enums import CheckInFate, Cooperation
from meetings.forms.commitment import one_line
from meetings.models import CheckIn, CheckInAnswer, Commitment


def named_in(data: Mapping[str, Any] | None) -> set[int]:
    """Return the commitments (primary keys) about which something was typed."""
    found = (re.fullmatch(r"fate_([0-9]{1,12})", name) for name in data or ())
    return {int(match[1]) for match in found if match}


class CheckInForm(forms.Form):
    """How the cities work together today, and what became of each commitment of the city."""

    cooperation = forms.ChoiceField(
        label=gettext_lazy("Do the cities still work together?"),
        choices=Cooperation,
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=gettext_lazy("What is left of the exchange, in a sentence?"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    may_publish = forms.BooleanField(
        label=gettext_lazy("This answer may be published"),
        required=False,
        help_text=gettext_lazy(
            "With the name of your city, never with yours. Without your consent only the cities of "
            "the partnership and the project team read your sentences."
        ),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        check_in: CheckIn,
        commitments: Iterable[Commitment],
        answers: Iterable[CheckInAnswer] = (),
    ) -> None:
        """Ask about each of the commitments; show what was answered before."""
        given = {answer.commitment_id: answer for answer in answers}
        initial = {
            "cooperation": check_in.cooperation,
            "note": check_in.note,
            "may_publish": check_in.may_publish,
        }
        super().__init__(data, initial=initial)
        self.commitments = list(commitments)
        names = ["cooperation"]
        for row in self.commitments:
            before = given.get(row.pk)
            words = {"text": in_language(row.text, row.language), "day": day(row.due_on)}
            self.fields[f"fate_{row.pk}"] = forms.ChoiceField(
                label=filled(_("%(text)s (due by %(day)s)"), words),
                choices=CheckInFate,
                widget=forms.RadioSelect,
                initial=before.fate if before else None,
            )
            short = {"text": in_language(Truncator(row.text).chars(60), row.language)}
            self.fields[f"note_{row.pk}"] = forms.CharField(
                label=filled(_("In a sentence: %(text)s"), short),
                max_length=300,
                required=False,
                initial=before.note if before else "",
                help_text=_("Needed only if it has been dropped: why?"),
            )
            names += [f"fate_{row.pk}", f"note_{row.pk}"]
        self.order_fields([*names, "note", "may_publish"])

    def clean(self) -> dict[str, Any]:
        """Put sentences into one line, and ask why something was dropped."""
        data: dict[str, Any] = super().clean() or {}
        for name in [name for name in data if name.startswith("note")]:
            data[name] = one_line(data[name])
        for row in self.commitments:
            is_dropped = data.get(f"fate_{row.pk}") == CheckInFate.DROPPED
            if (
                is_dropped
                and not data.get(f"note_{row.pk}")
                and f"note_{row.pk}" not in self.errors
            ):
                self.add_error(f"note_{row.pk}", _("Give the reason in a sentence."))
        return data

    def said(self) -> Said:
        """Return what was said, of a form without errors."""
        data = self.cleaned_data
        return Said(
            cooperation=data["cooperation"],
            fates={
                row.pk: (data[f"fate_{row.pk}"], data[f"note_{row.pk}"]) for row in self.commitments
            },
            note=data["note"],
            may_publish=data["may_publish"],
        )
