"""Looks for bytes that the parser of mails cannot bear, guided by what each try reaches in the code (atheris, libFuzzer).

    .venv/bin/pip install -e '.[fuzz]'
    .venv/bin/python benchmarks/fuzz_parser.py FOLDER [--seconds 3600]

FOLDER keeps what was found worth trying again (``corpus``) and what broke a promise (``findings``); start it with a
folder of an earlier run to go on from there. It stops at the first promise broken:

- every mail is read, or refused with UnreadableMailError; nothing else is ever raised;
- what is read twice is the same twice;
- texts are clean: no NUL, no lone surrogates, addresses and subjects on one line, sizes within their bounds;
- a mail of this size (at most 20 kB) is read within two seconds.

A finding is bytes in a file: shrink it with ``-minimize_crash=1`` (see libFuzzer), and keep it as a test in
``tests/message/test_found_by_fuzzing.py`` with a line that says what it did.
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import atheris

with atheris.instrument_imports(include=["inbox_bot.message", "email"]):
    from inbox_bot.message import parse  # Its whole room comes with it.

from inbox_bot.errors import UnreadableMailError
from tests.support.promises import broken_promise
from tests.support.raw_mails import MAILS, WORDS

_SLOW = 2.0
_MOST_BYTES = 20_000
_OWN = frozenset({"info@example.se"})


def one(content: bytes) -> None:
    """Read one mail and hold the parser to its promises."""
    started = time.perf_counter()
    try:
        message = parse.read(content, _OWN)
    except UnreadableMailError:
        return
    took = time.perf_counter() - started
    if took > _SLOW:
        raise AssertionError(f"read in {took:.1f} s")
    if broken := broken_promise(message):
        raise AssertionError(broken)
    if parse.read(content, _OWN) != message:
        raise AssertionError("read twice, it is not the same")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=int, default=3600)
    given, passed_on = parser.parse_known_args()
    corpus, findings = given.folder / "corpus", given.folder / "findings"
    for folder in (corpus, findings):
        folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(MAILS):
        (corpus / f"seed-{number:03}").write_bytes(seed)
    words = given.folder / "words.dict"
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in WORDS), encoding="ascii")
    options = [
        f"-max_total_time={given.seconds}",
        f"-max_len={_MOST_BYTES}",
        f"-dict={words}",
        f"-artifact_prefix={findings}/",
        "-timeout=20",
        "-rss_limit_mb=1000",
        "-print_final_stats=1",
    ]
    atheris.Setup([sys.argv[0], *options, *passed_on, str(corpus)], one)
    atheris.Fuzz()


def _escaped(word: bytes) -> str:
    return "".join(chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\x{byte:02X}" for byte in word)


if __name__ == "__main__":
    main()
