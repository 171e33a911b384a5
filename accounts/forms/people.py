"""Forms about people: invitation, handover, own profile."""

from __future__ import annotations

import zoneinfo
from typing import Any

from allauth.account.forms import ResetPasswordForm, SignupForm
from django import forms
from django.conf import settings
from django.conf.locale import LANG_INFO
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils.translation import get_language, gettext, gettext_lazy as _

from accounts.enums import CITY_ROLES, READING_LANGUAGES, UserRole
from accounts.mailboxes import normalise_address
from accounts.models import Organisation, RoleAssignment, User
from accounts.permissions import Permission
from core.text import clean_text
from municipalities.models import Municipality


class InvitationForm(forms.Form):
    """Whom to invite to which role and place; offers only what the inviting person may give."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("The address at work. The invitation counts for this address alone."),
    )
    role = forms.ChoiceField(label=_("Role"))
    municipality = forms.ModelChoiceField(
        Municipality.objects.none(),
        label=_("Municipality"),
        required=False,
        help_text=_("For contact persons, deputies and colleagues."),
    )
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(),
        label=_("Organisation"),
        required=False,
        help_text=_("For all roles of the programme."),
    )
    language = forms.ChoiceField(label=_("Language of the mail"), choices=settings.LANGUAGES)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """Offer the roles and places that ``user`` may give."""
        super().__init__(*args, **kwargs)
        self.fields["language"].initial = get_language()
        everything = user.has_perm(Permission.MANAGE_PEOPLE)
        all_cities = user.has_perm(Permission.MANAGE_CITY_ROLES)
        roles = [UserRole.DEPUTY, UserRole.COLLEAGUE]
        places = Municipality.objects.filter(pk__in=own_municipalities(user))
        if all_cities:
            roles, places = [*sorted(CITY_ROLES)], Municipality.objects.all()
        if everything:
            roles = list(UserRole)
            self.fields["organisation"].queryset = Organisation.objects.all()  # type: ignore[attr-defined]
        else:
            del self.fields["organisation"]
            self.fields["municipality"].required = True
        self.fields["role"].choices = [  # type: ignore[attr-defined]
            (role, UserRole(role).label) for role in UserRole if role in roles
        ]
        self.fields["municipality"].queryset = places.by_name()  # type: ignore[attr-defined]
        if len(own := list(places[:2])) == 1:
            self.fields["municipality"].initial = own[0].pk

    def clean_email(self) -> str:
        """Return the address in its one spelling."""
        return normalise_address(self.cleaned_data["email"])

    def clean(self) -> dict[str, Any]:
        """Ask for the kind of place that the role needs."""
        data: dict[str, Any] = super().clean() or {}
        role = data.get("role")
        if role in CITY_ROLES:
            data["organisation"] = None
            if not data.get("municipality") and "municipality" not in self.errors:
                self.add_error("municipality", _("Choose the municipality of this role."))
        elif role:
            data["municipality"] = None
            if not data.get("organisation") and "organisation" not in self.errors:
                self.add_error("organisation", _("Choose the organisation of this role."))
        return data


def own_municipalities(user: User) -> set[int]:
    """Return the municipalities for which ``user`` may invite colleagues."""
    return {
        role.municipality_id
        for role in user.roles
        if role.municipality_id and user.has_perm(Permission.INVITE_COLLEAGUES, role)
    }


class SignUpForm(SignupForm):
    """allauth's form, for which one mailbox is one person, whatever the spelling."""

    def validate_unique_email(self, value: str) -> str:
        """Note that the mailbox has an account; the page says the same either way."""
        value = super().validate_unique_email(value)
        # allauth would also count what others have put in without confirming it.
        self.account_already_exists = User.objects.of_mailbox(value) is not None
        return value

    def try_save(self, request: Any) -> Any:
        """Spend on a known mailbox the time that hashing a password takes."""
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
        try:
            with transaction.atomic():
                return super().try_save(request)
        except IntegrityError:
            # Somebody was faster by a moment.
            self.account_already_exists = True
            return super().try_save(request)


class PasswordResetForm(ResetPasswordForm):
    """allauth's form, which would write to the address as typed."""

    def clean_email(self) -> str:
        """Return the one spelling, by which mails are sent and counted."""
        super().clean_email()
        return normalise_address(self.cleaned_data["email"])


class AccessForm(forms.Form):
    """What to do about a person's way in."""

    step = forms.ChoiceField(
        choices=[(step, step) for step in ("end_sessions", "block", "unblock")]
    )


class HandoverForm(forms.Form):
    """To which deputy the role goes, and what nobody wrote down."""

    successor = forms.ModelChoiceField(
        RoleAssignment.objects.none(), label=_("Deputy who takes over"), empty_label=None
    )
    note = forms.CharField(
        label=_("What nobody wrote down"),
        required=False,
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_(
            "Agreements made by word of mouth, people to know, what to look out for. The deputy "
            "receives this text by mail."
        ),
    )

    def __init__(self, *args: Any, deputies: Any, **kwargs: Any) -> None:
        """Offer the current deputies."""
        super().__init__(*args, **kwargs)
        field: Any = self.fields["successor"]
        field.queryset = deputies
        field.label_from_instance = lambda assignment: str(assignment.user)

    def clean_note(self) -> str:
        """Return the note without characters that deceive."""
        return clean_text(self.cleaned_data["note"])


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """Own name, language and time zone."""

    reads = forms.MultipleChoiceField(
        label=_("Languages in which I read applications"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("For the assignment of reviewers. None ticked: the own language and English."),
    )

    class Meta:
        model = User
        fields = ("name", "language", "time_zone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the time zones and, to who reviews, the languages."""
        super().__init__(*args, **kwargs)
        zones = sorted({*time_zones(), self.instance.time_zone})
        self.fields["time_zone"] = forms.ChoiceField(
            label=self.fields["time_zone"].label,
            choices=[(zone, zone.replace("_", " ")) for zone in zones],
            help_text=_("Times are shown in this time zone."),
        )
        self.order_fields(["name", "language", "time_zone", "reads"])
        if self.instance.is_staff:
            reads: Any = self.fields["reads"]
            reads.choices = languages_to_read()
            reads.initial = self.instance.reads
        else:
            # Municipalities assign nobody.
            del self.fields["reads"]

    def clean_name(self) -> str:
        """Return the name in one line, without characters that deceive."""
        return " ".join(clean_text(self.cleaned_data["name"]).split())


def languages_to_read() -> list[tuple[str, str]]:
    """Return the languages in which applications may be written, by name (codes of ISO 639-1)."""
    # Django knows them all but this one.
    names = {"mt": gettext("Maltese")}
    for code in READING_LANGUAGES:
        if code in LANG_INFO:
            names[code] = gettext(LANG_INFO[code]["name"])
    return sorted(names.items(), key=lambda pair: pair[1].casefold())


def time_zones() -> set[str]:
    """Return the zones that are offered: those of Europe."""
    return {zone for zone in zoneinfo.available_timezones() if zone.startswith("Europe/")}
