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
role_sv = "driver kursplattformen"
role_en = "runs the course platform"
data_sv = "konto och kursresultat"
data_en = "account and course results"
country_sv = "Sverige"
country_en = "Sweden"
processor = true
eea = true
address = "{SUPPLIER_ADDRESS}"
language = "sv"

[[recipients]]
name = "{EMPLOYER}"
kind = "employer"
role_sv = "betalar kursen"
role_en = "pays for the course"
data_sv = "start, slut och resultat"
data_en = "start, end and results"
country_sv = "Sverige"
country_en = "Sweden"
processor = false
eea = true
address = ""
language = "sv"
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
