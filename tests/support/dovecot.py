"""A private Dovecot: plain IMAP with STARTTLS on one port, TLS on another, and any user with one password."""

import grp
import itertools
import os
import pwd
import shutil
import signal
from datetime import datetime
from pathlib import Path

from imapclient.imap_utf7 import encode  # type: ignore[import-untyped]  # ships no types

from tests.support.processes import HOST, Server, free_port, give_to, greets, is_root, make_directory

PASSWORD = "hemligt"
SWEDISH_PASSWORD = "hemligtÅÄÖ"

_CONFIG = """
base_dir = {directory}/run
state_dir = {directory}/state
instance_name = t{port}
log_path = {directory}/dovecot.log
protocols = imap
listen = {host}
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = no
auth_mechanisms = plain login{mechanisms}
auth_failure_delay = 0
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
first_valid_uid = 1
mail_location = maildir:{directory}/mail/%u
mail_uid = {mail}
mail_gid = {mail_group}
mail_fsync = never
mail_max_userip_connections = 50
mailbox_idle_check_interval = 1 secs
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Skräppost {{
    auto = subscribe
    special_use = \\Junk
  }}
  mailbox Skickat {{
    auto = subscribe
    special_use = \\Sent
  }}
}}
passdb {{
  driver = static
  args = password={password}
}}
passdb {{
  driver = static
  args = password={swedish_password}
}}
userdb {{
  driver = static
  args = uid={mail} gid={mail_group} home={directory}/home/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = {host}
    port = {port}
  }}
  inet_listener imaps {{
    address = {host}
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""

_TOKENS = """
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {asks}
}}
"""
_INTROSPECTION = """
introspection_mode = post
introspection_url = {url}
username_attribute = username
active_attribute = active
active_value = true
timeout_msecs = 5000
"""


def executable() -> str | None:
    return shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


class Dovecot:
    """One running instance. With ``introspection`` it takes access tokens, too, and asks that address about each. ``ca_file`` is what a client must trust to reach ``tls_port`` or to use STARTTLS."""

    def __init__(self, certificate: Path, key: Path, *, introspection: str = "") -> None:
        command = executable()
        if command is None:
            raise RuntimeError("Dovecot is not installed")
        me = pwd.getpwuid(os.geteuid()).pw_name
        mine = grp.getgrgid(os.getegid()).gr_name
        self.host = HOST
        self.port = free_port()
        self.tls_port = free_port()
        self.ca_file = str(certificate)
        self.directory = make_directory("dc")
        self._owner = "mail" if is_root() else me
        self._numbers = itertools.count(1)
        for name in ("run", "state", "mail", "home"):
            (self.directory / name).mkdir()
        give_to(self._owner, self.directory / "mail", self.directory / "home")
        config = self.directory / "dovecot.conf"
        tokens = self._takes_tokens(introspection) if introspection else ""
        config.write_text(
            tokens
            + _CONFIG.format(
                mechanisms=" xoauth2 oauthbearer" if introspection else "",
                directory=self.directory,
                host=HOST,
                port=self.port,
                tls_port=self.tls_port,
                certificate=certificate,
                key=key,
                internal="dovecot" if is_root() else me,
                internal_group="dovecot" if is_root() else mine,
                login="dovenull" if is_root() else me,
                mail=self._owner,
                mail_group="mail" if is_root() else mine,
                password=PASSWORD,
                swedish_password=SWEDISH_PASSWORD,
            )
        )
        log = self.directory / "dovecot.log"
        self._server = Server([command, "-F", "-c", str(config)], self.directory, log=log)
        self._server.wait_until(lambda: greets(self.port))

    def _takes_tokens(self, introspection: str) -> str:
        """Return settings with which a token is enough, if the server at ``introspection`` says so (RFC 7662)."""
        asks = self.directory / "oauth2.conf.ext"
        asks.write_text(_INTROSPECTION.format(url=introspection))
        return _TOKENS.format(asks=asks)

    def mailbox(self) -> "DovecotMailbox":
        """Return a mailbox nobody has used yet."""
        return DovecotMailbox(self, f"info{next(self._numbers)}@example.com", self._owner)

    def stop(self) -> None:
        # SIGQUIT: at once. The children see their master gone and end by themselves.
        self._server.stop(signal.SIGQUIT)


class DovecotMailbox:
    """One user's mailbox on a running instance."""

    def __init__(self, server: Dovecot, user: str, owner: str) -> None:
        self.server = server
        self.host = server.host
        self.port = server.port
        self.user = user
        self.password = PASSWORD
        self._owner = owner
        self.root = server.directory / "mail" / user
        self._numbers = itertools.count(1)

    def deliver(self, content: bytes, folder: str = "INBOX", when: datetime | None = None) -> None:
        """Put a mail into the folder as a delivery agent does; ``when`` becomes its INTERNALDATE (the file's mtime)."""
        maildir = self.root if folder == "INBOX" else self.root / f".{encode(folder).decode().replace('/', '.')}"
        self._make(maildir)
        name = f"{os.getpid()}.{next(self._numbers)}.tests"
        waiting = maildir / "tmp" / name
        waiting.write_bytes(content)
        give_to(self._owner, waiting)
        if when is not None:
            os.utime(waiting, (when.timestamp(), when.timestamp()))
        waiting.rename(maildir / "new" / name)

    def _make(self, maildir: Path) -> None:
        for path in (self.root, maildir, *(maildir / part for part in ("cur", "new", "tmp"))):
            if not path.exists():
                path.mkdir(mode=0o700)
                give_to(self._owner, path)
