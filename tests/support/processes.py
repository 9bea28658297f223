"""Servers as child processes: free ports, waiting until they answer, and leaving nothing behind."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

HOST = "127.0.0.1"


def is_root() -> bool:
    return os.geteuid() == 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def make_directory(prefix: str, *, owner: str | None = None) -> Path:
    """Return a new directory with a short name (a unix socket's path has little room), open to read for all."""
    directory = Path(tempfile.mkdtemp(prefix=prefix, dir="/tmp"))
    directory.chmod(0o755)
    if owner is not None and is_root():
        give_to(owner, directory)
    return directory


def give_to(owner: str, *paths: Path) -> None:
    """Change the owner of the paths; only root can, and only root needs to."""
    if is_root():
        user = pwd.getpwnam(owner)
        for path in paths:
            os.chown(path, user.pw_uid, user.pw_gid)


class Server:
    """A child process that is a server, with its directory; both are gone after ``stop``."""

    def __init__(self, command: Sequence[str], directory: Path, *, log: Path, user: str | None = None) -> None:
        self.directory = directory
        self._log = log
        # Killed with this process, even where pytest itself is killed and runs no finalizer.
        bound = ("setpriv", "--pdeathsig", "KILL", "--") if shutil.which("setpriv") else ()
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [*bound, *command],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                user=user if is_root() else None,
                group=user if is_root() else None,
                extra_groups=[] if is_root() and user else None,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait_until(self, answers: Callable[[], bool], *, tries: int = 500) -> None:
        """Return when ``answers()`` is true, asking every 20 ms. Raises RuntimeError with the server's log if it dies."""
        for _ in range(tries):
            if answers():
                return
            try:
                self._process.wait(timeout=0.02)
            except subprocess.TimeoutExpired:
                continue
            break
        log = self._log.read_text(errors="replace") if self._log.exists() else ""
        self.stop(signal.SIGKILL)
        raise RuntimeError(f"the server does not answer; its log says:\n{log}")

    def stop(self, by: signal.Signals) -> None:
        """End the process with the signal, by force after five seconds, and remove its directory. Safe to call twice."""
        if self._process.poll() is None:
            self._process.send_signal(by)
            try:
                self._process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)


def greets(port: int) -> bool:
    """Return whether something that listens on the port says something by itself (IMAP and SMTP servers do)."""
    try:
        with socket.create_connection((HOST, port), timeout=2) as connection:
            return bool(connection.recv(64))
    except OSError:
        return False
