"""Who holds the mails that are being read, so that workers who share a database do not read the same ones."""

import os
import socket
from functools import cache
from pathlib import Path

HELD_FOR = 15 * 60.0
"""Seconds after which a mail is free whoever holds it: longer than any batch may take to read (see ``process.py``)."""


@cache
def this_process() -> str:
    """Return the name of this process: machine, number and start, so that a number used again is another process."""
    return _name(os.getpid())


def is_gone(holder: str) -> bool:
    """Return whether a process of this machine has ended. Of another machine's nothing is known, so it is not."""
    machine, pid, *_ = [*holder.split("/"), ""]
    return machine == socket.gethostname() and pid.isdigit() and _name(int(pid)) != holder


def _name(pid: int) -> str:
    return f"{socket.gethostname()}/{pid}/{_started(pid)}"


def _started(pid: int) -> str:
    """Return when a process was started, in ticks since the machine was (proc(5), field 22); ``gone`` where there is none.

    Where the system tells nothing of its processes a living one is only told from one that has gone.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return "gone" if Path("/proc/self/stat").exists() or not _lives(pid) else "here"
    return stat.rpartition(")")[2].split()[19]


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except OSError:
        return False
    return True
