"""Letters and offers in the administration: drafted, checked, released, answered."""

from __future__ import annotations

from django.contrib import admin
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Permission
from calls.admin import letter_list, letter_page, offering, releasing
from calls.admin.pages import PagesAdmin
from calls.models import Letter
from calls.views.asking import form_page


@admin.register(Letter)
class LetterAdmin(PagesAdmin):
    """Letters are drafted and edited by the team, and released by BBSR."""

    permission = Permission.PREPARE_SELECTION
    pages = (
        ("", "changelist", require_safe(letter_list.index)),
        ("<slug:slug>/", "letters", require_safe(letter_list.letters)),
        ("<slug:slug>/draft/", "draft", require_POST(letter_list.draft)),
        ("<slug:slug>/release/", "release", form_page(releasing.release)),
        ("<slug:slug>/offers/", "offers", require_safe(offering.offers)),
        ("<slug:slug>/offers/next/", "next_offer", require_POST(offering.propose)),
        ("<slug:slug>/<int:pk>/", "letter", form_page(letter_page.letter)),
    )
