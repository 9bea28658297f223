"""Runs a command of the program in this process, on an installation that a test has furnished."""

import sys
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import pytest

from inbox_bot import cli


def runner(building: Any, monkeypatch: Any, capsys: Any, *modules: Any) -> Callable[..., tuple[int, str]]:
    """Return what runs a command and returns its exit code and what it said; ``modules`` are those whose commands are run."""

    @contextmanager
    def opened(_: Any) -> Any:
        yield building

    for module in modules:
        monkeypatch.setattr(module, "opened", opened)

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["inbox-bot", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out + said.err

    return run
