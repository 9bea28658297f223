"""How much room is left on the disks the program writes to."""

import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def free_bytes(folders: Iterable[Path]) -> int | None:
    """Return how many bytes are left where there are fewest; None if nobody can tell."""
    left = []
    for folder in folders:
        with suppress(OSError):
            left.append(shutil.disk_usage(folder).free)
    return min(left, default=None)
