"""A file that others read: replaced whole, so that nobody ever sees half of it."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def replace_whole(path: Path, content: bytes, *, mode: int, wait_for_disk: bool) -> None:
    """Put a new file in the place of the old one, in one step. Raises OSError, and leaves nothing beside it."""
    number, name = tempfile.mkstemp(prefix=".inbox-bot-", dir=path.parent)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(content)
            file.flush()
            if wait_for_disk:
                os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def try_to_replace(path: Path) -> None:
    """Raise OSError if ``replace_whole`` would now; changes nothing."""
    number, name = tempfile.mkstemp(prefix=".inbox-bot-", dir=path.parent)
    os.close(number)
    Path(name).unlink()
    if path.is_dir():
        raise IsADirectoryError(21, "it is a folder")
