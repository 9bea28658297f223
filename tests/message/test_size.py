"""The largest and strangest mails: each read in seconds and little memory, measured in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_MAKE = """
import base64, io, json, sys, time, zipfile
from inbox_bot.message.parse import read

def bomb():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", bytes(20_000_000))
    return base64.encodebytes(packed.getvalue())

H = b"From: a@example.com\\r\\nSubject: x\\r\\n"
MIXED = H + b"Content-Type: multipart/mixed; boundary=b\\r\\n\\r\\n--b\\r\\n\\r\\nRadera mig\\r\\n--b\\r\\n"
FILE = b"Content-Type: application/pdf; name=a.pdf\\r\\nContent-Transfer-Encoding: base64\\r\\n\\r\\n"
CASES = {
    "header of 200 kB": lambda: H + b"X-A: " + b"a b\\r\\n " * 40_000 + b"\\r\\n\\r\\nRadera mig",
    "5 MB of headers": lambda: H + b"X: y\\r\\n" * 800_000 + b"\\r\\nRadera mig",
    "10,000 parts": lambda: MIXED + b"".join(FILE + b"aGVq\\r\\n--b\\r\\n" for _ in range(10_000)),
    "nested 1,000 deep": lambda: H + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\\r\\n\\r\\n--b%d\\r\\n" % (n, n) for n in range(1_000)) + b"\\r\\nRadera mig",
    "1 MB nested 90 deep": lambda: H + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\\r\\n\\r\\n--b%d\\r\\n" % (n, n) for n in range(90)) + b"\\r\\nRadera mig\\r\\n" * 75_000,
    "zip bomb": lambda: MIXED + FILE.replace(b"pdf", b"zip") + bomb() + b"--b--",
    "attachment of 30 MB": lambda: MIXED + FILE + base64.encodebytes(bytes(22_000_000)) + b"--b--",
    "30 MB of text": lambda: H + b"\\r\\nRadera mig" * 2_500_000,
    "30 MB of blank lines": lambda: H + b"\\r\\nRadera mig\\r\\n" + b"\\n" * 30_000_000,
    "5 MB of HTML": lambda: H + b"Content-Type: text/html\\r\\n\\r\\n" + b"<p>Radera mig</p>\\r\\n" * 260_000,
    "3 MB of uuencoding": lambda: H + b"Content-Transfer-Encoding: x-uuencode\\r\\n\\r\\nbegin 644 x\\r\\n" + b"+4F%D97)A(&UI9PH\\r\\n" * 170_000,
}
found = {}
for name in sys.argv[1:]:
    content = CASES[name]()
    started = time.process_time()
    message = read(content, frozenset())
    found[name] = [time.process_time() - started, "Radera mig" in message.reply_text]
    del content
# Not getrusage: its peak outlives exec, and with it that of the process that started this one.
status = open("/proc/self/status").read()
found["peak"] = int(status.split("VmHWM:")[1].split()[0]) / 1024
print(json.dumps(found))
"""
_SMALL = (
    "header of 200 kB",
    "10,000 parts",
    "nested 1,000 deep",
    "zip bomb",
    "5 MB of headers",
    "1 MB nested 90 deep",
    "5 MB of HTML",
    "3 MB of uuencoding",
)
_LARGE = ("30 MB of text", "30 MB of blank lines", "attachment of 30 MB")


@pytest.mark.parametrize(("names", "most"), [(_SMALL, 150), (_LARGE, 350)], ids=["many", "large"])
def test_time_and_memory_stay_bounded(names, most):
    done = subprocess.run([sys.executable, "-c", _MAKE, *names], cwd=_ROOT, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    # The mail itself and what the test makes it of are part of the peak.
    assert found.pop("peak") < most
    for name, (seconds, is_read) in found.items():
        assert seconds < 10, name
        assert is_read, name
