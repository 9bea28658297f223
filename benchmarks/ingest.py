"""How fast mail becomes receipts: 1,000 generated Swedish mails from a real Dovecot to an SMTP catcher, through everything.

    .venv/bin/python benchmarks/ingest.py [--mails 1000] [--rounds 3]

Run from the checkout. Needs Dovecot and openssl (apt-get install dovecot-imapd openssl). Prints, side by side in one run,
the floor (imapclient fetch + compat32 parse + spaCy tokenizer over the same mails) and the program's own
``inbox-bot worker`` with its reader, in processes of their own: mails a second, arrival to receipt, memory. Absolute figures are
those of this machine on this day; the ratio is what to quote.

Mails a second are counted from when Dovecot gives notice of the first mail, as the floor is from its first command: Dovecot holds
its notice back for half a second, in which no client can do anything. Times from arrival to receipt hold that half second.
"""

import argparse
import email
import email.policy
import random
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

import spacy
from imapclient import IMAPClient

sys.path.insert(0, str(Path(__file__).parents[1]))

from inbox_bot.demo.smtp_catcher import SmtpCatcher
from tests.support.dovecot import Dovecot, DovecotMailbox

REQUESTS = (
    ("Registerutdrag", "Jag vill ha ett registerutdrag med alla personuppgifter som ni har om mig."),
    ("Radera mig", "Jag vill att ni raderar alla personuppgifter ni har om mig."),
    ("Mina uppgifter", "Jag begär att få en kopia av mina personuppgifter enligt artikel 15."),
    ("Fel adress", "Jag begär att ni rättar min adress, den är felaktig i ert register över mig."),
    ("Nyhetsbrevet", "Jag vill inte ha fler nyhetsbrev från er. Avregistrera mig från alla utskick."),
)
OTHER = (
    ("Bokning", "Vi vill gärna boka två platser på kursen i arbetsmiljö den 14 mars."),
    ("Faktura", "Kan ni skicka fakturan för höstens kurs en gång till? Vår ekonomiavdelning hittar den inte."),
    ("Avbokning", "Tyvärr måste jag avboka min plats på kursen på torsdag eftersom barnen är sjuka."),
    ("Fråga om lokal", "Hej, vilken sal är vi i på måndag och finns det parkering i närheten?"),
    ("Offert", "Vi är ett byggföretag i Lund som behöver utbilda tolv personer i heta arbeten. Vad kostar det?"),
    ("Intyg", "Tack för en bra kurs! När kommer intyget?"),
)
FILLER = (
    "Vi var många som hade sett fram emot dagen och det blev en fin diskussion efteråt.",
    "Solen sken över Malmö och kaffet var ovanligt gott.",
    "Jag sitter på tåget till Hässleholm och skriver det här på telefonen.",
    "Kollegorna i Eslöv hälsar och hoppas att vi ses till våren.",
    "Läraren var tydlig och tog sig tid att svara på allt vi undrade över.",
    "Det är mycket att göra på jobbet just nu, så ursäkta att det dröjde.",
)
PASSWORD_SECRET = "k" * 40
PER_HOUR = 1_000_000
"""Receipts an hour: here nothing but the program's own speed is to hold them back."""


def generate(count: int, share: float, seed: int) -> list[tuple[str, bytes, bool]]:
    """Return mails as (sender, bytes, is a request): mean some 5 kB, six in ten with an HTML part, one in ten with a file."""
    chance = random.Random(seed)
    wanted = set(chance.sample(range(count), round(count * share)))
    return [_mail(chance, seed, number, request=number in wanted) for number in range(count)]


def _mail(chance: random.Random, seed: int, number: int, *, request: bool) -> tuple[str, bytes, bool]:
    subject, ask = chance.choice(REQUESTS if request else OTHER)
    before, after = chance.choices(FILLER, k=6), chance.choices(FILLER, k=6)
    body = "Hej!\n\n" + " ".join(before) + f"\n\n{ask}\n\n" + " ".join(after) + "\n\nMed vänliga hälsningar\nKim\n"
    sender = f"person{seed}x{number}@example.com"
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["From"] = f"Kim Exempel <{sender}>"
    mail["To"] = "info@example.org"
    mail["Subject"] = subject
    mail["Date"] = format_datetime(datetime.now(UTC))
    mail["Message-ID"] = f"<{seed}.{number}@example.com>"
    mail.set_content(body, cte="quoted-printable")
    if chance.random() < 0.6:
        paragraphs = "".join(f"<p style='margin:0 0 1em'>{part}</p>" for part in body.split("\n\n"))
        mail.add_alternative(f"<html><body>{paragraphs}</body></html>", subtype="html", cte="quoted-printable")
    if chance.random() < 0.1:
        mail.add_attachment(chance.randbytes(6000), maintype="application", subtype="pdf", filename="bilaga.pdf")
    return sender, mail.as_bytes(), request


