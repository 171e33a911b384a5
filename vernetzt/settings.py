"""All settings, read once from the environment.

``DJANGO_ENV`` chooses the kind of run: ``demo`` (default; SQLite, plain static files, everything
has a default), ``test`` (the suite) or ``production``, which refuses to start without secret key,
hosts, database and mail. The README lists every variable.
"""

from __future__ import annotations

import atexit
import datetime as dt
import os
import shutil
import tempfile
from pathlib import Path
from urllib.parse import quote, urlsplit

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from vernetzt.environment import Environment

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment(os.environ)

DJANGO_ENV = env.choice("DJANGO_ENV", ("demo", "test", "production"), "demo")
PRODUCTION = DJANGO_ENV == "production"
TESTING = DJANGO_ENV == "test"
DEMO = env.flag("DEMO", default=DJANGO_ENV == "demo")
DEBUG = env.flag("DEBUG") and not PRODUCTION

if PRODUCTION:
    env.require("SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "EMAIL_URL")
    if 0 < len(env.text("SECRET_KEY")) < 50:
        env.faults.append("SECRET_KEY: needs at least 50 random characters.")

# The demo key protects nothing: demo data is public. Production has none by default.
SECRET_KEY = env.text("SECRET_KEY", "" if PRODUCTION else "demo-only-" + "0" * 50)
ALLOWED_HOSTS = env.names(
    "ALLOWED_HOSTS", () if PRODUCTION else ("localhost", "127.0.0.1", "[::1]")
)
PORT = env.number("PORT", 8000, least=1)

# Absolute addresses (canonical, feeds, mails) come from here, never from the request's Host.
PUBLIC_URL = env.text(
    "PUBLIC_URL",
    f"https://{ALLOWED_HOSTS[0].lstrip('.')}"
    if PRODUCTION and ALLOWED_HOSTS
    else f"http://localhost:{PORT}",
).rstrip("/")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
SITE_INDEXABLE = env.flag("SITE_INDEXABLE", default=PRODUCTION and not DEMO)

# Who operates this installation: shown in imprint, privacy and accessibility statement.
OPERATOR = {
    "operator_name": env.text("OPERATOR_NAME"),
    "operator_address": env.text("OPERATOR_ADDRESS"),
    "operator_email": env.text("OPERATOR_EMAIL"),
    "operator_phone": env.text("OPERATOR_PHONE"),
    "supervisor": env.text("OPERATOR_SUPERVISOR"),
    "privacy_email": env.text("PRIVACY_EMAIL") or env.text("OPERATOR_EMAIL"),
    "feedback_email": env.text("FEEDBACK_EMAIL") or env.text("OPERATOR_EMAIL"),
    "security_email": env.text("SECURITY_EMAIL") or env.text("OPERATOR_EMAIL"),
    "log_retention_days": str(env.number("LOG_RETENTION_DAYS", 30, least=1)),
    "mail_retention_days": str(env.number("MAIL_RETENTION_DAYS", 30, least=1)),
    "unconfirmed_days": str(env.number("UNCONFIRMED_DAYS", 7, least=1)),
    "unused_account_days": str(env.number("UNUSED_ACCOUNT_DAYS", 730, least=60)),
    "draft_days": str(env.number("DRAFT_DAYS", 180, least=1)),
    "application_days": str(env.number("APPLICATION_DAYS", 730, least=1)),
}

INSTALLED_APPS = [
    "modeltranslation",
    "vernetzt.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",  # allauth.usersessions uses its filters
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "crispy_forms",
    "post_office",
    "csp",
    "core",
    "municipalities",
    "accounts",
    "accounts.oidc",
    "calls",
    "tandems",
    "meetings",
    "editorial",
    "vernetzt.apps.PortalConfig",
]

MIDDLEWARE = [
    "vernetzt.middleware.RequestIdMiddleware",
    # Keeps pages with all the headers that the layers below it set.
    "vernetzt.page_cache.PageCacheMiddleware",
    "vernetzt.middleware.ResponseHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    # Above whatever answers early, so that static files carry these headers too.
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "vernetzt.middleware.PathLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.sessions.SessionMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "accounts.middleware.SecondFactorMiddleware",
]

ROOT_URLCONF = "vernetzt.urls"
WSGI_APPLICATION = "vernetzt.wsgi.application"
_TAGS = ["django.templatetags.i18n", "django.templatetags.static", "core.templatetags.core_tags"]
_ENGINE = {
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "DIRS": [BASE_DIR / "templates"],
}
TEMPLATES = [
    _ENGINE
    | {
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "core.pages.page_context",
            ],
            "builtins": _TAGS,
        },
    },
    # Plain text, such as the mails: an ampersand in a name is no markup there.
    _ENGINE | {"NAME": "text", "OPTIONS": {"autoescape": False, "builtins": _TAGS}},
]

