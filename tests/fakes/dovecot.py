"""A real IMAP server (Dovecot 2.3) on a loopback port, in a folder of its own.

with post_office() as office:
    office.deliver(b"From: …")
    Mailbox(office.settings(), tls=client_tls())
"""

from __future__ import annotations

import contextlib
import getpass
import grp
import imaplib
import os
import pwd
import shutil
import signal
import ssl
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.schema import MailReplies
from daemon import ports
from tests.fakes.programs import program
from tests.fakes.smtp import certificate, client_tls

PASSWORD = "canary-imap-0123456789"
USER = "tocsin"
_CONFIGURATION = """
protocols = imap
listen = 127.0.0.1
base_dir = {home}/run
log_path = {home}/log
ssl = yes
ssl_cert = <{home}/chain.pem
ssl_key = <{home}/chain.pem
disable_plaintext_auth = no
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:{home}/mail
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}
}}
service imap-login {{
  chroot =
  process_min_avail = 1
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {tls}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


class PostOffice:
    """A running server with one mailbox."""

    def __init__(self, home: Path, *, plain: int, tls: int) -> None:
        self.home = home
        self.plain = plain
        self.tls = tls

    def settings(self, **others: Any) -> MailReplies:
        """The daemon's settings for this mailbox, over TLS."""
        given = {"host": "127.0.0.1", "port": self.tls, "username": USER, "password": PASSWORD}
        return MailReplies.model_validate(given | others)

    @contextlib.contextmanager
    def client(self, mailbox: str = "INBOX") -> Iterator[imaplib.IMAP4]:
        """Somebody else who looks into the mailbox."""
        server = imaplib.IMAP4_SSL("127.0.0.1", self.tls, ssl_context=client_tls(), timeout=60)
        try:
            server.login(USER, PASSWORD)
            server.select(mailbox)
            yield server
        finally:
            server.logout()

    def deliver(self, mail: bytes, mailbox: str = "INBOX") -> None:
        """Put a mail into the mailbox."""
        with self.client() as server:
            if mailbox != "INBOX":
                server.create(mailbox)
            assert server.append(mailbox, "", "", mail)[0] == "OK"

    def seen(self, mailbox: str = "INBOX") -> list[bool]:
        """Of each mail in turn, whether it is marked as read."""
        with self.client(mailbox) as server:
            count = int(server.select(mailbox)[1][0] or 0)
            flags = [server.fetch(str(n), "(FLAGS)")[1][0] for n in range(1, count + 1)]
        return [b"\\Seen" in flag for flag in flags if isinstance(flag, bytes)]


@contextlib.contextmanager
def post_office() -> Iterator[PostOffice]:
    """Run Dovecot for a while."""
    dovecot = program("dovecot")
    root = os.geteuid() == 0
    me = pwd.getpwnam("nobody" if root else getpass.getuser())
    internal = pwd.getpwnam("dovecot") if root else me
    with (
        tempfile.TemporaryDirectory(prefix="tocsin-imap-") as folder,
        ports.reserve() as for_plain,
        ports.reserve() as for_tls,
    ):
        home = Path(folder)
        plain, tls = ports.number(for_plain), ports.number(for_tls)
        (home / "chain.pem").write_text(certificate().chain)
        (home / "mail").mkdir()
        if root:
            home.chmod(0o755)
            shutil.chown(home / "mail", me.pw_uid, me.pw_gid)
        configuration = home / "dovecot.conf"
        configuration.write_text(
            _CONFIGURATION.format(
                home=home,
                internal=internal.pw_name,
                internal_group=grp.getgrgid(internal.pw_gid).gr_name,
                login="dovenull" if root else me.pw_name,
                password=PASSWORD,
                uid=me.pw_uid,
                gid=me.pw_gid,
                plain=plain,
                tls=tls,
            )
        )
        running = subprocess.Popen(  # noqa: S603 - the program found above
            [dovecot, "-F", "-c", str(configuration)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            _wait_for(tls, running, home / "log")
            yield PostOffice(home, plain=plain, tls=tls)
        finally:
            os.killpg(running.pid, signal.SIGKILL)  # it would let those who are signed in finish
            running.wait(10)


def _wait_for(port: int, running: subprocess.Popen[bytes], log: Path) -> None:
    pause = threading.Event()
    for _ in range(200):
        with contextlib.suppress(OSError, imaplib.IMAP4.error, ssl.SSLError):
            imaplib.IMAP4_SSL("127.0.0.1", port, ssl_context=client_tls(), timeout=5).logout()
            return
        if running.poll() is not None:
            break
        pause.wait(0.05)
    pytest.fail(f"dovecot did not start: {log.read_text() if log.exists() else 'no log'}")