def floor(mailbox: DovecotMailbox) -> float:
    """Return mails a second for the least that any such program must do: fetch, parse, tokenise."""
    nlp = spacy.blank("sv")
    client = IMAPClient(mailbox.host, mailbox.port, ssl=False, timeout=30)
    client.login(mailbox.user, mailbox.password)
    client.select_folder("INBOX", readonly=True)
    start = time.perf_counter()
    uids = client.search()
    for first in range(0, len(uids), 50):
        for data in client.fetch(uids[first : first + 50], ["BODY.PEEK[]"]).values():
            mail = email.message_from_bytes(data[b"BODY[]"])
            part = next(part for part in mail.walk() if part.get_content_type() == "text/plain")
            nlp(part.get_payload(decode=True).decode("utf-8"))
    rate = len(uids) / (time.perf_counter() - start)
    client.logout()
    return rate


class Bench:
    """One worker process on one mailbox, and a catcher that notes when each receipt arrives."""

    def __init__(self, mailbox: DovecotMailbox, folder: Path) -> None:
        self.mailbox = mailbox
        self.database = folder / "bench.db"
        self.received: dict[str, float] = {}
        self.changed = threading.Condition()
        self.catcher = SmtpCatcher(answers=self._note)
        self.catcher.start()
        config = folder / "inbox-bot.toml"
        config.write_text(
            f"""secret = "{PASSWORD_SECRET}"
[mailbox.info]
host = "{mailbox.host}"
port = {mailbox.port}
security = "plain"
username = "{mailbox.user}"
password = "{mailbox.password}"
[smtp]
host = "127.0.0.1"
port = {self.catcher.port}
security = "plain"
sender = "info@example.org"
[web]
public_url = "http://127.0.0.1:8025"
[staff]
addresses = ["staff@example.com"]
[database]
url = "sqlite:///{self.database}"
[outbox]
per_hour = {PER_HOUR}
[log]
level = "error"
""",
            "utf-8",
        )
        command = [sys.executable, "-m", "inbox_bot", "worker", "--config", str(config)]
        self.process = subprocess.Popen(command, cwd=Path(__file__).parents[1])
        self._until(lambda: self.count("SELECT count(*) FROM folder WHERE uidvalidity > 0") >= 1, "the first look")

    def _note(self, letter: object) -> None:
        with self.changed:
            self.received.setdefault(letter.recipients[0], time.time())
            self.changed.notify_all()

    def wait_receipts(self, wanted: set[str], seconds: float) -> None:
        with self.changed:
            if not self.changed.wait_for(lambda: wanted <= self.received.keys(), seconds):
                raise SystemExit(f"{len(wanted - self.received.keys())} receipts did not come within {seconds:g} s")

    def wait_settled(self, mails: int) -> None:
        done = "SELECT count(*) FROM mail WHERE state IN ('filed', 'left', 'to_sort', 'set_aside', 'quarantined')"
        self._until(lambda: self.count(done) >= mails, "every mail's fate")

    def _until(self, holds, what: str) -> None:
        limit = time.monotonic() + 180
        pause = threading.Event()
        while not holds():
            if time.monotonic() > limit or self.process.poll() is not None:
                raise SystemExit(f"waited in vain for {what}")
            pause.wait(0.02)

    def count(self, query: str) -> int:
        if not self.database.exists():
            return 0
        try:
            with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=5) as connection:
                return connection.execute(query).fetchone()[0]
        except sqlite3.OperationalError:
            return 0

    def fates(self) -> dict[str, int]:
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True) as connection:
            return dict(connection.execute("SELECT state, count(*) FROM mail GROUP BY state").fetchall())

    def resident_mb(self) -> float:
        """Return the memory of the worker and the process that reads for it, together, in MB: private, and its share of shared."""
        return sum(_proportional_kb(pid) for pid in _family(self.process.pid)) / 1024

    def close(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
        self.catcher.stop()


def _family(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [
        pid,
        *(member for task in tasks for child in task.read_text("ascii").split() for member in _family(int(child))),
    ]


def _proportional_kb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    return int(next(line for line in lines if line.startswith("Pss:")).split()[1])


class Notice:
    """A client that idles beside the worker, and notes when Dovecot first says that there is new mail (RFC 2177)."""

    def __init__(self, mailbox: DovecotMailbox) -> None:
        self._client = IMAPClient(mailbox.host, mailbox.port, ssl=False, timeout=30)
        self._client.login(mailbox.user, mailbox.password)
        self._client.select_folder("INBOX", readonly=True)
        self._client.idle()
        self.at = 0.0
        self._thread = threading.Thread(target=self._wait)
        self._thread.start()

    def _wait(self) -> None:
        if self._client.idle_check(timeout=30):
            self.at = time.time()

    def close(self) -> None:
        self._thread.join()
        self._client.idle_done()
        self._client.logout()


def deliver_all(mailbox: DovecotMailbox, mails: list[tuple[str, bytes, bool]]) -> dict[str, float]:
    """Put every mail into the mailbox at once and return when each arrived."""
    arrived = {}
    for sender, content, _ in mails:
        mailbox.deliver(content)
        arrived[sender] = time.time()
    return arrived


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, round(share * len(values)))]


