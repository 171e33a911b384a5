"""Settings in a process of their own: what refuses to start, what starts, and with which values."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEADLINE = "django.core.exceptions.ImproperlyConfigured: The configuration is incomplete or wrong:"
PRODUCTION = {
    "DJANGO_ENV": "production",
    "SECRET_KEY": "k3y-Of-This-Test-".join("0123456789"),
    "ALLOWED_HOSTS": "portal.example,www.portal.example",
    "DATABASE_URL": "sqlite:///",
    "EMAIL_URL": "smtp+tls://portal:secret@mail.example",
}
SCANNED = {"UPLOAD_MAX_MEGABYTES": "25", "CLAMAV_URL": "tcp://clamd:3310"}
PRINT = """
import json, sys
import django
django.setup()
from django.conf import settings
print(json.dumps({name: getattr(settings, name, None) for name in sys.argv[1:]}))
"""


def python(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python here with these variables alone."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "vernetzt.settings",
            "PYTHONDONTWRITEBYTECODE": "1",
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def settings(environment: dict[str, str], *names: str) -> dict[str, object]:
    """Return the named settings of a process that starts with these variables."""
    run = python(environment, "-c", PRINT, *names)
    assert (run.returncode, run.stderr) == (0, "")
    values: dict[str, object] = json.loads(run.stdout)
    return values


def faults(environment: dict[str, str]) -> list[str]:
    """Return what a process says that refuses to start with these variables."""
    run = python(environment, "-c", "import django; django.setup()")
    assert (run.returncode, run.stdout) == (1, "")
    lines = run.stderr.splitlines()
    return lines[lines.index(HEADLINE) + 1 :]


def test_production_with_nothing_set_refuses_and_lists_all():
    assert faults({"DJANGO_ENV": "production"}) == [
        "- SECRET_KEY: must be set in production.",
        "- ALLOWED_HOSTS: must be set in production.",
        "- DATABASE_URL: must be set in production.",
        "- EMAIL_URL: must be set in production.",
    ]


def test_production_without_one_variable_names_it():
    environment = {key: value for key, value in PRODUCTION.items() if key != "DATABASE_URL"}

    assert faults(environment) == ["- DATABASE_URL: must be set in production."]


def test_production_without_a_single_host_refuses():
    assert faults({**PRODUCTION, "ALLOWED_HOSTS": " , "}) == [
        "- ALLOWED_HOSTS: must be set in production."
    ]


def test_production_with_a_short_secret_refuses():
    assert faults({**PRODUCTION, "SECRET_KEY": "x" * 49}) == [
        "- SECRET_KEY: needs at least 50 random characters."
    ]


def test_wrong_values_are_all_told_at_once():
    wrong = {"DJANGO_ENV": "prod", "DEBUG": "perhaps", "PORT": "0", "LOG_LEVEL": "LOUD"}

    assert faults(wrong) == [
        "- DJANGO_ENV: expected one of demo, test, production, found 'prod'.",
        "- DEBUG: expected 1 or 0, found 'perhaps'.",
        "- PORT: expected a whole number from 1 up, found '0'.",
        "- LOG_LEVEL: expected one of DEBUG, INFO, WARNING, ERROR, found 'LOUD'.",
    ]


def test_production_starts_with_everything_set():
    found = settings(
        PRODUCTION,
        "DEBUG",
        "SECRET_KEY",
        "ALLOWED_HOSTS",
        "PUBLIC_URL",
        "CSRF_TRUSTED_ORIGINS",
        "SITE_INDEXABLE",
        "EMAIL_HOST",
        "EMAIL_USE_TLS",
        "SECURE_PROXY_SSL_HEADER",
    )

    assert found == {
        "DEBUG": False,
        "SECRET_KEY": PRODUCTION["SECRET_KEY"],
        "ALLOWED_HOSTS": ["portal.example", "www.portal.example"],
        "PUBLIC_URL": "https://portal.example",
        "CSRF_TRUSTED_ORIGINS": ["https://portal.example"],
        "SITE_INDEXABLE": True,
        "EMAIL_HOST": "mail.example",
        "EMAIL_USE_TLS": True,
        "SECURE_PROXY_SSL_HEADER": None,
    }


def test_production_protects_cookies_and_transport():
    found = settings(
        PRODUCTION,
        "SESSION_COOKIE_NAME",
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_NAME",
        "CSRF_COOKIE_SECURE",
        "CSRF_COOKIE_HTTPONLY",
        "SECURE_HSTS_SECONDS",
        "SECURE_HSTS_INCLUDE_SUBDOMAINS",
    )

    assert found == {
        "SESSION_COOKIE_NAME": "__Host-session",
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_NAME": "__Host-csrf",
        "CSRF_COOKIE_SECURE": True,
        "CSRF_COOKIE_HTTPONLY": True,
        "SECURE_HSTS_SECONDS": 63_072_000,
        "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
    }


def test_production_reads_secrets_from_files(tmp_path):
    secret = tmp_path / "secret_key"
    secret.write_text("f" * 50 + "\n", encoding="utf-8")
    environment = {key: value for key, value in PRODUCTION.items() if key != "SECRET_KEY"}

    found = settings({**environment, "SECRET_KEY_FILE": str(secret)}, "SECRET_KEY")

    assert found == {"SECRET_KEY": "f" * 50}


def test_production_without_its_secret_file_names_it_once(tmp_path):
    path = tmp_path / "absent"
    environment = {key: value for key, value in PRODUCTION.items() if key != "SECRET_KEY"}

    told = faults({**environment, "SECRET_KEY_FILE": str(path)})

    assert told == [
        f"- SECRET_KEY_FILE: cannot read {path} (No such file or directory).",
        "- SECRET_KEY: must be set in production.",
    ]


def test_production_ignores_debug():
    assert settings({**PRODUCTION, "DEBUG": "1"}, "DEBUG") == {"DEBUG": False}


def test_production_believes_a_proxy_only_when_told():
    found = settings({**PRODUCTION, "TRUSTED_PROXY_COUNT": "1"}, "SECURE_PROXY_SSL_HEADER")

    assert found == {"SECURE_PROXY_SSL_HEADER": ["HTTP_X_FORWARDED_PROTO", "https"]}


def test_production_that_shows_the_demo_is_not_indexed():
    found = settings({**PRODUCTION, "DEMO": "1"}, "DEMO", "SITE_INDEXABLE")

    assert found == {"DEMO": True, "SITE_INDEXABLE": False}


def test_production_passes_the_deployment_check():
    run = python(PRODUCTION, "manage.py", "check", "--deploy", "--fail-level", "WARNING")

    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout == "System check identified no issues (1 silenced).\n"


def test_demo_starts_with_nothing_set():
    found = settings(
        {},
        "DJANGO_ENV",
        "DEMO",
        "DEBUG",
        "ALLOWED_HOSTS",
        "PUBLIC_URL",
        "SITE_INDEXABLE",
        "SECURE_HSTS_SECONDS",
        "EMAIL_BACKEND",
        "DATABASES",
    )

    database = found.pop("DATABASES")["default"]
    assert (database["ENGINE"], database["NAME"]) == (
        "django.db.backends.sqlite3",
        str(ROOT / "var" / "demo.sqlite3"),
    )
    assert found == {
        "DJANGO_ENV": "demo",
        "DEMO": True,
        "DEBUG": False,
        "ALLOWED_HOSTS": ["localhost", "127.0.0.1", "[::1]"],
        "PUBLIC_URL": "http://localhost:8000",
        "SITE_INDEXABLE": False,
        "SECURE_HSTS_SECONDS": 0,
        "EMAIL_BACKEND": "core.outbox.QueueBackend",
    }


def test_demo_may_be_debugged_on_another_port():
    found = settings({"DEBUG": "1", "PORT": "8123"}, "DEBUG", "PUBLIC_URL")

    assert found == {"DEBUG": True, "PUBLIC_URL": "http://localhost:8123"}


def test_uploads_lie_beside_the_database_unless_told_otherwise(tmp_path):
    names = ("FILES_ROOT", "UPLOAD_MAX_MEGABYTES", "CLAMAV_URL", "STORAGES", "MEDIA_URL")
    modes = {"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700}

    found = settings({}, *names)
    told = settings({**PRODUCTION, "FILES_ROOT": str(tmp_path), **SCANNED}, *names)

    for values, place, megabytes, scanner in (
        (found, str(ROOT / "var" / "files"), 10, ""),
        (told, str(tmp_path), 25, "tcp://clamd:3310"),
    ):
        assert values.pop("STORAGES")["default"] == {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": place, **modes},
        }
        assert values == {
            "FILES_ROOT": place,
            "UPLOAD_MAX_MEGABYTES": megabytes,
            "CLAMAV_URL": scanner,
            "MEDIA_URL": None,
        }


def test_uploads_must_not_lie_where_files_are_served():
    fault = "- FILES_ROOT: must not lie below a folder of static files."
    served = {**PRODUCTION, "STATIC_ROOT": "/srv/static", "FILES_ROOT": "/srv/other/../static/x"}

    assert faults(served) == [fault]
    assert faults({"FILES_ROOT": str(ROOT / "static")}) == [fault]
    assert faults({"FILES_ROOT": "static/uploads"}) == [fault]


def test_wrong_limits_of_uploads_are_told():
    assert faults({"UPLOAD_MAX_MEGABYTES": "0", "CLAMAV_URL": "clamd:3310"}) == [
        "- UPLOAD_MAX_MEGABYTES: expected a whole number from 1 up, found '0'.",
        "- CLAMAV_URL: expected tcp://host:port or unix:///path.",
    ]


def test_suite_keeps_uploads_apart_and_leaves_none_behind(tmp_path):
    environment = {"DJANGO_ENV": "test", "TMPDIR": str(tmp_path), "FILES_ROOT": "/srv/real"}

    first = settings(environment, "FILES_ROOT")["FILES_ROOT"]
    second = settings(environment, "FILES_ROOT")["FILES_ROOT"]

    assert first != second
    assert {Path(str(place)).parent for place in (first, second)} == {tmp_path}
    assert list(tmp_path.iterdir()) == []


def test_operator_is_read_from_the_environment():
    found = settings(
        {"OPERATOR_NAME": "Stadt Hamm", "OPERATOR_EMAIL": "info@hamm.example"}, "OPERATOR"
    )

    assert found["OPERATOR"] == {
        "operator_name": "Stadt Hamm",
        "operator_address": "",
        "operator_email": "info@hamm.example",
        "operator_phone": "",
        "supervisor": "",
        "privacy_email": "info@hamm.example",
        "feedback_email": "info@hamm.example",
        "security_email": "info@hamm.example",
        "log_retention_days": "30",
        "mail_retention_days": "30",
        "unconfirmed_days": "7",
        "unused_account_days": "730",
        "draft_days": "180",
        "application_days": "730",
    }