DATABASES = {
    "default": env.database(
        "DATABASE_URL", f"sqlite:///{quote(str(BASE_DIR / 'var' / 'demo.sqlite3'))}"
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    "default": env.cache("CACHE_URL"),
    # What each process keeps for itself: counts, and the parts that are the same on every page.
    # A lost cache server must not take the public pages away.
    "memory": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "memory",
        "OPTIONS": {"MAX_ENTRIES": 1000},
    },
}
# Seconds for which counts and the like may be repeated, whether or not the page around them is.
SUMMARY_SECONDS = env.number("SUMMARY_SECONDS", 0 if TESTING else 60)
# Seconds for which a public page may be repeated to visitors; 0 switches the cache off.
PAGE_CACHE_SECONDS = env.number("PAGE_CACHE_SECONDS", 0 if TESTING else 60)

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "dashboard"
AUTHENTICATION_BACKENDS = ["accounts.backends.RoleBackend", "accounts.backends.SignInBackend"]
SECRET_KEY_FALLBACKS = env.names("SECRET_KEY_FALLBACKS")
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
# Whoever reads the mailbox gets in, however many wrong tries others have made meanwhile.
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {
    "signup": "accounts.forms.SignUpForm",
    "reset_password": "accounts.forms.PasswordResetForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
# At most five mails to one address in an hour; further rates are allauth's own.
ACCOUNT_RATE_LIMITS = {"reset_password": "20/m/ip,5/h/key", "confirm_email": "1/3m/key,5/h/key"}
ACCOUNT_DEFAULT_HTTP_PROTOCOL = urlsplit(PUBLIC_URL).scheme
# A reset link counts for an hour.
PASSWORD_RESET_TIMEOUT = 3_600
ACCOUNT_SESSION_REMEMBER = False
# A session ends after so long without a click, so long after its beginning, and with the browser.
SESSION_IDLE_MINUTES = env.number("SESSION_IDLE_MINUTES", 60, least=1)
SESSION_HOURS = env.number("SESSION_HOURS", 12, least=1)
# Its row stays longer, so that a form that comes too late still finds whose it was.
SESSION_COOKIE_AGE = 2 * SESSION_HOURS * 3_600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
MFA_ADAPTER = "accounts.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1  # the code before counts too: clocks differ, people type (RFC 6238, 5.2)
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
# Identity providers of organisations: each signs in the staff of its own organisations only.
SOCIALACCOUNT_ADAPTER = "accounts.adapters.SocialAccountAdapter"
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": env.identity_providers("OIDC_PROVIDERS")}}
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"  # who is not confirmed by the provider is refused
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5
INVITATION_DAYS = env.number("INVITATION_DAYS", 14, least=1)
# An account that was never confirmed is deleted after so many days; one that has no role and was
# not used is erased after so many, announced by mail a month before.
UNCONFIRMED_DAYS = env.number("UNCONFIRMED_DAYS", 7, least=1)
UNUSED_ACCOUNT_DAYS = env.number("UNUSED_ACCOUNT_DAYS", 730, least=60)
# An application that was never sent, or withdrawn, is deleted so many days after the deadline.
DRAFT_DAYS = env.number("DRAFT_DAYS", 180, least=1)
# One that was refused is emptied so many days after its letter; one that led to no partnership, so
# many days after the call was archived.
APPLICATION_DAYS = env.number("APPLICATION_DAYS", 730, least=1)
# What the floors above accounts know about a person, and what goes when the account is erased.
DATA_OF_PEOPLE = {
    "applications": "calls.data.applications_of",
    "selection": "calls.data.selection_of",
    "notices": "tandems.notices.notices_of",
    "workspace": "tandems.data.workspace_of",
    "meetings": "meetings.data.meetings_of",
}
FORGET_PEOPLE = [
    "accounts.actions.directory.forget_in_directory",
    "calls.actions.forget_editor",
    "calls.actions.forget_reviewer",
    "tandems.actions.notices.forget_notices",
    "meetings.actions.attendance.forget_attendances",
    "meetings.actions.consultation_outcome.forget_in_consultations",
]
# Asked by dotted path, because calls stand above accounts: may officers sign up by themselves now?
OPEN_FOR_SIGN_UP = "calls.models.any_call_is_open"
CRISPY_ALLOWED_TEMPLATE_PACKS = ("kern",)
CRISPY_TEMPLATE_PACK = "kern"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
# Length and the effort of guessing count; no rule asks for certain characters, none for changes.
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "accounts.passwords.GuessingValidator"},
]

