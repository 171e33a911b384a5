"""Everything that the portal holds about a person, as plain data."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.utils.module_loading import import_string

from accounts.models import DirectoryEntry, Invitation
from core.models import StatusChange


def data_of(user: Any) -> dict[str, Any]:
    """Return the person's data: account, addresses, factors, sessions, roles, what they changed.

    Secrets (password, second factors) are named but not given out.
    """
    changes = StatusChange.objects.filter(changed_by=user).select_related("content_type")
    return {
        "account": {
            "email": user.email,
            "name": user.name,
            "language": user.language,
            "time_zone": user.time_zone,
            "languages_read": user.reads,
            "mails_not_wanted": user.muted,
            "how_soon_mails_are_wanted": user.paces,
            "digest_sent_at": user.digest_sent_at and user.digest_sent_at.isoformat(),
            "summary_sent_at": user.summary_sent_at and user.summary_sent_at.isoformat(),
            "erasure_announced_at": user.erasure_announced_at
            and user.erasure_announced_at.isoformat(),
            "joined_at": user.date_joined.isoformat(),
            "last_login": user.last_login.isoformat() if user.last_login else None,
        },
        "addresses": [
            {"email": row.email, "verified": row.verified, "primary": row.primary}
            for row in EmailAddress.objects.filter(user=user)
        ],
        "second_factors": [
            {"type": row.type, "created_at": row.created_at.isoformat()}
            for row in Authenticator.objects.filter(user=user)
        ],
        "identities": [
            {"provider": row.provider, "connected_at": row.date_joined.isoformat()}
            for row in SocialAccount.objects.filter(user=user)
        ],
        "sessions": [
            {"ip": row.ip, "browser": row.user_agent, "created_at": row.created_at.isoformat()}
            for row in UserSession.objects.filter(user=user)
        ],
        "roles": [
            {
                "role": row.role,
                "place": str(row.place),
                "since": row.since.isoformat(),
                "until": row.until.isoformat() if row.until else None,
            }
            for row in user.role_assignments.with_places()
        ],
        "directory_entry": entry_of(user),
        **{name: import_string(path)(user) for name, path in settings.DATA_OF_PEOPLE.items()},
        "invitations": [
            {"role": row.role, "place": str(row.place), "invited_at": row.invited_at.isoformat()}
            for row in Invitation.objects.to_mailbox(user.email).select_related(
                "municipality", "organisation"
            )
        ],
        "changes": [
            {
                "what": row.content_type.model,
                "field": row.field,
                "old": row.old,
                "new": row.new,
                "note": row.note,
                "at": row.changed_at.isoformat(),
            }
            for row in changes
        ],
    }


def entry_of(user: Any) -> dict[str, Any] | None:
    """Return the person's entry in the directory, with the consent that it rests on."""
    entry = DirectoryEntry.objects.filter(user=user).first()
    if entry is None:
        return None
    return {
        "office": entry.office,
        "works_on": entry.works_on,
        "topics": sorted(entry.topics.values_list("key", flat=True)),
        "languages": entry.languages,
        "shows_address": entry.shows_address,
        "consent": entry.consent,
        "consented_at": entry.consented_at.isoformat(),
        "changed_at": entry.changed_at.isoformat(),
    }


def count_sessions(user: Any) -> int:
    """Return how many sessions a person has; what is over is forgotten on the way."""
    return len(UserSession.objects.purge_and_list(user))
