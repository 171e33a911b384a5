"""The administration: for staff roles, behind the portal's own sign-in, to look things up.

Roles and invitations are changed on the portal's pages, through actions; nothing is added, changed
or deleted here.
"""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.http import HttpRequest
from post_office.models import Attachment, Email, EmailTemplate, Log

from accounts.models import Invitation, RoleAssignment, User
from calls.models import hidden_subjects
from core.models import StatusChange


class LookUp(admin.ModelAdmin):  # type: ignore[type-arg]
    """Shows rows and changes nothing."""

    ordering = ("-pk",)

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        """Allow the filters beside the list and nothing else: any other one answers questions."""
        return any(lookup in (n, f"{n}__exact", f"{n}__id__exact") for n in self.list_filter)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse; rows are written by actions."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse; rows are written by actions."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse; other records depend on them."""
        return False


@admin.register(User)
class UserAdmin(LookUp):
    list_display = ("email", "name", "language", "is_active", "date_joined", "last_login")
    search_fields = ("email", "name")
    fields = (*list_display, "time_zone")


@admin.register(RoleAssignment)
class RoleAssignmentAdmin(LookUp):
    list_display = ("user", "role", "municipality", "organisation", "since", "until")
    list_filter = ("role",)
    list_select_related = ("user", "municipality", "organisation")
    search_fields = ("user__email", "user__name")


@admin.register(Invitation)
class InvitationAdmin(LookUp):
    list_display = ("email", "role", "municipality", "organisation", "invited_at", "expires_at")
    list_filter = ("role",)
    list_select_related = ("municipality", "organisation")
    search_fields = ("email",)


@admin.register(StatusChange)
class StatusChangeAdmin(LookUp):
    list_display = ("changed_at", "content_type", "object_id", "field", "old", "new", "changed_by")
    list_filter = ("content_type", "new")
    list_select_related = ("content_type", "changed_by")

    def get_queryset(self, request: HttpRequest) -> QuerySet[StatusChange]:
        """Leave out what a conflict of interest or an own unfiled review closes to the person."""
        rows: QuerySet[StatusChange] = super().get_queryset(request)
        hidden = hidden_subjects(request.user)
        for model, kind in ContentType.objects.get_for_models(*hidden).items():
            closed = hidden[model].values("pk")
            rows = rows.exclude(content_type=kind, object_id__in=closed)
        return rows


class EmailAdmin(LookUp):
    """The queue of mails without their texts: these hold links that are for one person only."""

    # post_office's own form has a button that sends a mail again.
    change_form_template = "admin/change_form.html"
    list_display = ("created", "to", "status", "number_of_retries", "scheduled_time")
    list_filter = ("status",)
    fields = ("created", "to", "status", "number_of_retries", "scheduled_time", "last_updated")


class LogAdmin(LookUp):
    list_display = ("date", "email", "status", "exception_type", "message")
    list_filter = ("status",)
    list_select_related = ("email",)


for _model in (
    *(Attachment, Email, EmailTemplate, Log),
    *(Group, EmailAddress, Authenticator, UserSession),
    *(SocialAccount, SocialApp, SocialToken),
):
    # Libraries register pages of their own, on which people change what is not theirs.
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)
admin.site.register(Email, EmailAdmin)
admin.site.register(Log, LogAdmin)