def measure(
    mails: list[tuple[str, bytes, bool]], stream: list[tuple[str, bytes, bool]], dovecot: Dovecot
) -> dict[str, float]:
    floor_box, own_box = dovecot.mailbox(), dovecot.mailbox()
    deliver_all(floor_box, mails)
    floors = [floor(floor_box)]
    with tempfile.TemporaryDirectory(prefix="ingest") as folder:
        bench = Bench(own_box, Path(folder))
        try:
            notice = Notice(own_box)
            arrived = deliver_all(own_box, mails)
            requests = {sender for sender, _, request in mails if request}
            bench.wait_receipts(requests, 180)
            bench.wait_settled(len(mails))
            ended = time.time()
            notice.close()
            memory = bench.resident_mb()
            bulk = [bench.received[sender] - arrived[sender] for sender in requests]
            single = []
            for sender, content, request in stream:
                own_box.deliver(content)
                at = time.time()
                if request:
                    bench.wait_receipts({sender}, 30)
                    single.append(bench.received[sender] - at)
            fates, memory = bench.fates(), max(memory, bench.resident_mb())
        finally:
            bench.close()
    floors.append(floor(floor_box))
    print(f"  fates: {fates}")
    return {
        "floor, mails/s": statistics.mean(floors),
        "inbox-bot worker, mails/s": len(mails) / (ended - notice.at),
        "ratio to the floor": len(mails) / (ended - notice.at) / statistics.mean(floors),
        "first arrival to Dovecot's notice, s": notice.at - min(arrived.values()),
        "mails/s, counted from the first arrival": len(mails) / (ended - min(arrived.values())),
        "all at once, arrival to receipt, p95 s": percentile(bulk, 0.95),
        "one at a time, arrival to receipt, p95 s": percentile(single, 0.95),
        "one at a time, arrival to receipt, worst s": max(single),
        "memory of both processes (PSS), MB": memory,
    }


def certificate(folder: Path) -> tuple[Path, Path]:
    """Make what Dovecot needs to start."""
    made, key = folder / "cert.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    subprocess.run([*command, "-keyout", str(key), "-out", str(made)], check=True, capture_output=True)
    return made, key


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--mails", type=int, default=1000)
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="cert") as folder:
        dovecot = Dovecot(*certificate(Path(folder)))
        try:
            rounds = []
            for number in range(chosen.rounds):
                mails = generate(chosen.mails, 0.15, seed=number)
                stream = generate(40, 0.5, seed=1000 + number)
                rounds.append(measure(mails, stream, dovecot))
                print(
                    f"  round {number + 1}: " + ", ".join(f"{name} {value:.2f}" for name, value in rounds[-1].items())
                )
        finally:
            dovecot.stop()
    print(f"\n{datetime.now(UTC):%Y-%m-%d}, {chosen.mails} mails, 15 % requests, median of {chosen.rounds} rounds")
    for name in rounds[0]:
        print(f"{name:48} {statistics.median(one[name] for one in rounds):10.2f}")


if __name__ == "__main__":
    main()
