"""The picture in docs/architecture.md, held true: floors, rooms, one clock, one reader of the environment."""

import ast
import importlib
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter import cli as importlinter
from pydantic import BaseModel

from inbox_bot.flow import FLOW
from inbox_bot.settings import Settings

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "inbox_bot"
ROOMS = ("mailbox", "message", "classification", "case", "verification", "fulfilment", "approval", "letters", "outbox", "digest")
SOURCES = sorted(path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts)


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def calls(tree: ast.AST) -> Iterator[str]:
    """Yield every dotted name in a module: ``datetime.now``, ``os.environ``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield ast.unparse(node)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_the_import_contracts_hold(monkeypatch, capsys):
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    assert len(contracts) >= 4
    monkeypatch.chdir(ROOT)
    outcome = importlinter.lint_imports(config_filename="pyproject.toml", no_cache=True)
    assert outcome == importlinter.EXIT_STATUS_SUCCESS, capsys.readouterr().out


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_no_other_room(room):
    others = tuple(f"inbox_bot.{other}" for other in ROOMS if other != room)
    for path in (PACKAGE / room).rglob("*.py"):
        for name in imports(ast.parse(path.read_text("utf-8"))):
            assert not name.startswith(others), f"{named(path)} imports {name}"


def test_the_domain_needs_the_standard_library_only():
    for path in (PACKAGE / "domain").glob("*.py"):
        for name in imports(ast.parse(path.read_text("utf-8"))):
            top = name.partition(".")[0]
            assert top in sys.stdlib_module_names or name.startswith("inbox_bot.domain"), f"{named(path)} imports {name}"


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_time_comes_from_the_clock_and_the_environment_from_the_settings(path):
    found = set(calls(ast.parse(path.read_text("utf-8"))))
    times = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "datetime.datetime.now"}
    if path.name != "clock.py":
        assert not found & times
    if named(path) != "inbox_bot/settings.py":
        assert not {name for name in found if re.match(r"os\.(environ|getenv|putenv)", name)}


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_a_file_is_named_after_what_it_is(path):
    assert path.stem not in {"utils", "util", "helpers", "helper", "common", "manager", "service", "misc", "base"}


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_nothing_is_left_for_later(path):
    text = path.read_text("utf-8")
    assert not re.search(r"\b(TODO|FIXME|XXX|HACK)\b|NotImplementedError", text)
    assert ast.get_docstring(ast.parse(text)) or not text.strip() or named(path) == "inbox_bot/__main__.py"


@pytest.mark.parametrize("stage", FLOW, ids=lambda stage: f"{stage.room}: {stage.takes}")
def test_every_stage_names_a_room_and_says_what_it_takes_and_leaves(stage):
    assert stage.room in ROOMS
    assert importlib.import_module(f"inbox_bot.{stage.room}").__doc__
    assert stage.takes
    assert stage.leaves


def test_every_room_but_the_ports_has_a_stage():
    # The mailbox is moved by the worker's threads, and letters are a port that the rooms are given.
    assert {stage.room for stage in FLOW} == set(ROOMS) - {"mailbox", "letters"}


def settings_in(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Yield every setting as ``section.name``; a mailbox's are under ``mailbox.*``."""
    for name, field in model.model_fields.items():
        inner = [
            kind
            for kind in (field.annotation, *getattr(field.annotation, "__args__", ()))
            if isinstance(kind, type) and issubclass(kind, BaseModel)
        ]
        if inner:
            yield from settings_in(inner[0], f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


DOCUMENTS = {path: path.read_text("utf-8") for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))}
TEMPLATE = (PACKAGE / "cli" / "inbox-bot.toml.in").read_text("utf-8")


@pytest.mark.parametrize("setting", settings_in(Settings))
def test_every_setting_is_told_of_in_the_docs_and_in_the_file_that_init_writes(setting):
    name = setting.rpartition(".")[2]
    assert any(f"`{name}`" in text or f"{setting}`" in text for text in DOCUMENTS.values()), f"no document tells of {setting}"
    assert re.search(rf"^#?\s*{name}\s*=", TEMPLATE, re.MULTILINE), f"inbox-bot.toml.in does not tell of {setting}"


def test_templates_name_the_authority_by_its_name_and_the_month_as_the_law_does():
    for path in (ROOT / "templates").rglob("*"):
        if path.is_file():
            text = path.read_text("utf-8").lower()
            assert "datainspektionen" not in text, path
            assert "30 dagar" not in text, path


def test_no_test_or_source_holds_a_real_personal_number_or_an_address_outside_the_examples():
    own = (ROOT / "rules" / "controller.toml").read_text("utf-8")
    assert "info@prokompetens.se" in own
    # A birth date that exists, a hyphen or plus, four digits.
    number = re.compile(r"(?<!\d)(?:19|20)?\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[-+]\d{4}(?!\d)")
    for path in [*SOURCES, *(ROOT / "templates").rglob("*.txt"), *(ROOT / "rules").rglob("*.toml")]:
        for found in number.findall(path.read_text("utf-8")):
            assert not _checks_out(found), f"{named(path)} holds what may be somebody's personnummer"


def _checks_out(number: str) -> bool:
    """Return whether the last digit is right (Luhn), as in a personnummer that may belong to someone."""
    digits = [int(letter) for letter in number if letter.isdigit()][-10:]
    doubled = [digit * (2 - index % 2) for index, digit in enumerate(digits)]
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0
