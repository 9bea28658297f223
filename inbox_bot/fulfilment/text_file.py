"""The list against marketing as a text file, an address a line: replaced whole, so that no reader ever sees half of it."""

from collections.abc import Sequence
from pathlib import Path

from inbox_bot.errors import ListFileError
from inbox_bot.whole_file import replace_whole, try_to_replace


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
            replace_whole(self._path, content, mode=0o600, wait_for_disk=True)
        except OSError as error:
            raise self._failed(error) from error
        self._revision = revision

    def probe(self) -> None:
        """Raise ListFileError if the file could not be written now; changes nothing."""
        try:
            try_to_replace(self._path)
        except OSError as error:
            raise self._failed(error) from error

    def _failed(self, error: OSError) -> ListFileError:
        return ListFileError(
            f"The list against marketing cannot be written to {self._path}: {error.strerror or type(error).__name__}.",
            hint="Make the folder writable for the program, or change [suppression] file.",
            temporary=True,
        )
