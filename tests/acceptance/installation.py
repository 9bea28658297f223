"""An installation as a company has one: a settings file, a mailbox, an outgoing server, and the command beside this Python."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

import httpx
from sqlalchemy import create_engine, text

from inbox_bot.demo.imap_server import EmbeddedImap
from inbox_bot.demo.smtp_catcher import SmtpCatcher
from tests.support.dovecot import DovecotMailbox
from tests.support.processes import HOST, free_port

SECRET = "an-invented-secret-that-is-long-enough-for-tests"
_SCRIPT = Path(sys.executable).with_name("inbox-bot")
COMMAND = [str(_SCRIPT)] if _SCRIPT.exists() else [sys.executable, "-m", "inbox_bot"]
T = TypeVar("T")


def until(holds: Callable[[], T], seconds: float = 30.0) -> T:
    """Return what ``holds()`` returns as soon as it is true, asking again and again. Raises TimeoutError."""
    end = time.monotonic() + seconds
    never = threading.Event()
    while not (found := holds()):
        if time.monotonic() > end:
            raise TimeoutError(f"this did not come true within {seconds:g} s")
        never.wait(0.03)
    return found


class Mailbox(Protocol):
    """What a person's mail arrives in, on whichever server."""

    host: str
    port: int
    user: str
    password: str

    def deliver(self, content: bytes, folder: str = "INBOX", when: datetime | None = None) -> None: ...


