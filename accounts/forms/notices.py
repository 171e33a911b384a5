"""Which mails a person wants, and how soon."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.enums import PACES, Notification, Pace
from accounts.models import User
from accounts.paces import looks_after_all, pace_of
from accounts.permissions import Permission

#: Kinds that come or do not come, at a time of their own.
PLAIN = tuple(kind for kind in Notification if kind not in PACES)


class NoticesForm(forms.Form):
    """For each kind of notice how soon, for each other kind of mail whether at all."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """Show the choice so far; who reads no partnership is not asked about them."""
        super().__init__(*args, **kwargs)
        team = looks_after_all(user)
        self.paced = list(PACES) if user.has_perm(Permission.READ_WORKSPACE) else []
        choices = [(pace.value, capfirst(pace.label)) for pace in Pace]
        for kind in self.paced:
            self.fields[kind] = forms.ChoiceField(
                label=Notification(kind).label,
                choices=choices,
                initial=pace_of(user, kind, is_team=team),
            )
        if team:
            self.fields[Notification.TANDEM_PROFILE].help_text = _(
                "Even with “once a week” you are told at once when a profile is waiting for "
                "release."
            )
        self.fields["wanted"] = forms.MultipleChoiceField(
            label=_("Other e-mails I want to receive"),
            choices=[(kind.value, kind.label) for kind in PLAIN],
            initial=[kind.value for kind in PLAIN if user.wants(kind)],
            required=False,
            widget=forms.CheckboxSelectMultiple,
            help_text=_("E-mails about your account and your roles are always sent."),
        )
        self.fields["wanted"].is_unmarked = True  # type: ignore[attr-defined]  # not “(optional)”

    @property
    def wanted(self) -> list[str]:
        """Return the kinds without a pace that may come."""
        kinds: list[str] = self.cleaned_data["wanted"]
        return kinds

    @property
    def paces(self) -> dict[str, str]:
        """Return how soon the others are told, by kind."""
        return {kind: self.cleaned_data[kind] for kind in self.paced}
