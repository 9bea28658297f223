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
ROOMS = (
    "mailbox",
    "message",
    "classification",
    "case",
    "verification",
    "fulfilment",
    "approval",
    "letters",
    "outbox",
    "digest",
    "retention",
    "health",
    "breach",
)
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
            assert top in sys.stdlib_module_names or name.startswith("inbox_bot.domain"), (
                f"{named(path)} imports {name}"
            )


def test_time_comes_from_the_clock_and_the_environment_from_the_settings():
    times = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "datetime.datetime.now"}
    found = []
    for path in SOURCES:
        for name in calls(ast.parse(path.read_text("utf-8"))):
            if name in times and named(path) != "inbox_bot/clock.py":
                found.append(f"{named(path)}: {name}")
            # The demo takes our own variables away before it starts, so that it cannot reach a real installation.
            readers = {"inbox_bot/settings.py", "inbox_bot/demo/installation.py"}
            if re.match(r"os\.(environ|getenv|putenv)", name) and named(path) not in readers:
                found.append(f"{named(path)}: {name}")
    assert found == []


def test_a_file_is_named_after_what_it_is():
    empty = {"utils", "util", "helpers", "helper", "common", "manager", "service", "misc", "base"}
    assert [named(path) for path in SOURCES if path.stem in empty] == []


def test_every_module_says_what_it_is_and_leaves_nothing_for_later():
    for path in SOURCES:
        text = path.read_text("utf-8")
        assert not re.search(r"\b(TODO|FIXME|XXX|HACK)\b|NotImplementedError", text), named(path)
        assert ast.get_docstring(ast.parse(text)), named(path)


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


def test_the_documents_tell_of_every_setting():
    documents = [path.read_text("utf-8") for path in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md"))]
    known = {name for text in documents for name in re.findall(r"`\[?([\w.*]+)\]?`", text)}
    untold = [name for name in settings_in(Settings) if not known & {name, name.rpartition(".")[2]}]
    assert untold == []


def test_the_file_that_init_writes_tells_of_every_setting():
    template = (PACKAGE / "cli" / "inbox-bot.toml.in").read_text("utf-8")
    told = set(re.findall(r"^#?\s*(\w+)\s*=", template, re.MULTILINE))
    assert [name for name in settings_in(Settings) if name.rpartition(".")[2] not in told] == []


def test_templates_name_the_authority_by_its_name_and_the_month_as_the_law_does():
    for path in (ROOT / "templates").rglob("*"):
        if path.is_file() and path.name != "lint.toml":  # which says what no letter may say
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
