"""The process that reads: ``python -m inbox_bot.reading FD``, bytes in and readings out over a socket it is given.

It imports no database and no mailbox. It ends when the socket closes, even in the middle of a mail, so that nothing is
left behind by a parent that was killed; a SIGTERM to the whole group is for the parent to heed.
"""

import gc
import os
import queue
import signal
import sys
import threading
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Any

from inbox_bot import log
from inbox_bot.classification.whole import read_whole
from inbox_bot.domain.reading import Reading
from inbox_bot.domain.verdict import Classifier
from inbox_bot.errors import InboxBotError
from inbox_bot.message.outcome import tried
from inbox_bot.message.parse import read
from inbox_bot.reading.rules import load_rules


def main() -> None:
    """Say hello, then answer until the other end hangs up."""
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, signal.SIG_IGN)
    wire = Connection(int(sys.argv[1]))
    hello = wire.recv()
    log.configure(level=hello["level"], json=hello["json"])
    try:
        classifier = load_rules(hello["files"])
    except InboxBotError as error:
        wire.send(("trouble", error.message, error.hint))
        return
    # Rules and dictionaries stay as long as the process: the collector need not walk through them again and again.
    gc.collect()
    gc.freeze()
    wire.send(("ready",))
    waiting: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(wire, waiting), daemon=True).start()
    while True:
        _answer(wire, classifier, waiting.get())


def _listen(wire: Connection, waiting: "queue.SimpleQueue[Any]") -> None:
    """Take what comes, so that the parent never waits to be heard; end the process when there is no parent any more."""
    try:
        while True:
            waiting.put(wire.recv())
    except (EOFError, OSError):
        os._exit(0)


def _answer(wire: Connection, classifier: Classifier, order: Any) -> None:
    match order:
        case ("read", contents, own):
            wire.send([_understood(classifier, content, own) for content in contents])
        case ("classify", subject, text):
            try:
                wire.send(classifier.classify(subject, text))
            except Exception as error:  # noqa: BLE001  # the parent's step says what becomes of such a mail
                wire.send(error.__class__.__name__)


def _understood(classifier: Classifier, content: bytes, own: frozenset[str]) -> Reading:
    reading = tried(read, content, own)
    if reading.message is None or reading.message.automatic is not None:
        return reading
    try:
        return replace(reading, verdict=read_whole(classifier, reading.message))
    except Exception as error:  # noqa: BLE001  # a mail the classifier cannot take must reach a person, not be lost
        return replace(reading, judge_error=type(error).__name__)


if __name__ == "__main__":
    main()
