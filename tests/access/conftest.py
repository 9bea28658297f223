"""An authority on this machine, and installations whose mailboxes log in there."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from sqlalchemy import Engine

from inbox_bot.access.keyring import Keyring
from inbox_bot.assembly_access import build_keyring
from inbox_bot.clock import SetClock
from inbox_bot.settings import Settings
from inbox_bot.store.unit import Desk
from tests.conftest import make_settings
from tests.support.authority import CLIENT, SECRET, TENANT, USER, Authority, AuthorityServer
from tests.support.house import START
from tests.support.servers import Certificate

KEY = "c2l4dGVlbiBieXRlcyBhbmQgc2l4dGVlbiBtb3JlLi4="


@pytest.fixture(scope="session")
def rsa(tmp_path_factory: pytest.TempPathFactory, certificate: Certificate) -> Path:
    """A PEM file with an RSA key and its certificate, good for two days."""
    folder = tmp_path_factory.mktemp("rsa")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=inbox-bot"]
    command += ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run(command, check=True, capture_output=True)
    both = folder / "both.pem"
    both.write_text((folder / "key.pem").read_text() + (folder / "cert.pem").read_text())
    return both


@pytest.fixture
def authority(rsa: Path) -> Authority:
    return Authority(public_key=load_pem_private_key(rsa.read_bytes(), None).public_key())


@pytest.fixture
def server(authority: Authority, certificate: Certificate) -> Iterator[AuthorityServer]:
    with AuthorityServer(authority, certificate.server_context()) as running:
        yield running


@pytest.fixture
def clock() -> SetClock:
    return SetClock(START)


@pytest.fixture
def settings(server: AuthorityServer, certificate: Certificate) -> Callable[..., Settings]:
    """Settings of an installation at Microsoft; what is given changes ``[microsoft]`` and ``[access]``."""

    def made(access: dict[str, Any] | None = None, boxes: dict[str, Any] | None = None, **microsoft: Any) -> Settings:
        box = {"host": "127.0.0.1", "username": USER, "auth": "microsoft"}
        given = {"tenant": TENANT, "client": CLIENT, "authority": server.url, "ca_file": certificate.ca_file}
        if microsoft.get("flow") != "device_code" and "certificate_file" not in microsoft:
            given["client_secret"] = SECRET
        return make_settings(
            mailbox=boxes or {"info": box},
            smtp={"host": "127.0.0.1", "sender": USER, "username": USER, "auth": "microsoft"},
            microsoft=given | microsoft,
            access={"key": KEY} | (access or {}),
        )

    return made


@pytest.fixture
def keyring(database: Engine, clock: SetClock) -> Callable[[Settings], Keyring]:
    """A process's logins; called twice, as after a restart."""
    return lambda settings: build_keyring(settings, Desk(database), clock)


@pytest.fixture
def google(server: AuthorityServer, certificate: Certificate, rsa: Path, tmp_path: Path) -> Callable[[str], Settings]:
    """Settings of an installation at Google, by a key file of the kind given."""

    def made(kind: str) -> Settings:
        client = {"client_id": CLIENT, "client_secret": SECRET, "auth_uri": f"{server.url}/auth"}
        contents = {
            "service_account": {
                "type": "service_account",
                "client_email": "bot@project.example.com",
                "private_key": rsa.read_text().partition("-----BEGIN CERTIFICATE")[0],
                "private_key_id": "1",
                "token_uri": f"{server.url}/token",
            },
            "installed": {"installed": client | {"token_uri": f"{server.url}/token"}},
        }
        file = tmp_path / "google.json"
        file.write_text(json.dumps(contents[kind]))
        box = {"host": "127.0.0.1", "username": USER, "auth": "google"}
        return make_settings(
            mailbox={"info": box},
            google={"key_file": str(file), "ca_file": certificate.ca_file},
            access={"key": KEY},
        )

    return made
