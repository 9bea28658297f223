import os
import signal
import socket
import subprocess
import sys

import pytest

from inbox_bot.demo.show import play, show
from inbox_bot.errors import InboxBotError

_SECONDS = 60


@pytest.fixture
def start(tmp_path):
    """Start ``inbox-bot demo`` in a process group of its own, with an empty folder for its temporary files."""
    running = []

    def begin(*words):
        process = subprocess.Popen(
            [sys.executable, "-m", "inbox_bot", "demo", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | {"TMPDIR": str(tmp_path)},
            start_new_session=True,
        )
        running.append(process)
        return process

    yield begin
    for process in running:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(_SECONDS)
        process.stdout.close()


def _read_until(process, words):
    seen = []
    for line in process.stdout:
        seen.append(line)
        if words in line:
            return "".join(seen)
    pytest.fail(f"{words!r} never came: {''.join(seen)}")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly_in_the_middle_of_the_mails(start, tmp_path, number):
    process = start("--port", "0")
    shown = _read_until(process, "PK-")
    assert "Staff page  http://127.0.0.1:" in shown
    process.send_signal(number)
    rest = process.stdout.read()
    assert process.wait(_SECONDS) == 0, rest
    assert "Nothing is left" in rest
    assert "Traceback" not in rest
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


def test_a_port_that_is_taken_is_said_and_another_is_used(start):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = start("--port", str(port))
        shown = _read_until(process, "Letters")
    assert f"Port {port} is taken" in shown
    assert f":{port}/personal" not in shown


@pytest.mark.parametrize("door", [play, lambda: show(0)])
def test_without_the_extra_it_says_how_to_get_it(monkeypatch, door):
    monkeypatch.setattr("inbox_bot.demo.show.find_spec", lambda name: None if name == "pymap" else object())
    with pytest.raises(InboxBotError, match="pymap") as caught:
        door()
    assert "pip install 'inbox-bot[demo]'" in str(caught.value)
