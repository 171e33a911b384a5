"""Typed readers of the process environment.

Every reader notes what is wrong instead of stopping at the first fault, so that an operator sees
the whole list at once: :meth:`Environment.refuse_if_broken` raises it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


@dataclass
class Environment:
    """Reads settings from ``values`` (normally ``os.environ``) and collects faults."""

    values: Mapping[str, str]
    faults: list[str] = field(default_factory=list)

    def text(self, name: str, default: str = "") -> str:
        """Return the variable without surrounding white space; ``NAME_FILE`` names a file instead.

        The file form keeps secrets out of process listings (as container secrets do).
        """
        path = self.values.get(f"{name}_FILE", "").strip()
        if path:
            try:
                with open(path, encoding="utf-8") as file:
                    return file.read().strip()
            except (OSError, UnicodeDecodeError) as error:
                why = error.strerror if isinstance(error, OSError) else "no text"
                self.faults.append(f"{name}_FILE: cannot read {path} ({why}).")
                return default
        return self.values.get(name, "").strip() or default

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a yes/no variable: 1, true, yes, on or 0, false, no, off."""
        raw = self.text(name).lower()
        if not raw:
            return default
        if raw in {"1", "true", "yes", "on"}:
            return True
        if raw in {"0", "false", "no", "off"}:
            return False
        self.faults.append(f"{name}: expected 1 or 0, found {raw!r}.")
        return default

    def number(self, name: str, default: int, *, least: int = 0) -> int:
        """Return a whole number of at least ``least``."""
        raw = self.text(name)
        if not raw:
            return default
        if not raw.isascii() or not raw.isdigit() or int(raw) < least:
            self.faults.append(f"{name}: expected a whole number from {least} up, found {raw!r}.")
            return default
        return int(raw)

    def names(self, name: str, default: tuple[str, ...] = ()) -> list[str]:
        """Return a comma-separated list without empty entries."""
        entries = [entry.strip() for entry in self.text(name).split(",")]
        return [entry for entry in entries if entry] or list(default)

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        """Return one of ``choices``."""
        raw = self.text(name, default)
        if raw not in choices:
            self.faults.append(f"{name}: expected one of {', '.join(choices)}, found {raw!r}.")
            return default
        return raw

    def database(self, name: str, default: str) -> dict[str, Any]:
        """Return Django's description of a database from its URL.

        ``sqlite:///relative.db``, ``sqlite:////absolute.db`` or
        ``postgres://user:password@host:port/name?sslmode=require``.
        """
        raw = self.text(name, default)
        url = parts_of(raw)
        if url.scheme == "sqlite":
            return sqlite_database(unquote(url.path[1:]) or ":memory:")
        if url.scheme in {"postgres", "postgresql"} and len(url.path) > 1:
            options = {key: values[-1] for key, values in parse_qs(url.query).items()}
            return {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": unquote(url.path[1:]),
                "USER": unquote(url.username or ""),
                "PASSWORD": unquote(url.password or ""),
                "HOST": unquote(url.hostname or "") or options.pop("host", ""),
                "PORT": str(url.port or ""),
                "CONN_MAX_AGE": 600,
                "CONN_HEALTH_CHECKS": True,
                "OPTIONS": options,
            }
        self.faults.append(
            f"{name}: expected sqlite:///path or postgres://user:password@host:port/name."
        )
        return sqlite_database(":memory:")

    def cache(self, name: str) -> dict[str, Any]:
        """Return Django's description of the shared cache.

        ``redis://host:port/0`` for several machines; without the variable the database keeps it,
        so that limits hold across the worker processes of one machine.
        """
        raw = self.text(name)
        if not raw:
            return {
                "BACKEND": "django.core.cache.backends.db.DatabaseCache",
                "LOCATION": "shared_cache",
                # Django's 300 would throw counters away as soon as many people come.
                "OPTIONS": {"MAX_ENTRIES": 200_000, "CULL_FREQUENCY": 20},
            }
        if raw == "locmem://":
            return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
        if parts_of(raw).scheme in {"redis", "rediss"}:
            return {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": raw}
        self.faults.append(f"{name}: expected redis://host:port/number.")
        return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}

    def mail(self, name: str, default: str) -> dict[str, Any]:
        """Return Django's mail settings from ``smtp://user:password@host:port``.

        ``smtps://`` speaks TLS from the start, ``smtp+tls://`` switches to TLS and refuses to go
        on without; ``console://`` prints mails.
        """
        raw = self.text(name, default)
        url = parts_of(raw)
        if url.scheme == "console":
            return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
        if url.scheme in {"smtp", "smtp+tls", "smtps"} and url.hostname:
            return {
                "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
                "EMAIL_HOST": url.hostname,
                "EMAIL_PORT": url.port or {"smtp": 25, "smtp+tls": 587, "smtps": 465}[url.scheme],
                "EMAIL_HOST_USER": unquote(url.username or ""),
                "EMAIL_HOST_PASSWORD": unquote(url.password or ""),
                "EMAIL_USE_TLS": url.scheme == "smtp+tls",
                "EMAIL_USE_SSL": url.scheme == "smtps",
                "EMAIL_TIMEOUT": 20,
            }
        self.faults.append(f"{name}: expected smtp+tls://user:password@host:port.")
        return {}

    def mailbox(self, name: str, address: str) -> dict[str, Any]:
        """Return the mailbox of a URL, for what is mailed to the variable ``address``; or nothing.

        ``imaps://user:password@host:port/folder`` speaks TLS from the start, ``imap+tls://``
        switches to TLS and refuses to go on without, ``imap://`` never does. Both variables are
        set, or none.
        """
        raw, to = self.text(name), self.text(address)
        url = parts_of(raw)
        if bool(raw) != bool(to):
            self.faults.append(f"{name}, {address}: set both or none.")
        if to and not re.fullmatch(r"[a-z0-9._-]{1,20}@[a-z0-9.-]+\.[a-z]{2,}", to.lower()):
            # With what stands behind the "+", the part before the @ sign has 64 characters at most.
            self.faults.append(f"{address}: expected name@host, with a short name, found {to!r}.")
        if not raw:
            return {}
        ports = {"imap": 143, "imap+tls": 143, "imaps": 993}
        if url.scheme not in ports or not (url.hostname and url.username and url.password):
            self.faults.append(f"{name}: expected imaps://user:password@host:port/folder.")
            return {}
        return {
            "host": url.hostname,
            "port": url.port or ports[url.scheme],
            "security": {"imap": "none", "imap+tls": "starttls", "imaps": "tls"}[url.scheme],
            "user": unquote(url.username),
            "password": unquote(url.password),
            "folder": unquote(url.path[1:]) or "INBOX",
        }

    def scanner(self, name: str) -> str:
        """Return the address of a virus scanner, ``tcp://host:port`` or ``unix:///path``."""
        raw = self.text(name)
        url = parts_of(raw)
        if not raw or (url.scheme == "tcp" and url.hostname):
            return raw
        if url.scheme == "unix" and not url.netloc and re.match("/.", url.path):
            return raw
        self.faults.append(f"{name}: expected tcp://host:port or unix:///path.")
        return ""

    def identity_providers(self, name: str) -> list[dict[str, Any]]:
        """Return the providers whose names the variable lists, as allauth describes them.

        Each has its own variables: ``OIDC_<NAME>_ISSUER``, ``_CLIENT_ID``, ``_CLIENT_SECRET``,
        ``_ORGANISATIONS`` (slugs whose staff it signs in) and, if wanted, ``_LABEL``, ``_GROUP``
        (a value that the claim ``groups`` must hold) and ``_FORM_ORIGINS`` (further addresses that
        its sign-in leads to).
        """
        return [self.identity_provider(key) for key in dict.fromkeys(self.names(name))]

    def identity_provider(self, key: str) -> dict[str, Any]:
        """Return one provider; a variable that is missing or no safe address is a fault."""
        prefix = f"OIDC_{key.upper().replace('-', '_')}"
        if not re.fullmatch(r"[a-z][a-z0-9-]{0,29}", key):
            self.faults.append(f"OIDC_PROVIDERS: expected names like «bbsr», found {key!r}.")
        for part in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET", "ORGANISATIONS"):
            if not self.text(f"{prefix}_{part}"):
                self.faults.append(f"{prefix}_{part}: must be set for this provider.")
        issuer = self.text(f"{prefix}_ISSUER")
        parts = parts_of(issuer)
        local = parts.hostname in {"localhost", "127.0.0.1", "::1"}
        if issuer and not (parts.hostname and parts.scheme == ("http" if local else "https")):
            self.faults.append(f"{prefix}_ISSUER: expected https://host/path.")
        return {
            "provider_id": key,
            "name": self.text(f"{prefix}_LABEL", key),
            "client_id": self.text(f"{prefix}_CLIENT_ID"),
            "secret": self.text(f"{prefix}_CLIENT_SECRET"),
            "settings": {
                "server_url": issuer.rstrip("/"),
                "issuer": issuer,
                "oauth_pkce_enabled": True,
                "organisations": self.names(f"{prefix}_ORGANISATIONS"),
                "group": self.text(f"{prefix}_GROUP"),
                "form_origins": [
                    f"{parts.scheme}://{parts.netloc}",
                    *self.names(f"{prefix}_FORM_ORIGINS"),
                ],
            },
        }

    def require(self, *names: str) -> None:
        """Note each variable that is not set."""
        self.faults.extend(
            f"{name}: must be set in production."
            for name in names
            if not self.text(name).strip(" ,")
        )

    def refuse_if_broken(self) -> None:
        """Raise :class:`ImproperlyConfigured` with all faults found so far."""
        if self.faults:
            # A variable may be read more than once; its fault is told once.
            listing = "\n".join(f"- {fault}" for fault in dict.fromkeys(self.faults))
            raise ImproperlyConfigured(f"The configuration is incomplete or wrong:\n{listing}")


def parts_of(address: str) -> SplitResult:
    """Return the parts of an address; of one that cannot be read, none."""
    try:
        parts = urlsplit(address)
        _ = parts.port  # refuses what is no port number
    except ValueError:
        return urlsplit("")
    return parts


def sqlite_database(name: str) -> dict[str, Any]:
    """Return an SQLite description that several processes can write to.

    WAL lets readers go on beside one writer; ``IMMEDIATE`` takes the write lock at the start of a
    transaction, so that writers wait (``timeout``, seconds) instead of failing half-way.
    """
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": name,
        "CONN_MAX_AGE": 600,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA foreign_keys=ON;"
            ),
        },
    }
