"""Readers of the process environment: typed values, defaults, and all faults at once."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from vernetzt.environment import Environment, sqlite_database

DATABASE_FAULT = "DATABASE_URL: expected sqlite:///path or postgres://user:password@host:port/name."
MAIL_FAULT = "EMAIL_URL: expected smtp+tls://user:password@host:port."
CACHE_FAULT = "CACHE_URL: expected redis://host:port/number."


def database(url: str) -> tuple[dict[str, object], list[str]]:
    """Return what a database address becomes, and the faults."""
    env = Environment({"DATABASE_URL": url})
    return env.database("DATABASE_URL", "sqlite:///default.db"), env.faults


def mail(url: str) -> tuple[dict[str, object], list[str]]:
    """Return what a mail address becomes, and the faults."""
    env = Environment({"EMAIL_URL": url})
    return env.mail("EMAIL_URL", "console://"), env.faults


MAILBOX_FAULT = "URL: expected imaps://user:password@host:port/folder."
ADDRESS_FAULT = "TO: expected name@host, with a short name, found {!r}."


@pytest.mark.parametrize(
    ("url", "port", "security", "folder"),
    [
        ("imaps://user:pass@host", 993, "tls", "INBOX"),
        ("imap+tls://user:pass@host/", 143, "starttls", "INBOX"),
        ("imap://user:pass@host:1143/Answers%2F2026", 1143, "none", "Answers/2026"),
    ],
)
def test_mailbox_has_a_server_a_way_and_a_folder(url, port, security, folder):
    env = Environment({"URL": url, "TO": "answers@portal.example"})

    assert env.mailbox("URL", "TO") == {
        "host": "host",
        "port": port,
        "security": security,
        "user": "user",
        "password": "pass",
        "folder": folder,
    }
    assert env.faults == []


def test_mailbox_may_be_missing_and_its_password_hold_any_character():
    env = Environment({})
    named = Environment({"URL": "imaps://CITY%5Cportal:p%40%2Fss@host", "TO": "a@b.example"})

    assert (env.mailbox("URL", "TO"), env.faults) == ({}, [])
    assert named.mailbox("URL", "TO")["user"] == r"CITY\portal"
    assert named.mailbox("URL", "TO")["password"] == "p@/ss"


@pytest.mark.parametrize(
    ("url", "to", "fault"),
    [
        ("imaps://user:pass@host", "", "URL, TO: set both or none."),
        ("", "answers@portal.example", "URL, TO: set both or none."),
        ("pop3://user:pass@host", "answers@portal.example", MAILBOX_FAULT),
        ("imaps://user@host", "answers@portal.example", MAILBOX_FAULT),
        ("imaps://user:pass@host:port", "answers@portal.example", MAILBOX_FAULT),
        ("imaps://user:pass@host", "answers", ADDRESS_FAULT.format("answers")),
        ("imaps://user:pass@host", "a+b@c.example", ADDRESS_FAULT.format("a+b@c.example")),
        (
            "imaps://user:pass@host",
            "a" * 21 + "@c.example",
            ADDRESS_FAULT.format("a" * 21 + "@c.example"),
        ),
    ],
)
def test_mailbox_that_cannot_be_read_or_written_to_is_a_fault(url, to, fault):
    env = Environment({"URL": url, "TO": to})

    env.mailbox("URL", "TO")

    assert env.faults == [fault]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"NAME": "value"}, "value"),
        ({"NAME": "  value \n"}, "value"),
        ({"NAME": ""}, "default"),
        ({"NAME": "   "}, "default"),
        ({}, "default"),
    ],
)
def test_text_is_trimmed_and_has_a_default(values, expected):
    env = Environment(values)

    assert (env.text("NAME", "default"), env.faults) == (expected, [])


def test_text_in_a_file_comes_before_the_variable(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("from the file: ä\n", encoding="utf-8")
    env = Environment({"NAME_FILE": f" {secret} ", "NAME": "from the variable"})

    assert (env.text("NAME"), env.faults) == ("from the file: ä", [])


def test_text_in_a_file_that_is_missing_is_a_fault(tmp_path):
    path = tmp_path / "absent"
    env = Environment({"NAME_FILE": str(path)})

    assert env.text("NAME", "default") == "default"
    assert env.faults == [f"NAME_FILE: cannot read {path} (No such file or directory)."]


def test_text_in_a_file_that_is_a_folder_is_a_fault(tmp_path):
    env = Environment({"NAME_FILE": str(tmp_path)})

    assert env.text("NAME") == ""
    assert env.faults == [f"NAME_FILE: cannot read {tmp_path} (Is a directory)."]


def test_text_in_a_file_that_is_no_text_is_a_fault(tmp_path):
    path = tmp_path / "secret"
    path.write_bytes(b"\xff\xfe")
    env = Environment({"NAME_FILE": str(path)})

    assert env.text("NAME", "default") == "default"
    assert len(env.faults) == 1
    assert env.faults[0].startswith(f"NAME_FILE: cannot read {path} (")


def test_fault_of_a_variable_that_is_read_twice_is_told_once(tmp_path):
    path = tmp_path / "absent"
    env = Environment({"NAME_FILE": str(path)})
    env.text("NAME")
    env.text("NAME")

    with pytest.raises(ImproperlyConfigured) as refused:
        env.refuse_if_broken()

    assert str(refused.value) == (
        "The configuration is incomplete or wrong:\n"
        f"- NAME_FILE: cannot read {path} (No such file or directory)."
    )


@pytest.mark.parametrize("raw", ["1", "true", "True", "YES", "on", " 1 "])
def test_flag_is_on(raw):
    env = Environment({"FLAG": raw})

    assert (env.flag("FLAG"), env.faults) == (True, [])


@pytest.mark.parametrize("raw", ["0", "false", "False", "NO", "off", " 0 "])
def test_flag_is_off(raw):
    env = Environment({"FLAG": raw})

    assert (env.flag("FLAG", default=True), env.faults) == (False, [])


@pytest.mark.parametrize("default", [True, False])
def test_flag_has_a_default(default):
    env = Environment({"FLAG": ""})

    assert (env.flag("FLAG", default=default), env.faults) == (default, [])


@pytest.mark.parametrize("default", [True, False])
def test_flag_of_another_kind_is_a_fault_and_keeps_its_default(default):
    env = Environment({"FLAG": "Maybe"})

    assert env.flag("FLAG", default=default) is default
    assert env.faults == ["FLAG: expected 1 or 0, found 'maybe'."]


@pytest.mark.parametrize(
    ("raw", "expected"), [("8080", 8080), ("1", 1), ("007", 7), ("", 5), (" 12 ", 12)]
)
def test_number_is_read_and_has_a_default(raw, expected):
    env = Environment({"PORT": raw})

    assert (env.number("PORT", 5, least=1), env.faults) == (expected, [])


@pytest.mark.parametrize("raw", ["0", "-1", "1.5", "1e3", "eight", "８０", "²"])
def test_number_of_another_kind_is_a_fault_and_keeps_its_default(raw):
    env = Environment({"PORT": raw})

    assert env.number("PORT", 5, least=1) == 5
    assert env.faults == [f"PORT: expected a whole number from 1 up, found {raw!r}."]


def test_number_may_be_zero_unless_more_is_demanded():
    env = Environment({"SECONDS": "0"})

    assert (env.number("SECONDS", 60), env.faults) == (0, [])


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("portal.example", ["portal.example"]),
        (" a.example ,, b.example , ", ["a.example", "b.example"]),
        ("", ["localhost"]),
        (",", ["localhost"]),
    ],
)
def test_names_are_split_at_commas_and_have_a_default(raw, expected):
    env = Environment({"HOSTS": raw})

    assert (env.names("HOSTS", ("localhost",)), env.faults) == (expected, [])


@pytest.mark.parametrize(("raw", "expected"), [("test", "test"), ("", "demo")])
def test_choice_is_read_and_has_a_default(raw, expected):
    env = Environment({"KIND": raw})

    assert (env.choice("KIND", ("demo", "test"), "demo"), env.faults) == (expected, [])


def test_choice_that_is_unknown_is_a_fault_and_keeps_its_default():
    env = Environment({"KIND": "Test"})

    assert env.choice("KIND", ("demo", "test"), "demo") == "demo"
    assert env.faults == ["KIND: expected one of demo, test, found 'Test'."]


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("sqlite:///var/demo.sqlite3", "var/demo.sqlite3"),
        ("sqlite:////srv/data/portal.sqlite3", "/srv/data/portal.sqlite3"),
        ("sqlite:///", ":memory:"),
        ("sqlite://", ":memory:"),
        ("", "default.db"),
    ],
)
def test_database_may_be_a_file_or_in_memory(url, name):
    assert database(url) == (sqlite_database(name), [])


def test_database_file_waits_for_writers_and_keeps_foreign_keys():
    description = sqlite_database("portal.sqlite3")

    assert description["ENGINE"] == "django.db.backends.sqlite3"
    assert description["OPTIONS"] == {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA foreign_keys=ON;"
        ),
    }


def test_database_server_is_read_with_all_its_parts():
    description, faults = database("postgres://portal:secret@db.example:5433/vernetzt")

    assert (description, faults) == (
        {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": "vernetzt",
            "USER": "portal",
            "PASSWORD": "secret",
            "HOST": "db.example",
            "PORT": "5433",
            "CONN_MAX_AGE": 600,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": {},
        },
        [],
    )


def test_database_server_takes_either_name_of_its_scheme():
    short, long = database("postgres://db/a"), database("postgresql://db/a")

    assert short == long
    assert (short[0]["HOST"], short[0]["PORT"], short[0]["USER"]) == ("db", "", "")


def test_database_parts_are_percent_decoded():
    description, faults = database("postgres://p%40rtal:s%2Fe%3Ac%25r%23t@db/my%20portal")

    assert faults == []
    assert (description["USER"], description["PASSWORD"], description["NAME"]) == (
        "p@rtal",
        "s/e:c%r#t",
        "my portal",
    )


def test_database_options_are_passed_on():
    description, faults = database("postgres://db/a?sslmode=require&connect_timeout=3")

    assert (description["OPTIONS"], faults) == (
        {"sslmode": "require", "connect_timeout": "3"},
        [],
    )


@pytest.mark.parametrize(
    "url",
    ["postgres:///a?host=/var/run/postgresql", "postgres://%2Fvar%2Frun%2Fpostgresql/a"],
    ids=["as an option", "percent-encoded"],
)
def test_database_server_may_listen_on_a_socket(url):
    description, faults = database(url)

    assert (description["HOST"], description["OPTIONS"], faults) == ("/var/run/postgresql", {}, [])


@pytest.mark.parametrize(
    "url",
    [
        "mysql://user@db/a",
        "postgres://db",
        "postgres://db/",
        "portal.sqlite3",
        "postgres://portal@db:port/a",
        "postgres://portal@db:99999/a",
        "postgres://[db/a",
    ],
)
def test_database_of_another_form_is_a_fault(url):
    assert database(url) == (sqlite_database(":memory:"), [DATABASE_FAULT])


def test_cache_is_kept_in_the_database_unless_named():
    env = Environment({})

    assert (env.cache("CACHE_URL"), env.faults) == (
        {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "shared_cache",
            "OPTIONS": {"MAX_ENTRIES": 200_000, "CULL_FREQUENCY": 20},
        },
        [],
    )


@pytest.mark.parametrize("url", ["redis://cache:6379/0", "rediss://:secret@cache:6380/1"])
def test_cache_may_be_a_redis_server(url):
    env = Environment({"CACHE_URL": url})

    assert (env.cache("CACHE_URL"), env.faults) == (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": url},
        [],
    )


def test_cache_may_be_in_memory():
    env = Environment({"CACHE_URL": "locmem://"})

    assert (env.cache("CACHE_URL"), env.faults) == (
        {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
        [],
    )


@pytest.mark.parametrize("url", ["memcached://cache", "cache:6379", "redis://[cache"])
def test_cache_of_another_kind_is_a_fault(url):
    env = Environment({"CACHE_URL": url})

    env.cache("CACHE_URL")

    assert env.faults == [CACHE_FAULT]


@pytest.mark.parametrize(
    ("url", "port", "tls", "ssl"),
    [
        ("smtp://mail.example", 25, False, False),
        ("smtp+tls://mail.example", 587, True, False),
        ("smtps://mail.example", 465, False, True),
        ("smtp+tls://mail.example:2525", 2525, True, False),
    ],
)
def test_mail_server_is_spoken_to_as_its_scheme_says(url, port, tls, ssl):
    assert mail(url) == (
        {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": "mail.example",
            "EMAIL_PORT": port,
            "EMAIL_HOST_USER": "",
            "EMAIL_HOST_PASSWORD": "",
            "EMAIL_USE_TLS": tls,
            "EMAIL_USE_SSL": ssl,
            "EMAIL_TIMEOUT": 20,
        },
        [],
    )


def test_mail_account_is_percent_decoded():
    settings, faults = mail("smtps://portal%40example.org:p%2Fw%3Ad@mail.example")

    assert faults == []
    assert (settings["EMAIL_HOST_USER"], settings["EMAIL_HOST_PASSWORD"]) == (
        "portal@example.org",
        "p/w:d",
    )


@pytest.mark.parametrize("url", ["console://", ""])
def test_mail_may_be_printed(url):
    assert mail(url) == (
        {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"},
        [],
    )


@pytest.mark.parametrize(
    "url",
    [
        "smtp://",
        "mail.example",
        "imap://mail.example",
        "smtp://mail.example:port",
        "smtp://mail.example:99999",
        "smtp://[mail.example",
    ],
)
def test_mail_of_another_form_is_a_fault(url):
    assert mail(url) == ({}, [MAIL_FAULT])


@pytest.mark.parametrize(
    "url", ["", "tcp://clamd:3310", "tcp://clamd", "tcp://[::1]:3310", "unix:///run/clamd.ctl"]
)
def test_scanner_listens_on_a_port_or_a_socket(url):
    env = Environment({"CLAMAV_URL": url})

    assert (env.scanner("CLAMAV_URL"), env.faults) == (url, [])


@pytest.mark.parametrize(
    "url",
    [
        *("clamd:3310", "tcp://", "tcp://clamd:port", "http://clamd:3310", "/run/clamd.ctl"),
        *("unix://run/clamd.ctl", "unix:///", "unix:run"),
    ],
)
def test_scanner_at_another_address_is_a_fault(url):
    env = Environment({"CLAMAV_URL": url})

    assert env.scanner("CLAMAV_URL") == ""
    assert env.faults == ["CLAMAV_URL: expected tcp://host:port or unix:///path."]


def test_required_variables_are_each_demanded(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("x", encoding="utf-8")
    env = Environment({"A": "1", "B": " ", "D_FILE": str(secret)})

    env.require("A", "B", "C", "D")

    assert env.faults == ["B: must be set in production.", "C: must be set in production."]


def test_all_faults_are_told_at_once():
    env = Environment({"FLAG": "maybe", "PORT": "x", "DATABASE_URL": "x", "EMAIL_URL": "x"})
    env.flag("FLAG")
    env.number("PORT", 1)
    env.database("DATABASE_URL", "")
    env.mail("EMAIL_URL", "")
    env.require("SECRET_KEY")

    with pytest.raises(ImproperlyConfigured) as refused:
        env.refuse_if_broken()

    assert str(refused.value).splitlines() == [
        "The configuration is incomplete or wrong:",
        "- FLAG: expected 1 or 0, found 'maybe'.",
        "- PORT: expected a whole number from 0 up, found 'x'.",
        f"- {DATABASE_FAULT}",
        f"- {MAIL_FAULT}",
        "- SECRET_KEY: must be set in production.",
    ]


def test_environment_without_faults_is_accepted():
    env = Environment({"FLAG": "1"})
    env.flag("FLAG")

    env.refuse_if_broken()

    assert env.faults == []


PROVIDER = {
    "OIDC_PROVIDERS": "city-hall",
    "OIDC_CITY_HALL_ISSUER": "https://login.example/realm/",
    "OIDC_CITY_HALL_CLIENT_ID": "portal",
    "OIDC_CITY_HALL_CLIENT_SECRET": "secret",
    "OIDC_CITY_HALL_ORGANISATIONS": "bbsr, difu",
    "OIDC_CITY_HALL_FORM_ORIGINS": "https://idp.example",
}


def test_identity_provider_is_read_from_its_own_variables():
    env = Environment(PROVIDER)

    (provider,) = env.identity_providers("OIDC_PROVIDERS")

    assert env.faults == []
    assert (provider["provider_id"], provider["name"]) == ("city-hall", "city-hall")
    assert (provider["client_id"], provider["secret"]) == ("portal", "secret")
    assert provider["settings"] == {
        "server_url": "https://login.example/realm",
        "issuer": "https://login.example/realm/",
        "oauth_pkce_enabled": True,
        "organisations": ["bbsr", "difu"],
        "group": "",
        "form_origins": ["https://login.example", "https://idp.example"],
    }


def test_portal_without_identity_providers_needs_no_variables():
    assert Environment({}).identity_providers("OIDC_PROVIDERS") == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"OIDC_CITY_HALL_ISSUER": ""}, "OIDC_CITY_HALL_ISSUER: must be set for this provider."),
        (
            {"OIDC_CITY_HALL_ISSUER": "http://login.example"},
            "OIDC_CITY_HALL_ISSUER: expected https://host/path.",
        ),
        (
            {"OIDC_CITY_HALL_CLIENT_SECRET": ""},
            "OIDC_CITY_HALL_CLIENT_SECRET: must be set for this provider.",
        ),
        (
            {"OIDC_CITY_HALL_ORGANISATIONS": " "},
            "OIDC_CITY_HALL_ORGANISATIONS: must be set for this provider.",
        ),
    ],
)
def test_identity_provider_that_is_half_described_is_a_fault(changes, fault):
    env = Environment({**PROVIDER, **changes})

    env.identity_providers("OIDC_PROVIDERS")

    assert env.faults == [fault]


def test_identity_provider_with_an_unusable_name_is_a_fault():
    env = Environment({"OIDC_PROVIDERS": "City Hall"})

    env.identity_providers("OIDC_PROVIDERS")

    assert "OIDC_PROVIDERS: expected names like «bbsr», found 'City Hall'." in env.faults
