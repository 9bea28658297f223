"""Files that hold a person's data: for their owner alone."""

import os
from pathlib import Path

from inbox_bot.errors import InboxBotError


def write_private(file: Path, content: bytes) -> None:
    """Write a file for its owner alone, also where one was there that others could read. Raises InboxBotError."""
    try:
        file.unlink(missing_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:
            written.write(content)
    except OSError as error:
        raise InboxBotError(f"{file} cannot be written: {error.strerror}.") from error
