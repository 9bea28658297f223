"""What very much mail, and very large mail, costs: memory of worker and reader, time a mail, and how long others wait.

    .venv/bin/python benchmarks/flood.py [--mails 5000] [--large 20] [--huge 10]

Run from the checkout. Needs Dovecot and openssl, as ``ingest.py``. First ``--mails`` from one address lie in the mailbox at once,
every tenth a request, and among them one person's; then ``--large`` mails of 20 MB and ``--huge`` of 30 MB, each from a
person of its own who asks for something, and ``--whole`` of 4.5 MB, which are fetched whole. The worker runs with the settings of an installation
(mails up to 5 MB whole), but for more receipts an hour, so that none of the large ones waits for that limit. Memory is PSS, sampled five times a second, of each process.
"""

import argparse
import random
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

import ingest
from ingest import Bench, _family, _proportional_kb

from tests.support.dovecot import Dovecot, DovecotMailbox

FLOODER = "flood@example.com"
ASKING = "Hej!\r\n\r\nJag vill ha ett registerutdrag med alla personuppgifter som ni har om mig.\r\n"


def mail(number: int, sender: str, text: str, extra: str = "") -> bytes:
    head = (
        f"Received: from mx.example.net by mx.example.org with ESMTPS id {number:08x}\r\n"
        f"From: Kim Exempel <{sender}>\r\nTo: info@example.org\r\nSubject: Hej {number}\r\n"
        f"Date: {format_datetime(datetime.now(UTC))}\r\nMessage-ID: <{number}.{sender}>\r\nMIME-Version: 1.0\r\n"
    )
    return f"{head}{extra}Content-Type: text/plain; charset=utf-8\r\n\r\n{text}".encode()


def large(number: int, sender: str, megabytes: float) -> bytes:
    """Return a mail with one text and an attachment that makes it so large."""
    line = bytes(
        random.Random(number).choices(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", k=76)
    )
    text = (
        mail(number, sender, "").partition(b"Content-Type")[0] + b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n'
    )
    text += b"--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + ASKING.encode()
    text += b'\r\n--x\r\nContent-Type: image/jpeg\r\nContent-Disposition: attachment; filename="bild.jpg"\r\n'
    text += b"Content-Transfer-Encoding: base64\r\n\r\n"
    return text + (line + b"\r\n") * int(megabytes * 1_000_000 / 78) + b"\r\n--x--\r\n"


class Gauge:
    """Samples the memory of a process and of its children, until it is stopped."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._over = threading.Event()
        self.peaks: dict[int, int] = {}
        self.together = 0
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._thread.start()

    def _sample(self) -> None:
        while not self._over.wait(0.2):
            try:
                seen = {pid: _proportional_kb(pid) for pid in _family(self._pid)}
            except (OSError, StopIteration):
                continue
            for pid, held in seen.items():
                self.peaks[pid] = max(self.peaks.get(pid, 0), held)
            self.together = max(self.together, sum(seen.values()))

    def stop(self) -> str:
        self._over.set()
        self._thread.join()
        worker = self.peaks.get(self._pid, 0) / 1024
        rest = max((held for pid, held in self.peaks.items() if pid != self._pid), default=0) / 1024
        return f"worker {worker:.0f} MB, reader {rest:.0f} MB, together {self.together / 1024:.0f} MB"


def flood(bench: Bench, mailbox: DovecotMailbox, mails: int) -> None:
    gauge = Gauge(bench.process.pid)
    other, start = "other@example.com", time.time()
    for number in range(mails):
        asks = ASKING if number % 10 == 0 else f"Fråga nummer {number}: när börjar kursen?\r\n"
        mailbox.deliver(mail(number, FLOODER, asks))
        if number == mails - 1:
            mailbox.deliver(mail(10**6, other, ASKING))
            arrived = time.time()
    print(f"  {mails} mails from one address delivered in {arrived - start:.1f} s, one other's last of all")
    bench.wait_receipts({other}, 180)
    print(f"  the other's receipt came {bench.received[other] - arrived:.1f} s after their mail")
    limit, pause = time.monotonic() + 600, threading.Event()
    done = "SELECT count(*) FROM mail WHERE state IN ('filed', 'left', 'to_sort', 'set_aside', 'quarantined')"
    while bench.count(done) < mails + 1 and time.monotonic() < limit:
        pause.wait(0.2)
    spent = time.time() - arrived
    print(
        f"  all had their fate {spent:.1f} s after the last came ({(mails + 1) / (time.time() - start):.0f} a second)"
    )
    print(f"  fates: {bench.fates()}; letters to the one address: {bench.count(LETTERS)}")
    print(f"  peak memory: {gauge.stop()}")


LETTERS = f"SELECT count(*) FROM letter WHERE recipient = '{FLOODER}' OR state IN ('held', 'queued', 'deferred')"


def heavy(bench: Bench, mailbox: DovecotMailbox, sizes: list[float], first: int = 0) -> None:
    senders = {f"large{number}@example.com": size for number, size in enumerate(sizes, first)}
    for number, (sender, size) in enumerate(senders.items(), first):
        content = large(2 * 10**6 + number, sender, size)
        mailbox.deliver(content, folder="Skickat")
        del content
    gauge = Gauge(bench.process.pid)
    waiting = sorted((mailbox.root / ".Skickat" / "new").iterdir())
    start = time.time()
    for path in waiting:
        path.rename(mailbox.root / "new" / path.name)
    bench.wait_receipts(set(senders), 300)
    spent = time.time() - start
    print(
        f"  {len(sizes)} mails, {sum(sizes):.0f} MB: every receipt out after {spent:.1f} s, {spent / len(sizes):.2f} s a mail"
    )
    fetched = "SELECT unixepoch(max(fetched_at)) FROM mail"
    print(f"  the last was fetched {bench.count(fetched) - start:.1f} s after they all lay there")
    print(f"  fetched in part: {bench.count('SELECT count(*) FROM mail WHERE abridged IS NOT NULL')}")
    print(f"  peak memory: {gauge.stop()}")


WHOLE = 4.5
"""Megabytes of a mail that is fetched whole with the settings as they are."""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--mails", type=int, default=5000)
    options.add_argument("--large", type=int, default=20)
    options.add_argument("--huge", type=int, default=10)
    options.add_argument("--whole", type=int, default=30)
    chosen = options.parse_args()
    ingest.PER_HOUR = (
        100  # Beyond the sixty of an installation: what is measured is the time a mail takes, not that limit.
    )
    with tempfile.TemporaryDirectory(prefix="cert") as folder, tempfile.TemporaryDirectory(prefix="flood") as work:
        dovecot = Dovecot(*ingest.certificate(Path(folder)))
        try:
            box = dovecot.mailbox()
            bench = Bench(box, Path(work))
            try:
                print(f"{datetime.now(UTC):%Y-%m-%d}: worker and reader at rest, {bench.resident_mb():.0f} MB")
                flood(bench, box, chosen.mails)
                heavy(bench, box, [20] * chosen.large + [30] * chosen.huge)
                heavy(bench, box, [WHOLE] * chosen.whole, first=chosen.large + chosen.huge)
            finally:
                bench.close()
        finally:
            dovecot.stop()


if __name__ == "__main__":
    main()
