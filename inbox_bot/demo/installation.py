"""A whole installation in one process and one temporary folder: mailbox, outgoing server, program, pages."""

import json
import os
import secrets
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Self, TextIO

from inbox_bot import log
from inbox_bot.assembly import Building, furnish
from inbox_bot.clock import SystemClock
from inbox_bot.demo.imap_server import EmbeddedImap
from inbox_bot.demo.program import Program
from inbox_bot.demo.smtp_catcher import SmtpCatcher
from inbox_bot.errors import InboxBotError
from inbox_bot.serving import listen
from inbox_bot.settings import read_settings

MAILBOX = "info"
ADDRESS = "info@example.se"
STAFF = "anna@example.se"
HOST = "127.0.0.1"
RULES = Path(__file__).parent / "rules"
LOOK_BACK_DAYS = 30

_LONGEST_WAIT = 30.0
_SHORTEST_WAIT = 2.0
_GLANCE = 0.05
_TEMPLATE = """\
secret = {secret}
[mailbox.{mailbox}]
host = "127.0.0.1"
port = {imap_port}
security = "plain"
username = {address}
password = {password}
look_back_days = {look_back_days}
poll_seconds = 2
[smtp]
host = "127.0.0.1"
port = {smtp_port}
security = "plain"
sender = {address}
[web]
host = "127.0.0.1"
port = {web_port}
public_url = {public_url}
[staff]
addresses = [{staff}]
[database]
url = {database}
[journal]
file = {journal}
[files]
rules = {rules}
[outbox]
per_hour = 500
[watch]
self_check = false
[notify]
on = false
[log]
level = "warning"
"""


class Halted(Exception):  # noqa: N818  # no error: a person has seen enough
    """The demo was told to stop while it waited for something."""


class Installation:
    """The program at work, from ``with`` to its end, on servers of its own. Its folder and all in it are then gone.

    ``wanted_port`` is where the pages are served; another if that one is taken. Everything is on this machine alone.
    ``halted`` ends every wait when it is set.
    """

    def __init__(self, *, wanted_port: int, halted: threading.Event | None = None) -> None:
        self.clock = SystemClock()
        self.halted = halted or threading.Event()
        self.folder = Path(tempfile.mkdtemp(prefix="inbox-bot-demo-"))
        self.settings_file = self.folder / "inbox-bot.toml"
        self.imap = EmbeddedImap(user=ADDRESS, password=secrets.token_urlsafe(12))
        self.smtp = SmtpCatcher()
        self._wanted_port = wanted_port
        self._patience = _LONGEST_WAIT
        self._log: TextIO | None = None
        self._program: Program | None = None
        self._building: Building | None = None
        self._environment: dict[str, str] = {}

    @property
    def building(self) -> Building:
        if self._building is None:
            raise RuntimeError("the installation is not open")
        return self._building

    @property
    def pages(self) -> str:
        """The address of the pages, without a slash at its end."""
        return self.building.settings.web.public_url

    def __enter__(self) -> Self:
        try:
            self._open()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def put(self, content: bytes, *, folder: str = "INBOX", received: datetime | None = None) -> None:
        """Put a mail into the mailbox, as its server does when one comes in."""
        self.imap.append(folder, content, received or self.clock.now())

    def start(self) -> None:
        """Let worker and pages begin, and return when the mailbox has been looked into for the first time."""
        assert self._program is not None
        self._program.start()
        self.wait_until(self._has_looked, "the first look into the mailbox")

    def wait_until(self, condition: Callable[[], bool], what: str) -> None:
        """Return as soon as ``condition`` holds.

        Raises InboxBotError naming ``what`` if it does not in time, Halted, or the error that ended the program. Each
        wait in vain halves the patience for the next, so that a program in which nothing works is soon known as such.
        """
        until = time.monotonic() + self._patience
        while not condition():
            self.check()
            if time.monotonic() >= until:
                self._patience = max(self._patience / 2, _SHORTEST_WAIT)
                raise InboxBotError(f"Waited in vain for {what}.")
            if self.halted.wait(_GLANCE):
                raise Halted

    def check(self) -> None:
        """Raise what ended the program, if it has ended by itself."""
        if self._program is not None:
            self._program.check()

    def stop(self) -> None:
        """Let worker and pages finish what they are doing and end; the servers and the database stay. Safe to call twice."""
        if self._program is not None:
            program, self._program = self._program, None
            program.stop()

    def close(self) -> None:
        """End everything, and remove the folder. Safe to call twice."""
        try:
            self.stop()
        finally:
            if self._building is not None:
                self._building.close()
            self.imap.stop()
            self.smtp.stop()
            if self._log is not None:
                log.configure()
                self._log.close()
            os.environ.update(self._environment)
            shutil.rmtree(self.folder, ignore_errors=True)

    def _open(self) -> None:
        self._environment = _set_apart_environment()
        (self.folder / "letters").mkdir()
        self._log = (self.folder / "log.txt").open("w", encoding="utf-8")
        listener = _listener(self._wanted_port)
        try:
            self._write_settings(listener.getsockname()[1])
            settings = read_settings(self.settings_file)
            log.configure(level="info", stream=self._log)
            self._building = furnish(settings, clock=self.clock)
        except BaseException:
            listener.close()
            raise
        self._program = Program(self._building, listener)

    def _write_settings(self, web_port: int) -> None:
        values = {
            "secret": secrets.token_urlsafe(32),
            "address": ADDRESS,
            "password": self.imap.password,
            "public_url": f"http://{HOST}:{web_port}",
            "staff": STAFF,
            "database": f"sqlite:///{self.folder / 'demo.db'}",
            "journal": str(self.folder / "erasures.jsonl"),
            "rules": str(RULES),
        }
        # A JSON string is a TOML string.
        quoted = {name: json.dumps(value, ensure_ascii=False) for name, value in values.items()}
        numbers = {"imap_port": self.imap.start(), "smtp_port": self.smtp.start(), "web_port": web_port}
        text = _TEMPLATE.format(mailbox=MAILBOX, look_back_days=LOOK_BACK_DAYS, **numbers, **quoted)
        self.settings_file.write_text(text, "utf-8")

    def _has_looked(self) -> bool:
        boxes = self.building.flow.archive.overview().mailboxes
        return any(box.looked_at is not None for box in boxes)


def _listener(wanted_port: int) -> socket.socket:
    try:
        return listen(HOST, wanted_port)
    except InboxBotError:
        return listen(HOST, 0)


def _set_apart_environment() -> dict[str, str]:
    """Take our own variables out of the environment, and return them.

    The environment wins over a settings file: a variable set for a real installation would make the demo, and the
    commands it starts, write to a real mail server or database.
    """
    names = [name for name in os.environ if name.upper().startswith("INBOX_BOT_")]
    return {name: os.environ.pop(name) for name in names}