if TESTING:
    # A slow hash protects real passwords; the suite has none and makes hundreds.
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

LANGUAGE_CODE = "de"
LANGUAGES = [("de", _("German")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
MODELTRANSLATION_DEFAULT_LANGUAGE = "de"
MODELTRANSLATION_LANGUAGES = ("de", "en")
MODELTRANSLATION_FALLBACK_LANGUAGES = ("de", "en")
USE_TZ = True
TIME_ZONE = "Europe/Berlin"
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "/static/"
# Only production collects; elsewhere files are served from where they are.
STATIC_ROOT = env.text("STATIC_ROOT", str(BASE_DIR / "var" / "static")) if PRODUCTION else None
STATICFILES_DIRS = [BASE_DIR / "static"]

# What people upload. No address leads there: views hand it out to whoever may have it.
if TESTING:
    # Of this process alone, so that no test meets real files or those of another.
    FILES_ROOT = tempfile.mkdtemp(prefix="vernetzt-files-")
    atexit.register(shutil.rmtree, FILES_ROOT, ignore_errors=True)
else:
    FILES_ROOT = str(Path(env.text("FILES_ROOT", str(BASE_DIR / "var" / "files"))).resolve())
_static = [str(folder) for folder in (*STATICFILES_DIRS, STATIC_ROOT) if folder]
if any(Path(FILES_ROOT).is_relative_to(Path(folder).resolve()) for folder in _static):
    env.faults.append("FILES_ROOT: must not lie below a folder of static files.")
MEDIA_URL = None  # asking a file for its address is a mistake
UPLOAD_MAX_MEGABYTES = env.number("UPLOAD_MAX_MEGABYTES", 10, least=1)
# Where it is set, a file that the scanner does not clear is refused, also while it is away.
CLAMAV_URL = env.scanner("CLAMAV_URL")
# Larger uploads wait on the disk while they come in, no more of them than may be stored.
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "core.files.storage.CappedUploadHandler",
]
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": FILES_ROOT,
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = DEBUG
# Nobody else builds pages from these files.
WHITENOISE_ALLOW_ALL_ORIGINS = False
# Names with a hash are marked as immutable whatever this says.
WHITENOISE_MAX_AGE = 3_600

for _name, _value in env.mail("EMAIL_URL", "console://").items():
    globals()[_name] = _value
# Every mail is a row first: what is rolled back is never sent, what fails is tried again.
POST_OFFICE = {
    "BACKENDS": {"default": globals().get("EMAIL_BACKEND", "")},
    # The demo prints its mails at once; everywhere else `manage.py run_jobs` sends them.
    "DEFAULT_PRIORITY": "now" if env.text("EMAIL_URL", "console://") == "console://" else "medium",
    "MAX_RETRIES": 5,
    "RETRY_INTERVAL": dt.timedelta(minutes=10),
    "MESSAGE_ID_ENABLED": True,
    # Else the name of the machine would stand in each mail.
    "MESSAGE_ID_FQDN": urlsplit(PUBLIC_URL).hostname,
}
EMAIL_BACKEND = "core.outbox.QueueBackend"
_host = urlsplit(PUBLIC_URL).hostname or ""
# A number is no domain that mail could come from.
_sender = _host if any(letter.isalpha() for letter in _host) else "localhost"
# Sent mails hold links and addresses; they go after this many days.
MAIL_RETENTION_DAYS = env.number("MAIL_RETENTION_DAYS", 30, least=1)
# What `manage.py run_jobs` does besides: dotted paths of functions that may run twice.
JOBS: list[str] = [
    "calls.actions.write_receipts",
    "calls.actions.lapse_offers",
    "calls.actions.remind_of_offers",
    "tandems.actions.pictures.delete_unused_pictures",
    "calls.actions.delete_orphaned_files",
    "calls.actions.delete_unsent_applications",
    "calls.actions.forget_refused_applications",
    "accounts.actions.end_unused_invitations",
    "accounts.actions.delete_unconfirmed_accounts",
    "accounts.actions.erase_unused_accounts",
    "accounts.actions.directory.delete_unused_entries",
    "tandems.actions.readiness.tell_of_ready_profiles",
    "tandems.actions.notices.send_due_notices",
    "tandems.actions.notices.delete_old_notices",
    "meetings.actions.calendar_answering.read_calendar_answers",
    "meetings.actions.withdrawing.withdraw_lost_invitations",
    "meetings.actions.reminding.send_meeting_reminders",
    "meetings.actions.poll_reminding.remind_of_polls",
    "meetings.actions.attendance.forget_outside_guests",
    "meetings.actions.minutes_overnight.remind_of_minutes",
    "meetings.actions.minutes_overnight.count_agreed_minutes",
    "meetings.actions.minutes_overnight.tell_of_overdue_minutes",
    "meetings.actions.due.remind_of_commitments",
    "meetings.actions.due.ask_check_ins",
    "meetings.actions.due.record_silence",
    "meetings.actions.consultation_outcome.forget_consultations",
    "vernetzt.summaries.send_weekly_summaries",
]
# Where calendar programs mail their answers to, and the mailbox in which they are read.
ANSWER_ADDRESS = env.text("ANSWER_ADDRESS")
ANSWER_MAILBOX = env.mailbox("ANSWER_MAILBOX_URL", "ANSWER_ADDRESS")
DEFAULT_FROM_EMAIL = OPERATOR["operator_email"] or f"portal@{_sender}"

DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_000
DATA_UPLOAD_MAX_NUMBER_FILES = 20

# Django 6 reads SECURE_CSP; until then django-csp is given the same directives.
SECURE_CSP = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF],
    "img-src": [SELF, "data:"],  # KERN draws its icons as data: masks
    "font-src": [SELF],
    "connect-src": [SELF],
    "manifest-src": [SELF],
    "form-action": [SELF],
    "frame-ancestors": [NONE],
    "base-uri": [NONE],
    "object-src": [NONE],
}
CONTENT_SECURITY_POLICY = {"DIRECTIVES": SECURE_CSP}
SECURE_HSTS_SECONDS = 63_072_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
RESPONSE_HEADERS = {
    "Permissions-Policy": (
        "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), "
        "usb=(), publickey-credentials-get=(self), publickey-credentials-create=(self)"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
}
# The number of proxies in front whose X-Forwarded-* headers are believed; 0 believes none.
TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXY_COUNT", 0)
# Without it every visitor would have the proxy's address, and ten wrong tries would stop all.
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
if TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = env.flag("HTTPS_REDIRECT")
# The proxy that ends TLS redirects port 80; the application then never sees a plain request.
SILENCED_SYSTEM_CHECKS = [] if SECURE_SSL_REDIRECT else ["security.W008"]
SESSION_COOKIE_NAME = "__Host-session" if PRODUCTION else "session"
SESSION_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "__Host-csrf" if PRODUCTION else "csrf"
CSRF_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "vernetzt.errors.csrf_failure"

LOG_LEVEL = env.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "vernetzt.logs.JsonFormatter"}},
    "filters": {"route": {"()": "vernetzt.logs.RouteForPath"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "json"},
        # A logger without any handler would fall back to plain text on stderr.
        "nowhere": {"class": "logging.NullHandler"},
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "vernetzt": {"level": "WARNING" if TESTING else LOG_LEVEL},
        # Refused hosts are answered and counted as 400 in the access log; no need to alarm twice.
        "django.security.DisallowedHost": {"handlers": ["nowhere"], "propagate": False},
        # Requests are logged once, without personal data, by vernetzt.middleware.
        "django.request": {"level": "ERROR", "filters": ["route"]},
        # It would write the whole path, which may end in the key of a mail.
        "django.security.csrf": {"handlers": ["nowhere"], "propagate": False},
        "django.server": {"handlers": ["nowhere"], "propagate": False},
        # It would write tracebacks with addresses in plain text.
        "post_office": {"handlers": ["nowhere"], "propagate": False},
    },
}

env.refuse_if_broken()
