"""The list against marketing as a text file, an address a line: replaced whole, so that no reader ever sees half of it."""

import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from inbox_bot.errors import ListFileError


class TextListFile:
    """Implements ListFile. The file is readable by its owner alone (mode 0600): it holds addresses."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._revision: int | None = None

    def is_at(self, revision: int) -> bool:
        return self._revision == revision and self._path.is_file()

    def write(self, addresses: Sequence[str], revision: int) -> None:
        content = "".join(f"{address}\n" for address in addresses).encode()
        try:
            self._replace(content)
        except OSError as error:
            raise self._failed(error) from error
        self._revision = revision

    def probe(self) -> None:
        """Raise ListFileError if the file could not be written now; changes nothing."""
        try:
            number, name = tempfile.mkstemp(prefix=".inbox-bot-", dir=self._path.parent)
            os.close(number)
            Path(name).unlink()
            if self._path.is_dir():
                raise IsADirectoryError(21, "it is a folder")
        except OSError as error:
            raise self._failed(error) from error

    def _replace(self, content: bytes) -> None:
        number, name = tempfile.mkstemp(prefix=".inbox-bot-", dir=self._path.parent)
        try:
            with os.fdopen(number, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(0o600)
            Path(name).replace(self._path)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise

    def _failed(self, error: OSError) -> ListFileError:
        return ListFileError(
            f"The list against marketing cannot be written to {self._path}: {error.strerror or type(error).__name__}.",
            hint="Make the folder writable for the program, or change [suppression] file.",
            temporary=True,
        )
