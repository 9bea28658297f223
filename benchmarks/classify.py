"""How fast mail is understood: classification alone, beside spaCy's blank Swedish tokenizer on the same mails.

    .venv/bin/python benchmarks/classify.py [FILE.jsonl ...] [--rounds 3]

Takes the corpus in rules/corpus unless other labelled mails are named. Each round starts a new process (so that every
word is new to it once), loads the classifier, and sorts every mail once on one core. The ratio is what to quote.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))


def resident_mb(line: str) -> float:
    status = Path("/proc/self/status").read_text("ascii").splitlines()
    return int(next(found for found in status if found.startswith(line)).split()[1]) / 1024


def measure(paths: list[Path]) -> dict[str, float]:
    """Return one round's figures; runs in a process of its own."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    start = time.perf_counter()
    from inbox_bot.reading.rules import load_rules
    from inbox_bot.settings import FileSettings

    classifier = load_rules(FileSettings())
    load = time.perf_counter() - start
    memory = resident_mb("VmRSS")

    import spacy

    from inbox_bot.classification import corpus
    from inbox_bot.message.parse import read_text

    mails = [
        (mail.subject, mail.reply_text)
        for one in corpus.read_files(paths)
        if (mail := read_text(one.subject, one.body))
    ]
    nlp = spacy.blank("sv")
    nlp("uppvärmning")
    start = time.perf_counter()
    for subject, text in mails:
        nlp.make_doc(subject)
        nlp.make_doc(text)
    tokenizer = len(mails) / (time.perf_counter() - start)
    start = time.perf_counter()
    for subject, text in mails:
        classifier.classify(subject, text)
    rate = len(mails) / (time.perf_counter() - start)
    return {
        "mails": len(mails),
        "spaCy's tokenizer, mails/s": tokenizer,
        "classification, mails/s": rate,
        "ratio to the tokenizer": rate / tokenizer,
        "import and load, s": load,
        "resident when loaded, MB": memory,
        "resident at most, MB": resident_mb("VmHWM"),
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("files", nargs="*", type=Path, default=sorted((ROOT / "rules" / "corpus").glob("*.jsonl")))
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.one:
        print(json.dumps(measure(chosen.files)))
        return
    command = [sys.executable, __file__, "--one", *map(str, chosen.files)]
    rounds = [
        json.loads(subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout)
        for _ in range(chosen.rounds)
    ]
    for name in rounds[0]:
        print(f"{name:32} {statistics.median(one[name] for one in rounds):10.2f}")


if __name__ == "__main__":
    main()
