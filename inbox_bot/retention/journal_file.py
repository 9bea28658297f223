"""The erasure journal as a file of JSON lines: appended to, flushed to the disk, readable by its owner alone."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from inbox_bot.errors import StoreError
from inbox_bot.retention.journal import Erasure, from_line, to_line

_HINT = "Check [journal] file; put the file back from its own backup if it is damaged."


class JournalFile:
    """Implements ``retention.journal.Journal``; several processes of one machine may use the same file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def last(self) -> int:
        with _named(self._path):
            lines = self._lines()
        return lines[-1].number if lines else 0

    def after(self, number: int) -> list[Erasure]:
        with _named(self._path):
            return [line for line in self._lines() if line.number > number]

    def append(self, erasure: Erasure) -> int:
        with _named(self._path), self._held():
            lines = self._lines()
            number = max(erasure.number, lines[-1].number + 1 if lines else 1)
            new = not self._path.exists()
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            with os.fdopen(handle, "r+b") as file:
                # A line cut short was never carried out: it is written over.
                file.truncate(self._whole())
                file.seek(0, os.SEEK_END)
                file.write(f"{to_line(replace(erasure, number=number))}\n".encode("ascii"))
                file.flush()
                os.fsync(file.fileno())
            if new:
                self._flush_folder()
        return number

    def trim(self, before: datetime) -> int:
        if not self._path.exists():
            return 0
        with _named(self._path), self._held():
            lines = self._lines()
            kept = [line for line in lines if line.at >= before] or lines[-1:]
            if len(kept) < len(lines):
                self._write_anew(kept)
        return len(lines) - len(kept)

    def _write_anew(self, lines: list[Erasure]) -> None:
        beside = self._path.with_name(f"{self._path.name}.new")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.writelines(f"{to_line(line)}\n".encode("ascii") for line in lines)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._path)
        self._flush_folder()

    def _lines(self) -> list[Erasure]:
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return []
        found: list[Erasure] = []
        for number, line in enumerate(content.decode("utf-8").split("\n")[:-1], 1):
            try:
                found.append(from_line(line))
            except (ValueError, KeyError, TypeError) as error:
                raise StoreError(
                    f"Line {number} of the erasure journal {self._path} is damaged.", hint=_HINT
                ) from error
        return found

    def _whole(self) -> int:
        """Return how many bytes of the file are whole lines."""
        return self._path.read_bytes().rfind(b"\n") + 1

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Hold the journal against other processes; the lock has a file of its own, because trimming replaces the journal's."""
        lock = self._path.with_name(f"{self._path.name}.lock")
        with os.fdopen(os.open(lock, os.O_RDWR | os.O_CREAT, 0o600), "rb") as file:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX)
            yield

    def _flush_folder(self) -> None:
        """Make the file's name as safe as its bytes."""
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise StoreError(f"The erasure journal {path} cannot be used: {why}.", hint=_HINT) from error
