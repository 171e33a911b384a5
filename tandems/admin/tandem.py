"""What the project team does with partnerships in the administration."""

from __future__ import annotations

from django.contrib import admin
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission
from calls.admin.pages import PagesAdmin
from tandems.admin import forming, overview, releases
from tandems.models import ProfileVersion, Tandem


@admin.register(Tandem)
class TandemAdmin(PagesAdmin):
    """Partnerships are formed and begun here, and looked after; what they say is their own."""

    permission = Permission.CHANGE_MEMBERSHIP
    pages = (
        ("", "changelist", require_safe(forming.index)),
        ("form/<int:pk>/", "form", require_http_methods(["GET", "HEAD", "POST"])(forming.form)),
        ("<int:pk>/begin/", "begin", require_POST(forming.begin)),
        ("overview/", "overview", require_safe(overview.index)),
    )


@admin.register(ProfileVersion)
class ProfileVersionAdmin(PagesAdmin):
    """Profiles that wait for their release."""

    permission = Permission.RELEASE_PROFILE
    pages = (("", "changelist", require_safe(releases.index)),)
