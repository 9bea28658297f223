"""The register of known people in a CSV file, read again when the file changes."""

import csv
import io
import threading
from collections import defaultdict
from pathlib import Path

from inbox_bot.domain.people import KnownPerson
from inbox_bot.errors import PeopleError
from inbox_bot.people.rows import NEEDED, PersonRow, normal, person_of, row_of

_DELIMITERS = ",;\t"
_Stamp = tuple[int, int, int]


class CsvPeople:
    """Looks people up in a file. Safe to share between threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._stamp: _Stamp | None = None
        self._accounts: dict[str, list[PersonRow]] = {}
        self._whose: dict[str, set[str]] = {}

    def find(self, address: str) -> KnownPerson | None:
        wanted = normal(address)
        with self._lock:
            self._refresh()
            accounts = self._whose.get(wanted, set())
            rows = [row for account in sorted(accounts) for row in self._accounts[account]]
        return person_of(wanted, rows)

    def report(self) -> str:
        with self._lock:
            self._refresh()
            return f"{self._path}: {len(self._whose)} addresses, {len(self._accounts)} accounts"

    def _refresh(self) -> None:
        """Read the file if it is another than the one last read whole. Raises PeopleError; what was read before is not used."""
        try:
            found = self._path.stat()
            stamp = (found.st_mtime_ns, found.st_size, found.st_ino)
            if stamp == self._stamp:
                return
            self._stamp = None
            text = self._path.read_text(encoding="utf-8-sig")
        except OSError as error:
            self._stamp = None
            raise PeopleError(
                f"people.file: {self._path} cannot be read: {error.strerror}.", hint="Check the path and its rights."
            ) from None
        except UnicodeDecodeError:
            raise PeopleError(f"people.file: {self._path} is not UTF-8.", hint="Save it as CSV UTF-8.") from None
        accounts: defaultdict[str, list[PersonRow]] = defaultdict(list)
        whose: defaultdict[str, set[str]] = defaultdict(set)
        for row in self._rows(text):
            accounts[row.account].append(row)
            whose[row.address].add(row.account)
        self._accounts, self._whose, self._stamp = dict(accounts), dict(whose), stamp

    def _rows(self, text: str) -> list[PersonRow]:
        first = text.partition("\n")[0]
        delimiter = max(_DELIMITERS, key=first.count)
        reader = csv.DictReader(io.StringIO(text), delimiter=delimiter, strict=True)
        try:
            names = [(name or "").strip().lower() for name in reader.fieldnames or ()]
            for needed in ("address", *NEEDED):
                if needed not in names:
                    raise PeopleError(
                        f"people.file: {self._path} has no column {needed}.",
                        hint="Its first line must name the columns.",
                    )
            reader.fieldnames = names
            # A line without an account is an account of its own; the line's number cannot be a customer's.
            return [
                row_of(values, place=self._place(reader.line_num), account=f"\0{reader.line_num}")
                for values in reader
                if any(isinstance(value, str) and value.strip() for value in values.values())
            ]
        except csv.Error:
            raise PeopleError(f"{self._place(reader.line_num)} is no CSV.", hint="Mend the line.") from None

    def _place(self, line: int) -> str:
        return f"people.file: {self._path}, line {line}"
