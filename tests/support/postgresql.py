"""A private PostgreSQL cluster in a directory of its own; nothing in it outlives the test run."""

import itertools
import shutil
import signal
import subprocess
from pathlib import Path

from tests.support.processes import HOST, Server, free_port, is_root, make_directory

# initdb and postgres refuse to be root.
_OWNER = "postgres"


def programs() -> Path | None:
    """Return the directory that holds initdb and postgres; Debian does not put it on the path."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    return versions[-1].parent if versions else None


class Cluster:
    """One running cluster."""

    def __init__(self) -> None:
        where = programs()
        if where is None:
            raise RuntimeError("PostgreSQL is not installed")
        self.port = free_port()
        self.directory = make_directory("pg", owner=_OWNER)
        data = self.directory / "data"
        subprocess.run(
            [where / "initdb", "-D", data, "-U", _OWNER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
            check=True,
            capture_output=True,
            cwd="/",
            user=_OWNER if is_root() else None,
        )
        options = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60")
        command = [
            str(where / "postgres"),
            "-D",
            str(data),
            "-h",
            HOST,
            "-p",
            str(self.port),
            "-k",
            str(self.directory),
        ]
        for option in options:
            command += ["-c", option]
        self._server = Server(command, self.directory, log=self.directory / "log", user=_OWNER)
        self._server.wait_until(self._answers)
        self._numbers = itertools.count(1)

    def create_database(self, template: str = "template1") -> str:
        """Create a database, empty or a copy of one that nobody is connected to, and return its name."""
        name = f"test_{next(self._numbers)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop_database(self, name: str) -> None:
        """Remove a database, with whoever is still connected to it."""
        self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def url(self, name: str) -> str:
        """Return the address of a database, as SQLAlchemy takes it."""
        return f"postgresql+psycopg://{_OWNER}@{HOST}:{self.port}/{name}"

    def stop(self) -> None:
        self._server.stop(signal.SIGINT)

    def _execute(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(self._conninfo(), autocommit=True) as connection:
            connection.execute(statement)

    def _answers(self) -> bool:
        import psycopg

        try:
            psycopg.connect(self._conninfo()).close()
        except psycopg.OperationalError:
            return False
        return True

    def _conninfo(self) -> str:
        return f"host={HOST} port={self.port} user={_OWNER} dbname=postgres connect_timeout=2"
