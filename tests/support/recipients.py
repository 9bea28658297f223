"""A company that has told of who gets its data: rules of its own beside the shipped ones."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from inbox_bot.settings import FileSettings, rules_folders
from tests.support.house import START, House

SUPPLIER = "Exempelplattformen AB"
EMPLOYER = "Exempelbolaget AB"
SUPPLIER_ADDRESS = "dataskydd@example.com"

_TABLES = f"""
[[recipients]]
name = "{SUPPLIER}"
kind = "supplier"
contact = "{SUPPLIER_ADDRESS}"
what = "konto och kursresultat"

[[recipients]]
name = "{EMPLOYER}"
kind = "employer"
"""


def house_with_recipients(build: Callable[..., House], folder: Path, **more: Any) -> House:
    """Furnish an installation whose register names a supplier, and an employer without an address."""
    shipped = (rules_folders(FileSettings())[0] / "controller.toml").read_text("utf-8")
    (folder / "controller.toml").write_text(shipped + _TABLES, "utf-8")
    made = build(files={"rules": str(folder)}, **more)
    made.flow.collect(made.mailbox, look_back_days=30)
    with made.flow.desk.write() as unit:
        unit.digests.claim("weekly", "2026-W37", START)
    return made
