"""A pytest plugin: real servers as fixtures, and what happens where a machine lacks one.

``@pytest.mark.needs("dovecot")``, or the use of one of the fixtures below, ties a test to a part that has to be
installed. Without the part the test is deselected and one line at the end says so; with INBOX_BOT_TEST_ALL=1 it fails.
"""

import importlib.util
import os
import shutil
import ssl
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from inbox_bot.demo.imap_server import EmbeddedImap
from inbox_bot.demo.smtp_catcher import SmtpCatcher
from tests.support import dovecot, postgresql
from tests.support.dovecot import Dovecot, DovecotMailbox
from tests.support.postgresql import Cluster
from tests.support.processes import make_directory
from tests.support.scripted import ScriptedServer

# For the tests of this plugin itself (tests/contract/test_servers.py).
pytest_plugins = ["pytester"]

TEST_ALL = "INBOX_BOT_TEST_ALL"


@dataclass(frozen=True, kw_only=True)
class Part:
    """Something a test may need and a machine may lack. ``packages``: what to apt-get on Debian."""

    packages: str
    fixtures: frozenset[str]
    is_here: Callable[[], bool]


def _chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


PARTS = {
    "dovecot": Part(
        packages="dovecot-imapd openssl",
        fixtures=frozenset({"dovecot_instance", "dovecot_server"}),
        is_here=lambda: dovecot.executable() is not None and shutil.which("openssl") is not None,
    ),
    "postgresql": Part(
        packages="postgresql",
        fixtures=frozenset({"postgres_cluster", "postgres_url"}),
        is_here=lambda: postgresql.programs() is not None and importlib.util.find_spec("psycopg") is not None,
    ),
    "chromium": Part(
        packages="chromium",
        fixtures=frozenset({"chromium_path"}),
        is_here=lambda: _chromium() is not None and importlib.util.find_spec("playwright") is not None,
    ),
    "openssl": Part(
        packages="openssl",
        fixtures=frozenset({"certificate"}),
        is_here=lambda: shutil.which("openssl") is not None,
    ),
}

_LEFT_OUT = pytest.StashKey[Counter[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(part, ...): the test needs these parts installed: " + ", ".join(PARTS))
    config.stash[_LEFT_OUT] = Counter()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    absent = _absent()
    if not absent or os.environ.get(TEST_ALL) == "1":
        return
    left_out = [item for item in items if _needs(item) & absent]
    for item in left_out:
        config.stash[_LEFT_OUT].update(_needs(item) & absent)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not _needs(item) & absent]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    lacking = _needs(item) & _absent()
    if lacking:
        pytest.fail(f"{TEST_ALL}=1, but {', '.join(sorted(lacking))} is not installed", pytrace=False)


def pytest_sessionfinish(session: pytest.Session) -> None:
    output = getattr(session.config, "workeroutput", None)
    if output is not None:  # A process of several: it tells the one that writes the summary.
        output["left_out"] = dict(session.config.stash[_LEFT_OUT])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Each process has left out the same; one that died before it could tell has nothing to add."""
    node.config.stash[_LEFT_OUT] |= Counter(getattr(node, "workeroutput", {}).get("left_out", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    left_out = config.stash[_LEFT_OUT]
    if left_out:
        counts = ", ".join(f"{part} ({count} tests)" for part, count in sorted(left_out.items()))
        packages = " ".join(sorted({name for part in left_out for name in PARTS[part].packages.split()}))
        terminalreporter.write_line(f"Left out: {counts}. To run them: apt-get install {packages}", yellow=True)


def _needs(item: pytest.Item) -> set[str]:
    """Return the parts a test needs, by its markers or by its fixtures. Raises KeyError for an unknown part."""
    named = {part for marker in item.iter_markers("needs") for part in marker.args}
    if named - PARTS.keys():
        raise pytest.UsageError(f"{item.nodeid} needs {sorted(named - PARTS.keys())}, which nobody knows how to get")
    fixtures = set(getattr(item, "fixturenames", ()))
    return named | {name for name, part in PARTS.items() if part.fixtures & fixtures}


def _absent() -> set[str]:
    return {name for name, part in PARTS.items() if not part.is_here()}


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """A certificate for localhost and 127.0.0.1 that signs itself: also what a client must trust."""

    certificate: Path
    key: Path

    @property
    def ca_file(self) -> str:
        return str(self.certificate)

    def server_context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate, self.key)
        return context


@pytest.fixture(scope="session")
def certificate() -> Iterator[Certificate]:
    directory = make_directory("crt")
    made = Certificate(certificate=directory / "cert.pem", key=directory / "key.pem")
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
    ]
    command += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    command += [
        "-addext",
        "keyUsage=digitalSignature,keyCertSign",
        "-keyout",
        str(made.key),
        "-out",
        str(made.certificate),
    ]
    try:
        subprocess.run(command, check=True, capture_output=True)
        yield made
    finally:
        shutil.rmtree(directory)


@pytest.fixture
def pymap_server() -> Iterator[EmbeddedImap]:
    """An IMAP server in this process, new for each test."""
    with EmbeddedImap(user="info@example.com", password="hemligt") as server:
        yield server


@pytest.fixture
def smtp_catcher() -> Iterator[SmtpCatcher]:
    """An SMTP server in this process, new for each test."""
    with SmtpCatcher() as catcher:
        yield catcher


@pytest.fixture
def scripted_server() -> Iterator[ScriptedServer]:
    """A server that says word for word what the test tells it to."""
    with ScriptedServer() as server:
        yield server


@pytest.fixture(scope="session")
def dovecot_instance(certificate: Certificate) -> Iterator[Dovecot]:
    """One Dovecot for the whole run."""
    instance = Dovecot(certificate.certificate, certificate.key)
    yield instance
    instance.stop()


@pytest.fixture
def dovecot_server(dovecot_instance: Dovecot) -> DovecotMailbox:
    """A mailbox on Dovecot that no other test has used."""
    return dovecot_instance.mailbox()


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    """One PostgreSQL for the whole run."""
    cluster = Cluster()
    yield cluster
    cluster.stop()


@pytest.fixture
def postgres_url(postgres_cluster: Cluster) -> Iterator[str]:
    """The address of an empty database, new for each test."""
    name = postgres_cluster.create_database()
    yield postgres_cluster.url(name)
    postgres_cluster.drop_database(name)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Where the browser is."""
    found = _chromium()
    assert found is not None, "Chromium is not installed; mark the test with needs('chromium')"
    return found