class PymapMailbox:
    """The embedded server as a mailbox to deliver to."""

    def __init__(self, server: EmbeddedImap) -> None:
        self._server = server
        self.host = HOST
        self.port = server.port
        self.user = server.user
        self.password = server.password

    def deliver(self, content: bytes, folder: str = "INBOX", when: datetime | None = None) -> None:
        self._server.append(folder, content, when or datetime.now().astimezone())


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A command that has run to its end."""

    code: int
    out: str
    err: str


class Program:
    """The command as a process that goes on; its output is kept in two files."""

    def __init__(self, arguments: Sequence[str], folder: Path, name: str) -> None:
        self._errors = folder / f"{name}.err"
        self._output = folder / f"{name}.out"
        with self._output.open("wb") as output, self._errors.open("wb") as errors:
            self._process = subprocess.Popen(
                [*COMMAND, *arguments],
                cwd=folder,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def log(self) -> str:
        return self._errors.read_text("utf-8")

    def check_alive(self) -> None:
        if self._process.poll() is not None:
            raise RuntimeError(f"the program ended with {self._process.returncode}:\n{self.log}")

    def stop(self, seconds: float = 10.0) -> int:
        """Ask it to stop as a service manager does, and return its exit code. Raises subprocess.TimeoutExpired."""
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(seconds)

    def wait(self, seconds: float = 60.0) -> int:
        """Return its exit code when it has ended by itself. Raises subprocess.TimeoutExpired."""
        return self._process.wait(seconds)

    def kill(self) -> None:
        """End it as a power cut does. Safe to call on one that has ended."""
        self._process.kill()
        self._process.wait()


def environment() -> dict[str, str]:
    """Return this process's environment without any setting of the program's own."""
    # Compiling the program anew for each of some eighty commands would take longer than the commands.
    left_out = ("INBOX_BOT_", "PYTHONDONTWRITEBYTECODE")
    return {name: value for name, value in os.environ.items() if not name.startswith(left_out)}


def run_command(*arguments: str, folder: Path, most_blocks: int | None = None) -> Ended:
    """Run the command to its end. ``most_blocks``: how large a file it may write, in the shell's blocks of 512 bytes."""
    # Python itself would leave compiled files cut off at the limit, and stumble over them ever after.
    limit = f'export PYTHONDONTWRITEBYTECODE=1 && ulimit -f {most_blocks} && exec "$@"'
    limited = ["sh", "-c", limit, "sh"] if most_blocks else []
    done = subprocess.run(
        [*limited, *COMMAND, *arguments],
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    return Ended(code=done.returncode, out=done.stdout.decode(), err=done.stderr.decode())


@dataclass(kw_only=True)
class Installation:
    """One company's settings file with everything it names. ``more`` are further settings, TOML as it stands."""

    folder: Path
    mailbox: Mailbox
    catcher: SmtpCatcher
    database: str = ""
    more: str = ""
    name: str = "inbox-bot"
    web_port: int = field(default_factory=free_port)
    _programs: list[Program] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.database = self.database or f"sqlite:///{self.folder}/cases.db"
        self.file = self.folder / f"{self.name}.toml"
        self.public_url = f"http://{HOST}:{self.web_port}"
        self.file.write_text(self.settings(), "utf-8")
        self._engine = create_engine(self.database)

    def settings(self) -> str:
        """Return the settings file. JSON strings are TOML strings."""
        values: dict[str, dict[str, Any]] = {
            "mailbox.info": {
                "host": self.mailbox.host,
                "port": self.mailbox.port,
                "security": "plain",
                "username": self.mailbox.user,
                "password": self.mailbox.password,
                "poll_seconds": 1,
            },
            "smtp": {"host": HOST, "port": self.catcher.port, "security": "plain", "sender": self.mailbox.user},
            "web": {"host": HOST, "port": self.web_port, "public_url": self.public_url},
            "staff": {"addresses": ["anna@example.com"]},
            "database": {"url": self.database},
            "watch": {"self_check": False},
            "notify": {"on": False},  # it follows the hour of the day, and these tests run at any
        }
        sections = [f"[{name}]\n" + _lines(section) for name, section in values.items()]
        return f"secret = {json.dumps(SECRET)}\n\n" + "\n".join([*sections, self.more])

    def run(self, *arguments: str, code: int = 0) -> str:
        """Run a command on this installation to its end and return what it printed; it must exit with ``code``."""
        done = self.attempt(*arguments)
        assert done.code == code, f"inbox-bot {' '.join(arguments)} exited with {done.code}: {done.out}{done.err}"
        return done.out + done.err

    def attempt(self, *arguments: str) -> Ended:
        """Run a command on this installation to its end, however it ends."""
        return run_command(*arguments, "--config", str(self.file), folder=self.folder)

    def read(self, *arguments: str) -> Any:
        """Run a command with --json and return what it printed."""
        done = self.attempt(*arguments, "--json")
        assert done.code == 0, done.err
        return json.loads(done.out)

    def start(self, command: str = "run", *arguments: str) -> Program:
        """Start ``run``, ``worker`` or ``web``. The test must stop it; what still runs at the end is killed."""
        name = f"{self.name}-{command}-{len(self._programs)}"
        program = Program([command, *arguments, "--config", str(self.file)], self.folder, name)
        self._programs.append(program)
        return program

    def start_and_look(self, command: str = "run") -> Program:
        """Start it and return when it has read through the mailbox, so that all mail from now on is new to it."""
        program = self.start(command)
        until(lambda: program.check_alive() or self._has_looked())
        return program

    def _has_looked(self) -> bool:
        return self.has_schema() and bool(self.rows("SELECT 1 FROM mailbox WHERE looked_at IS NOT NULL"))

    def answers(self) -> bool:
        """Return whether the pages are up; what they say of the mailboxes is another question."""
        with suppress(httpx.TransportError):
            return httpx.get(f"{self.public_url}/halsa").status_code in {200, 503}
        return False

    def has_schema(self) -> bool:
        with self._engine.connect() as connection:
            return bool(self._engine.dialect.has_table(connection, "mailbox"))

    def rows(self, query: str, **values: Any) -> list[dict[str, Any]]:
        """Return what a query finds in the database, past the program."""
        with self._engine.connect() as connection:
            return [dict(row) for row in connection.execute(text(query), values).mappings()]

    def change(self, statement: str, **values: Any) -> int:
        """Change the database past the program, for what only time would do; return how many rows it was."""
        with self._engine.begin() as connection:
            return connection.execute(text(statement), values).rowcount

    def claims(self, state: str) -> list[dict[str, Any]]:
        """Return the claims that stand in a state, with their case's reference and requester."""
        return self.rows(
            'SELECT claim.*, "case".reference, "case".requester FROM claim JOIN "case" ON "case".id = claim.case_id'
            " WHERE claim.state = :state",
            state=state,
        )

    def close(self) -> None:
        """Leave nothing running."""
        for program in self._programs:
            program.kill()
        self.close_database()

    def close_database(self) -> None:
        """Give back our own connections to the database; the next query makes new ones."""
        self._engine.dispose()


def _lines(section: Mapping[str, Any]) -> str:
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in section.items())


def as_mailbox(server: EmbeddedImap | DovecotMailbox) -> Mailbox:
    return PymapMailbox(server) if isinstance(server, EmbeddedImap) else server
