"""The review desk in the administration: reading, scoring and discussing applications."""

from __future__ import annotations

from django.contrib import admin
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission
from calls.admin import review_conflict, review_list, review_others, review_page
from calls.admin.pages import PagesAdmin
from calls.models import Review

form_page = require_http_methods(["GET", "HEAD", "POST"])


@admin.register(Review)
class ReviewAdmin(PagesAdmin):
    """What a person is to review; each page asks itself what of an application it may show."""

    permission = Permission.SCORE
    pages = (
        ("", "changelist", require_safe(review_list.index)),
        ("<uuid:key>/", "detail", form_page(review_page.detail)),
        ("<uuid:key>/file/", "file", form_page(review_page.file)),
        ("<uuid:key>/conflict/", "conflict", form_page(review_conflict.declare)),
        ("<uuid:key>/conflict/<int:pk>/lift/", "lift", form_page(review_conflict.lift)),
        ("<uuid:key>/reviews/", "reviews", require_safe(review_others.reviews)),
        ("<uuid:key>/reviews/<int:pk>/reopen/", "reopen", form_page(review_others.reopen)),
        ("<uuid:key>/note/", "note", require_POST(review_others.note)),
    )
