"""A mailbox on a real IMAP server: Dovecot, on ports and in a folder of its own."""

from __future__ import annotations

import datetime as dt
import getpass
import grp
import imaplib
import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST, NAME = "127.0.0.1", "localhost"
USER, PASSWORD = "answers", r'an "odd" pass\word'
#: Seconds after which a server that says nothing fails its test.
PATIENCE = 60

CONFIGURATION = """\
protocols = imap
base_dir = {folder}/run
state_dir = {folder}/state
log_path = /dev/stderr
listen = 127.0.0.1
ssl = yes
ssl_cert = <{folder}/certificate.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = no
auth_failure_delay = 0
default_internal_user = {internal}
default_internal_group = {group}
default_login_user = {login}
mail_location = maildir:{folder}/mail
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
"""


@dataclass(frozen=True)
class ImapServer:
    """The server: its ports, what its certificate is checked by, and what is in its mailbox."""

    port: int
    tls_port: int
    certificate: Path

    def settings(self, **changes: Any) -> dict[str, Any]:
        """Return how the portal is told of the mailbox."""
        named = {"host": NAME, "port": self.port, "security": "none", "folder": "INBOX"}
        return named | {"user": USER, "password": PASSWORD} | changes

    @contextmanager
    def opened(self) -> Iterator[imaplib.IMAP4]:
        """Sign in as a mail program does."""
        with imaplib.IMAP4(HOST, self.port, timeout=PATIENCE) as line:
            line.login(USER, PASSWORD)
            line.select("INBOX")
            yield line

    def deliver(self, message: EmailMessage | bytes) -> None:
        """Put a mail into the mailbox, as a mail server does."""
        raw = message if isinstance(message, bytes) else message.as_bytes()
        with self.opened() as line:
            status, told = line.append("INBOX", "", "", raw)
            assert status == "OK", told

    def empty(self) -> None:
        """Delete what is in the mailbox."""
        with self.opened() as line:
            for key in line.search(None, "ALL")[1][0].decode().split():
                line.store(key, "+FLAGS", r"(\Deleted)")
            line.expunge()

    def left(self) -> list[tuple[str, bool]]:
        """Return the subject of each mail in the mailbox, and whether it is flagged."""
        found = []
        with self.opened() as line:
            for key in line.search(None, "ALL")[1][0].decode().split():
                (flags,) = line.fetch(key, "(FLAGS)")[1]
                header = line.fetch(key, "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1][0][1]
                found.append((header.decode().partition(":")[2].strip(), b"\\Flagged" in flags))
        return found


@contextmanager
def imap_server() -> Iterator[ImapServer]:
    """Run Dovecot until the end of the block."""
    program = shutil.which("dovecot", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        pytest.fail("Dovecot is missing. On Debian: apt install dovecot-imapd")
    with TemporaryDirectory() as name:
        folder = Path(name)
        server = ImapServer(*free_ports(2), folder / "certificate.pem")
        (folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n", encoding="utf-8")
        make_certificate(folder / "key.pem", server.certificate)
        configuration = folder / "configuration"
        configuration.write_text(configured(folder, server), encoding="utf-8")
        with running(program, "-F", "-c", str(configuration)):
            yield server


def configured(folder: Path, server: ImapServer) -> str:
    """Return the configuration, and give the mail to whom it belongs."""
    mail = folder / "mail"
    mail.mkdir()
    person = pwd.getpwuid(os.getuid())
    internal = login = person.pw_name
    group = grp.getgrgid(os.getgid()).gr_name
    if getpass.getuser() == "root":
        # Dovecot lets no process of root read mail, and keeps its own accounts apart.
        person, internal, group, login = pwd.getpwnam("nobody"), "dovecot", "dovecot", "dovenull"
        os.chown(mail, person.pw_uid, person.pw_gid)
        folder.chmod(0o755)
    return CONFIGURATION.format(
        folder=folder,
        internal=internal,
        group=group,
        login=login,
        uid=person.pw_uid,
        gid=person.pw_gid,
        port=server.port,
        tls_port=server.tls_port,
    )


@contextmanager
def running(*command: str) -> Iterator[None]:
    """Run a server that says on stderr when it listens."""
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        told = ""
        for line in process.stderr:
            told += line
            if "starting up" in line:
                break
        else:
            pytest.fail(f"The mail server did not start:\n{told}")
        try:
            yield
        finally:
            process.terminate()
            process.stderr.close()


def free_ports(number: int) -> list[int]:
    """Return ports on which nothing listens."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for one in sockets:
            one.bind((HOST, 0))
        return [one.getsockname()[1] for one in sockets]


def make_certificate(key_file: Path, file: Path) -> None:
    """Write a certificate for :data:`NAME` that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
